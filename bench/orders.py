"""Orders as Shopify sends them, invented, the same for the same seed: the payloads of every benchmark."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from loyalty_engine.money import decimal_from_minor

CURRENCY = "EUR"
FIRST_ORDER = 5_100_000_000_000
FIRST_CUSTOMER = 7_200_000_000_000
SINCE = datetime(2026, 9, 1, tzinfo=UTC)
SECONDS = 80 * 24 * 3600
HTTP_BYTES = 8900
WORDS = "tea cup kettle tin spoon oolong sencha matcha filter gift jar linen tray bowl honey".split()

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """One order: its numbers, and the body of its webhook."""

    order_id: int
    customer_id: int
    raw: bytes


def customer_id(number: int) -> int:
    """The shop's id of the n-th customer, all of one length."""
    return FIRST_CUSTOMER + number


def orders(count: int, customers: int, seed: int) -> list[Order]:
    """Paid orders of 2 to 4 lines, about 8.9 KB each, by customers drawn at random."""
    return list(each_order(count, customers, seed))


def each_order(count: int, customers: int, seed: int) -> Iterator[Order]:
    """The same, one by one."""
    chance = random.Random(seed)
    for number in range(count):
        yield _order(chance, FIRST_ORDER + number, customer_id(chance.randrange(customers)))


def fixed_order(seed: int) -> Order:
    """One order of exactly HTTP_BYTES."""
    chance = random.Random(seed)
    body = _body(chance, FIRST_ORDER, customer_id(0), lines=2)
    body["note"] = ""
    body["note"] = "n" * (HTTP_BYTES - len(_encoded(body)))
    return Order(FIRST_ORDER, customer_id(0), _encoded(body))


def _order(chance: random.Random, order_id: int, customer: int) -> Order:
    return Order(order_id, customer, _encoded(_body(chance, order_id, customer, chance.randint(2, 4))))


def _encoded(body: Body) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


_PLAIN: Body = {
    "app_id": 580111,
    "browser_ip": "192.0.2.7",
    "buyer_accepts_marketing": False,
    "cancel_reason": None,
    "cancelled_at": None,
    "closed_at": None,
    "confirmed": True,
    "customer_locale": "de",
    "discount_codes": [],
    "duties_included": False,
    "estimated_taxes": False,
    "financial_status": "paid",
    "fulfillment_status": None,
    "note": None,
    "note_attributes": [],
    "original_total_additional_fees_set": None,
    "original_total_duties_set": None,
    "source_name": "web",
    "tags": "tea, returning",
    "tax_exempt": False,
    "tax_lines": [],
    "taxes_included": False,
    "test": False,
    "total_outstanding": "0.00",
    "total_tip_received": "0.00",
    "user_id": None,
    "discount_applications": [],
    "fulfillments": [],
    "refunds": [],
}
"""What is the same in every order."""


def _body(chance: random.Random, order_id: int, customer: int, lines: int) -> Body:
    placed = SINCE + timedelta(seconds=chance.randrange(SECONDS))
    moment = placed.isoformat()
    sold = [_line(chance, order_id * 10 + number) for number in range(lines)]
    goods = sum(int(line["price"].replace(".", "")) * line["quantity"] for line in sold)
    shipping = 490
    return {
        **_PLAIN,
        "id": order_id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order_id}",
        "cart_token": f"{chance.getrandbits(128):032x}",
        "checkout_id": chance.getrandbits(44),
        "checkout_token": f"{chance.getrandbits(128):032x}",
        "client_details": {
            "accept_language": "de-DE",
            "browser_ip": "192.0.2.7",
            "session_hash": None,
            "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140",
        },
        "confirmation_number": f"{chance.getrandbits(36):09X}",
        "contact_email": f"shopper{customer}@example.test",
        "created_at": moment,
        "currency": CURRENCY,
        **_money("current_subtotal_price", goods),
        **_money("current_total_discounts", 0),
        **_money("current_total_price", goods + shipping),
        **_money("current_total_tax", 0),
        "email": f"shopper{customer}@example.test",
        "landing_site": "/products/" + "-".join(chance.choices(WORDS, k=3)),
        "name": f"#{order_id - FIRST_ORDER + 1001}",
        "number": order_id - FIRST_ORDER + 1,
        "order_number": order_id - FIRST_ORDER + 1001,
        "order_status_url": f"https://shop.example/orders/{chance.getrandbits(128):032x}",
        "payment_gateway_names": ["bogus"],
        "presentment_currency": CURRENCY,
        "processed_at": moment,
        **_money("subtotal_price", goods),
        **_money("total_discounts", 0),
        **_money("total_line_items_price", goods),
        **_money("total_price", goods + shipping),
        "total_shipping_price_set": _set(shipping),
        **_money("total_tax", 0),
        "updated_at": moment,
        "billing_address": _address(chance),
        "customer": _customer(chance, customer, moment),
        "line_items": sold,
        "shipping_address": _address(chance),
        "shipping_lines": [_shipping(order_id, shipping)],
    }


