"""What both simulated shops have in common: records, the deeds of shoppers and merchants, and a way to tell what
happened.

A deed changes the truth first and then calls ``announce``; what the platform says about it, to whom and in which order,
is the platform's business. Randomness and time are arguments: the same seed, clock and deeds give the same shop.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from connector.sandbox.accounts import Accounts
from connector.sandbox.amounts import EXPONENTS, converted, spread, tax_inside, tax_on
from connector.sandbox.coupons import Coupon, Coupons, note_use
from connector.sandbox.courier import Courier
from connector.sandbox.headless import Backend
from connector.sandbox.records import Customer, Happened, Line, Order, Product, Refund, RefundLine, Truth
from connector.sandbox.shelf import GIFT_CARD, SHELF, Ware

RATES: Mapping[str, tuple[int, int]] = {
    "EUR": (1, 1),
    "USD": (110, 100),
    "GBP": (86, 100),
    "JPY": (162, 1),
    "KWD": (34, 100),
}
"""How many units of a currency one unit of the shop's own buys, as (n, d)."""


@dataclass(frozen=True, slots=True)
class Basket:
    """What is bought and how. shipping_minor and fee_minor are shelf prices in the order's currency.

    items: (product id, units). currency None: the shop's own. paid False: left pending. gateway ``cod``: money comes
    later. checkout: ``classic``, ``block`` or ``rest``; only WooCommerce tells them apart. voucher: a code that the
    shop knows and may refuse; more_vouchers: further ones beside it. coupon, coupon_percent: one that everybody may
    use. tender: (gateway, minor units) of gift cards and store credit. Shopify has ``gift_card`` and
    ``shopify_store_credit``; WooCommerce has extensions: ``gift_cards``, ``yith``, ``wallet``, ``funds``, and
    ``unheard_of``, which tells nothing.
    """

    items: Sequence[tuple[int, int]]
    shipping_minor: int = 0
    fee_minor: int = 0
    coupon: str | None = None
    coupon_percent: int = 0
    voucher: str | None = None
    more_vouchers: Sequence[str] = ()
    currency: str | None = None
    presentment: tuple[str, int, int] | None = None
    paid: bool = True
    gateway: str = "bogus"
    channel: str = "web"
    checkout: str = "classic"
    is_test: bool = False
    country: str = "DE"
    tags: tuple[str, ...] = ()
    tender: tuple[tuple[str, int], ...] = ()
    is_preorder: bool = False


