"""What WooCommerce's orders and customers show of the person behind them. What cannot be read shows nothing."""

from __future__ import annotations

import msgspec

from connector.people.signs import Shown, device, household
from connector.platforms import FETCHED_ORDER

ORDERS = ("order.created", "order.updated", "order.restored")
CUSTOMERS = ("customer.created", "customer.updated", "plugin/customer")


class _Place(msgspec.Struct, gc=False):
    email: str | None = None
    phone: str | None = None
    address_1: str | None = None
    address_2: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None

    @property
    def household(self) -> str:
        return household(self.address_1, self.address_2, self.postcode, self.city, self.country)


class _Person(msgspec.Struct, gc=False):
    """An order, or a customer: fields that the other has not are empty."""

    email: str | None = None
    billing: _Place | None = None
    shipping: _Place | None = None
    customer_ip_address: str | None = None
    customer_user_agent: str | None = None


class _Read(msgspec.Struct, gc=False):
    order: _Person


_PERSON = msgspec.json.Decoder(_Person)
_READ = msgspec.json.Decoder(_Read)


def shown(topic: str, raw: bytes) -> Shown:
    """What a payload shows."""
    if topic not in (*ORDERS, *CUSTOMERS, FETCHED_ORDER):
        return Shown()
    try:
        body = _READ.decode(raw).order if topic == FETCHED_ORDER else _PERSON.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Shown()
    billing, shipping = body.billing or _Place(), body.shipping or _Place()
    ip = body.customer_ip_address or ""
    return Shown(
        address=body.email or billing.email or "",
        household=shipping.household or billing.household,
        phone=billing.phone or shipping.phone or "",
        device=device(ip, body.customer_user_agent),
        ip=ip,
    )
