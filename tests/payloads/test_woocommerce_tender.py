"""What gift cards and store credit paid of a WooCommerce order, in every way that extensions tell it or do not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from msgspec import Raw

from connector.ingest.payload import NULL, Amounts
from connector.woocommerce.normalise_refund import Meta
from connector.woocommerce.normalise_tender import Paid, Tender, tender_of

EUR = Amounts("order", "EUR")
PLAIN = Paid("bacs", 10_000, 10_000, 0, 4, NULL, ())
"""100.00 of money for 100.00."""


def told(meta: dict[str, str] | None = None, gift_cards: str = "null", **changes: Any) -> Tender:
    """What is found where meta (values as JSON) and ``gift_cards`` say so."""
    settings = changes.pop("settings", {})
    rows = [Meta(key, Raw(value.encode())) for key, value in (meta or {}).items()]
    return tender_of(replace(PLAIN, meta=rows, gift_cards=Raw(gift_cards.encode()), **changes), settings, EUR)


@pytest.mark.parametrize(
    ("meta", "gift_cards", "changes", "expected"),
    [
        ({}, "null", {}, Tender()),
        ({}, '[{"id":1,"code":"A","amount":"30.00"}]', {"total": 7000}, Tender(3000, 0, 3000)),
        ({}, '[{"amount":"30.00"},{"amount":12.5}]', {"total": 5750}, Tender(4250, 0, 4250)),
        # The whole order; and an extension that leaves the total as it is.
        ({}, '[{"amount":"100.00"}]', {"total": 0}, Tender(10_000, 0, 10_000)),
        ({}, '[{"amount":"30.00"}]', {}, Tender(3000, 0, 0)),
        ({"_ywgc_applied_gift_cards": '{"1234":30}'}, "null", {"total": 7000}, Tender(3000, 0, 3000)),
        ({"_ywgc_applied_gift_cards": '{"1234":"30.00","5678":"5"}'}, "null", {"total": 6500}, Tender(3500, 0, 3500)),
        ({"_ywgc_applied_gift_cards": "[]"}, "null", {}, Tender()),
        # The same extension may book its cards as a fee: then they are a discount of the goods already.
        (
            {"_ywgc_applied_gift_cards": '{"1234":30}', "ywgc_gift_card_updated_as_fee": '"1"'},
            "null",
            {"total": 7000, "parts": 7000},
            Tender(),
        ),
        ({"_funds_used": '"25.00"'}, "null", {"total": 7500}, Tender(0, 2500, 2500)),
        ({}, "null", {"wallet": 2500, "total": 7500}, Tender(0, 2500, 2500)),
        ({}, "null", {"method": "wallet"}, Tender(0, 10_000, 0)),
        ({"_funds_used": '"100.00"'}, "null", {"method": "accountfunds"}, Tender(0, 10_000, 0)),
        ({"_funds_used": '"100.00"'}, "null", {"method": "accountfunds", "total": 0}, Tender(0, 10_000, 10_000)),
        # Both at once.
        ({"_funds_used": '"25.00"'}, '[{"amount":"30.00"}]', {"total": 4500}, Tender(3000, 2500, 5500)),
    ],
)
def test_what_extensions_tell(meta: dict[str, str], gift_cards: str, changes: dict[str, Any], expected: Tender) -> None:
    assert told(meta, gift_cards, **changes) == expected


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (-1, Tender()),
        (3, Tender()),
        (4, Tender()),
        (5, Tender(5, 0, 5, ("tender-worked-out",))),
        (3000, Tender(3000, 0, 3000, ("tender-worked-out",))),
    ],
)
def test_what_the_total_lacks_was_paid_by_something_that_tells_nothing(gap: int, expected: Tender) -> None:
    assert told(total=10_000 - gap) == expected


def test_what_is_known_is_not_counted_twice_and_the_rest_is_worked_out() -> None:
    found = told({"_funds_used": '"25.00"'}, total=5000)
    assert found == Tender(2500, 2500, 5000, ("tender-worked-out",))


@pytest.mark.parametrize("value", ['"gift"', '{"a":{"b":{"c":{"d":1}}}}', "true", '"-5.00"', '[["1e9"]]', '"1,50"'])
def test_what_cannot_be_read_is_left_out_and_said(value: str) -> None:
    assert told({"_funds_used": value}) == Tender(notes=("tender-unknown",))
    # Where the total tells it, nothing is unknown.
    assert told({"_funds_used": value}, total=7000) == Tender(3000, 0, 3000, ("tender-worked-out",))


def test_merchants_name_what_their_own_extensions_write() -> None:
    settings = {
        "gift_card_meta": "cards, more_cards",
        "store_credit_meta": "",
        "store_credit_methods": "bonus_pot",
    }
    meta = {"cards": '"10.00"', "more_cards": '"5.00"', "_funds_used": '"20.00"'}
    assert told(meta, settings=settings) == Tender(1500, 0, 0)
    assert told(meta, settings=settings, method="bonus_pot") == Tender(1500, 10_000, 0)
    assert told(method="wallet", settings=settings) == Tender()
