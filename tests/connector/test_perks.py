"""Perks: a member asks, a person gives or refuses, and never are both the perk and its points to be had."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from connector.access.auth import MINT_TOKENS, READ_MEMBERS, REDEEM, WRITE_MEMBERS, create_api_key
from connector.commands.run import COMMANDS
from connector.errors import Permanent
from connector.people.actors import Actor
from connector.redeeming import perks, redemptions
from connector.snapshot import snapshot_of
from connector.snapshot.loading import Holders, load_shown
from connector.storage.atomic import atomic, consistent_read
from connector.storage.audit import load_deeds
from connector.storage.redemptions import waiting_perks
from connector.storage.session import Session
from connector.storage.shards import member_shard
from connector.verify.run import verify
from loyalty_engine.errors import Refused
from loyalty_engine.explain import sentence
from loyalty_engine.ledger import EntryKind
from loyalty_engine.texts import LANGUAGES, Words
from tests.builders import KEYS, NOW
from tests.connector.outside import Outside, order_body, outside
from tests.connector.rewarding import ALL, RewardShop, a_cart, reward_shop

ADA = Actor("ada", "key:bk_ada", "Ada")
PERKS: dict[str, Any] = {
    **ALL,
    "rewards": [
        {"id": "tour", "kind": "perk", "points": 100, "name": {"en": "a tour", "de": "eine Führung"}, "stock": 2},
        {"id": "five", "kind": "amount", "points": 500, "value": "5.00"},
    ],
}


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    async with reward_shop(prepared_database_url, document=PERKS) as made:
        yield made
        report = await verify(made.front.database, KEYS, now=made.front.clock)
        assert report.ok, report.as_text()


async def give(shop: RewardShop, made: Mapping[str, Any]) -> dict[str, Any]:
    return await perks.give_perk(
        shop.front.pipeline, shop.front.programme, shop.member, made["redemption"], ADA, "done"
    )


async def refuse(shop: RewardShop, made: Mapping[str, Any], why: str = "The guide is ill.") -> dict[str, Any]:
    return await perks.refuse_perk(shop.front.pipeline, shop.front.programme, shop.member, made["redemption"], ADA, why)


async def take_back(shop: RewardShop, made: Mapping[str, Any]) -> dict[str, Any]:
    return await perks.take_back(shop.front.pipeline, shop.front.programme, shop.member, made["redemption"])


async def waiting(shop: RewardShop) -> list[str]:
    found = await waiting_perks(shop.front.database.reading(), shop.front.programme)
    assert {one.member_id for one in found} <= {shop.member}
    return [one.redemption.redemption_id for one in found]


async def deeds(shop: RewardShop) -> list[tuple[str, str, str, Any]]:
    found = await load_deeds(shop.front.database.reading(), shop.front.programme, shop.member)
    return [
        (one.act.value, one.actor.person, one.reason, one.details["redemption"]) for one in found if one.act != "enrol"
    ]


async def shown(shop: RewardShop) -> list[tuple[str, str, str | None]]:
    """(state, its words, code) of everything that a store shows as redeemed."""
    key = (member_shard(shop.member), shop.member)
    now = shop.front.clock()

    async def look(session: Session) -> str:
        found = await load_shown(session, KEYS, [key], Holders(), now, "en")
        return snapshot_of(found[shop.member], (1, 1), now).text

    document = json.loads(await consistent_read(shop.front.database, look))
    return [(one["state"], one["state_text"], one["code"]) for one in document["vouchers"]]


async def test_what_a_member_asks_for_waits_until_somebody_gives_it(shop: RewardShop) -> None:
    first = await shop.redeem("tour", "k1")
    shop.front.clock.forward(minutes=1)
    second = await shop.redeem("tour", "k2")
    assert await waiting(shop) == [first["redemption"], second["redemption"]]
    assert await shown(shop) == [("requested", "asked for", None)] * 2
    assert await shop.settle() == 0, "no store is told"
    for _ in range(2):
        assert (await give(shop, first))["state"] == "used"
    assert await waiting(shop) == [second["redemption"]]
    assert await deeds(shop) == [("perk-give", "ada", "done", first["redemption"])]
    assert ("used", "given", None) in await shown(shop)
    assert await shop.spent() == [("redeem", -100), ("redeem", -100)]
    assert await shop.taken("tour") == 2


async def test_what_is_refused_gives_points_and_unit_back_once_and_says_why(shop: RewardShop) -> None:
    made = await shop.redeem("tour")
    for _ in range(2):
        ended = await refuse(shop, made)
        assert (ended["state"], ended["reason"]) == ("cancelled", "perk-refused")
    assert await shop.spent() == [("redeem", -100), ("reinstate", 100)]
    assert (await shop.balance(), await shop.taken("tour"), await waiting(shop)) == (1_000, 0, [])
    assert await deeds(shop) == [("perk-refuse", "ada", "The guide is ill.", made["redemption"])]
    assert await shown(shop) == [("cancelled", "could not be given", None)]
    rows = await shop.front.rows("SELECT body_text FROM explanation WHERE body_text LIKE '%perk-refused%'")
    told = json.loads(rows[0]["body_text"])
    assert (told["actor"], told["note"]) == ("Ada", "The guide is ill.")
    said = {one: sentence(EntryKind.REINSTATE, 100, told, Words(one)) for one in LANGUAGES}
    assert said["en"] == "100 points given back: tour could not be given. The guide is ill."
    assert len(set(said.values())) == len(LANGUAGES)


async def test_what_nobody_gave_in_time_gives_its_points_back(shop: RewardShop) -> None:
    await shop.redeem("tour")
    shop.front.clock.forward(days=61)
    await redemptions.expire_vouchers(shop.front.pipeline)
    assert await shop.spent() == [("redeem", -100), ("reinstate", 100)]
    assert await shown(shop) == [("expired", "not given in time", None)]


async def test_a_member_takes_back_what_nobody_gave_yet(shop: RewardShop) -> None:
    made = await shop.redeem("tour")
    for _ in range(2):
        assert (await take_back(shop, made))["state"] == "cancelled"
    assert await shop.spent() == [("redeem", -100), ("reinstate", 100)]
    assert await shown(shop) == [("cancelled", "called off", None)]


@pytest.mark.parametrize("ending", [refuse, take_back])
async def test_what_gave_its_points_back_is_not_given(shop: RewardShop, ending: Any) -> None:
    made = await shop.redeem("tour")
    await ending(shop, made)
    before = await deeds(shop)
    with pytest.raises(Refused) as refused:
        await give(shop, made)
    assert (refused.value.code, refused.value.numbers) == ("redemption-not-open", {"state": "cancelled"})
    assert (await shop.spent(), await deeds(shop)) == ([("redeem", -100), ("reinstate", 100)], before)


@pytest.mark.parametrize("ending", [refuse, take_back])
async def test_what_was_given_is_not_taken_back(shop: RewardShop, ending: Any) -> None:
    made = await shop.redeem("tour")
    await give(shop, made)
    with pytest.raises(Refused) as refused:
        await ending(shop, made)
    assert refused.value.code == "redemption-used"
    assert (await shop.spent(), len(await deeds(shop))) == ([("redeem", -100)], 1)


@pytest.mark.parametrize("doing", [give, refuse, take_back])
async def test_a_voucher_is_no_perk(shop: RewardShop, doing: Any) -> None:
    made = await shop.redeem("five")
    with pytest.raises(Refused) as refused:
        await doing(shop, made)
    assert refused.value.code == "not-a-perk"
    assert ((await shop.shown(made))["state"], await deeds(shop)) == ("requested", [])


async def test_giving_and_taking_back_at_once_leaves_one_of_both(shop: RewardShop) -> None:
    made = await shop.redeem("tour")
    doing = [give(shop, made), take_back(shop, made), refuse(shop, made), give(shop, made), take_back(shop, made)]
    await asyncio.gather(*doing, return_exceptions=True)
    state = (await shop.shown(made))["state"]
    assert await shop.balance() == {"used": 900, "cancelled": 1_000}[state]
    assert len(await deeds(shop)) <= 1


async def test_a_perk_is_not_reserved_for_a_cart(shop: RewardShop) -> None:
    with pytest.raises(Refused) as refused:
        await shop.redeem("tour", holds=True, cart=a_cart())
    assert refused.value.code == "not-held-for-a-cart"
    assert (await shop.spent(), await shop.taken("tour")) == ([], 0)
    assert await shop.front.number("SELECT count(*) FROM redemption") == 0


async def test_verify_finds_a_given_perk_that_took_nothing(prepared_database_url: str) -> None:
    async with reward_shop(prepared_database_url, document=PERKS) as shop:
        made = await shop.redeem("tour")
        await give(shop, made)
        await atomic(shop.front.database, lambda session: session.run("UPDATE redemption SET points = 90"))
        assert not (await verify(shop.front.database, KEYS, now=shop.front.clock)).ok


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, PERKS) as made:
        await made.deliver("woocommerce", order_body("woocommerce", 1, 30_000, 7))
        await made.work()
        yield made
        report = await verify(made.service.database, KEYS)
        assert report.ok, report.as_text()


async def test_a_page_asks_and_the_desk_answers(service: Outside) -> None:
    number, connection = service.connections["woocommerce"].programme_number, service.connections["woocommerce"]
    scopes = frozenset({MINT_TOKENS, READ_MEMBERS, REDEEM, WRITE_MEMBERS})
    key = await atomic(
        service.service.database, lambda session: create_api_key(session, number, "desk", NOW, scopes, "kim")
    )
    desk = {"Authorization": f"Bearer {key}"}
    body = {"connection": connection.public_id, "customer": "7"}
    minted = (await service.http.post("/v1/shopper-tokens", json=body, headers=desk)).json()
    page, member = {"Authorization": f"Bearer {minted['token']}"}, str(uuid.UUID(minted["member"]))
    asked = []
    for name in ("perk-0001", "perk-0002"):
        headers = {**page, "Idempotency-Key": name}
        answer = await service.http.post("/v1/me/redemptions", json={"reward": "tour"}, headers=headers)
        assert answer.status_code == 201, answer.text
        asked.append(answer.json()["redemption"])
    listed = (await service.http.get("/v1/perks/waiting", headers=desk)).json()["perks"]
    assert {one["redemption"] for one in listed} == set(asked)
    assert {uuid.UUID(one["member"]) for one in listed} == {uuid.UUID(member)}
    of = f"/v1/members/{member}/redemptions"
    given = await service.http.post(f"{of}/{asked[0]}/give", json={"actor": "Kim", "note": "noon"}, headers=desk)
    assert (given.status_code, given.json()["state"]) == (200, "used"), given.text
    missing = await service.http.post(f"{of}/{asked[1]}/refuse", json={"actor": "Kim"}, headers=desk)
    assert missing.status_code == 400, "whoever refuses says why"
    refused = await service.http.post(f"{of}/{asked[1]}/refuse", json={"actor": "Kim", "reason": "full"}, headers=desk)
    assert (refused.status_code, refused.json()["state"]) == (200, "cancelled"), refused.text
    assert (await service.http.get("/v1/perks/waiting", headers=desk)).json() == {"perks": []}
    mine = (await service.http.get("/v1/me/redemptions", headers=page)).json()
    assert {one["redemption"]: one["state"] for one in mine["redemptions"]} == {asked[0]: "used", asked[1]: "cancelled"}
    assert (await service.http.get(of, headers=desk)).json() == mine
    late = await service.http.post(f"/v1/me/redemptions/{asked[0]}/take-back", headers=page)
    assert (late.status_code, late.json()["code"]) == (409, "redemption-used")
    acts = (await service.http.get(f"/v1/members/{member}/audit", headers=desk)).json()["acts"]
    assert {(one["act"], one["person"], one["actor"], one["reason"]) for one in acts} >= {
        ("perk-give", "kim", "Kim", "noon"),
        ("perk-refuse", "kim", "Kim", "full"),
    }
    assert (await service.http.get("/v1/me", headers=page)).json()["available"] == 200


async def test_a_page_and_a_reading_key_neither_give_nor_see_what_waits(service: Outside) -> None:
    number = service.connections["woocommerce"].programme_number
    scopes = frozenset({READ_MEMBERS, REDEEM})
    key = await atomic(service.service.database, lambda session: create_api_key(session, number, "page", NOW, scopes))
    headers = {"Authorization": f"Bearer {key}"}
    assert (await service.http.get("/v1/perks/waiting", headers=headers)).status_code == 403
    path = f"/v1/members/{uuid.uuid4()}/redemptions/{uuid.uuid4()}/give"
    assert (await service.http.post(path, json={"actor": "x"}, headers=headers)).status_code == 403
    unknown = await service.http.get(f"/v1/members/{uuid.uuid4()}/redemptions", headers=headers)
    assert unknown.status_code == 404


async def test_an_operator_gives_and_refuses_by_command(service: Outside) -> None:
    """``belong perk waiting``, ``give`` and ``refuse``; what no longer waits is said, and nothing happens."""
    (row,) = await service.rows("SELECT member_id FROM identity WHERE customer_ref = '7'")
    connection, of = service.connections["woocommerce"], {"programme": 1, "operator": "kim"}
    for key in ("one", "two"):
        wish = redemptions.Wish(connection.programme_number, row["member_id"], "tour", connection.number, key)
        await redemptions.redeem(service.service.pipeline, wish)
    first, second = (await COMMANDS["waiting-perks"](service.service, of))["perks"]
    assert (first["member"], first["reward"], first["points"]) == (row["member_id"], "tour", 100)
    await COMMANDS["give-perk"](service.service, {**of, "redemption": first["redemption"]})
    told = await COMMANDS["refuse-perk"](service.service, {**of, "redemption": second["redemption"], "reason": "ill"})
    assert (told["state"], told["points"]) == ("cancelled", 100)
    assert (await COMMANDS["waiting-perks"](service.service, of))["perks"] == []
    for gone in (first["redemption"], "no-id"):
        with pytest.raises(Permanent):
            await COMMANDS["give-perk"](service.service, {**of, "redemption": gone})
    acts = await load_deeds(service.service.database.reading(), 1, row["member_id"])
    done = sorted((one.act.value, one.actor.person) for one in acts if one.act != "enrol")
    assert done == [("perk-give", "kim"), ("perk-refuse", "kim")]
