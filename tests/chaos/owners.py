"""Whoever owns everything of a tenant: what their things are called, how they ask for them, what their stores say."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from connector import clock
from connector.access.shopper_tokens import SHOPPER_SCOPES, mint_token
from connector.access.signatures import sign
from connector.ingest.pipeline import drain
from tests.chaos.asking import ANYBODYS, Route, ask_of
from tests.chaos.principals import SECRET, STORES, Person, World
from tests.payloads import shopify_bodies, woocommerce_bodies
from tests.payloads.stories import PaidBack, SoldLine, Story

HEADERS = {"woocommerce": "X-WC-Webhook-Signature", "shopify": "X-Shopify-Hmac-Sha256"}
ORDERS = {"woocommerce": "order.updated", "shopify": "orders/updated"}
BODIES = {"woocommerce": woocommerce_bodies.webhook, "shopify": shopify_bodies.webhook}


@dataclass
class Owner:
    """Everything of one tenant is theirs. things: what was made, by the name that requests give it; of_others: what is
    other members' of these, by person. met: routes on which they had success.
    """

    world: World
    http: httpx.AsyncClient
    person: Person
    things: dict[str, Any] = field(default_factory=dict)
    of_others: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    met: Counter[Route] = field(default_factory=Counter)

    @property
    def tenant(self) -> int:
        return self.person.tenant

    async def tries(self, route: Route, person: str = "", key: str = "every scope", **named: Any) -> httpx.Response:
        """A request about one's own. named: other things than the usual ones."""
        values = {**ANYBODYS, **self.of_route(route), **named}
        ask = ask_of(route, values, values)
        token = (
            self.token()
            if f"{route[1]}/".startswith("/v1/me/")
            else self.world.keys[f"key of tenant {self.tenant}, {key}"]
        )
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers["Idempotency-Key"] = uuid.uuid4().hex
        answer = await self.http.request(
            ask.method, ask.path, params=dict(ask.query), content=ask.body, headers=headers
        )
        self.met[route] += answer.is_success
        return answer

    async def does(self, method: str, path: str, **named: Any) -> Any:
        """A request that must be answered well."""
        answer = await self.tries((method, path), **named)
        assert answer.is_success, f"{method} {path} {named}: {answer.status_code} {answer.text}"
        return answer.json()

    def token(self) -> str:
        """Of the main member's page."""
        one = self.person
        keys = self.world.service.keys
        return mint_token(keys, one.tenant, one.connection.number, one.member, SHOPPER_SCOPES, clock.utc_now())[0]

    def of_route(self, route: Route, things: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What the parts of a request are called by here: an ``id`` is another thing on each route. things: these, if
        not the main member's and the tenant's.
        """
        things = self.things if things is None else things
        found = dict(things)
        for beginning, named in BY_ROUTE.items():
            if route[1].startswith(beginning):
                # Who has none of these has nothing that could be named there.
                found = {part: value for part, value in found.items() if part not in named}
                found |= {part: things[thing] for part, thing in named.items() if thing in things}
        return found

    async def hears(self, store: int, topic: str, raw: bytes) -> None:
        """A store of theirs says something."""
        connection = self.world.stores[store]
        signature = sign(raw, SECRET[store].encode()).decode()
        headers = {"Content-Type": "application/json", HEADERS[connection.platform]: signature}
        path = f"/hooks/{connection.platform}/{connection.public_id}/{topic}"
        answer = await self.http.post(path, content=raw, headers=headers)
        assert answer.status_code == 200, answer.text

    async def buys(self, store: int, customer: int, minor: int, order: int) -> None:
        platform = self.world.stores[store].platform
        story = Story((SoldLine(1, 1, minor),), order_id=order, customer=customer, email=f"c{customer}x@example.test")
        await self.hears(store, ORDERS[platform], BODIES[platform](story))

    async def pays_back(self, one: Person) -> None:
        """The store of a member says that half of their order was paid back."""
        story = Story(
            (SoldLine(1, 1, 10_000),),
            refunds=(PaidBack(1, 5_000),),
            order_id=int(one.order),
            customer=int(one.customer),
            email=one.email,
        )
        await self.hears(one.store, "order.updated", woocommerce_bodies.webhook(story))

    @property
    def stores_beside(self) -> tuple[int, int]:
        """A second store of the main member's platform, and one of the other."""
        numbers = [number for number, (tenant, _) in STORES.items() if tenant == self.tenant]
        return numbers[1], numbers[2]

    async def work(self) -> None:
        await drain(self.world.service.pipeline)


BY_ROUTE: dict[str, dict[str, str]] = {
    "/v1/entries/": {"id": "entry"},
    "/v1/imports/identities": {"text": "pairs"},
    "/v1/credits/": {"redemption": "credit"},
    "/v1/pairings/": {"id": "pairing"},
    "/v1/referrals/": {"id": "friend"},
    "/v1/webhook-endpoints/": {"id": "endpoint"},
    "/v1/webhook-endpoints/{id}/remove": {"id": "endpoint to remove"},
    "/v1/dead-letters/skip": {"ids": "letters to skip"},
    "/v1/members/{id}/held-awards/decide": {"level": "award_level"},
    "/v1/members/{id}/merge": {"id": "going"},
    "/v1/members/{id}/unmerge": {"id": "merged"},
    "/v1/members/{id}/person": {"id": "leaver"},
    "/v1/members/{id}/status": {"id": "blocked"},
    "/v1/members/{id}/referred-by": {"id": "newcomer", "code": "referral_code"},
    "/v1/me/referred-by": {"code": "inviting_code"},
    "/v1/members/{id}/claims": {"address": "guest_address"},
    "/v1/members/{id}/claims/undo": {"address": "own_address"},
    "/v1/members/{id}/redemptions/{redemption}/capture": {"redemption": "hold"},
    "/v1/members/{id}/redemptions/{redemption}/release": {"redemption": "hold to let go"},
    "/v1/members/{id}/redemptions/{redemption}/give": {"redemption": "perk"},
    "/v1/members/{id}/redemptions/{redemption}/refuse": {"redemption": "perk to refuse"},
    "/v1/me/redemptions/{redemption}/release": {"redemption": "hold of a page"},
    "/v1/me/redemptions/{redemption}/take-back": {"redemption": "perk to take back"},
    "/v1/me/links": {"connection": "other_connection", "member": "linked"},
    "/v1/bulk-adjustments/{bulk}/undo": {"bulk": "done_bulk"},
}
"""By the beginning of a path: which thing a part of the request names there."""
