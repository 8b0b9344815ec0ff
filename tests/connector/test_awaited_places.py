"""Which of all its member's orders an order is, from what the books and the shops' counts say."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from connector.ingest.awaited_history import settled_of
from connector.ingest.hidden_orders import Counted
from connector.storage.awaited_history import Past
from loyalty_engine.member import Context
from tests.builders import NOW

DAY = timedelta(days=1)
SHOPIFY, WOOCOMMERCE = 1, 2


def ref(name: str, shop: int = SHOPIFY) -> str:
    return f"shopify:{shop}:order:{name}"


def paid(name: str, at: datetime, nth: int | None = None, place: int = 1, shop: int = SHOPIFY) -> Context:
    """nth: as its context has it; 0: it waits; None: it never had to."""
    values = "{}" if nth is None else json.dumps({"nth": nth}, separators=(",", ":"))
    return Context(ref(name, shop), 1, NOW, at, at, at, None, place, values)


def places(past: Past, counts: dict[tuple[int, str], int | None] | None = None, shown: str = "") -> dict[str, int]:
    """counts: of their shops; shown: names of orders that Shopify shows us beyond those that are known."""
    half = {shop for shop, _ in counts} if counts else set()
    settled = settled_of(past, half, {who: counted(past, who, count, shown) for who, count in (counts or {}).items()})
    return {one.source_ref.rpartition(":")[2]: json.loads(one.values)["nth"] for one in settled}


def counted(past: Past, who: tuple[int, str], count: int | None, shown: str) -> Counted | None:
    known = {one for one in past.known | past.worthless if one.startswith(f"shopify:{who[0]}:")}
    return None if count is None else Counted(count, frozenset(known | {ref(name) for name in shown}))


def test_orders_that_wait_together_are_counted_by_date_after_those_before_the_membership() -> None:
    past = Past(1, [paid("c", NOW, 0), paid("b", NOW - DAY, 0)], {ref("a"): NOW - 9 * DAY})
    assert places(past) == {"b": 2, "c": 3}


def test_a_place_that_was_told_is_nobody_elses_however_old_a_later_order_is() -> None:
    assert places(Past(1, [paid("known", NOW, 1), paid("older", NOW - DAY, 0)])) == {"older": 2}
    assert places(Past(1, [paid("known", NOW), paid("older", NOW - DAY, 0)])) == {"older": 2}


def test_a_place_that_a_shops_count_gave_is_not_given_again_when_the_count_lags() -> None:
    told = [paid("b", NOW - DAY, 6), paid("c", NOW, 0)]
    past = Past(1, told, customers=[(SHOPIFY, "7")])
    assert places(past, {(SHOPIFY, "7"): 7}) == {"c": 7}
    assert places(past, {(SHOPIFY, "7"): 6}) == {"c": 7}
    assert places(past, {(SHOPIFY, "7"): 5}) == {"c": 5}
    assert places(Past(1, [paid("b", NOW - DAY, 2), paid("c", NOW, 0)])) == {"c": 3}


def test_an_order_that_was_refused_later_did_not_come_before() -> None:
    past = Past(1, [paid("a", NOW - DAY, 0)], {ref("while-away"): NOW})
    assert places(past) == {"a": 1}


def test_two_accounts_in_one_shop_are_one_customer() -> None:
    decided = [paid("a", NOW - DAY, 0), paid("b", NOW, 0)]
    accounts = [(SHOPIFY, "7"), (SHOPIFY, "8")]
    assert places(Past(1, decided, customers=accounts), {(SHOPIFY, "7"): 1, (SHOPIFY, "8"): 1}) == {"a": 1, "b": 2}
    # Neither account has more orders than we know of both; together they have two more.
    assert places(Past(1, decided, customers=accounts), {(SHOPIFY, "7"): 2, (SHOPIFY, "8"): 2}) == {"a": 3, "b": 4}
    # One that the shop says nothing of may have had any number.
    assert places(Past(1, decided, customers=accounts), {(SHOPIFY, "7"): 2, (SHOPIFY, "8"): None}) == {"a": -1, "b": -1}


def test_each_shop_counts_for_itself() -> None:
    decided = [paid("a", NOW - DAY, 0), paid("b", NOW, 0, shop=WOOCOMMERCE), paid("c", NOW, 0, shop=WOOCOMMERCE)]
    past = Past(1, decided, customers=[(SHOPIFY, "7"), (WOOCOMMERCE, "7")])
    # What is known of one shop hides nothing that the other hides.
    assert places(past, {(SHOPIFY, "7"): 3}) == {"a": 3, "b": 4, "c": 5}


def test_what_a_shop_counts_and_shows_or_we_know_did_not_come_before() -> None:
    past = Past(1, [paid("a", NOW, 0)], customers=[(SHOPIFY, "7")], worthless={ref("cancelled")})
    assert places(past, {(SHOPIFY, "7"): 2}) == {"a": 1}
    # One more whose webhook is on its way, and one whose payment is.
    assert places(past, {(SHOPIFY, "7"): 4}, shown="bc") == {"a": 1}
    assert places(past, {(SHOPIFY, "7"): 4}, shown="ab") == {"a": 2}
