"""Which programmes and carts the vectors are made of: those with a name, and as many as chance brings."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from loyalty_engine.programme.model import (
    ORDER,
    Basis,
    Cap,
    Combine,
    Condition,
    EarnPolicy,
    Lane,
    Programme,
    Rounding,
    Rule,
    WindDown,
    Window,
)
from tests.connector.earn_cart import NOON, Bought, Case
from tests.engine.earning import TIERS, factor, fixed, per_amount, per_item, programme, when

TEA = Bought(2_500, 1, 475, 2_500, 2_975, categories=("tea",), tags=("new",), sku="T-1")
POT = Bought(3_999, 1, 760, 4_999, 5_949, product="12", variant="13", categories=("pots", "gifts"))
OLD = Bought(1_000, 2, 190, 1_000, 1_190, sale=(900, 600), product="14", categories=("tea",))
CARD = Bought(5_000, 1, 0, 5_000, 5_000, is_gift_card=True, product="15")
ALL = (TEA, POT, OLD, CARD)
EVERYTHING = frozenset({"sale_items", "gift_cards", "gift_card_tender", "store_credit_tender", "redeemed_value"})
SOURCE, MONTH = Window.SOURCE, Window.MONTH


def plain(**policy: Any) -> Programme:
    """One point per euro."""
    return programme(per_amount(), earn=EarnPolicy(**policy))


def named_cases() -> Iterator[Case]:
    """Each of the arithmetic's turns once."""
    yield from _amounts()
    yield from _conditions()
    yield from _lanes_and_caps()
    yield from _products()


def _amounts() -> Iterator[Case]:
    yield Case("one point per euro, rounded down", plain(), ALL)
    for how in Rounding:
        yield Case(f"rounding {how}", plain(rounding=how), (POT, TEA))
    for basis in Basis:
        yield Case(f"basis {basis}", plain(basis=basis), ALL)
        yield Case(f"basis {basis}, coupons of which some may be points", plain(basis=basis), ALL, coupons_minor=1_234)
        free = plain(basis=basis, excludes=frozenset())
        yield Case(f"basis {basis}, where points earn again", free, ALL, coupons_minor=1_234)
    for excluded in sorted(EVERYTHING):
        cart: dict[str, Any] = {"gift_card_minor": 2_000, "store_credit_minor": 700, "shipping_minor": 490}
        policy = plain(excludes=frozenset({excluded}), include_shipping=True)
        yield Case(f"without {excluded}", policy, ALL, **cart)
    yield Case("all paid by gift card", plain(), (TEA,), gift_card_minor=2_975)
    yield Case("shipping earns too", plain(include_shipping=True), (TEA,), shipping_minor=499)
    yield Case("not for a rule on lines", _only_tea(include_shipping=True), ALL, shipping_minor=499)
    yield Case("at the minimum", plain(minimum_minor=2_500), (TEA,))
    yield Case("a cent below the minimum", plain(minimum_minor=2_501), (TEA,))
    yield Case("nothing in it", plain(), ())
    yield Case("goods that cost nothing", programme(per_item(5)), (Bought(product="16"),))
    yield Case("steps of five", programme(per_amount("1/5", step_minor=500)), (POT,))
    yield Case("a rate with many places", programme(per_amount("0.0333")), ALL)
    yield Case("points for each piece", programme(per_item(7)), ALL)
    for currency, amount in (("JPY", 2_500), ("KWD", 12_345), ("USD", 2_500)):
        yield Case(
            f"a rate for {currency}", programme(per_amount("3/2", currency=currency)), (Bought(amount),), currency
        )
    yield Case("no rate for the currency", plain(), (TEA,), "USD")
    yield Case("as much as there can be", programme(per_amount("100")), (Bought(10**15),))
    yield Case("more points than possible", programme(per_amount("1000")), (Bought(10**15),), is_tight=False)
    over = WindDown(NOON, NOON + timedelta(days=90))
    yield Case("the programme has ended", replace(plain(), wind_down=over), (TEA,))
    later = WindDown(NOON + timedelta(seconds=1), NOON + timedelta(days=90))
    yield Case("it ends in a second", replace(plain(), wind_down=later), (TEA,))


