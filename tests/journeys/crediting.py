"""Points that become store credit in a simulated Shopify shop whose answers get lost as the test says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connector.clock import utc_now
from connector.delivering.vouchers import Placing
from connector.people.actors import SHOPPER
from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.redeeming.store_credits import settle_credits
from connector.sandbox.shopify.app import STORE_CREDIT_SCOPES
from connector.sandbox.shopify.store_credits import StoreCredits
from connector.shopify.client import SCOPES
from tests.builders import Clock
from tests.journeys.test_vouchers import shopper
from tests.journeys.world import CIRCLE, World, simulated, world

REWARDS = [
    {"id": "credit", "kind": "store_credit", "points": 100, "value": "5.00", "stock": 50},
    {"id": "brief", "kind": "store_credit", "points": 100, "value": "2.00", "credit_days": 30},
]
GIVING = {**CIRCLE, "points": {"earn": {"rates": {"EUR": "10"}, "pending_days": 0}}, "rewards": REWARDS}


class Killed(BaseException):
    """The process died: nothing after this line runs."""


@dataclass
class Fickle:
    """A shop in front of which things happen. fates: of the next calls of an operation, in turn; ``fine`` after them.

    ``lost-before``: it never arrives. ``lost-after``: the shop acts, its answer is lost. ``killed-before``,
    ``killed-after``: we die meanwhile. ``error``: HTTP 503 although the shop acted. ``throttled``: not now.
    ``odd``: nothing is done, and the answer says nothing.
    asked: how often each operation arrived.
    """

    app: ASGIApp
    fates: dict[str, list[str]] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await body_of(receive)
        operation = json.loads(body).get("operationName", "") if scope["path"].endswith("graphql.json") else ""
        fate = next(iter(self.fates.get(operation, [])), "fine")
        if fate != "fine":
            self.fates[operation].pop(0)
        if await self._is_kept_from_it(operation, fate, send):
            return
        if fate == "fine":
            await self.app(scope, _again(body), send)
            if operation in ("GiveCredit", "TakeCredit") and self.meanwhile is not None:
                await self.meanwhile()
            return
        await self.app(scope, _again(body), _nowhere)
        if fate == "killed-after":
            raise Killed
        if fate == "error":
            await _answer(send, 503, {"errors": "Service Unavailable"})
            return
        raise httpx.ReadTimeout("the answer was lost")

    async def _is_kept_from_it(self, operation: str, fate: str, send: Send) -> bool:
        if fate == "lost-before":
            raise httpx.ConnectTimeout("it never arrived")
        if fate == "killed-before":
            raise Killed
        if fate == "throttled":
            await _answer(send, 200, {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]})
            return True
        self.asked[operation] = self.asked.get(operation, 0) + 1
        if fate == "odd":
            await _answer(send, 200, {"data": {"storeCreditAccountCredit": None}})
        return fate == "odd"


async def body_of(receive: Receive) -> bytes:
    """The whole body of a request."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _nowhere(message: Message) -> None:
    """An answer that nobody hears."""


async def _answer(send: Send, status: int, body: Mapping[str, Any]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


@dataclass
class CreditShop:
    """A running Belong with one shopper of Shopify who has about a thousand points."""

    made: World
    fickle: Fickle
    customer: int
    member: str
    clock: Clock

    @property
    def placing(self) -> Placing:
        service = self.made.service
        outbox = replace(service.outbox, now=self.clock, jitter=lambda: 1)
        return Placing(replace(service.pipeline, now=self.clock), outbox)

    @property
    def accounts(self) -> StoreCredits:
        shops = self.made.shops
        return shops.shopify.credits

    @property
    def programme(self) -> int:
        return self.made.connections["shopify"].programme_number

    @property
    def credit(self) -> int:
        """What the shopper has in the shop, in cents."""
        return self.accounts.balance(self.customer, "EUR")

    async def redeem(self, key: str = "k1", reward: str = "credit") -> dict[str, Any]:
        number = self.made.connections["shopify"].number
        wish = Wish(self.programme, self.member, reward, number, key)
        return await redemptions.redeem(self.placing.pipeline, wish)

    async def cancel(self, made: Mapping[str, Any], reason: str = "changed-mind") -> dict[str, Any]:
        redemption = made["redemption"]
        pipeline = self.placing.pipeline
        return await redemptions.cancel(pipeline, self.programme, self.member, redemption, reason, SHOPPER)

    async def shown(self, made: Mapping[str, Any]) -> dict[str, Any]:
        pipeline = self.made.service.pipeline
        return await redemptions.show(pipeline, self.programme, self.member, made["redemption"])

    async def settle(self) -> int:
        return await settle_credits(self.placing)

    async def patiently(self, rounds: int = 6) -> None:
        """Work, and let a lease pass, until nothing waits any more."""
        for _ in range(rounds):
            await self.settle()
            self.clock.forward(minutes=2)

    async def points(self) -> int:
        return (await self.made.ledger("shopify"))[self.customer]

    async def rows(self, sql: str) -> Sequence[Mapping[str, Any]]:
        return await self.made.service.database.reading().rows(sql)

    async def states(self) -> list[int]:
        return [row["state"] for row in await self.rows("SELECT state FROM store_credit ORDER BY state")]

    async def redemptions_in(self, state: str) -> int:
        return await self.made.number(f"SELECT count(*) FROM redemption WHERE redemption_state = '{state}'")

    async def assert_even(self, worth: int = 500) -> None:
        """The shop's credit is that of the redemptions which were given, and of no other."""
        assert self.credit == worth * await self.redemptions_in("issued")


@asynccontextmanager
async def credit_shop(
    url: str, home: Path, *, scopes: Sequence[str] = STORE_CREDIT_SCOPES, document: Mapping[str, Any] = GIVING
) -> AsyncIterator[CreditShop]:
    """Everything over a prepared database, and a shopper with 996 points."""
    shops = simulated(scopes=(*SCOPES, "read_all_orders", *scopes))
    clock = Clock()
    fickle = Fickle(shops.shopify.app)
    shops.shopify.app = fickle  # type: ignore[assignment]  # it stands before the shop's own
    async with world(url, home, shops, document=document) as made:
        customer, member = await shopper(made, "shopify")
        clock.moment = utc_now()
        # How long a shop that does not answer rests is of the same time.
        made.service.shops.api.now = clock
        yield CreditShop(made, fickle, customer, member, clock)
