"""What shops tell us, normalised. Facts are states, not events: each replaces what was known before.

Amounts are integer minor units of the order's currency. Times are aware UTC. Ids are text, exactly as the shop wrote
them.
No fact holds a name or an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from loyalty_engine.records import record


class OrderStatus(StrEnum):
    """What an order's state means for earning. The shop's own word is kept in ``OrderState.shop_status``."""

    OPEN = "open"
    """Not paid (yet): pending, on hold, authorised, failed, draft."""
    PAID = "paid"
    """Paid at least once and not called off; refunds are counted from the refunds, never from the status."""
    CANCELLED = "cancelled"
    """Called off: worth nothing until the shop says otherwise."""
    DELETED = "deleted"
    """In the bin or gone for good."""


@record
class Line:
    """One line of an order.

    net_minor: price of all units after discounts, without tax, >= 0. tax_minor: tax on that. list_minor: before
    discounts, without tax (0: not known, then it counts as net). shelf_minor: the same as the shop's catalogue writes
    prices, with tax where those include it (0: not known). is_on_sale: sold below its regular price, where the order
    itself says so; otherwise ``Product.prices`` does. removed_quantity: units taken off by an edit of the order that no
    refund line explains.
    """

    line_id: str
    quantity: int
    net_minor: int
    product_id: str | None = None
    is_gift_card: bool = False
    removed_quantity: int = 0
    tax_minor: int = 0
    list_minor: int = 0
    sku: str | None = None
    variant_id: str | None = None
    is_on_sale: bool = False
    shelf_minor: int = 0

    @property
    def priced_as(self) -> str | None:
        """Under which id the catalogue keeps this line's price: its variant's, or its product's where it has none."""
        return self.variant_id or self.product_id


@record
class RefundLine:
    """Part of a refund that names a line. net_minor: without tax, >= 0."""

    line_id: str
    quantity: int
    net_minor: int


@record
class Refund:
    """One refund.

    amount_minor: what the shopper got back in all, tax and shipping included, >= 0.
    lines: the lines it names; tax_minor, shipping_minor and other_minor (fees) what it names besides, each >= 0.
    lines_known: False when the shop told only the amount and the lines must be read from its API.
    The part of ``amount_minor`` that nothing names is a *bare* amount.
    """

    refund_id: str
    amount_minor: int
    lines: tuple[RefundLine, ...] = ()
    tax_minor: int = 0
    shipping_minor: int = 0
    other_minor: int = 0
    lines_known: bool = True
    created_at: datetime | None = None

    @property
    def named_minor(self) -> int:
        """What lines, tax, shipping and fees of this refund add up to."""
        return sum(line.net_minor for line in self.lines) + self.tax_minor + self.shipping_minor + self.other_minor

    @property
    def bare_minor(self) -> int:
        """What was paid back without saying for what, >= 0."""
        return max(0, self.amount_minor - self.named_minor)


@record
class OrderState:
    """The latest complete state of one order.

    source_ref: ``shopify:12:order:5123`` (platform, connection number, kind, the shop's id).
    customer_ref: the shop's customer id, None for a guest. address_hash: keyed hash of the e-mail address, for guests.
    total_minor: what the shopper owed in all at purchase, tax and shipping included.
    shipping_minor, tax_minor, other_minor: shipping without tax, all tax, fees without tax; each >= 0.
    paid_at: when the shop first took it as paid; None while OPEN. fulfilled_at: when everything was shipped.
    updated_at: the shop's own date of its last change. order_name: what shop and shopper call it (``#1042``).
    channel: ``web``, ``pos``, ``draft``... country: ISO 3166 code of the shipping address, else of billing.
    codes: discount codes used, as the shop wrote them. gift_card_minor, store_credit_minor: what such tender paid.
    tender_outside_minor: what of both total_minor does not hold. tender_notes: stable codes of what was found out
    otherwise (``tender-worked-out``) or cannot be (``tender-unknown``).
    tender_known: False when the shop told only that such tender was used, and how much must be read from its API.
    is_preorder: has lines that ship later and must not mature before. customer_tags: of the customer, as told with the
    order. is_anonymous: the shop has made itself forget whose order it was; that it names nobody says nothing then.
    """

    source_ref: str
    order_id: str
    customer_ref: str | None
    currency: str
    status: OrderStatus
    shop_status: str
    updated_at: datetime
    created_at: datetime
    paid_at: datetime | None = None
    fulfilled_at: datetime | None = None
    total_minor: int = 0
    shipping_minor: int = 0
    tax_minor: int = 0
    other_minor: int = 0
    lines: tuple[Line, ...] = ()
    refunds: tuple[Refund, ...] = ()
    is_test: bool = False
    address_hash: str | None = None
    channel: str = "web"
    order_name: str | None = None
    country: str | None = None
    codes: tuple[str, ...] = ()
    gift_card_minor: int = 0
    store_credit_minor: int = 0
    tender_known: bool = True
    tender_outside_minor: int = 0
    tender_notes: tuple[str, ...] = ()
    is_preorder: bool = False
    customer_tags: tuple[str, ...] = ()
    order_tags: tuple[str, ...] = ()
    is_anonymous: bool = False


