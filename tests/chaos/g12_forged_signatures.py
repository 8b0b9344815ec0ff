"""G12: what the shop itself did not sign is refused; what it did, sent where it does not belong, changes nothing.

A genuine delivery is altered in every way that section 7 of the facts names and a few more. Two Shopify shops share one
app's secret here, so that a signature of one is right at the other: there the order is not believed but asked for.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, replace

from connector.access.signatures import sign
from connector.storage.atomic import atomic
from connector.storage.connections import add_secret, create_connection
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from tests.builders import DOCUMENT, OPENED, opened
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import SECRETS, SIGNATURES, TOPICS, Installation, install, order_body
from tests.chaos.processes import running, until_ready
from tests.chaos.tables import RECEIVED, until_idle
from tests.chaos.wire import Wire
from tests.second_connection import run_apart

OTHER_TOPIC = {"woocommerce": "customer.updated", "shopify": "customers/update"}
TOPIC_HEADER = {"woocommerce": "X-WC-Webhook-Topic", "shopify": "X-Shopify-Topic"}
SHOP_HEADER = "X-Shopify-Shop-Domain"
WRONG_TOPICS = (
    "app/uninstalled", "order.deleted", "orders/delete", "customer.deleted", "customers/delete", "orders/edited",
    "refunds/create", "customers/merge", "products/update",
)  # fmt: skip
SHARED = "the secret of an app that two shops have"
AT_ONCE = 16
SETTLE_SECONDS = 30


@dataclass(frozen=True)
class Sent:
    """One request. headers: in their order, one name several times if need be."""

    platform: str
    path: str
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...]

    @property
    def whole(self) -> bytes:
        lines = [f"POST {self.path} HTTP/1.1".encode(), b"Host: x", b"Content-Length: %d" % len(self.body)]
        lines += [name + b": " + value for name, value in self.headers]
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body

    def signed(self, *values: bytes) -> Sent:
        """With these signatures in the place of its own."""
        name = SIGNATURES[self.platform].encode()
        others = tuple(pair for pair in self.headers if pair[0] != name)
        return replace(self, headers=(*others, *((name, value) for value in values)))

    def saying(self, name: str, value: str) -> Sent:
        return replace(self, headers=(*self.headers, (name.encode(), value.encode())))


Forge = Callable[[Sent, random.Random], Sent]


def _flipped(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << chance.randrange(8))]) + raw[at + 1 :]


def _right(sent: Sent) -> bytes:
    return sign(sent.body, SECRETS[sent.platform].encode())


def _flip_signature(sent: Sent, chance: random.Random) -> Sent:
    return sent.signed(base64.b64encode(_flipped(base64.b64decode(_right(sent)), chance)))


def _other_encoding(sent: Sent, chance: random.Random) -> Sent:
    digest = base64.b64decode(_right(sent))
    forms = [digest.hex().encode(), base64.urlsafe_b64encode(digest), _right(sent).rstrip(b"="), _right(sent) + b"="]
    forms = [form for form in forms if form != _right(sent)]
    return sent.signed(chance.choice(forms))


def _other_hash(sent: Sent, chance: random.Random) -> Sent:
    digest = hmac.digest(SECRETS[sent.platform].encode(), sent.body, chance.choice(("sha1", "md5", "sha512")))
    return sent.signed(base64.b64encode(digest))


def _inserted(sent: Sent, chance: random.Random) -> Sent:
    at = chance.randrange(len(sent.body))
    return replace(sent, body=sent.body[:at] + chance.randbytes(chance.randint(1, 8)) + sent.body[at:])


def _of_other_platform(sent: Sent, chance: random.Random) -> Sent:
    other = next(name for name in SIGNATURES if name != sent.platform)
    return sent.signed().saying(SIGNATURES[other], _right(sent).decode())


REFUSED: dict[str, Forge] = {
    "random signature": lambda sent, chance: sent.signed(base64.b64encode(chance.randbytes(32))),
    "flipped bit of the signature": _flip_signature,
    "truncated signature": lambda sent, chance: sent.signed(_right(sent)[: chance.randrange(44)]),
    "signature in another encoding": _other_encoding,
    "another hash": _other_hash,
    "signature that is no ASCII": lambda sent, chance: sent.signed(b"\xc3\xa9" + _right(sent)[2:]),
    "no signature": lambda sent, chance: sent.signed(),
    "two signatures, both right": lambda sent, chance: sent.signed(_right(sent), _right(sent)),
    "a right and a wrong signature": lambda sent, chance: sent.signed(_right(sent), base64.b64encode(bytes(32))),
    "the other platform's header": _of_other_platform,
    "another secret": lambda sent, chance: sent.signed(sign(sent.body, chance.randbytes(43))),
    "an empty secret": lambda sent, chance: sent.signed(base64.b64encode(hmac.digest(b"", sent.body, hashlib.sha256))),
    "the connection's id as the secret": lambda sent, chance: sent.signed(sign(sent.body, sent.path[-60:].encode())),
    "flipped bit of the body": lambda sent, chance: replace(sent, body=_flipped(sent.body, chance)),
    "truncated body": lambda sent, chance: replace(sent, body=sent.body[: chance.randrange(len(sent.body))]),
    "inserted bytes": _inserted,
    "header names another topic": lambda sent, chance: sent.saying(
        TOPIC_HEADER[sent.platform], OTHER_TOPIC[sent.platform]
    ),
}
"""What is 401, always."""


async def run(trial: Trial) -> Findings:
    findings = Findings()
    with trial.prepared() as url:
        made = await install(url, trial.folder / "home")
        sister, mute = await _more_shops(made)
        genuine = {platform: _genuine(made, platform) for platform in SECRETS}
        async with AsyncExitStack() as stack:
            service = await stack.enter_async_context(running(made.environment))
            await until_ready(service.url)
            met = await _forged(trial, service.port, genuine, findings)
            findings.expect("rows after forged deliveries", _rows(url), (0, 0, 0))
            await _shops_that_are_not_theirs(service.port, genuine, sister, mute, findings)
            findings.expect("ledger after what was sent elsewhere", _entries(url), 0)
            await _genuine_and_again(trial, service.port, genuine, findings)
            before = await _settled(url, findings)
            await _genuine_and_again(trial, service.port, genuine, findings)
            await _elsewhere(service.port, genuine, findings)
            await asyncio.sleep(1)
            findings.expect("ledger after replays and other topics", await _settled(url, findings), before)
            findings.expect("entries of the genuine deliveries", before, 2)
            findings.expect("exit code", await asyncio.to_thread(service.stop), 0)
        await made.check_books(findings)
    findings.figure |= {"refused": sum(met.values()), "ways": len(met), "entries of the genuine ones": before}
    return findings


async def _more_shops(made: Installation) -> tuple[str, str]:
    """Further Shopify shops, of another programme: paths of one that shares its secret, and of one without any."""

    async def body(session: Session) -> list[str]:
        programme = await create_programme(session, DOCUMENT, OPENED, OPENED)
        paths = []
        shops = ("coffee.myshopify.com", SHARED), ("cocoa.myshopify.com", SHARED), ("mute.myshopify.com", None)
        for shop, secret in shops:
            connection = await create_connection(session, programme, "shopify", shop, f"https://{shop}", {}, OPENED)
            if secret is not None:
                await add_secret(session, made.keys, connection, "webhook", secret, OPENED)
            paths.append(f"/hooks/shopify/{connection.public_id}/{TOPICS['shopify']}")
        return paths

    async with opened(made.url) as database:
        _, sister, mute = await atomic(database, body)
    return sister, mute


def _genuine(made: Installation, platform: str) -> Sent:
    body = order_body(platform, 5123, 7, 1_000)
    sent = Sent(platform, made.hook(platform), body, ((b"Content-Type", b"application/json"),))
    return sent.signed(_right(sent))


async def _forged(trial: Trial, port: int, genuine: dict[str, Sent], findings: Findings) -> Counter[str]:
    met: Counter[str] = Counter()
    chance, times = trial.chance, trial.size["deliveries"]
    ways = list(REFUSED.items())

    def drawn() -> Iterator[tuple[str, Sent]]:
        for number in range(times):
            way, forge = ways[number % len(ways)]
            yield way, forge(genuine[chance.choice(list(genuine))], chance)
            if number % 10_000 == 9_999:
                trial.progress(f"{number + 1} forged")

    waiting = drawn()

    async def send() -> None:
        with closing(Wire(port)) as wire:
            for way, sent in waiting:
                answer = await wire.ask(sent.whole)
                findings.must(answer.status == 401, f"{way} ({sent.platform}): {answer.status}")
                met[way] += answer.status == 401

    await asyncio.gather(*(send() for _ in range(AT_ONCE)))
    return met


async def _shops_that_are_not_theirs(
    port: int, genuine: dict[str, Sent], sister: str, mute: str, findings: Findings
) -> None:
    """To a shop with another secret, with none, with the same; with and without a header that says whose it is."""
    woocommerce, shopify = genuine["woocommerce"], genuine["shopify"]
    crossed = replace(woocommerce, platform="shopify", path=shopify.path)
    no_secret = replace(shopify, path=mute)
    empty = no_secret.signed(base64.b64encode(hmac.digest(b"", shopify.body, hashlib.sha256)))
    of_sister = replace(shopify, path=sister).signed(sign(shopify.body, SHARED.encode()))
    honest = of_sister.saying(SHOP_HEADER, "coffee.myshopify.com")
    with closing(Wire(port)) as wire:
        for what, sent, wanted in (
            ("a shop of the other platform", crossed.signed(_right(woocommerce)), 401),
            ("a shop without a secret", no_secret, 503),
            ("a shop without a secret, signed with nothing", empty, 503),
            ("a sister shop, and a header says whose it is", honest, 401),
            # The signature is right there, and whoever forges can leave the header out: it may be answered well, and
            # the shop itself is asked what is true.
            ("a sister shop", of_sister, 200),
            ("a sister shop, and a header lies", of_sister.saying(SHOP_HEADER, "cocoa.myshopify.com"), 200),
        ):
            findings.expect(f"sent to {what}", (await wire.ask(sent.whole)).status, wanted)


async def _genuine_and_again(trial: Trial, port: int, genuine: dict[str, Sent], findings: Findings) -> None:
    """Every genuine delivery, a number of times: each copy is 200."""
    with closing(Wire(port)) as wire:
        for _ in range(trial.size["replays"]):
            for sent in genuine.values():
                findings.expect("a genuine delivery", (await wire.ask(sent.whole)).status, 200)


async def _elsewhere(port: int, genuine: dict[str, Sent], findings: Findings) -> None:
    """A genuine body under another topic's address: signed as it should be, and about nothing of that kind."""
    with closing(Wire(port)) as wire:
        for platform, sent in genuine.items():
            path = sent.path.removesuffix(TOPICS[platform])
            for topic in (OTHER_TOPIC[platform], *WRONG_TOPICS):
                status = (await wire.ask(replace(sent, path=path + topic).whole)).status
                findings.must(status in (200, 401), f"{platform} under {topic}: {status}")


def _rows(url: str) -> tuple[int, int, int]:
    """(deliveries, entries, members)."""
    found = run_apart(
        url,
        "SELECT (SELECT count(*) FROM delivery), (SELECT count(*) FROM entry), (SELECT count(*) FROM member)",
    )
    deliveries, entries, members = found[0]
    return int(deliveries), int(entries), int(members)


def _entries(url: str) -> int:
    return int(run_apart(url, "SELECT count(*) FROM entry")[0][0])


async def _settled(url: str, findings: Findings) -> int:
    """How many entries there are once nothing waits."""
    findings.expect("waiting after genuine deliveries", await until_idle(url, SETTLE_SECONDS, of=RECEIVED), {})
    return _entries(url)


GOAL = Goal(
    "G12",
    "a forged, altered or truncated signature, one of another secret, or none: 401, 0 ledger rows; a replay: 200 and a "
    "no-op; a genuine body sent to another topic or shop that shares its secret: refused or a no-op; an empty secret "
    "refuses",
    run,
    small={"deliveries": 340, "replays": 2},
    full={"deliveries": 100_000, "replays": 500},
)