class Shop(Accounts):
    """Records and deeds. Subclasses say what goes out."""

    platform: str
    """As people write it: ``Shopify``."""
    with_gift_cards = False
    tender_outside = False
    """Whether gift cards and store credit are taken off the total, as WooCommerce's extensions do."""
    name: str
    courier: Courier

    def __init__(
        self, *, seed: int, now: Callable[[], datetime], currency: str, prices_with_tax: bool, tax_basis_points: int
    ) -> None:
        self.seed = seed
        self.currency = currency
        self.prices_with_tax = prices_with_tax
        self.tax_basis_points = tax_basis_points
        self.places: int | None = None
        self.truth = Truth()
        self.coupons = Coupons()
        self.clock = now
        self.opened_at = now()
        self._moment: datetime | None = None
        self.headless: Backend | None = None
        for ware in SHELF:
            self._stock(ware)
        if self.with_gift_cards:
            self._stock(GIFT_CARD, is_gift_card=True)

    @property
    @abstractmethod
    def programme(self) -> str | None:
        """JSON text that was pushed for every page, or None."""

    @abstractmethod
    def snapshot_of(self, customer: Customer) -> str | None:
        """JSON text that was pushed for a shopper, or None."""

    def order_number(self, order_id: int) -> int:
        """What people call an order."""
        return 1001 + len(self.truth.orders)

    @abstractmethod
    def settle_status(self, order: Order, deed: str) -> None:
        """Set ``order.status`` to the shop's word after a deed: ``placed paid completed edited cancelled refunded``."""

    # Time

    def now(self) -> datetime:
        """The shop's time, to the second as shops keep it."""
        return (self._moment or self.clock()).replace(microsecond=0)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Do something at another moment: how a schedule plays the past."""
        before, self._moment = self._moment, moment
        try:
            yield
        finally:
            self._moment = before

    # Goods

    def end_sale(self, product_id: int) -> None:
        """From now on it costs what it did before the sale."""
        product = self.truth.products[product_id]
        product.price_minor = product.regular_minor

    def put_on_sale(self, product_id: int, price_minor: int) -> None:
        """From now on it costs less than usual."""
        self.truth.products[product_id].price_minor = price_minor

    # Orders

    def place_order(self, customer_id: int | None, basket: Basket, email: str = "") -> Order:
        """A shopper checks out. Without ``customer_id`` it is a guest known by ``email`` alone, which may be empty
        (till sales).
        """
        now = self.now()
        currency = basket.currency or self.currency
        customer = self.truth.customers[customer_id] if customer_id is not None else None
        vouchers = self._vouchers(basket, customer, currency)
        number = self.next_id("order")
        order = Order(
            id=number,
            number=self.order_number(number),
            customer_id=customer_id,
            email=customer.email if customer else email,
            currency=currency,
            created_at=now,
            updated_at=now,
            status="pending",
            lines=self._lines(basket, currency, vouchers),
            coupon=basket.coupon if basket.coupon_percent else None,
            coupon_percent=basket.coupon_percent,
            is_test=basket.is_test,
            channel=basket.channel,
            gateway=basket.gateway,
            checkout=basket.checkout,
            presentment=basket.presentment,
            country=basket.country,
            tags=list(basket.tags),
            tender=list(basket.tender),
            tender_outside=self.tender_outside,
            is_preorder=basket.is_preorder,
        )
        for voucher in vouchers:
            note_use(voucher, order)
        is_free = any(voucher.kind == "shipping" for voucher in vouchers)
        order.shipping_net_minor, order.shipping_tax_minor = self._taxed(
            0 if is_free else basket.shipping_minor, currency
        )
        order.fee_net_minor, order.fee_tax_minor = self._taxed(basket.fee_minor, currency)
        self.truth.orders[order.id] = order
        if basket.paid and basket.gateway != "cod":
            self._mark_paid(order)
        self.settle_status(order, "placed")
        self.announce(Happened("placed", order=order, customer=customer))
        return order

    def pay(self, order_id: int) -> Order:
        """The money arrives."""
        order = self._touch(order_id)
        self._mark_paid(order)
        self.settle_status(order, "paid")
        self.announce(Happened("paid", order=order, customer=self._owner(order)))
        return order

    def complete(self, order_id: int) -> Order:
        """Everything was sent out."""
        order = self._touch(order_id)
        order.completed_at = self.now()
        if order.paid_at is None:
            self._mark_paid(order)
        self.settle_status(order, "completed")
        self.announce(Happened("completed", order=order, customer=self._owner(order)))
        return order

    def edit(
        self, order_id: int, remove: Mapping[int, int] | None = None, add: Sequence[tuple[int, int]] = ()
    ) -> Order:
        """The merchant changes a placed order: ``remove`` units per line id, ``add`` (product id, units)."""
        order = self._touch(order_id)
        for line_id, units in (remove or {}).items():
            line = order.line(line_id)
            if not 0 < units <= line.current_quantity:
                raise ValueError(f"line {line_id} has {line.current_quantity} units left, not {units}")
            self.remove_units(order, line, units)
        added = self._lines(Basket(items=add), order.currency)
        order.lines.extend(added)
        self.settle_status(order, "edited")
        more = {line.id: line.quantity for line in added}
        self.announce(Happened("edited", order=order, added=more, removed=dict(remove or {})))
        return order

    def remove_units(self, order: Order, line: Line, units: int) -> None:
        """How an edit takes units off a line."""
        line.removed += units

    def attach_guest_order(self, order_id: int, customer_id: int) -> Order:
        """The platform says that a registered customer owns what was a guest's order."""
        order = self._touch(order_id)
        order.customer_id = self.truth.customers[customer_id].id
        self.announce(Happened("changed", order=order))
        return order

    def anonymise(self, order_id: int) -> Order:
        """The shop keeps the order and forgets whose it was, as a retention limit or a privacy request wants it."""
        order = self._touch(order_id)
        order.is_anonymous = True
        self.announce(Happened("changed", order=order))
        return order

    def cancel(self, order_id: int, *, refund: bool = False) -> Order:
        """The order is called off; with ``refund`` everything left is given back line by line."""
        order = self._touch(order_id)
        order.cancelled_at = self.now()
        given = self._refund_everything(order, "cancelled") if refund and order.paid_at and order.left_minor else None
        self.settle_status(order, "cancelled")
        self.announce(Happened("cancelled", order=order, refund=given))
        return order

    def delete(self, order_id: int) -> None:
        """Deleted for good."""
        order = self.truth.orders[order_id]
        order.deleted = True
        self.announce(Happened("deleted", order=order))

    # Refunds

    def refund_lines(
        self,
        order_id: int,
        units: Mapping[int, int],
        *,
        shipping: bool = False,
        tax_named: bool = True,
        amount_minor: int | None = None,
        reason: str = "returned",
    ) -> Refund:
        """Give back units of lines (line id -> units). ``tax_named`` False: the merchant paid the tax back but did not
        enter it.

        ``amount_minor``: pay back another sum than the lines say. Never more than is left.
        """
        order = self._touch(order_id)
        refund = self._refund_of(order, units, shipping=shipping, reason=reason)
        if amount_minor is not None:
            refund.amount_minor = min(amount_minor, order.left_minor)
        if not tax_named:
            for line in refund.lines:
                line.tax_minor = 0
        return self._refunded(order, refund)

    def refund_amount(self, order_id: int, amount_minor: int, reason: str = "goodwill") -> Refund:
        """Give back a bare amount, at most what is left, without saying for what."""
        order = self._touch(order_id)
        refund = Refund(self.next_id("refund"), self.now(), min(amount_minor, order.left_minor), reason)
        return self._refunded(order, refund)

    def refund_all(self, order_id: int, reason: str = "returned") -> Refund:
        """Give back every unit, the shipping and whatever is left."""
        order = self._touch(order_id)
        return self._refunded(order, self._refund_everything(order, reason), listed=True)

    # Inside

    def grain(self, currency: str) -> int:
        """Smallest step of an amount in minor units: more than 1 when the shop prints fewer places than the currency
        has.
        """
        return 1 if self.places is None else 10 ** max(0, EXPONENTS[currency] - self.places)

    def _stock(self, ware: Ware, *, is_gift_card: bool = False) -> None:
        unit = 10 ** EXPONENTS[self.currency]
        minor, regular = ware.price * unit // 100, (ware.regular or ware.price) * unit // 100
        number, variant = self.next_id("product"), self.next_id("product")
        sku = f"SKU-{len(self.truth.products) + 1}"
        sorts = (ware.category, ware.collections, ware.tags)
        made = Product(number, variant, ware.title, sku, minor, is_gift_card, *sorts, regular, ware.has_sizes)
        self.truth.products[number] = made

    def _price(self, product: Product, currency: str) -> int:
        if currency == self.currency:
            return product.price_minor
        grain = self.grain(currency)
        return converted(product.price_minor, (currency, *RATES[currency]), self.currency) // grain * grain

    def _vouchers(self, basket: Basket, customer: Customer | None, currency: str) -> list[Coupon]:
        if basket.voucher is None:
            return []
        goods: Counter[int] = Counter()
        for number, units in basket.items:
            goods[number] += self._price(self.truth.products[number], currency) * units
        return self.coupons.usable_together([basket.voucher, *basket.more_vouchers], customer, goods, self.now())

    def _lines(self, basket: Basket, currency: str, vouchers: Sequence[Coupon] = ()) -> list[Line]:
        grain = self.grain(currency)
        chosen = [(self.truth.products[product_id], units) for product_id, units in basket.items]
        gross = [self._price(product, currency) * units for product, units in chosen]
        priced = zip(chosen, gross, strict=True)
        reducible = [0 if product.is_gift_card else cost // grain for (product, _), cost in priced]
        cut = sum(reducible) * basket.coupon_percent // 100
        parts = spread(cut, reducible)
        for voucher in vouchers:
            left = [most - part for most, part in zip(reducible, parts, strict=True)]
            more = voucher.parts(chosen, left, grain)
            parts = [part + each for part, each in zip(parts, more, strict=True)]
        lines = []
        for (product, units), cost, part in zip(chosen, gross, parts, strict=True):
            discount = part * grain
            net, tax = (cost, 0) if product.is_gift_card else self._taxed(cost - discount, currency)
            lines.append(Line(self.next_id("item"), product, units, cost, discount, net, tax, grain=grain))
        return lines

    def _taxed(self, shelf_minor: int, currency: str) -> tuple[int, int]:
        """(net, tax) of a shelf price, which is cut to what the shop can print."""
        grain = self.grain(currency)
        shelf_minor = shelf_minor // grain * grain
        if self.prices_with_tax:
            tax = tax_inside(shelf_minor // grain, self.tax_basis_points) * grain
            return shelf_minor - tax, tax
        return shelf_minor, tax_on(shelf_minor // grain, self.tax_basis_points) * grain

    def _touch(self, order_id: int) -> Order:
        order = self.truth.orders[order_id]
        if order.deleted:
            raise ValueError(f"order {order_id} is deleted")
        order.updated_at = self.now()
        return order

    def _owner(self, order: Order) -> Customer | None:
        return self.truth.customers.get(order.customer_id) if order.customer_id is not None else None

    def _mark_paid(self, order: Order) -> None:
        order.paid_at = order.paid_at or self.now()
        owner = self._owner(order)
        if owner:
            owner.is_paying = True
            owner.updated_at = self.now()

    def _refund_of(self, order: Order, units: Mapping[int, int], *, shipping: bool, reason: str) -> Refund:
        refund = Refund(self.next_id("refund"), self.now(), 0, reason)
        for line_id, count in units.items():
            line = order.line(line_id)
            if not 0 < count <= line.current_quantity:
                raise ValueError(f"line {line_id} has {line.current_quantity} units left, not {count}")
            gone = line.removed + line.refunded
            net, tax = line.share(line.net_minor, gone, count), line.share(line.tax_minor, gone, count)
            refund.lines.append(RefundLine(self.next_id("item"), line_id, count, net, tax))
            line.refunded += count
        if shipping:
            refund.shipping_net_minor = order.shipping_net_minor - sum(r.shipping_net_minor for r in order.refunds)
            refund.shipping_tax_minor = order.shipping_tax_minor - sum(r.shipping_tax_minor for r in order.refunds)
        refund.amount_minor = min(refund.bare_minor * -1, order.left_minor)
        return refund

    def _refund_everything(self, order: Order, reason: str) -> Refund:
        units = {line.id: line.current_quantity for line in order.lines if line.current_quantity}
        refund = self._refund_of(order, units, shipping=True, reason=reason)
        refund.amount_minor = order.left_minor
        order.refunds.append(refund)
        return refund

    def _refunded(self, order: Order, refund: Refund, *, listed: bool = False) -> Refund:
        if not listed:
            order.refunds.append(refund)
        self.settle_status(order, "refunded")
        self.announce(Happened("refunded", order=order, refund=refund))
        return refund