def _only_tea(**policy: Any) -> Programme:
    return programme(per_amount(conditions=when("category", "in", "tea")), earn=EarnPolicy(**policy))


CONDITIONS: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("category", "in", ("tea",)),
    ("category", "not_in", ("tea",)),
    ("product_tag", "in", ("new", "other")),
    ("product_tag", "not_in", ("new",)),
    ("product", "in", ("12", "14")),
    ("product", "not_in", ("11",)),
    ("variant", "in", ("13",)),
    ("variant", "not_in", ("13",)),
    ("sku", "in", ("T-1",)),
    ("sku", "not_in", ("T-1",)),
    ("collection", "in", ("tea",)),
    ("collection", "not_in", ("tea",)),
    ("order_tag", "in", ("vip",)),
    ("order_tag", "not_in", ("vip",)),
    ("customer_tag", "in", ("wholesale",)),
    ("customer_tag", "not_in", ("wholesale",)),
    ("tier", "in", ("gold",)),
    ("tier", "not_in", ("gold",)),
    ("source", "in", ("web", "pos")),
    ("source", "in", ("pos",)),
    ("source", "not_in", ("pos",)),
    ("source", "not_in", ("web",)),
    ("currency", "in", ("EUR",)),
    ("currency", "not_in", ("EUR",)),
    ("country", "in", ("DE", "AT")),
    ("country", "not_in", ("DE",)),
    ("weekday", "in", ("fri",)),
    ("weekday", "not_in", ("fri", "sat")),
    ("first_order", "in", (True,)),
    ("first_order", "in", (False,)),
    ("place", "in", (2,)),
    ("place", "at_least", (5,)),
    ("order_value", "at_least", (8_499,)),
    ("order_value", "at_least", (8_500,)),
    ("order_value", "at_most", (8_499,)),
    ("order_value", "between", (1_000, 7_499)),
    ("order_value", "between", (7_499, 9_000)),
    ("date", "in", (date(2026, 11, 27),)),
    ("date", "at_least", (date(2026, 11, 28),)),
    ("date", "between", (date(2026, 11, 1), date(2026, 11, 30))),
)


def _conditions() -> Iterator[Case]:
    for name, operator, values in CONDITIONS:
        condition = Condition(name, operator, values)
        awards = [
            replace(award, conditions=(condition,))
            for award in (fixed(50), per_item(3), per_amount("2", "more"), factor("2"))
        ]
        rules = programme(per_amount(), *awards, tiers=TIERS)
        yield Case(f"where {name} {operator} {values}", rules, ALL, tier="gold")
    for tier in (None, "member", "silver", "gold"):
        yield Case(f"in tier {tier}", programme(per_amount(), tiers=TIERS), ALL, tier=tier)
    for starts, ends, what in (
        (0, 60, "from now"),
        (-60, 0, "until now"),
        (1, 60, "soon"),
        (-60, 1, "one second more"),
    ):
        begins, ends_at = NOON + timedelta(seconds=starts), NOON + timedelta(seconds=ends)
        bonus = fixed(50, starts_at=begins, ends_at=ends_at)
        yield Case(f"a window {what}", programme(per_amount(), bonus), (TEA,))
    eve = NOON.replace(hour=23, minute=30)
    saturday = programme(per_amount(), fixed(50, conditions=when("weekday", "in", "sat")))
    yield Case("saturday in Berlin, friday in UTC", saturday, (TEA,), now=eve)
    two = programme(per_amount(), factor("2", "one", conditions=when("first_order", "in", True)), factor("3"))
    yield Case("a factor that is sure and one that is not", two, (TEA,))
    both = (*when("category", "in", "tea"), *when("product_tag", "in", "new"))
    yield Case("two conditions on lines", programme(per_amount(conditions=both)), ALL)


