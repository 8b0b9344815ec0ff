"""What a store is told of a member: whole, in the member's language, by its schema, and never too large."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connector
from connector.delivering.outbox import push_due
from connector.redeeming.redemptions import Wish
from connector.redeeming.redemptions import redeem as redeem_now
from connector.snapshot import MAX_BYTES, SCHEMA
from connector.snapshot.limit import DROPPED, encoded, fit
from connector.storage.atomic import atomic
from connector.storage.people import Told, note_told
from connector.storage.referrals import code_of
from tests.builders import KEYS
from tests.connector.rewarding import RewardShop, reward_shop

TEXT = Path(connector.__file__).with_name("snapshot_schema.json").read_text(encoding="utf-8")
VALIDATOR = jsonschema.Draft202012Validator(json.loads(TEXT))

DOCUMENT: dict[str, Any] = {
    "schema": 2,
    "programme": {
        "name": "Circle",
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "points_name": {"en": ["bean", "beans"], "de": ["Bohne", "Bohnen"]},
    },
    "points": {
        "earn": {"rates": {"EUR": "1"}, "pending_days": 0, "allow_negative": -1_000},
        "expiry": {"mode": "fixed", "months": 12, "remind_days": [30, 7]},
        "actions": {"referral": {"referrer": 50, "friend": 40}},
    },
    "tiers": [
        {"id": "member", "name": {"en": "Member", "de": "Mitglied"}, "qualify": "join"},
        {
            "id": "gold",
            "name": "Gold",
            "qualify": {"spend_12m": "1200.00"},
            "multiplier": "1.5",
            "benefits": ["gift_yearly"],
        },
    ],
    "badges": [
        {"id": "first_order", "tier": "bronze", "rule": "orders >= 1"},
        {"id": "welcome_back", "tier": "silver", "rule": "orders >= 3"},
    ],
    "rewards": [
        {"id": "five", "kind": "amount", "points": 500, "value": "5.00"},
        {"id": "far", "kind": "amount", "points": 5000, "value": "60.00"},
    ],
}


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    async with reward_shop(prepared_database_url, document=DOCUMENT) as made:
        yield made


async def told(shop: RewardShop) -> dict[str, Any]:
    """What the store shows after everything due was pushed; it obeys the schema and the limit."""
    while await push_due(shop.placing.outbox):
        pass
    shown: dict[str, Any] = shop.store.shown["7"]
    VALIDATOR.validate(shown)
    assert len(encoded(shown).encode()) <= MAX_BYTES
    return shown


async def test_a_snapshot_says_where_a_member_stands(shop: RewardShop) -> None:
    shown = await told(shop)
    assert shown["schema"] == SCHEMA == 2
    assert shown["programme"] == {"name": "Circle", "version": 1} and shown["points_name"] == ["bean", "beans"]
    assert (shown["available"], shown["pending"], shown["held"], shown["lifetime"]) == (1000, 0, 0, 1000)
    assert shown["expiring"] == {"points": 1000, "ends_at": shown["expiring"]["ends_at"], "warned": False}
    tier = shown["tier"]
    assert (tier["id"], tier["name"], tier["rank"], tier["is_locked"]) == ("member", "Member", 0, False)
    above = {name: tier["next"][name] for name in ("id", "metric", "value", "threshold", "missing", "missing_text")}
    assert above == {
        "id": "gold",
        "metric": "spend",
        "value": 100_000,
        "threshold": 120_000,
        "missing": 20_000,
        "missing_text": "€200.00",
    }
    assert [(badge["id"], badge["level"]) for badge in shown["badges"]] == [("first_order", "bronze")]
    assert shown["next_badge"] == {
        "id": "welcome_back",
        "name": "Welcome back",
        "level": "silver",
        "measure": "orders",
        "value": 1,
        "needed": 3,
    }
    assert shown["level"] is None and shown["vouchers"] == [] and shown["dropped"] == []


async def test_rewards_say_what_is_missing_and_the_next_one_is_named(shop: RewardShop) -> None:
    shown = await told(shop)
    five, far = shown["rewards"]
    assert (five["id"], five["name"], five["available"], five["missing"], five["refusals"]) == (
        "five",
        "€5.00 off",
        True,
        0,
        [],
    )
    assert (far["available"], far["missing"], far["refusals"], far["why_not"]) == (
        False,
        4000,
        ["not-enough-points"],
        "You still need 4,000 beans.",
    )
    assert shown["next_reward"] == {"id": "far", "missing": 4000}
    assert shown["texts"]["available"] == "1,000 beans ready to spend"
    assert shown["texts"]["next_reward"] == "4,000 beans more for €60.00 off"
    assert shown["texts"]["next_tier"].startswith("€200.00 more to Gold")


async def test_entries_carry_their_reason_and_their_sentence(shop: RewardShop) -> None:
    await shop.order(status="cancelled", minor=100_000)
    shown = await told(shop)
    taken, earned = shown["entries"]
    assert (earned["kind"], earned["points"], earned["order"], earned["reason"]) == ("earn", 1000, "1", None)
    # By this a shop knows its own order 1 from that of another shop of the programme.
    assert earned["source"] == f"{shown['store']}:order:1"
    assert earned["why"] == "1,000 beans for order 1042: €1,000.00 of goods × 1 bean per €1.00."
    assert (taken["kind"], taken["points"], taken["reason"]) == ("clawback", -1000, "order-cancelled")
    assert taken["why"] == "1,000 beans taken back: order 1042 was cancelled."
    assert shown["badges"] == []


async def test_a_voucher_is_shown_with_its_code_once_the_store_has_it(shop: RewardShop) -> None:
    redemption = await redeem_now(
        shop.front.pipeline, Wish(shop.front.programme, shop.member, "five", shop.front.connection.number, "k")
    )
    (waiting,) = (await told(shop))["vouchers"]
    assert (waiting["state"], waiting["code"]) == ("requested", None)
    await shop.settle()
    shown = await told(shop)
    (voucher,) = shown["vouchers"]
    assert (voucher["state"], voucher["code"], voucher["value_minor"]) == ("issued", redemption["code"], 500)
    assert (shown["available"], shown["entries"][0]["why"]) == (500, "500 beans exchanged for €5.00 off.")


async def test_a_member_is_told_in_their_own_language(shop: RewardShop) -> None:
    async def speak(session: Any) -> None:
        person = Told(language="de-AT")
        await note_told(session, KEYS, shop.front.programme, {shop.member: person}, shop.front.clock())

    await atomic(shop.front.database, speak)
    await shop.order(number=2, minor=1_000)
    shown = await told(shop)
    assert (shown["language"], shown["points_name"]) == ("de", ["Bohne", "Bohnen"])
    assert shown["tier"]["name"] == "Mitglied"
    assert shown["texts"]["available"] == "1.010 Bohnen verfügbar"
    assert shown["entries"][0]["why"].startswith("10 Bohnen für Bestellung 1042: Ware für 10,00\u00a0€")


async def test_an_invitation_is_shown_once_its_code_exists(shop: RewardShop) -> None:
    before = (await told(shop))["referral"]
    assert before == {
        "code": None,
        "link": None,
        "points": 50,
        "friend_points": 40,
        "friends": 0,
        "completed": 0,
        "waiting": 0,
        "takes_code": False,
    }
    code = await atomic(
        shop.front.database,
        lambda session: code_of(session, KEYS, shop.front.programme, shop.member, shop.front.clock()),
    )
    await shop.order(number=2, minor=1_000)
    assert (await told(shop))["referral"] == before | {"code": code}


# --- the limit ---


def large(entries: int, badges: int, rewards: int, vouchers: int, lots: int, name: str) -> dict[str, Any]:
    """A snapshot as large as a member could ever have."""
    sentence = (name * 500)[:500]
    short = (name * 100)[:100]
    return {
        "schema": 2,
        "version": [1, 1],
        "available": 1,
        "tier": {"id": "gold", "name": short, "benefits": [{"id": short, "text": short}] * 12},
        "level": {"id": "L3", "privileges": [short] * 12},
        "pending_lots": [{"points": n, "matures_at": "2026-12-05T10:00:00Z"} for n in range(lots)],
        "badges": [{"id": str(n), "name": short} for n in range(badges)],
        "rewards": [{"id": str(n), "name": short, "why_not": short} for n in range(rewards)],
        "vouchers": [{"id": str(n), "state": "issued" if n % 2 else "used", "name": short} for n in range(vouchers)],
        "entries": [{"n": n, "why": sentence} for n in range(entries)],
        "texts": dict.fromkeys(("available", "pending"), sentence),
        "dropped": [],
    }


SIZES = st.integers(0, 400)


@given(st.integers(0, 20), SIZES, SIZES, SIZES, SIZES, st.sampled_from(["a", "积分", "ß", "😀", '"']))
def test_no_member_ever_exceeds_the_limit_and_what_is_left_out_follows_the_order(
    entries: int, badges: int, rewards: int, vouchers: int, lots: int, name: str
) -> None:
    whole = large(entries, badges, rewards, vouchers, lots, name)
    shown = copy.deepcopy(whole)
    text = fit(shown)
    assert len(text.encode()) <= MAX_BYTES
    assert json.loads(text) == shown
    assert all(shown[part] == whole[part] for part in ("schema", "version", "available"))
    lists = ("entries", "vouchers", "badges", "pending_lots", "rewards", "texts")
    assert {part for part in lists if len(shown[part]) < len(whole[part])} == {*shown["dropped"]} & {*lists}
    assert set(shown["dropped"]) <= {part for part, _ in DROPPED}
    if len(encoded(whole).encode()) <= MAX_BYTES:
        assert shown == whole
    # Nothing is shortened while something that goes before it could still be.
    if len(shown["badges"]) < min(badges, 6):
        assert shown["entries"] == []
    if shown["texts"] == {} and whole["texts"]:
        assert shown["rewards"] == [] and shown["entries"] == [] and len(shown["vouchers"]) <= 3


def test_the_newest_and_nearest_stay_longest() -> None:
    shown = large(20, 4, 4, 80, 4, "word ")
    fit(shown)
    assert [entry["n"] for entry in shown["entries"]] == [0, 1, 2, 3, 4]
    assert [voucher["state"] for voucher in shown["vouchers"]].count("issued") == 40
    assert shown["dropped"] == ["entries", "vouchers"]
    assert (len(shown["badges"]), len(shown["rewards"]), len(shown["pending_lots"])) == (4, 4, 4)


async def test_a_badge_that_is_measured_in_money_says_money(prepared_database_url: str) -> None:
    badges = [{"id": "patron", "tier": "gold", "rule": "spend >= 6000"}]
    async with reward_shop(prepared_database_url, document={**DOCUMENT, "badges": badges}) as shop:
        shown = await told(shop)
    assert (shown["next_badge"]["value"], shown["next_badge"]["needed"]) == (100_000, 600_000)
    assert shown["texts"]["next_badge"] == "Next badge: Patron. Spent on goods: €1,000.00 of €6,000.00"


async def test_a_badge_that_nothing_reports_is_not_the_next_one(prepared_database_url: str) -> None:
    badges = [{"id": "critic", "tier": "gold", "rule": "reviews_approved >= 1"}]
    async with reward_shop(prepared_database_url, document={**DOCUMENT, "badges": badges}) as shop:
        assert (await told(shop))["next_badge"] is None
