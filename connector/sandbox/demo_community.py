"""Shoppers of the demo bring friends, help each other and are recognised for it: what a community leaves to look at."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from connector import clock
from connector.access.auth import WRITE_EVENTS, create_api_key
from connector.people import boards, membership, referrals
from connector.people.actors import Actor
from connector.people.signs import Shown
from connector.platforms import Connection
from connector.running.scheduler import review_members
from connector.running.service import Service
from connector.sandbox.demo_spending import dear_product, member_of
from connector.sandbox.records import Customer
from connector.sandbox.shop import Basket, Shop
from connector.storage.atomic import atomic

OWNER = Actor("demo", "console", "the demo")
FLAT = Shown(household="Gartenweg 7, Leipzig", phone="+49 170 5550100", device="greta-tablet")
VOTERS = 6
"""So many vote for one member, who votes for them: a person has to look at that award."""
NAMES = ("Ilse", "Jonas", "Katja", "Lars", "Mona", "Nils", "Paula", "Rosa", "Sami", "Tove")


@dataclass(frozen=True, slots=True)
class Came:
    """How a friend came. days: ago. orders: whether they ordered, so many days later; returns: and sent it back.
    is_same: whether friend and referrer look like one person; refused: and somebody has said so.
    """

    days: int
    orders: int | None = None
    returns: bool = False
    is_same: bool = False
    refused: bool = False


FRIENDS = (
    Came(80, 2),
    Came(70, 1),
    Came(66),
    Came(52, 3),
    Came(45, 4, returns=True),
    Came(40, 2),
    Came(25, 1, is_same=True, refused=True),
    Came(12, 2),
    Came(6, 1, is_same=True),
    Came(2),
)


@dataclass(frozen=True, slots=True)
class Town:
    """What the story needs. other: the shop of whoever brings friends; all customers of the first one live at one
    address. settle: lets webhooks arrive and waits until nothing waits.
    """

    service: Service
    shop: Shop
    store: Connection
    other: Shop
    other_store: Connection
    url: str
    settle: Callable[[], Awaitable[None]]

    async def member(self, customer: Customer) -> str:
        return await member_of(self.service.database.reading(), self.store.number, customer)


async def live_together(town: Town) -> None:
    """Friends come and order; some write and vote; one is given a badge by hand."""
    first = town.shop.truth.live_customers()[: VOTERS + 1]
    host = town.other.register_customer("greta@example.test", "Greta", "Host")
    friends = [town.shop.register_customer(f"{name.lower()}@example.test", name, "Friend") for name in NAMES]
    await town.settle()
    referrer = await member_of(town.service.database.reading(), town.other_store.number, host)
    await _bring(town, referrer, friends)
    await _speak(town, first)
    number, pipeline = town.store.programme_number, town.service.pipeline
    for place, customer in enumerate(first[:3]):
        name = ("Tea Fox", "", "Honey Bee")[place]
        await boards.choose(pipeline, number, await town.member(customer), True, name)
    await membership.give_badge(pipeline, number, await town.member(first[1]), "hand", OWNER, "Answers every newcomer.")
    await town.settle()


async def _bring(town: Town, referrer: str, friends: list[Customer]) -> None:
    number, pipeline, now = town.store.programme_number, town.service.pipeline, clock.utc_now()
    code = await referrals.own_code(pipeline, number, referrer, FLAT)
    for customer, came in zip(friends, FRIENDS, strict=True):
        since = now - timedelta(days=came.days)
        shown = FLAT if came.is_same else Shown()
        await referrals.register_friend(pipeline, number, await town.member(customer), code, shown, since)
        if came.orders is not None:
            _order(town.shop, customer, since + timedelta(days=came.orders), is_returned=came.returns)
    await town.settle()
    await referrals.settle_referrals(pipeline)
    for customer, came in zip(friends, FRIENDS, strict=True):
        if came.refused:
            await referrals.refuse(pipeline, number, await town.member(customer), OWNER, "The same person.")
    town.service.wake.set()


def _order(shop: Shop, customer: Customer, at: datetime, *, is_returned: bool) -> None:
    with shop.at(at):
        order = shop.place_order(customer.id, Basket([(dear_product(shop), 1)]))
    if is_returned:
        with shop.at(at + timedelta(days=3)):
            shop.refund_all(order.id)


async def _speak(town: Town, people: list[Customer]) -> None:
    """Reviews and votes, as an app of the shop would report them."""
    number, now = town.store.programme_number, clock.utc_now()
    key = await atomic(
        town.service.database,
        lambda session: create_api_key(session, number, "reviews", now, frozenset({WRITE_EVENTS})),
    )
    async with httpx.AsyncClient(trust_env=False, headers={"Authorization": f"Bearer {key}"}) as app:
        answer = await app.post(f"{town.url}/v1/events", json=list(_events(town, people, now - timedelta(hours=3))))
        refused = [one for one in answer.raise_for_status().json()["events"] if one["state"] != "kept"]
        if refused:
            raise ValueError(f"the demo's events are refused: {refused}")
    await town.settle()
    await review_members(town.service)


def _events(town: Town, people: list[Customer], at: datetime) -> Iterator[dict[str, Any]]:
    who = [{"connection": town.store.public_id, "customer_id": str(one.id)} for one in people]
    for place, person in enumerate(who[:3]):
        for n in range(4 - place):
            yield _event("review.approved", at, person, f"review-{place}-{n}")
    for place, voter in enumerate(who[1:]):
        for one, other in ((who[0], voter), (voter, who[0])):
            yield {**_event("vote.helpful", at, one, f"vote-{place}-{one['customer_id']}"), "counterpart": other}


def _event(kind: str, at: datetime, who: dict[str, str], thing: str) -> dict[str, Any]:
    about = {"kind": kind.partition(".")[0], "id": thing}
    return {"id": uuid.uuid4().hex, "type": kind, "occurred_at": at.isoformat(), "subject": who, "object": about}