def _lanes_and_caps() -> Iterator[Case]:
    items, tea = per_item(40), per_amount("2", "tea", conditions=when("category", "in", "tea"))
    extra = (fixed(10, "ten", lane=Lane.CAMPAIGN), fixed(25, "more", lane=Lane.CAMPAIGN))
    factors = (factor("3/2", "tier-more", Lane.TIER), factor("2", "double"), factor("1/2", "half"))
    for how in (Combine.ADD, Combine.BEST):
        for across in Combine:
            lanes = {Lane.BASE: how, Lane.TIER: how, Lane.CAMPAIGN: how}
            policy = EarnPolicy(lanes=lanes, across=across)
            rules = programme(per_amount(), items, tea, *extra, *factors, earn=policy, tiers=TIERS)
            yield Case(f"lanes {how}, across {across}", rules, ALL, tier="silver")
    yield Case("lanes that are not written", programme(per_amount(), *extra, earn=EarnPolicy(lanes={})), (TEA,))
    for after in (True, False):
        for cap in (Cap("most", SOURCE, 30), Cap("month", MONTH, 30), Cap("twice", MONTH, times=2)):
            policy = EarnPolicy(caps_after_factors=after)
            capped = programme(per_amount(caps=(cap,)), items, factor("2"), earn=policy, tiers=TIERS)
            what = f"a rule's cap {cap.cap_id}, {'after' if after else 'before'} factors"
            yield Case(what, capped, ALL, tier="gold", is_tight=False)
    no_factor = programme(per_amount(caps=(Cap("most", SOURCE, 30),)), items)
    yield Case("a rule's cap where nothing multiplies", no_factor, ALL)
    for cap in (
        Cap("all", SOURCE, 20, triggers=frozenset({ORDER})),
        Cap("all", MONTH, 20, triggers=frozenset({ORDER})),
    ):
        yield Case(f"a cap over all, {cap.window}", replace(plain(), caps=(cap,)), ALL)
    best = {Lane.BASE: Combine.BEST}
    rules = programme(per_amount(caps=(Cap("most", SOURCE, 30),)), per_item(9), earn=EarnPolicy(lanes=best))
    yield Case("the best under caps", rules, ALL)


def _products() -> Iterator[Case]:
    """One product alone, by whatever order: never more than it earns if nothing else is bought."""
    alone: dict[str, Any] = {"is_whole": False, "countries": ()}
    yield Case("a product", plain(), (TEA,), **alone)
    yield Case("a product on sale, which earns nothing", plain(excludes=EVERYTHING), (OLD,), **alone)
    yield Case("a product of a category", _only_tea(), (TEA,), **alone)
    yield Case("a product of another", _only_tea(), (POT,), **alone)
    bonus = programme(per_amount(), fixed(50, conditions=when("product", "in", "11")))
    yield Case("a bonus for this product", bonus, (TEA,), **alone)
    whole = programme(per_amount(), fixed(50))
    yield Case("a bonus for the order is not the product's", whole, (TEA,), **alone, is_tight=False)
    yield Case("below the minimum of an order", plain(minimum_minor=2_501), (TEA,), **alone, is_tight=False)
    yield Case("at the minimum of an order", plain(minimum_minor=2_500), (TEA,), **alone)
    far = programme(per_amount(), per_item(9, conditions=when("country", "in", "DE")))
    yield Case("a country nobody knows", far, (TEA,), **alone)
    value = when("order_value", "at_least", 2_500)
    yield Case("an order value that it has", programme(per_amount(), factor("2", conditions=value)), (TEA,), **alone)


