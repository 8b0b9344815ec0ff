"""Carts with what the engine gives for them, for whatever else reckons points: the plugin in the shop does.

`python -m tests.connector.earn_vectors` writes tests/data/earn_vectors.json anew; a test compares it with what the
engine says now. Each case has the part of the summary that a store needs, a cart in the words of the plugin, and the
least and the most points over everything that a store cannot know: which order of the member it is, how full a limit
is, how the shop groups its customer, what of the coupons points paid for.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product as all_of
from pathlib import Path
from typing import Any

from connector.snapshot.programme import programme_summary
from connector.snapshot.views import utc_text
from loyalty_engine.days import local_day
from loyalty_engine.earning.caps import window_key
from loyalty_engine.earning.evaluate import first_context, worth_of
from loyalty_engine.facts import Line, OrderState, OrderStatus, Price, Product
from loyalty_engine.member import Context, MemberState, Redemption, RedemptionState, SourceState
from loyalty_engine.money import THREE_DECIMALS, TWO_DECIMALS, ZERO_DECIMALS
from loyalty_engine.programme.model import ORDER, Programme, Rulebook, Window
from tests.connector.earn_cart import Bought, Case
from tests.connector.earn_cases import named_cases, random_case
from tests.engine.builders import a_redemption
from tests.engine.earning import member

FILE = Path(__file__).parents[1] / "data" / "earn_vectors.json"
SEED = 20261127
RANDOM_CASES = 150
PLACES = (0, 1, 4)
TAGS: tuple[tuple[str, ...], ...] = ((), ("wholesale",))


def document() -> dict[str, Any]:
    """All of the file."""
    chance = random.Random(SEED)
    cases = [*named_cases(), *(random_case(chance, f"random {number}") for number in range(RANDOM_CASES))]
    places = ((0, ZERO_DECIMALS), (2, TWO_DECIMALS), (3, THREE_DECIMALS))
    return {
        "places": {currency: number for number, listed in places for currency in sorted(listed)},
        "cases": [vector(case) for case in cases],
    }


def written(found: dict[str, Any]) -> str:
    """One case a line, so that a difference names it."""
    cases = ",\n".join(json.dumps(case, separators=(",", ":"), sort_keys=True) for case in found["cases"])
    places = json.dumps(found["places"], separators=(",", ":"), sort_keys=True)
    return f'{{"places":{places},\n"cases":[\n{cases}\n]}}\n'


def vector(case: Case) -> dict[str, Any]:
    points = sorted(points_of(case))
    whole = json.loads(programme_summary(case.programme, 1, case.now))
    summary = {name: whole[name] for name in ("schema", "timezone", "currency", "earn", "dropped")}
    summary["tiers"] = [{"id": tier["id"], "rank": tier["rank"]} for tier in whole["tiers"]]
    return {
        "name": case.name,
        "now": utc_text(case.now),
        "summary": summary,
        "tier": case.tier,
        "basket": case.basket(),
        "points": [points[0], points[-1]],
        "tight": case.is_tight,
    }


def points_of(case: Case) -> Iterator[int]:
    """What the engine gives, for every member that a store cannot tell apart."""
    redeemed = (0, case.coupons_minor) if case.coupons_minor else (0,)
    countries = case.countries or ("DE", "US")
    choices = all_of(PLACES, TAGS, (False, True), redeemed, case.channels, countries)
    for places, tags, is_full, paid, channel, country in choices:
        order = replace(_order(case), channel=channel, country=country)
        buyer = replace(member(case.tier), places=places, tags=tags)
        if is_full:
            buyer = replace(buyer, room_taken=_no_room(case.programme, case.now))
        if paid:
            buyer = replace(buyer, redemptions=(_used(order, paid),))
        yield _points(case, order, buyer)


def _points(case: Case, order: OrderState, buyer: MemberState) -> int:
    products = {bought.product: _product(bought, case.currency) for bought in case.bought}
    source = SourceState(order.source_ref, order, belongs=True, products=products)
    context = first_context(source, buyer, Rulebook((case.programme,)), case.now)
    return worth_of(source, context, case.programme, buyer).points if isinstance(context, Context) else 0


def _order(case: Case) -> OrderState:
    return OrderState(
        source_ref="woocommerce:1:order:1",
        order_id="1",
        customer_ref="7",
        currency=case.currency,
        status=OrderStatus.PAID,
        shop_status="processing",
        updated_at=case.now,
        created_at=case.now,
        paid_at=case.now,
        total_minor=case.total_minor - case.gift_card_minor - case.store_credit_minor,
        shipping_minor=case.shipping_minor,
        gift_card_minor=case.gift_card_minor,
        store_credit_minor=case.store_credit_minor,
        tender_outside_minor=case.gift_card_minor + case.store_credit_minor,
        lines=tuple(_line(number, bought) for number, bought in enumerate(case.bought)),
    )


def _line(number: int, bought: Bought) -> Line:
    return Line(
        line_id=str(number),
        quantity=bought.quantity,
        net_minor=bought.net_minor,
        product_id=bought.product,
        is_gift_card=bought.is_gift_card,
        tax_minor=bought.tax_minor,
        list_minor=bought.list_minor,
        sku=bought.sku,
        variant_id=bought.variant,
        shelf_minor=bought.shelf_minor,
    )


def _product(bought: Bought, currency: str) -> Product:
    prices = {}
    if bought.sale:
        prices[bought.variant or bought.product] = Price(currency, *bought.sale)
    return Product(bought.product, categories=bought.categories, tags=bought.tags, prices=prices)


def _no_room(programme: Programme, now: datetime) -> dict[tuple[str, str], tuple[int, int]]:
    day = local_day(now, programme.timezone)
    caps = [cap for rule in programme.rules for cap in rule.caps]
    caps += [cap for cap in programme.caps if ORDER in cap.triggers]
    return {(cap.cap_id, window_key(cap, day, None)): (10**9, 10**9) for cap in caps if cap.window is not Window.SOURCE}


def _used(order: OrderState, paid: int) -> Redemption:
    return a_redemption(
        100,
        state=RedemptionState.USED,
        order_ref=order.source_ref,
        value_minor=paid,
        currency=order.currency,
        expires_at=order.created_at + timedelta(days=1),
    )


if __name__ == "__main__":
    FILE.write_text(written(document()), encoding="utf-8")
