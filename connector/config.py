"""Settings: from the environment, once, into a frozen object.

setting                      default                          meaning
BELONG_HOME                  ./belong-data                    folder of database, master key and run files
DATABASE_URL                 sqlite in BELONG_HOME            sqlite:////abs/path or postgresql://...
BELONG_KEY_FILE              BELONG_HOME/master.key           master key, mode 0600
BELONG_ERASURE_JOURNAL       BELONG_HOME/erasures.journal     who was erased, as keyed hashes; never restore an older
                                                              one, and share it between machines or keep one on each
BELONG_HOST, BELONG_PORT     127.0.0.1, 8420                  where to listen
BELONG_PUBLIC_URL            http://host:port                 how shops reach us; webhooks are registered under it
BELONG_ALLOW_PRIVATE_HOSTS   (none)                           host:port of shops and endpoints in the own network
BELONG_CA_FILE               (none)                           PEM of authorities trusted besides the usual ones
BELONG_METRICS_TOKEN         (none)                           bearer token of /metrics; without it only this machine
                                                              may read them, and not through a proxy
BELONG_MAIL_SERVER           (none)                           smtps://user:password@host, smtp://... (STARTTLS) or
                                                              smtp+plain://host:25; without it mail stays in a
                                                              folder and counts as never sent
BELONG_MAIL_FROM             (none)                           sender, needed with a server: Circle <hi@shop.example>
BELONG_KEEP_PAYLOADS_DAYS    90                               after it, payloads of finished deliveries are deleted
BELONG_KEY_REQUESTS_PER_SECOND  200                           of one API key in each process; ten seconds' worth in a
                                                              row, then 429 with Retry-After; 0 for no limit
BELONG_TRUSTED_PROXIES       127.0.0.1,::1                    addresses or networks whose X-Forwarded-For is believed
BELONG_SHARDS_PER_CLAIM      16                               1 where each shard lives on a node of its own
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from connector.access.rates import KEY_PER_SECOND
from connector.delivering.mail import MailServer, mail_server
from connector.errors import ConfigProblem
from connector.storage.shards import SHARDS

SHARDS_PER_CLAIM = 16
"""So that four workers find work at the same time, and no shard waits behind all others."""

WEAKEST_TOKEN = 16


@dataclass(frozen=True, slots=True)
class Settings:
    """See the table above."""

    home: Path
    database_url: str
    key_file: Path
    host: str
    port: int
    public_url: str
    allow_private_hosts: frozenset[str]
    metrics_token: str | None
    keep_payloads_days: int
    shards_per_claim: int
    mail_server: MailServer | None = None
    mail_from: str = "Belong <belong@localhost>"
    erasure_journal: Path = Path("erasures.journal")
    key_requests_per_second: int = KEY_PER_SECOND
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    ca_file: Path | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not appear in a log."""
        mail = self.mail_server.password if self.mail_server else None
        found = (self.metrics_token, mail, unquote(urlsplit(self.database_url).password or ""))
        return tuple(secret for secret in found if secret)

    @property
    def mail_folder(self) -> Path:
        """Where mail stays when there is no server for it."""
        return self.home / "outbox"

    @property
    def lock_file(self) -> Path:
        """Held by the one process that may write to an embedded database."""
        return self.home / "belong.lock"

    @property
    def service_file(self) -> Path:
        """Where a running service on an embedded database leaves its address and its token for commands."""
        return self.home / "service.json"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read settings. Raises ConfigProblem naming the variable and the cure."""
    given = os.environ if environment is None else environment
    # Compose files pass on empty variables: those count as not set, or an empty host would mean every address.
    env = {name: text.strip() for name, text in given.items() if text.strip()}
    home = Path(env.get("BELONG_HOME", "belong-data")).resolve()
    host = env.get("BELONG_HOST", "127.0.0.1")
    port = _number(env, "BELONG_PORT", 8420, 0, 65535)
    private = env.get("BELONG_ALLOW_PRIVATE_HOSTS", "")
    mail = env.get("BELONG_MAIL_SERVER")
    if mail and "@" not in env.get("BELONG_MAIL_FROM", ""):
        raise ConfigProblem("BELONG_MAIL_FROM must name the sender of mail, for example: Circle <hi@shop.example>")
    return Settings(
        home=home,
        database_url=env.get("DATABASE_URL", f"sqlite://{quote((home / 'belong.sqlite3').as_posix())}"),
        key_file=Path(env.get("BELONG_KEY_FILE", home / "master.key")),
        host=host,
        port=port,
        public_url=_public_url(env.get("BELONG_PUBLIC_URL", url_of(host, port))),
        allow_private_hosts=frozenset(part.strip() for part in private.split(",") if part.strip()),
        metrics_token=_metrics_token(env.get("BELONG_METRICS_TOKEN")),
        keep_payloads_days=_number(env, "BELONG_KEEP_PAYLOADS_DAYS", 90, 1, 3650),
        shards_per_claim=_number(env, "BELONG_SHARDS_PER_CLAIM", SHARDS_PER_CLAIM, 1, SHARDS),
        mail_server=mail_server(mail) if mail else None,
        mail_from=env.get("BELONG_MAIL_FROM", "Belong <belong@localhost>"),
        erasure_journal=Path(env.get("BELONG_ERASURE_JOURNAL", home / "erasures.journal")),
        key_requests_per_second=_number(env, "BELONG_KEY_REQUESTS_PER_SECOND", KEY_PER_SECOND, 0, 1_000_000),
        trusted_proxies=_proxies(env.get("BELONG_TRUSTED_PROXIES", "127.0.0.1,::1")),
        ca_file=_ca_file(env.get("BELONG_CA_FILE")),
    )


def url_of(host: str, port: int) -> str:
    """``http://127.0.0.1:8420``, also where the host is an IPv6 address."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _public_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
    except ValueError:
        usable = False
    if not usable:
        raise ConfigProblem(f"BELONG_PUBLIC_URL must look like https://loyalty.example, not {text!r}.")
    return text.rstrip("/")


def _metrics_token(text: str | None) -> str | None:
    if text is not None and (len(text) < WEAKEST_TOKEN or len(set(text)) < WEAKEST_TOKEN // 2):
        raise ConfigProblem(
            f"BELONG_METRICS_TOKEN must be {WEAKEST_TOKEN} random characters or more, as from: openssl rand -hex 24"
        )
    return text


def _ca_file(text: str | None) -> Path | None:
    """Read once here, so that a wrong file stops the start and not each call to a shop."""
    if text is None:
        return None
    path = Path(text).resolve()
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:
        # ssl.SSLError is one, too.
        raise ConfigProblem(f"BELONG_CA_FILE must name a file with certificates in PEM, not {text!r}.") from error
    return path


def _proxies(text: str) -> tuple[str, ...]:
    """Addresses and networks. ``*`` would let every caller choose the address they are counted under."""
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    for part in found:
        try:
            ipaddress.ip_network(part, strict=False)
        except ValueError as error:
            raise ConfigProblem(
                f"BELONG_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, not {part!r}."
            ) from error
    return found


def _number(env: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = env.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not least <= int(text) <= most:
        raise ConfigProblem(f"{name} must be a whole number from {least} to {most}, not {text!r}.")
    return int(text)