def random_case(chance: random.Random, name: str) -> Case:
    """Anything that the arithmetic knows, together."""
    count = chance.choice((1, 1, 2, 3))
    currency = chance.choice(("EUR", "EUR", "EUR", "JPY", "KWD"))
    is_whole = chance.random() < 0.75
    bought = tuple(_bought(chance, number) for number in range(count if is_whole else 1))
    goods = sum(one.net_minor + one.tax_minor for one in bought)
    more: dict[str, Any] = {"countries": ()}
    if is_whole:
        more = {
            "shipping_minor": chance.choice((0, 490, 1)),
            "coupons_minor": chance.choice((0, 0, 333)),
            "gift_card_minor": chance.choice((0, 0, 0, goods // 3)),
            "store_credit_minor": chance.choice((0, 0, 0, goods // 7)),
            "countries": chance.choice((("DE",), ("US",), ("DE", "US"))),
        }
    tier = chance.choice((None, "member", "silver", "gold"))
    rules = _programme(chance, currency)
    return Case(
        name, rules, bought, currency, tier=tier, is_whole=is_whole, is_tight=False, **({"countries": ()} | more)
    )


def _bought(chance: random.Random, number: int) -> Bought:
    quantity = chance.choice((1, 1, 2, 5))
    listed = chance.choice((0, 1, 99, 100, 1_250, 4_999, 99_999, 1_234_567)) * quantity
    net = listed - listed * chance.choice((0, 0, 10, 33)) // 100
    tax = net * chance.choice((0, 7, 19)) // 100
    shelf = listed + listed * 19 // 100
    regular = shelf // quantity + chance.choice((0, 50, 2_000))
    return Bought(
        net,
        quantity,
        tax,
        listed,
        shelf,
        chance.choice((None, None, (regular, regular * 3 // 4))) if regular else None,
        chance.random() < 0.1,
        str(11 + number),
        chance.choice((None, str(31 + number))),
        chance.choice((None, "T-1")),
        chance.choice(((), ("tea",), ("pots", "tea"))),
        chance.choice(((), ("new",))),
    )


def _programme(chance: random.Random, currency: str) -> Programme:
    policy = EarnPolicy(
        basis=chance.choice(list(Basis)),
        include_shipping=chance.random() < 0.3,
        excludes=frozenset(name for name in sorted(EVERYTHING) if chance.random() < 0.6),
        rounding=chance.choice(list(Rounding)),
        minimum_minor=chance.choice((0, 0, 0, 1_000)),
        lanes={lane: chance.choice((Combine.ADD, Combine.BEST)) for lane in Lane if chance.random() < 0.7},
        across=chance.choice(list(Combine)),
        caps_after_factors=chance.random() < 0.5,
    )
    rules = [_rule(chance, currency, number) for number in range(chance.choice((1, 2, 3, 4)))]
    over_all = Cap("all", chance.choice((SOURCE, MONTH)), chance.choice((5, 500)), triggers=frozenset({ORDER}))
    caps = (over_all,) if chance.random() < 0.15 else ()
    return programme(*rules, earn=policy, tiers=TIERS if chance.random() < 0.7 else (), caps=caps)


def _rule(chance: random.Random, currency: str, number: int) -> Rule:
    name = f"rule-{number}"
    lane = chance.choice((Lane.BASE, Lane.BASE, Lane.CAMPAIGN))
    more: dict[str, Any] = {"priority": chance.choice((0, 1))}
    if chance.random() < 0.5:
        conditions = [Condition(*chance.choice(CONDITIONS)) for _ in range(chance.choice((1, 1, 2)))]
        more["conditions"] = tuple(conditions)
    if chance.random() < 0.2:
        more["caps"] = (Cap(name, chance.choice((SOURCE, MONTH)), chance.choice((1, 30, 1_000))),)
    if number and chance.random() < 0.4:
        more.pop("caps", None)
        ratio = chance.choice(("2", "3/2", "1/3", "11/10", "0"))
        return factor(ratio, name, chance.choice((Lane.TIER, Lane.CAMPAIGN)), **more)
    kind = chance.choice(("amount", "amount", "amount", "item", "fixed"))
    if kind == "item":
        return per_item(chance.choice((0, 1, 7)), name, lane=lane, **more)
    if kind == "fixed":
        return fixed(chance.choice((10, 250)), name, lane=lane, **more)
    rate = str(Fraction(chance.choice(("1", "2", "1/3", "0.05", "12.5", "7/9"))))
    return per_amount(rate, name, currency, chance.choice((0, 0, 500)), lane=lane, **more)