@record
class RefundEvent:
    """A lone refund (Shopify ``refunds/create``): adds to an order's refunds until the next complete snapshot."""

    source_ref: str
    """Of the order, which may not be known yet."""
    order_id: str
    refund: Refund


@record
class CustomerState:
    """The latest state of one customer account of a shop."""

    source_ref: str
    customer_ref: str
    updated_at: datetime | None
    created_at: datetime | None
    is_deleted: bool = False
    address_hash: str | None = None
    tags: tuple[str, ...] = ()
    """What groups customers in the shop: tags, or where a shop has none, the account's role."""
    address_proven: bool = False
    """Whether the shop says that the account's owner has shown to read what is sent to the address."""


@record
class CustomersMerged:
    """The shop has made one customer account of two; only ``kept_ref`` lives on."""

    source_ref: str
    """Of the customer who is gone."""
    gone_ref: str
    kept_ref: str


class ActivityStatus(StrEnum):
    """What an activity's latest event means for earning."""

    SUBMITTED = "submitted"
    """Waits for somebody: a review that nobody approved yet. Worth nothing."""
    APPROVED = "approved"
    REMOVED = "removed"
    """Taken back: worth nothing, and what it brought is clawed back."""


@record
class Activity:
    """The latest state of one thing that a member did besides ordering. It belongs to exactly one member.

    source_ref: ``event:<programme>:<source>:<kind>:<object id>`` for what is reported to us, ``belong:<kind>:<...>``
    for what we found ourselves (joined, birthday, referral). kind: what rules name as their trigger: ``joined``,
    ``birthday``, ``visit``,
    ``review``, ``photo``, ``question``, ``answer``, ``answer_accepted``, ``helpful_vote`` (received), ``vote_given``,
    ``survey``, ``referral``, ``referral_friend``, ``custom.<name>``... (``activities.KINDS``).
    customer_ref: as in OrderState. object_id: what it is about, apart from product_id and order_ref. counterpart:
    opaque id of the other person (who voted, who asked). values: numbers and flags, such as rating, chars, verified.
    occurred_at: when it happened, in the shop's words; updated_at: of the latest event about it.
    """

    source_ref: str
    activity_id: str
    kind: str
    status: ActivityStatus
    occurred_at: datetime
    updated_at: datetime
    customer_ref: str | None = None
    address_hash: str | None = None
    object_id: str | None = None
    product_id: str | None = None
    order_ref: str | None = None
    counterpart: str | None = None
    values: Mapping[str, int | str | bool] = field(default_factory=dict)
    approved_at: datetime | None = None
    """When it was first approved; kept when it is approved again."""


@record
class Price:
    """What a catalogue asks for one unit, in minor units of ``currency``, as it writes prices (with tax or without).

    sale_minor: what it is sold for instead at the moment, less than regular_minor; None when it is not on sale.
    """

    currency: str
    regular_minor: int
    sale_minor: int | None = None


@record
class Product:
    """What rules may ask about a product, from the shop's catalogue.

    prices: by variant id, or by the product's own id where it has no variants; empty where they were not asked for.
    read_at: when the shop said so.
    """

    product_id: str
    collections: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    is_preorder: bool = False
    prices: Mapping[str, Price] = field(default_factory=dict)
    read_at: datetime | None = None


@record
class OrderDeleted:
    """The shop says that an order is gone. It carries no date: only a snapshot read later lifts it."""

    source_ref: str
    order_id: str


Fact = OrderState | RefundEvent | CustomerState | CustomersMerged | OrderDeleted | Activity
