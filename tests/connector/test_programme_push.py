"""Each store is told the programme's summary once a version takes effect, and only then."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import connector
from connector.delivering.programme_push import push_programmes
from connector.platforms import PushResult, PushState
from connector.programmes.budgets import watch_budgets
from connector.programmes.files import template, template_names
from connector.snapshot.programme import (
    MAX_SUMMARY_BYTES,
    SUMMARY_SCHEMA,
    BoardTold,
    Own,
    programme_summary,
    shares,
    summary_version,
)
from connector.storage.atomic import atomic
from connector.storage.connections import set_setting
from connector.storage.programmes import publish_version
from loyalty_engine.programme.model import (
    ORDER,
    Award,
    AwardKind,
    Condition,
    Lane,
    Programme,
    Reward,
    RewardKind,
    Rule,
    Tier,
)
from loyalty_engine.programme.parse import parse_programme
from loyalty_engine.programme.resolve import ShopFacts, resolve
from loyalty_engine.programme.standing_model import Badge, BadgeLevel
from tests.connector.rewarding import ALL, RewardShop, reward_shop
from tests.engine.builders import a_programme, fixed

TEXT = Path(connector.__file__).with_name("summary_schema.json").read_text(encoding="utf-8")
VALIDATOR = jsonschema.Draft202012Validator(json.loads(TEXT))
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    async with reward_shop(prepared_database_url) as made:
        yield made


async def tell(shop: RewardShop) -> int:
    outbox = shop.placing.outbox
    return await push_programmes(outbox, shop.front.clock())


async def test_a_store_is_told_once_and_again_when_another_version_takes_effect(shop: RewardShop) -> None:
    assert [await tell(shop), await tell(shop)] == [1, 0]
    assert [told["version"] for told in shop.store.programmes] == [[1, 1]]
    later = shop.front.clock().replace(month=12)

    async def publish(session: Any) -> int:
        changed = {**ALL, "points": {"earn": {"rates": {"EUR": "2"}, "pending_days": 0}}}
        return await publish_version(session, shop.front.programme, changed, later, shop.front.clock(), "mia")

    await atomic(shop.front.database, publish)
    assert await tell(shop) == 0
    shop.front.clock.moment = later
    assert [await tell(shop), await tell(shop)] == [1, 0]
    assert shop.store.programmes[-1]["version"] == [1, 2]
    assert shop.store.programmes[-1]["earn"]["rules"][0]["rates"] == {"EUR": "2"}


async def test_a_store_hears_that_a_cap_over_all_members_stopped_earning_and_when_it_goes_on(
    prepared_database_url: str,
) -> None:
    capped = {**ALL, "caps": [{"id": "launch", "per": "month", "points": 100, "on": ["order"], "over": "programme"}]}
    async with reward_shop(prepared_database_url, document=capped) as shop:
        assert await tell(shop) == 1
        assert shop.store.programmes[-1]["earn"]["rules"] != []
        assert await watch_budgets(shop.front.pipeline) == 1
        assert [await tell(shop), await tell(shop)] == [1, 0]
        assert shop.store.programmes[-1]["earn"]["rules"] == []
        shop.front.clock.moment = shop.front.clock().replace(month=12)
        assert [await tell(shop), await tell(shop)] == [1, 0]
        assert shop.store.programmes[-1]["earn"]["rules"] != []


async def test_a_store_hears_what_its_own_connection_was_told(shop: RewardShop) -> None:
    number = shop.front.connection.number
    assert await tell(shop) == 1
    told = shop.store.programmes[-1]
    assert (told["earn"]["gift_card_products"], told["customer_meta"]) == ([], [])
    named = {
        "gift_card_products": " 99, 71,",
        "birthday_meta": "born_on",
        "gift_card_meta": "_card_paid",
        "store_credit_meta": "_wallet_paid",
    }
    for name, text in named.items():
        await atomic(shop.front.database, partial(set_setting, number=number, name=name, value=text))
        assert [await tell(shop), await tell(shop)] == [1, 0]
        VALIDATOR.validate(shop.store.programmes[-1])
    told = shop.store.programmes[-1]
    assert (told["earn"]["gift_card_products"], told["customer_meta"]) == (["71", "99"], ["born_on"])
    assert told["order_meta"] == ["_card_paid", "_wallet_paid"]


async def test_a_store_hears_where_its_pages_can_act_and_again_when_the_service_moves(shop: RewardShop) -> None:
    assert await tell(shop) == 1
    assert shop.store.programmes[-1]["api"] is None
    shop.placing.outbox.shops.public_url = "https://loyalty.example/belong"
    assert [await tell(shop), await tell(shop)] == [1, 0]
    VALIDATOR.validate(shop.store.programmes[-1])
    assert shop.store.programmes[-1]["api"] == "https://loyalty.example/belong"


@pytest.mark.parametrize("how", ["automatic", "consent"])
def test_a_store_hears_whether_its_customers_are_members_by_themselves(how: str) -> None:
    told = replace(a_programme(), enrolment=how)
    assert summary(told)["enrolment"] == how
    assert summary_version(1, told, "", {}, ()) != summary_version(1, replace(told, enrolment=""), "", {}, ())


async def test_a_store_without_a_place_for_it_is_tried_again(shop: RewardShop) -> None:
    shop.store.programme_answer = PushResult(PushState.REFUSED, "no plugin")
    assert [await tell(shop), await tell(shop)] == [0, 0]
    assert len(shop.store.programmes) == 2
    shop.store.programme_answer = None
    assert [await tell(shop), await tell(shop)] == [1, 0]


async def test_a_store_hears_how_rare_a_badge_is_and_again_when_that_changed(prepared_database_url: str) -> None:
    badges = [
        {"id": "welcome_back", "tier": "bronze", "rule": "orders >= 2"},
        {"id": "secret", "tier": "bronze", "rule": "orders >= 1", "hidden": True},
        {"id": "critic", "tier": "silver", "rule": "reviews_approved >= 1"},
    ]
    async with reward_shop(prepared_database_url, document={**ALL, "badges": badges}) as shop:
        assert [await tell(shop), await tell(shop)] == [1, 0]
        [badge] = shop.store.programmes[-1]["badges"]
        assert (badge["id"], badge["rarity"]) == ("welcome_back", None)
        await shop.order(2)
        await shop.order(3, customer=8)
        shop.front.clock.forward(minutes=59)
        assert await tell(shop) == 0, "counting reads every badge: once an hour is enough"
        shop.front.clock.forward(minutes=1)
        assert [await tell(shop), await tell(shop)] == [1, 0]
        [badge] = shop.store.programmes[-1]["badges"]
        assert (badge["rarity"]["en"], badge["rarity"]["de"]) == (
            "held by 50% of members",
            "50\u00a0% der Mitglieder haben es",
        )


@pytest.mark.parametrize(
    ("holders", "members", "share"),
    [
        (1, 1, Fraction(1)),
        (199, 1000, Fraction(19, 100)),
        (100, 1000, Fraction(1, 10)),
        (99, 1000, Fraction(99, 1000)),
        (1, 100_000, Fraction(1, 1000)),
        (3, 2, Fraction(1)),
        (0, 10, None),
        (1, 0, None),
    ],
)
def test_shares_are_coarse_and_never_nothing(holders: int, members: int, share: Fraction | None) -> None:
    badge = Badge("b", (BadgeLevel("bronze", ()),))
    told = shares(a_programme(badges=(badge,)), {"b": holders}, members)
    assert told.get("b") == share


def summary(programme: Programme, epoch: int = 1, language: str = "") -> dict[str, Any]:
    """What a store would be told; it obeys the schema and the limit."""
    text = programme_summary(programme, epoch, NOW, language)
    assert len(text.encode()) <= MAX_SUMMARY_BYTES
    told: dict[str, Any] = json.loads(text)
    VALIDATOR.validate(told)
    return told


def test_the_schema_is_the_one_that_its_number_says() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(TEXT))
    assert json.loads(TEXT)["properties"]["schema"] == {"const": SUMMARY_SCHEMA}
    told = summary(a_programme())
    for part in told:
        assert not VALIDATOR.is_valid({name: value for name, value in told.items() if name != part}), part
    assert not VALIDATOR.is_valid({**told, "surprise": 1})


@pytest.mark.parametrize("name", template_names())
def test_every_template_has_a_summary_that_obeys_the_schema(name: str) -> None:
    document = resolve(template(name), ShopFacts("Europe/Berlin", "EUR")).document
    assert summary(parse_programme(document, 1, NOW))["earn"]["rules"]


def test_a_summary_holds_what_a_server_needs_to_say_what_a_product_earns() -> None:
    programme = a_programme(
        {"EUR": "1", "USD": "0.9"},
        1,
        Rule(
            "double",
            ORDER,
            Award(AwardKind.FACTOR, factor=Fraction(2)),
            Lane.CAMPAIGN,
            conditions=(Condition("category", "in", ("tea",)),),
            starts_at=NOW,
        ),
        Rule("tried", ORDER, Award(AwardKind.FIXED, points=5), dry_run=True),
        fixed("review", 10),
        tiers=(
            Tier("member", 0, {"en": "Member"}),
            Tier("gold", 1, {"en": "Gold", "de": "Gold"}, factor=Fraction(3, 2)),
            Tier("secret", 2, {}, hidden=True),
        ),
        rewards=(
            Reward("five", RewardKind.AMOUNT, 500, values={"EUR": 500}),
            Reward("hidden", RewardKind.AMOUNT, 1, values={"EUR": 1}, hidden=True),
        ),
    )
    told = summary(programme, 3, "de")
    assert told["version"] == [3, 1] and told["language"] == "de"
    assert [rule["id"] for rule in told["earn"]["rules"]] == ["points-per-amount", "double"]
    assert told["earn"]["rules"][0]["rates"] == {"EUR": "1", "USD": "9/10"}
    assert told["earn"]["rules"][1]["conditions"] == [{"field": "category", "operator": "in", "values": ["tea"]}]
    assert told["earn"]["rules"][1]["starts_at"] == "2026-11-21T12:00:00Z"
    assert told["earn"]["tier_factors"] == {"gold": "3/2"}
    assert told["earn"]["ways"] == [{"kind": "review", "points": 10}]
    assert [tier["id"] for tier in told["tiers"]] == ["member", "gold"]
    assert [(reward["id"], reward["names"]["de"]) for reward in told["rewards"]] == [("five", "5,00\u00a0€ Rabatt")]
    assert list(told["rules"]) == ["de", "en", "zh-Hans", "zh-Hant", "es"] and told["dropped"] == []
    assert told["points_name"]["es"] == ["punto", "puntos"]
    assert told["ways"]["en"] == [
        "1 point for every €1.00 of goods, smaller amounts in proportion.",
        "2 times the points. Conditions apply: certain categories. From 21 November 2026.",
        "10 points for your review.",
    ]
    assert len(told["ways"]["zh-Hans"]) == 3


def test_a_summary_tells_ways_to_earn_in_the_currency_of_its_store_and_none_that_stand_still() -> None:
    programme = a_programme({"EUR": "1", "USD": "0.9"}, 1)

    def ways(own: Own) -> Any:
        told = json.loads(programme_summary(programme, 1, NOW, "en", own=own))
        VALIDATOR.validate(told)
        return told["ways"]

    assert ways(Own(currency="USD"))["en"] == ["0.9 points for every $1.00 of goods, smaller amounts in proportion."]
    assert "€1.00" in ways(Own(currency="CHF"))["en"][0], "what it has no rate for says them all"
    assert ways(Own(is_paused=True)) == {}
    versions = [summary_version(1, programme, "en", {}, (), (), Own(currency=one)) for one in ("EUR", "USD")]
    assert versions[0] != versions[1]


def test_a_summary_tells_a_board_in_every_language_or_none() -> None:
    places = ((1, "Ada", 3, 2), (2, "7KQ2MXAB", 1, 0))
    own = Own(board=BoardTold("reviews_approved", date(2026, 11, 1), places))
    told = json.loads(programme_summary(a_programme(), 1, NOW, "en", own=own))
    VALIDATOR.validate(told)
    assert told["board"]["titles"]["de"] == "Freigegebene Bewertungen seit 1. November 2026"
    assert told["board"]["places"][1] == {"rank": 2, "name": "7KQ2MXAB", "value": 1, "badges": 0}
    assert summary(a_programme())["board"] is None


def test_a_summary_is_never_too_large_and_keeps_the_rules_of_orders_longest() -> None:
    name = {"en": "word " * 20}
    programme = a_programme(
        rewards=tuple(Reward(f"r{n}", RewardKind.AMOUNT, n, name, {"EUR": n}) for n in range(1, 300))
    )
    told = summary(programme)
    assert told["dropped"] == ["rules", "ways", "rewards"]
    assert list(told["rules"]) == list(told["ways"]) == ["en"]
    assert told["rewards"][0]["id"] == "r1" and [rule["id"] for rule in told["earn"]["rules"]] == ["points-per-amount"]
