"""What a Shopify shop's pages, extensions and staff ask, by proofs that Shopify signed (ADR 31).

Shoppers get a token for ``/v1/me``, whatever showed them the button. Staff see and do what a shop's own administration
may elsewhere, too (``store_desk``): only of this shop's own customers and orders.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from connector import clock
from connector.access.shopify_visits import ShopVisit
from connector.access.shopper_tokens import CHOOSE, EXAMINE, READ, REDEEM, USUAL
from connector.people.enrolling import take_part
from connector.people.reasons import REASON_MAX
from connector.routes.access import NeedsShopifyExtension, NeedsShopifyPage, NeedsShopifyStaff
from connector.routes.member_acts import Points
from connector.routes.operations import Call, Nothing, Operation
from connector.routes.shoppers import minted
from connector.routes.store_desk import (
    StoreAdjusted,
    StoreMember,
    StoreMemberBody,
    StoreOrder,
    StoreOrderBody,
    adjust,
    show_member,
    show_order,
)
from connector.routes.wallet import Word
from connector.storage.facts import Customer
from connector.storage.members import find_by_customer
from connector.storage.programmes import load_programmes
from connector.storage.shards import object_shard

SCOPES = (CHOOSE, EXAMINE, READ, REDEEM)
SECONDS = int(USUAL.total_seconds())
GUEST, NO_MEMBER, ASKED_TO_JOIN = "guest", "no-member", "not-joined"


class Proxied(Struct):
    """What Shopify puts into the address; it is read where it is proven."""


class ShopperAccess(Struct, omit_defaults=True):
    """How a shopper's page or extension calls us. api: where; token: as a bearer token of ``/v1/me``, until expires_at;
    customer: Shopify's number of whose it is.

    member: whether there is one. Without one there is no token, and reason says why: ``guest`` (nobody is signed in),
    ``not-joined`` (the programme asks first), ``no-member`` (blocked, or we do not know them yet).
    """

    api: str
    member: bool
    token: str | None = None
    expires_at: str | None = None
    customer: str | None = None
    reason: str | None = None


class JoinBody(Struct, forbid_unknown_fields=True):
    """agrees: true: the shopper has pressed a button that says so."""

    agrees: Literal[True]


class StaffAdjustBody(Struct, forbid_unknown_fields=True):
    """points: given (above 0) or taken (below 0). key: the same for the same deed. The token says who does it."""

    customer: Word
    points: Points
    reason: Annotated[str, Meta(min_length=1, max_length=REASON_MAX)]
    key: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{8,100}(?!\n)$")]


async def shopper_access(call: Call) -> ShopperAccess:
    """A token for the customer who is signed in to the shop, if they are a member."""
    visit = call.store
    assert isinstance(visit, ShopVisit)
    api, connection = call.service.settings.public_url, visit.connection
    if not visit.customer:
        return ShopperAccess(api, False, reason=GUEST)
    shard = object_shard(connection.number, "customer", visit.customer)
    if await find_by_customer(call.session, visit.mints, shard, connection.number, visit.customer) is None:
        programme = (await load_programmes(call.session))[connection.programme_number].rulebook
        is_asked = programme.in_force(clock.utc_now()).enrolment != "automatic"
        return ShopperAccess(api, False, reason=ASKED_TO_JOIN if is_asked else NO_MEMBER)
    given = await minted(call, visit.mints, connection.number, visit.customer, SCOPES, SECONDS)
    return ShopperAccess(api, True, given.token, given.expires_at, visit.customer)


async def join(call: Call) -> ShopperAccess:
    """Who is signed in to the shop agrees to take part, or to do so again. A form of another site can send no JSON."""
    visit = call.store
    assert isinstance(visit, ShopVisit)
    if visit.customer:
        connection = visit.connection
        customer = Customer(connection.programme_number, connection.number, visit.customer)
        await take_part(call.service.pipeline, customer)
        call.service.wake.set()
    return await shopper_access(call)


_REFUSED = {
    401: "Shopify's proof is missing, over, or another shop's; code says which.",
    409: "The address was used before: code replayed.",
}

OPERATIONS = (
    Operation(
        "GET",
        "/shopify/proxy/token",
        NeedsShopifyPage(),
        "Through the shop's app proxy, once for each address: a token for the customer who is signed in there.",
        shopper_access,
        ShopperAccess,
        query=Proxied,
        tag="shopify",
        problems=_REFUSED,
    ),
    Operation(
        "POST",
        "/shopify/proxy/join",
        NeedsShopifyPage(),
        "Through the shop's app proxy, once for each address: the customer who is signed in there agrees to take part.",
        join,
        ShopperAccess,
        query=Proxied,
        body=JoinBody,
        acts=True,
        tag="shopify",
        problems=_REFUSED,
    ),
    Operation(
        "POST",
        "/v1/shopify/token",
        NeedsShopifyExtension(),
        "For a session token of an account or checkout extension: a token for the customer who is signed in.",
        shopper_access,
        ShopperAccess,
        body=Nothing,
        tag="shopify",
        problems=_REFUSED,
    ),
    Operation(
        "POST",
        "/v1/shopify/order",
        NeedsShopifyStaff(),
        "For the shop's staff: points of an order, every entry explained, and why not where it earned nothing.",
        show_order,
        StoreOrder,
        body=StoreOrderBody,
        tag="shopify",
        problems=_REFUSED,
    ),
    Operation(
        "POST",
        "/v1/shopify/member",
        NeedsShopifyStaff(),
        "For the shop's staff: a customer as a member: numbers, tier, badges, vouchers, newest entries.",
        show_member,
        StoreMember,
        body=StoreMemberBody,
        tag="shopify",
        problems=_REFUSED,
    ),
    Operation(
        "POST",
        "/v1/shopify/adjust",
        NeedsShopifyStaff(),
        "For the shop's staff: points are given or taken by hand. The same key once more changes nothing.",
        adjust,
        StoreAdjusted,
        body=StaffAdjustBody,
        acts=True,
        tag="shopify",
        problems=_REFUSED,
    ),
)
