"""What Shopify's orders and customers show of the person behind them. What cannot be read shows nothing."""

from __future__ import annotations

import msgspec

from connector.people.signs import Shown, device, household

TOPICS = ("orders/create", "orders/paid", "orders/updated", "customers/create", "customers/update", "customers/enable")


class _Place(msgspec.Struct, gc=False):
    address1: str | None = None
    address2: str | None = None
    zip: str | None = None
    city: str | None = None
    country_code: str | None = None
    phone: str | None = None

    @property
    def household(self) -> str:
        return household(self.address1, self.address2, self.zip, self.city, self.country_code)


class _Details(msgspec.Struct, gc=False):
    browser_ip: str | None = None
    user_agent: str | None = None


class _Person(msgspec.Struct, gc=False):
    """An order, or a customer: fields that the other has not are empty."""

    email: str | None = None
    contact_email: str | None = None
    phone: str | None = None
    billing_address: _Place | None = None
    shipping_address: _Place | None = None
    default_address: _Place | None = None
    browser_ip: str | None = None
    client_details: _Details | None = None


_PERSON = msgspec.json.Decoder(_Person)


def shown(topic: str, raw: bytes) -> Shown:
    """What a payload shows. Orders that we read ourselves have none of it: their webhook did."""
    if topic not in TOPICS:
        return Shown()
    try:
        body = _PERSON.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Shown()
    places = [place for place in (body.shipping_address, body.billing_address, body.default_address) if place]
    details = body.client_details or _Details()
    ip = body.browser_ip or details.browser_ip or ""
    return Shown(
        address=body.email or body.contact_email or "",
        household=next((place.household for place in places if place.household), ""),
        phone=body.phone or next((place.phone for place in places if place.phone), ""),
        device=device(ip, details.user_agent),
        ip=ip,
    )
