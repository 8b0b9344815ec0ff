"""G18: what is secret is nowhere but where it belongs: searched for in everything that the service leaves behind.

Every secret and every person has a canary. The service runs, is used well and badly (secrets in the wrong header, in an
address, echoed by a shop that fails), and then all it wrote is read: log, metrics, answers, the database's own files or
every value of every table, a backup, exports with and without people, and what its commands print.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import logging
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from connector import clock
from connector.access.auth import READ_MEMBERS, create_api_key
from connector.access.shopper_tokens import SHOPPER_SCOPES, mint_token
from connector.crypto import load_keys
from connector.data.backing_up import back_up
from connector.data.exporting import Export, export
from connector.log_lines import set_up_logging
from connector.redaction import HIDDEN
from connector.storage.atomic import atomic
from connector.storage.connections import add_secret
from connector.storage.open_tables import SHARDED
from connector.storage.people import Told, note_told
from tests.builders import OPENED, opened
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import SECRETS, SHOP_KEYS, Installation, enrol_with_points, install, order_body
from tests.chaos.processes import running, until_ready
from tests.chaos.wire import Answer, Wire, request
from tests.postgres_server import postgres_programs
from tests.second_connection import run_apart

PERSON = "canary.person@example.test"
PERSON_NAME = "Canarynamed"
METRICS_TOKEN = "canary-metrics-" + "7" * 24
MAIL_PASSWORD = "canary-mail-password-55"
JSON = {"Content-Type": "application/json"}
REFERENCE_TABLES = ("connection", "connection_secret", "api_key", "operator_deed", "instance", "shop_token", "job_run")


@dataclass(frozen=True)
class Canary:
    """One value that must not be told. forms: how it might be written."""

    what: str
    value: str

    @property
    def forms(self) -> Iterator[bytes]:
        raw = self.value.encode()
        yield raw
        yield base64.b64encode(raw).rstrip(b"=")
        yield raw.hex().encode()


def log_everything() -> None:
    """In the service's process: its log is set up as ``belong serve`` does it, at its most talkative."""
    set_up_logging(logging.DEBUG)


async def run(trial: Trial) -> Findings:
    findings = Findings()
    with trial.prepared() as url:
        async with _echoing_shop() as shop_url:
            made = await install(url, trial.folder / "home", shop_url=shop_url)
            api_key, token = await _people_and_keys(made)
            told: dict[str, bytes] = {}
            environment = {
                **made.environment,
                "BELONG_METRICS_TOKEN": METRICS_TOKEN,
                "BELONG_MAIL_SERVER": f"smtps://user:{MAIL_PASSWORD}@127.0.0.1:9",
                "BELONG_MAIL_FROM": "Circle <hi@shop.example>",
            }
            async with AsyncExitStack() as stack:
                service = await stack.enter_async_context(running(environment, before=(log_everything,)))
                await until_ready(service.url)
                local = _local_token(made.home)
                canaries = [*_canaries(made, api_key, token), *([Canary("token of commands", local)] if local else [])]
                told |= await _used(trial, service.port, made, canaries, api_key, token)
                findings.expect("exit code", await asyncio.to_thread(service.stop), 0)
                told["log"] = service.said().encode()
            told |= await _left_behind(trial, made)
    found = {place for place, text in told.items() if b"order:1" in text}
    findings.must("table entry" in found, "what is no secret was not found either, so nothing was shown")
    findings.must(HIDDEN.encode() in told["log"], "nothing secret ever came near the log, so nothing was shown")
    _search(canaries, told, findings)
    findings.figure |= {
        "canaries": len(canaries),
        "places": len(told),
        "bytes searched": sum(map(len, told.values())),
        "hits": findings.count,
    }
    return findings


def _canaries(made: Installation, api_key: str, token: str) -> list[Canary]:
    keys = load_keys(made.settings.key_file)
    found = [
        Canary("master key", base64.urlsafe_b64encode(keys.master).decode().rstrip("=")),
        Canary("API key", api_key.partition(".")[2]),
        Canary("shopper's token", token.rpartition(".")[2]),
        Canary("consumer key", SHOP_KEYS[0]),
        Canary("consumer secret", SHOP_KEYS[1]),
        Canary("token of metrics", METRICS_TOKEN),
        Canary("password of mail", MAIL_PASSWORD),
        Canary("address", PERSON),
        Canary("name", PERSON_NAME),
    ]
    found += [Canary(f"webhook secret of {platform}", secret) for platform, secret in SECRETS.items()]
    return found


async def _people_and_keys(made: Installation) -> tuple[str, str]:
    """A person with a name and an address; (an API key, a shopper's token)."""
    member = (await enrol_with_points(made, {7: 0}))[7]
    connection, now = made.connections["woocommerce"], clock.utc_now()
    told = {member: Told(PERSON, PERSON_NAME, "de", True)}
    async with opened(made.url) as database:
        await atomic(database, lambda session: note_told(session, made.keys, made.programme, told, now))
        await atomic(database, lambda session: add_secret(session, made.keys, connection, "note", "x" * 20, OPENED))
        key = await atomic(
            database, lambda session: create_api_key(session, made.programme, "c", OPENED, frozenset({READ_MEMBERS}))
        )
    token, _ = mint_token(made.keys, made.programme, connection.number, member, SHOPPER_SCOPES, now)
    return key, token


