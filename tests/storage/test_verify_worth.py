"""Two codes, one answer: what `belong verify` reads out of a document on its own is what the engine decides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from connector.ingest.merge import ENCODER, LoneRefund, OrderKnowledge
from connector.storage.instants import micros
from connector.verify.document import read_document
from connector.verify.goods import read_activity, read_order, share_kept
from connector.verify.worth import Terms, activity_due, order_due
from loyalty_engine import goods
from loyalty_engine.books import value_per_point
from loyalty_engine.days import local_day
from loyalty_engine.earning.evaluate import worth_of
from loyalty_engine.errors import ProgrammeError
from loyalty_engine.facts import Activity, ActivityStatus, Line, OrderState, OrderStatus, Refund, RefundLine
from loyalty_engine.member import Context, MemberState, Redemption, RedemptionState, SourceState
from loyalty_engine.programme import Programme, canonical_json, parse_programme
from loyalty_engine.worth import Worth

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
REF = "shopify:1:order:5"
AMOUNTS = st.integers(0, 3000)
LINE_IDS = st.sampled_from(["1", "2", "3", "10"])
LINES = st.lists(
    st.builds(
        Line,
        line_id=LINE_IDS,
        quantity=st.integers(0, 5),
        net_minor=AMOUNTS,
        product_id=st.sampled_from([None, "p1", "p2"]),
        is_gift_card=st.sampled_from([False, False, True]),
        removed_quantity=st.integers(0, 3),
        tax_minor=st.integers(0, 600),
        list_minor=st.integers(0, 4000),
        sku=st.sampled_from([None, "s1"]),
        is_on_sale=st.booleans(),
    ),
    max_size=4,
    unique_by=lambda line: line.line_id,
).map(tuple)
REFUNDS = st.lists(
    st.builds(
        Refund,
        refund_id=st.sampled_from("abcd"),
        amount_minor=AMOUNTS,
        lines=st.lists(st.builds(RefundLine, LINE_IDS, st.integers(0, 3), st.integers(0, 1500)), max_size=3).map(tuple),
        tax_minor=st.integers(0, 200),
        shipping_minor=st.integers(0, 200),
        other_minor=st.integers(0, 200),
    ),
    max_size=2,
    unique_by=lambda refund: refund.refund_id,
).map(tuple)
ORDERS = st.builds(
    OrderState,
    source_ref=st.just(REF),
    order_id=st.just("5"),
    customer_ref=st.just("7"),
    currency=st.sampled_from(["EUR", "EUR", "USD", "JPY", "XTS"]),
    status=st.sampled_from([OrderStatus.PAID, OrderStatus.PAID, OrderStatus.PAID, OrderStatus.CANCELLED]),
    shop_status=st.just("paid"),
    updated_at=st.just(AT),
    created_at=st.just(AT),
    paid_at=st.just(AT),
    total_minor=st.integers(0, 9000),
    shipping_minor=AMOUNTS,
    tax_minor=AMOUNTS,
    other_minor=AMOUNTS,
    lines=LINES,
    refunds=REFUNDS,
    is_test=st.sampled_from([False, False, False, True]),
    channel=st.sampled_from(["web", "pos"]),
    country=st.sampled_from([None, "DE", "FR"]),
    gift_card_minor=st.sampled_from([0, 0, 700]),
    store_credit_minor=st.sampled_from([0, 0, 300]),
    order_tags=st.sampled_from([(), ("vip",), ("vip", "new")]),
)
RATES = st.sampled_from(["1", "0.9", "2.5", "0.333"])
WHEN = st.fixed_dictionaries(
    {},
    optional={
        "product": st.sampled_from([["p1"], {"not_in": ["p1"]}]),
        "category": st.sampled_from([["tea"], {"not_in": ["tea"]}]),
        "sku": st.just(["s1"]),
        "order_tag": st.sampled_from([["vip"], {"not_in": ["vip"]}]),
        "customer_tag": st.sampled_from([["gold"], {"not_in": ["gold"]}]),
        "first_order": st.booleans(),
        "place": st.sampled_from([{"at_least": 2}, {"between": [1, 2]}, {"in": [3]}]),
        "order_value": st.sampled_from([{"at_least": Decimal("20")}, {"at_most": 30}, {"between": [10, 40]}]),
        "date": st.sampled_from([{"at_least": "2026-11-21"}, {"at_most": "2026-11-20"}]),
        "source": st.just(["pos"]),
        "currency": st.just(["EUR", "USD"]),
        "country": st.sampled_from([["DE"], {"not_in": ["DE"]}]),
        "tier": st.sampled_from([["gold"], {"not_in": ["gold"]}]),
    },
)
WINDOWS = st.sampled_from(["source", "day", "week", "month", "quarter", "year", "lifetime"])
AWARD = st.one_of(
    st.fixed_dictionaries({"points": st.integers(1, 30)}),
    st.fixed_dictionaries({"per_item": st.integers(1, 9)}),
    st.fixed_dictionaries({"per_unit": RATES}, optional={"step": st.sampled_from([Decimal("5"), 10])}),
    st.fixed_dictionaries(
        {"factor": st.sampled_from(["2", "1.5", "0.5"])}, optional={"lane": st.sampled_from(["tier", "campaign"])}
    ),
)


@st.composite
def rules(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for n in range(draw(st.integers(0, 3))):
        rule = {"id": f"r{n}", **draw(AWARD), "when": draw(WHEN)}
        if "factor" not in rule:
            rule["lane"] = draw(st.sampled_from(["base", "campaign"]))
            if draw(st.booleans()):
                windows = draw(st.lists(WINDOWS, min_size=1, max_size=2, unique=True))
                rule["caps"] = [{"per": window, "points": draw(st.integers(30, 60))} for window in windows]
                if draw(st.integers(0, 3)) == 0:
                    rule["once"] = True
        if draw(st.integers(0, 5)) == 0:
            rule["dry_run"] = True
        if draw(st.integers(0, 4)) == 0:
            rule["from"] = draw(st.sampled_from(["2026-11-21", "2026-11-21T12:00:00+00:00", "2026-11-22"]))
        found.append(rule)
    return found


EARN = st.fixed_dictionaries(
    {"rates": st.fixed_dictionaries({"EUR": RATES}, optional={"USD": RATES, "JPY": RATES})},
    optional={
        "base": st.sampled_from(["net_merchandise", "gross_merchandise", "list_price"]),
        "include_shipping": st.booleans(),
        "exclude": st.lists(
            st.sampled_from(["sale_items", "gift_cards", "gift_card_tender", "store_credit_tender", "redeemed_value"]),
            unique=True,
        ),
        "rounding": st.sampled_from(["floor", "half_up", "ceil", "floor_per_order"]),
        "min_order": st.sampled_from([0, 15]),
        "across": st.sampled_from(["multiply", "add", "best"]),
        "rule_caps": st.sampled_from(["before_factors", "after_factors"]),
        "reverse_on_refund": st.sampled_from(["proportional", "full_only", "never"]),
        "step": st.sampled_from([0, 3]),
        "lanes": st.fixed_dictionaries(
            {},
            optional={
                "base": st.sampled_from(["add", "best"]),
                "campaign": st.sampled_from(["add", "best"]),
                "tier": st.sampled_from(["add", "best", "multiply"]),
            },
        ),
    },
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    general: dict[str, Any] = {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"}
    if draw(st.booleans()):
        general["base_rates"] = {"USD": "0.92"}
    whole: dict[str, Any] = {"schema": 2, "programme": general, "points": {"earn": draw(EARN)}, "rules": draw(rules())}
    if draw(st.booleans()):
        whole["tiers"] = [
            {"id": "member", "qualify": "join"},
            {"id": "gold", "qualify": {"spend": 400}, "multiplier": "1.25"},
        ]
    if draw(st.booleans()):
        whole["caps"] = [{"id": "m", "per": draw(WINDOWS), "points": draw(st.integers(1, 60)), "on": ["order"]}]
    return whole


CONTEXTS = st.builds(
    Context,
    source_ref=st.just(REF),
    programme_version=st.just(1),
    enrolled_at=st.just(AT),
    paid_at=st.just(AT),
    matures_at=st.just(AT),
    decided_at=st.just(AT),
    tier=st.sampled_from([None, "member", "gold"]),
    place=st.integers(1, 3),
    values=st.sampled_from(
        ["{}", '{"tags":["gold"]}', '{"products":{"p1":{"categories":["tea"]},"p2":{"categories":["cups"]}}}']
    ),
)
PAID_WITH = Redemption("0" * 32, "off", "amount", RedemptionState.USED, 100, 1, AT, AT, 400, "EUR", order_ref=REF)


def usable(document: dict[str, Any]) -> Programme:
    """The programme; a document that nobody could save is no example."""
    try:
        return parse_programme(document, 1, AT)
    except ProgrammeError:
        reject()


def granted_by(worth: Worth) -> dict[tuple[str, str], tuple[int, int]]:
    return {(grant.cap_id, grant.window_key): (grant.points, grant.times) for grant in worth.grants}


def terms_of(
    context: Context,
    worth: Worth,
    redeemed: Mapping[str, int],
    room: Mapping[tuple[str, str], tuple[int, int]] | None = None,
) -> Terms:
    day = local_day(context.paid_at, "Europe/Berlin")
    values = json.loads(context.values)
    granted = granted_by(worth)
    taken = dict(room or {})
    for key, (points, times) in granted.items():
        before = taken.get(key, (0, 0))
        taken[key] = (before[0] + points, before[1] + times)
    return Terms(micros(context.paid_at), day, context.tier, context.place, values, granted, redeemed, taken)


@given(documents(), ORDERS, CONTEXTS, st.booleans(), st.integers(0, 40))
def test_any_order_is_worth_the_same_to_both_under_any_document(
    document: dict[str, Any], order: OrderState, context: Context, has_redeemed: bool, taken: int
) -> None:
    programme = usable(document)
    room = {(cap.cap_id, ""): (taken, 1) for cap in programme.caps}
    member = MemberState("m" * 32, AT, redemptions=(PAID_WITH,) if has_redeemed else (), room_taken=room)
    worth = worth_of(SourceState(REF, order, True), context, programme, member)
    redeemed = {"EUR": 400} if has_redeemed else {}
    stored, read = read_order(ENCODER.encode(OrderKnowledge("5", order, AT))), read_document(canonical_json(document))
    terms = terms_of(context, worth, redeemed, room)
    assert order_due(stored, read, terms) == worth.points
    assert not terms.ungranted
    if worth.grants:
        bare = replace(terms, granted={}, taken=room)
        order_due(stored, read, bare)
        assert {(grant.cap_id, grant.window_key) for grant in worth.grants} == set(bare.ungranted)


@given(ORDERS, REFUNDS)
def test_the_share_kept_of_any_order_is_the_same_to_both(order: OrderState, lone: tuple[Refund, ...]) -> None:
    knowledge = OrderKnowledge("5", order, AT, tuple(LoneRefund(refund, AT) for refund in lone))
    effective = knowledge.effective()
    assert effective is not None
    assert share_kept(read_order(ENCODER.encode(knowledge))) == goods.share_kept(effective)


ACTIONS: dict[str, Any] = {
    "review_verified": {"points": 10, "per": "product", "min_chars": 40},
    "review_photo": {"points": 7},
    "helpful_vote": {"points": 1, "per_day": 5, "distinct_voters": True},
    "custom.quiz": {"points": 3, "once": True},
}
ACTIVITIES = st.builds(
    Activity,
    source_ref=st.just("event:a:review:1"),
    activity_id=st.just("1"),
    kind=st.sampled_from(["review", "photo", "helpful_vote", "custom.quiz", "joined", "visit"]),
    status=st.sampled_from(ActivityStatus),
    occurred_at=st.just(AT),
    updated_at=st.just(AT),
    customer_ref=st.just("7"),
    object_id=st.sampled_from([None, "o"]),
    product_id=st.sampled_from([None, "p1"]),
    counterpart=st.sampled_from([None, "c"]),
    values=st.fixed_dictionaries(
        {}, optional={"chars": st.integers(38, 42), "verified": st.booleans(), "pays": st.booleans()}
    ),
)


@given(ACTIVITIES, st.sampled_from(["add", "best"]), st.integers(20, 40), st.booleans())
def test_any_activity_is_worth_the_same_to_both(activity: Activity, lane: str, cap: int, product: bool) -> None:
    document = {
        "schema": 2,
        "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
        "points": {
            "earn": {"lanes": {"base": lane}},
            "start": {"welcome": 20},
            "actions": ACTIONS,
            "limits": {"non_purchase_per_month": cap, "earn_per_day_review": 1},
        },
        "rules": [{"id": "more", "on": "review", "points": 5, "when": {"product": ["p1"]} if product else {}}],
    }
    programme = parse_programme(document, 1, AT)
    context = Context(activity.source_ref, 1, AT, AT, AT, AT)
    source = SourceState(activity.source_ref, None, True, activity)
    worth = worth_of(source, context, programme, MemberState("m" * 32, AT))
    stored = read_activity(msgspec.json.encode(activity))
    terms = terms_of(context, worth, {})
    assert activity_due(stored, read_document(canonical_json(document)), terms) == worth.points
    assert not terms.ungranted


def case(
    net: int, *, earn: dict[str, Any] | None = None, rules: list[dict[str, Any]] | None = None, **changes: Any
) -> int:
    """Points of an order with one line under a small document, by this code alone."""
    document = {
        "schema": 2,
        "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
        "points": {"earn": {"rates": {"EUR": "1"}, **(earn or {})}},
        "rules": rules or [],
    }
    order = OrderState(REF, "5", "7", "EUR", OrderStatus.PAID, "paid", AT, AT, AT, total_minor=net)
    order = replace(order, lines=(Line("1", 2, net, "p1"),), **changes)
    terms = Terms(micros(AT), date(2026, 11, 21), None, 1, {}, {}, {})
    return order_due(
        read_order(ENCODER.encode(OrderKnowledge("5", order, AT))), read_document(canonical_json(document)), terms
    )


@pytest.mark.parametrize(
    ("net", "earn", "rules", "points"),
    [
        (999, {}, [], 9),
        (1000, {}, [], 10),
        (1050, {"rounding": "half_up"}, [], 11),
        (1049, {"rounding": "half_up"}, [], 10),
        (1001, {"rounding": "ceil"}, [], 11),
        (1499, {"min_order": 15}, [], 0),
        (1500, {"min_order": 15}, [], 15),
        (1999, {"step": 5}, [], 15),
        (1000, {}, [{"id": "twice", "factor": 2}], 20),
        (1000, {}, [{"id": "saturday", "factor": 3, "when": {"weekday": ["sat"]}}], 30),
        (1000, {}, [{"id": "sunday", "factor": 3, "when": {"weekday": ["sun"]}}], 10),
        (1000, {}, [{"id": "each", "per_item": 4}], 18),
        (1000, {}, [{"id": "gift", "points": 7, "lane": "campaign"}, {"id": "twice", "factor": 2}], 27),
        (1000, {}, [{"id": "few", "points": 7, "caps": [{"per": "source", "points": 7}]}], 17),
    ],
)
def test_cases_reckoned_by_hand(net: int, earn: dict[str, Any], rules: list[dict[str, Any]], points: int) -> None:
    assert case(net, earn=earn, rules=rules) == points


def test_a_weekday_is_the_same_day_to_both() -> None:
    document = {
        "schema": 2,
        "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
        "points": {"earn": {"rates": {"EUR": "1"}}},
        "rules": [{"id": "saturday", "factor": 3, "when": {"weekday": ["sat"]}}],
    }
    order = OrderState(REF, "5", "7", "EUR", OrderStatus.PAID, "paid", AT, AT, AT, total_minor=1000)
    order = replace(order, lines=(Line("1", 1, 1000),))
    context = Context(REF, 1, AT, AT, AT, AT, None, 1)
    source = SourceState(REF, order, True)
    assert worth_of(source, context, parse_programme(document, 1, AT), MemberState("m" * 32, AT)).points == 30


def test_the_value_of_a_point_is_the_same_to_both() -> None:
    document = {
        "schema": 2,
        "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
        "points": {
            "earn": {"rates": {"EUR": "1"}},
            "redeem": {"steps": [{"points": 100, "value": Decimal("3.00")}, {"points": 250, "value": Decimal("8.00")}]},
        },
    }
    ours = read_document(canonical_json(document)).value_per_point
    assert ours == value_per_point(parse_programme(document, 1, AT)) == Fraction(800, 250)