def _line(chance: random.Random, line_id: int) -> Body:
    words = chance.choices(WORDS, k=3)
    quantity = chance.randint(1, 3)
    return {
        "id": line_id,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{line_id}",
        "attributed_staffs": [],
        "current_quantity": quantity,
        "fulfillable_quantity": quantity,
        "fulfillment_service": "manual",
        "fulfillment_status": None,
        "gift_card": False,
        "grams": chance.randint(40, 900),
        "name": " ".join(words).title() + " - 100 g",
        **_money("price", chance.randint(390, 7900)),
        "product_exists": True,
        "product_id": 6_000_000_000_000 + chance.randrange(5000),
        "properties": [{"name": "gift_note", "value": " ".join(chance.choices(WORDS, k=6))}],
        "quantity": quantity,
        "requires_shipping": True,
        "sku": "-".join(words).upper(),
        "taxable": True,
        "title": " ".join(words).title(),
        **_money("total_discount", 0),
        "variant_id": 40_000_000_000_000 + chance.randrange(9000),
        "variant_inventory_management": "shopify",
        "variant_title": "100 g",
        "vendor": "Tea and Sons",
        "tax_lines": [
            {"channel_liable": False, "price": "0.00", "price_set": _set(0), "rate": 0.19, "title": "VAT"},
        ],
        "duties": [],
        "discount_allocations": [],
    }


def _shipping(order_id: int, minor: int) -> Body:
    return {
        "id": order_id + 31,
        "carrier_identifier": None,
        "code": "Standard",
        **_money("discounted_price", minor),
        "is_removed": False,
        "phone": None,
        **_money("price", minor),
        "requested_fulfillment_service_id": None,
        "source": "shopify",
        "title": "Standard",
        "tax_lines": [],
        "discount_allocations": [],
    }


def _customer(chance: random.Random, customer: int, moment: str) -> Body:
    return {
        "id": customer,
        "email": f"shopper{customer}@example.test",
        "created_at": moment,
        "updated_at": moment,
        "first_name": "Ada",
        "last_name": "Example",
        "state": "enabled",
        "note": None,
        "verified_email": True,
        "multipass_identifier": None,
        "tax_exempt": False,
        "phone": None,
        "currency": CURRENCY,
        "tax_exemptions": [],
        "admin_graphql_api_id": f"gid://shopify/Customer/{customer}",
        "default_address": _address(chance),
    }


def _address(chance: random.Random) -> Body:
    return {
        "first_name": "Ada",
        "last_name": "Example",
        "name": "Ada Example",
        "address1": f"{chance.choice(WORDS).title()} Street {chance.randint(1, 200)}",
        "address2": None,
        "phone": None,
        "city": "Sampleton",
        "zip": f"{chance.randint(10000, 99999)}",
        "province": None,
        "country": "Germany",
        "company": None,
        "latitude": 52.5,
        "longitude": 13.4,
        "country_code": "DE",
        "province_code": None,
    }


def _money(name: str, minor: int) -> Body:
    return {name: decimal_from_minor(minor, CURRENCY), f"{name}_set": _set(minor)}


def _set(minor: int) -> Body:
    money = {"amount": decimal_from_minor(minor, CURRENCY), "currency_code": CURRENCY}
    return {"shop_money": money, "presentment_money": money}