def _local_token(home: Path) -> str | None:
    path = home / "service.json"
    return str(json.loads(path.read_text())["token"]) if path.exists() else None


async def _used(
    trial: Trial, port: int, made: Installation, canaries: list[Canary], api_key: str, token: str
) -> dict[str, bytes]:
    """Use it well, and put every secret where it does not belong. What it answered, by request."""
    answers: dict[str, bytes] = {}
    hook = made.hook("woocommerce")
    with closing(Wire(port)) as wire:

        async def ask(what: str, whole: bytes) -> None:
            answer = await wire.ask(whole)
            answers[f"answer to {what}"] = _as_bytes(answer)

        for number in range(trial.size["orders"]):
            body = order_body("woocommerce", number + 1, 7, 1_000)
            body = body.replace(b"c7x@example.test", PERSON.encode())
            await ask(f"delivery {number}", request("POST", hook, made.signed("woocommerce", body), body))
        for canary in canaries:
            if canary.what in ("address", "name"):
                continue
            value = canary.value
            wrong: Mapping[str, bytes] = {
                "bearer": request("GET", "/v1/members", {"Authorization": f"Bearer {value}"}),
                "address": request("GET", f"/v1/members/{value}?key={value}", {}),
                "signature": request("POST", hook, {"X-WC-Webhook-Signature": value, **JSON}, b"{}"),
                "basic": request("GET", "/metrics", {"Authorization": f"Basic {value}"}),
                "command": request("POST", f"/local/{value}", {"Authorization": f"Bearer {value}"}, b"{}"),
            }
            for how, whole in wrong.items():
                await _ask_anew(port, whole)
                answer = await _ask_anew(port, whole)
                # What a caller sent themselves may be told to them; nothing else.
                answers[f"answer to {canary.what} as {how}"] = _as_bytes(answer).replace(value.encode(), b"")
        await ask("members", request("GET", "/v1/members/" + "0" * 32, {"Authorization": f"Bearer {api_key}"}))
        await ask("me", request("GET", "/v1/me", {"Authorization": f"Bearer {token}"}))
        await ask("metrics", request("GET", "/metrics", {"Authorization": f"Bearer {METRICS_TOKEN}"}))
        await ask("readyz", request("GET", "/readyz", {}))
        await ask("openapi", request("GET", "/openapi.json", {}))
    # The shop echoes what we send it: until it was pushed to and read from, nothing of that is in the log.
    await asyncio.sleep(trial.size["seconds"])
    return answers


async def _ask_anew(port: int, whole: bytes) -> Answer:
    with closing(Wire(port)) as wire:
        return await wire.ask(whole)


def _as_bytes(answer: Answer) -> bytes:
    return b"%d " % answer.status + repr(sorted(answer.headers.items())).encode() + answer.body


async def _left_behind(trial: Trial, made: Installation) -> dict[str, bytes]:
    """Files and rows: the database as it lies there, a backup, exports."""
    found: dict[str, bytes] = {}
    if trial.kind == "sqlite":
        path = Path(made.url.removeprefix("sqlite://"))
        files = [one for one in path.parent.glob(path.name + "*") if one.is_file()]
        found |= {f"file {one.name}": one.read_bytes() for one in files}
    for table in (*(one.name for one in SHARDED), *REFERENCE_TABLES):
        rows = run_apart(made.url, f"SELECT * FROM {table}")
        found[f"table {table}"] = b"\n".join(_values(row) for row in rows)
    now = clock.utc_now()
    keys = load_keys(made.settings.key_file)
    backup = trial.folder / "backup.file"
    with postgres_programs():
        await back_up(made.url, keys, backup, now)
    raw = backup.read_bytes()
    found["backup"] = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    async with opened(made.url) as database:
        for with_people in (False, True):
            folder = trial.folder / f"export-{with_people}"
            await export(database, keys, Export(made.programme, folder, with_people, lambda done, total: None), now)
            for file in folder.rglob("*"):
                if file.is_file():
                    found[f"export{' with people' if with_people else ''} {file.name}"] = file.read_bytes()
    return found


def _values(row: tuple[object, ...]) -> bytes:
    return b"\t".join(bytes(one) if isinstance(one, (bytes, memoryview)) else str(one).encode() for one in row)


def _search(canaries: list[Canary], told: Mapping[str, bytes], findings: Findings) -> None:
    for canary in canaries:
        for place, text in told.items():
            # An export with people holds persons: that is what it is for, and it is sealed against nobody.
            if canary.what in ("address", "name") and place.startswith("export with people"):
                continue
            for form in canary.forms:
                findings.must(form not in text, f"{canary.what} in {place}")


@asynccontextmanager
async def _echoing_shop() -> AsyncIterator[str]:
    """A shop that fails, and says everything it was sent in its answer, as some error pages do."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            status = secrets.choice((500, 401, 404, 403))
            body = json.dumps({"code": "echo", "message": head.decode("latin-1")}).encode()
            writer.write(
                b"HTTP/1.1 %d Echo\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
                % (status, len(body))
                + body
            )
            await writer.drain()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


GOAL = Goal(
    "G18",
    "secret canaries: 0 hits in logs, metrics, errors, exports, plaintext DB, backups",
    run,
    small={"orders": 3, "seconds": 2},
    full={"orders": 200, "seconds": 75},
)
