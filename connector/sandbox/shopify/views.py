"""The shop's records as the Admin API shows them: dicts whose callables are resolved only when a document asks for
them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from connector.sandbox.amounts import converted, plain, shortest
from connector.sandbox.records import Customer, Line, Order, Product, Refund, RefundLine, Truth
from connector.sandbox.shelf import SHELF
from connector.sandbox.shopify.bodies import financial_status, gateways, order_tags
from connector.sandbox.shopify.metafields import SHOP, Metafields
from connector.sandbox.shopify.paging import connection
from connector.sandbox.shopify.sums import Sums

View = dict[str, Any]


def moment(value: datetime | None) -> str | None:
    """``2026-11-21T21:54:50Z``: the API says UTC where webhooks say the shop's offset."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else None


def gid(kind: str, number: int) -> str:
    """``gid://shopify/Order/5123``."""
    return f"gid://shopify/{kind}/{number}"


class Views:
    """Shows one shop. currency: of its shelf prices; with_tax: whether these contain tax. rate_percent: its one tax
    rate.
    """

    def __init__(
        self, truth: Truth, metafields: Metafields, *, currency: str, with_tax: bool, tax_basis_points: int
    ) -> None:
        self.truth = truth
        self.metafields = metafields
        metafields.show_owner = lambda number: (
            self.customer(truth.customers[number]) if number != SHOP else {"__typename": "Shop"}
        )
        self.show_credits: Callable[[int, View], Any] = lambda number, args: None
        self.show_orders: Callable[[int, Any, View], Any] = lambda number, info, args: None
        self.currency = currency
        self.with_tax = with_tax
        self.tax_basis_points = tax_basis_points

    def customer(self, customer: Customer) -> View:
        """A Customer."""
        return {
            "__typename": "Customer",
            "id": gid("Customer", customer.id),
            "legacyResourceId": str(customer.id),
            "createdAt": moment(customer.created_at),
            "updatedAt": moment(customer.updated_at),
            "displayName": f"{customer.first_name} {customer.last_name}",
            "email": customer.email or None,
            "firstName": customer.first_name,
            "lastName": customer.last_name,
            "locale": customer.locale,
            "defaultEmailAddress": self._email(customer),
            "state": "ENABLED" if customer.can_sign_in else "DISABLED",
            "tags": list(customer.tags),
            "verifiedEmail": customer.is_verified,
            "numberOfOrders": str(len(self.truth.orders_of(customer.id))),
            "orders": lambda info, **args: self.show_orders(customer.id, info, args),
            "metafield": lambda info, **args: self.metafields.read(customer.id, args.get("namespace"), args["key"]),
            "storeCreditAccounts": lambda info, **args: self.show_credits(customer.id, args),
        }

    def _email(self, customer: Customer) -> View | None:
        if not customer.email:
            return None
        state, at = customer.mail_consent
        return {
            "__typename": "CustomerEmailAddress",
            "emailAddress": customer.email,
            "marketingState": state.upper(),
            "marketingUpdatedAt": moment(at) if at else None,
        }

    def order(self, order: Order) -> View:
        """An Order."""
        owner = self.truth.customers.get(order.customer_id) if order.customer_id is not None else None
        return {
            "__typename": "Order",
            "id": gid("Order", order.id),
            "legacyResourceId": str(order.id),
            "name": f"#{order.number}",
            "number": order.number,
            "createdAt": moment(order.created_at),
            "processedAt": moment(order.created_at),
            "updatedAt": moment(order.updated_at),
            "cancelledAt": moment(order.cancelled_at),
            "cancelReason": "CUSTOMER" if order.cancelled_at else None,
            "closedAt": None,
            "closed": False,
            "confirmed": True,
            "edited": any(line.removed for line in order.lines),
            "test": order.is_test,
            "note": None,
            "tags": order_tags(order),
            "email": order.email or None,
            "customer": self.customer(owner) if owner else None,
            "currencyCode": order.currency,
            "presentmentCurrencyCode": (order.presentment or (order.currency,))[0],
            "taxesIncluded": self.with_tax,
            "dutiesIncluded": False,
            "discountCodes": [order.coupon, *order.more_codes] if order.coupon else [],
            "displayFinancialStatus": financial_status(order).upper(),
            "displayFulfillmentStatus": "FULFILLED" if order.completed_at else "UNFULFILLED",
            "fullyPaid": order.paid_at is not None,
            "unpaid": order.paid_at is None,
            "paymentGatewayNames": gateways(order),
            "shippingAddress": {"__typename": "MailingAddress", "countryCodeV2": order.country},
            "billingAddress": {"__typename": "MailingAddress", "countryCodeV2": order.country},
            "sourceName": order.channel,
            **self._sums(order),
            **self._lists(order),
        }

    def _sums(self, order: Order) -> View:
        sums = Sums(order, self.with_tax)
        shown = {
            "currentShippingPriceSet": sums.shipping - sums.refunded_shipping,
            "currentSubtotalPriceSet": sums.current_subtotal,
            "currentTotalDiscountsSet": sums.current_discounts,
            "currentTotalPriceSet": sums.current_total,
            "currentTotalTaxSet": sums.current_tax,
            "subtotalPriceSet": sums.subtotal,
            "totalDiscountsSet": sums.discounts,
            "totalPriceSet": sums.total,
            "totalRefundedSet": order.refunded_minor,
            "totalShippingPriceSet": sums.shipping,
            "totalTaxSet": sums.tax,
            "totalTipReceivedSet": 0,
        }
        none: View = {"originalTotalAdditionalFeesSet": None, "originalTotalDutiesSet": None}
        return {name: self._bag(order, minor) for name, minor in shown.items()} | none

    def _lists(self, order: Order) -> View:
        sent = {
            "id": gid("Fulfillment", order.id + 11),
            "createdAt": moment(order.completed_at),
            "updatedAt": moment(order.completed_at),
            "status": "SUCCESS",
        }
        return {
            "fulfillments": lambda info, **args: _first([sent] if order.completed_at else [], args),
            "lineItems": _page(order.lines, lambda line: self._line(order, line)),
            "refunds": lambda info, **args: _first([self.refund(order, refund) for refund in order.refunds], args),
            "shippingLines": _page([order] if order.shipping_net_minor else [], lambda _: self._shipping_line(order)),
            "transactions": lambda info, **args: _first(self._transactions(order), args),
        }

    def _line(self, order: Order, line: Line) -> View:
        unit = line.gross_minor // line.quantity
        taxes = self._taxes(order, line.tax_minor) if line.tax_minor else []
        cut = [{"allocatedAmountSet": self._bag(order, line.discount_minor)}] if line.discount_minor else []
        return {
            "__typename": "LineItem",
            "id": gid("LineItem", line.id),
            "currentQuantity": line.current_quantity,
            "discountAllocations": cut,
            "discountedTotalSet": lambda info, **args: self._bag(
                order, line.gross_minor - (line.discount_minor if args.get("withCodeDiscounts") else 0)
            ),
            "fulfillmentStatus": "fulfilled" if order.completed_at else "unfulfilled",
            "isGiftCard": line.product.is_gift_card,
            "name": line.product.title,
            "originalTotalSet": self._bag(order, line.gross_minor),
            "originalUnitPriceSet": self._bag(order, unit),
            "product": self.product(line.product),
            "quantity": line.quantity,
            "refundableQuantity": line.current_quantity,
            "requiresShipping": not line.product.is_gift_card,
            "sku": line.product.sku,
            "taxLines": lambda info, **args: _first(taxes, args),
            "taxable": not line.product.is_gift_card,
            "title": line.product.title,
            "totalDiscountSet": self._bag(order, 0),
            "variant": self._variant(line.product),
        }

    def _variant(self, product: Product) -> View:
        """The one variant of a product. ``compareAtPrice`` is what it costs when it is not on sale."""
        regular = plain(product.regular_minor, self.currency) if product.is_on_sale else None
        return {
            "__typename": "ProductVariant",
            "id": gid("ProductVariant", product.variant_id),
            "legacyResourceId": str(product.variant_id),
            "compareAtPrice": regular,
            "price": plain(product.price_minor, self.currency),
            "title": "Default Title",
            "sku": product.sku,
        }

    def product(self, product: Product) -> View:
        """A Product."""
        return {
            "__typename": "Product",
            "id": gid("Product", product.id),
            "legacyResourceId": str(product.id),
            "title": product.title,
            "isGiftCard": product.is_gift_card,
            "tags": list(product.tags),
            "category": _category(product.category) if product.category else None,
            "collections": lambda info, **args: connection(
                product.collections, _collection, lambda handle: (handle, _collection_number(handle)), args
            ),
            "variants": lambda info, **args: connection(
                [product], self._variant, lambda one: (one.variant_id, one.variant_id), args
            ),
        }

    def _shipping_line(self, order: Order) -> View:
        shelf = self._bag(order, Sums(order, self.with_tax).shipping)
        return {
            "id": gid("ShippingLine", order.id + 7),
            "title": "Standard",
            "isRemoved": False,
            "discountAllocations": [],
            "discountedPriceSet": shelf,
            "originalPriceSet": shelf,
            "taxLines": self._taxes(order, order.shipping_tax_minor),
        }

    def refund(self, order: Order, refund: Refund) -> View:
        """A Refund."""
        created = moment(refund.created_at)
        bare = [refund] if refund.bare_minor else []
        shipping = [refund] if refund.shipping_net_minor else []
        paid = [refund] if refund.amount_minor else []
        return {
            "__typename": "Refund",
            "id": gid("Refund", refund.id),
            "legacyResourceId": str(refund.id),
            "createdAt": created,
            "processedAt": created,
            "updatedAt": created,
            "note": refund.reason,
            "duties": [],
            "order": lambda info: self.order(order),
            "orderAdjustments": _page(bare, lambda _: self._adjustment(order, refund)),
            "refundLineItems": _page(refund.lines, lambda line: self._refund_line(order, line)),
            "refundShippingLines": _page(shipping, lambda _: self._refund_shipping(order, refund)),
            "totalRefundedSet": self._bag(order, refund.amount_minor),
            "transactions": _page(paid, lambda _: self._refund_transaction(order, refund)),
        }

    def _refund_line(self, order: Order, refunded: RefundLine) -> View:
        line = order.line(refunded.line_id)
        subtotal = refunded.net_minor + (refunded.tax_minor if self.with_tax else 0)
        return {
            "id": gid("RefundLineItem", refunded.id),
            "lineItem": self._line(order, line),
            "priceSet": self._bag(order, line.gross_minor // line.quantity),
            "quantity": refunded.quantity,
            "restockType": "NO_RESTOCK",
            "restocked": False,
            "subtotalSet": self._bag(order, subtotal),
            "totalTaxSet": self._bag(order, refunded.tax_minor),
        }

    def _refund_shipping(self, order: Order, refund: Refund) -> View:
        shelf = refund.shipping_net_minor + (refund.shipping_tax_minor if self.with_tax else 0)
        return {
            "__typename": "RefundShippingLine",
            "id": gid("RefundShippingLine", refund.id + 1),
            "shippingLine": self._shipping_line(order),
            "subtotalAmountSet": self._bag(order, shelf),
            "taxAmountSet": self._bag(order, refund.shipping_tax_minor),
        }

    def _adjustment(self, order: Order, refund: Refund) -> View:
        return {
            "__typename": "OrderAdjustment",
            "id": gid("OrderAdjustment", refund.id + 3),
            "amountSet": self._bag(order, -refund.bare_minor),
            "taxAmountSet": self._bag(order, 0),
        }

    def _transactions(self, order: Order) -> list[View]:
        total = Sums(order, self.with_tax).total
        issued = [
            self._transaction(order, order.id + 20 + at, "SALE", minor, order.paid_at) | {"gateway": gateway}
            for at, (gateway, minor) in enumerate(order.tender)
        ]
        total -= sum(minor for _, minor in order.tender)
        sale = self._transaction(order, order.id + 9, "SALE", total, order.paid_at)
        back = [self._refund_transaction(order, refund) for refund in order.refunds if refund.amount_minor]
        return [*([*issued, sale] if order.paid_at else []), *back]

    def _refund_transaction(self, order: Order, refund: Refund) -> View:
        return self._transaction(order, refund.id + 5, "REFUND", refund.amount_minor, refund.created_at)

    def _transaction(self, order: Order, number: int, kind: str, minor: int, when: datetime | None) -> View:
        return {
            "__typename": "OrderTransaction",
            "id": gid("OrderTransaction", number),
            "amountSet": self._bag(order, minor),
            "createdAt": moment(when),
            "gateway": order.gateway,
            "kind": kind,
            "processedAt": moment(when),
            "status": "SUCCESS",
            "test": order.is_test,
        }

    def _taxes(self, order: Order, minor: int) -> list[View]:
        # A rate, not an amount: GraphQL's own type for it is Float.
        rate = self.tax_basis_points / 10000
        return [{"priceSet": self._bag(order, minor), "rate": rate, "ratePercentage": rate * 100, "title": "VAT"}]

    def _bag(self, order: Order, minor: int) -> View:
        currency, shown = order.currency, minor
        if order.presentment:
            currency = order.presentment[0]
            size = converted(abs(minor), order.presentment, order.currency)
            shown = size if minor >= 0 else -size
        return {
            "shopMoney": {"amount": shortest(minor, order.currency), "currencyCode": order.currency},
            "presentmentMoney": {"amount": shortest(shown, currency), "currencyCode": currency},
        }


def _page(items: list[Any], view: Callable[[Any], View]) -> Callable[..., Any]:
    return lambda info, **args: connection(items, view, lambda item: (item.id, item.id), args)


def _first(items: list[View], args: View) -> list[View]:
    return items[: args["first"]] if args.get("first") is not None else items


def _category(slug: str) -> View:
    """A category of the platform's own taxonomy; its id ends in a code."""
    title = slug.capitalize()
    return {
        "__typename": "TaxonomyCategory",
        "id": f"gid://shopify/TaxonomyCategory/sb-{slug}",
        "fullName": f"Sandbox > {title}",
        "name": title,
    }


def _collection_number(handle: str) -> int:
    return 1 + sorted({each for ware in SHELF for each in ware.collections}).index(handle)


def _collection(handle: str) -> View:
    number = _collection_number(handle)
    return {
        "__typename": "Collection",
        "id": gid("Collection", number),
        "legacyResourceId": str(number),
        "handle": handle,
        "title": handle.capitalize(),
    }
