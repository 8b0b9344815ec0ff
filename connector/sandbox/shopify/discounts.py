"""Discount codes of the Admin API: made for one customer, found by code, listed, ended; with the real one's errors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from connector.sandbox.amounts import EXPONENTS
from connector.sandbox.coupons import Coupon, Coupons
from connector.sandbox.shopify.paging import connection, search
from connector.sandbox.shopify.views import gid, moment

Payload = dict[str, Any]
MAX_CODE = 255


class Discounts:
    """The API's side of the shop's coupons. exists: whether a customer is there; sells: whether a product is. lags:
    usage counts are old, as they are allowed to be.
    """

    def __init__(
        self,
        coupons: Coupons,
        *,
        currency: str,
        now: Callable[[], datetime],
        next_id: Callable[[], int],
        exists: Callable[[int], bool],
        sells: Callable[[int], bool],
    ) -> None:
        self.coupons = coupons
        self.currency = currency
        self.now = now
        self.next_id = next_id
        self.exists = exists
        self.sells = sells
        self.lags = False
        self._counted: dict[int, int] = {}

    def catch_up(self) -> None:
        """While usage counts lag they say what was counted when this was last called."""
        self._counted = {one.id: len(one.used_by) for one in self.coupons.by_id.values()}

    def basic(self, given: Payload) -> Payload:
        """``discountCodeBasicCreate``."""
        value = (given.get("customerGets") or {}).get("value") or {}
        amount = (value.get("discountAmount") or {}).get("amount")
        share = value.get("percentage")
        problems = self._problems("basicCodeDiscount", given)
        if share is not None and not 0 <= share <= 1:
            at = ["basicCodeDiscount", "percentage"]
            problems.append(_error(at, "Value must be between 0.0 and 1.0", "VALUE_OUTSIDE_RANGE"))
        if amount is not None:
            worth: Payload = {"kind": "fixed", "amount_minor": self._minor(amount)}
        else:
            worth = {"kind": "percent", "percent_bp": round((share or 0) * 10_000)}
        items = (given.get("customerGets") or {}).get("items") or {}
        products = (items.get("products") or {}).get("productsToAdd") or []
        if len(products) > 1:
            raise NotImplementedError("this shop knows discounts of everything and of one product")
        number = _number(products[0], "Product") if products else None
        if products and (number is None or not self.sells(number)):
            at = ["basicCodeDiscount", "customerGets", "items", "products", "productsToAdd"]
            problems.append(_error(at, f"Product with id: {number} is invalid", "INVALID"))
        elif not products and not items.get("all"):
            at = ["basicCodeDiscount", "customerGets", "items"]
            problems.append(_error(at, "Entitled item, variant, or collection must be specified", "BLANK"))
        subtotal = ((given.get("minimumRequirement") or {}).get("subtotal") or {}).get("greaterThanOrEqualToSubtotal")
        return self._made(given, problems, minimum_minor=self._minor(subtotal), product_id=number, **worth)

    def free_shipping(self, given: Payload) -> Payload:
        """``discountCodeFreeShippingCreate``."""
        subtotal = ((given.get("minimumRequirement") or {}).get("subtotal") or {}).get("greaterThanOrEqualToSubtotal")
        problems = self._problems("freeShippingCodeDiscount", given)
        if (given.get("combinesWith") or {}).get("shippingDiscounts"):
            at = ["freeShippingCodeDiscount", "combinesWith"]
            message = "The combinesWith settings are not valid for the discount class."
            problems.append(_error(at, message, "INVALID_COMBINES_WITH_FOR_DISCOUNT_CLASS"))
        return self._made(given, problems, kind="shipping", minimum_minor=self._minor(subtotal))

    def by_code(self, code: str) -> Payload | None:
        """``codeDiscountNodeByCode``."""
        found = self.coupons.find(code)
        return self._node(found) if found else None

    def page(self, args: Payload) -> Payload:
        """``discountNodes``: every code, by anybody, ended ones too. Of its search, the state is understood."""
        key = _by_title if args.get("sortKey") == "TITLE" else _by_id
        wanted = search(args.get("query"), {"status": lambda one: self._status(one).lower()})
        found: Payload = connection(
            sorted(filter(wanted, self.coupons.by_id.values()), key=key), self._listed, key, args
        )
        return found

    def _listed(self, found: Coupon) -> Payload:
        """As a DiscountNode, which has the same number and a kind of its own."""
        shown = self._node(found)
        return {"__typename": "DiscountNode", "id": gid("DiscountNode", found.id), "discount": shown["codeDiscount"]}

    def deactivate(self, id_: str) -> Payload:
        """``discountCodeDeactivate``: it ends now; once more changes nothing."""
        number = _number(id_, "DiscountCodeNode")
        found = self.coupons.by_id.get(number) if number is not None else None
        if found is None:
            return {
                "codeDiscountNode": None,
                "userErrors": [_error(["id"], "Code discount does not exist.", "INVALID")],
            }
        now = self.now()
        found.ends_at = min(found.ends_at or now, now)
        return {"codeDiscountNode": self._node(found), "userErrors": []}

    def _made(self, given: Payload, problems: list[Payload], **worth: Any) -> Payload:
        if problems:
            return {"codeDiscountNode": None, "userErrors": problems}
        customers = frozenset(number for _, number in self._customers(given) if number is not None)
        made = Coupon(
            id=self.next_id(),
            code=given["code"],
            title=given["title"],
            created_at=self.now(),
            usage_limit=given.get("usageLimit"),
            customers=customers,
            ends_at=_moment_of(given.get("endsAt")),
            combines=frozenset(
                name.removesuffix("Discounts") for name, allowed in (given.get("combinesWith") or {}).items() if allowed
            ),
            marks={"tags": list(given.get("tags") or [])},
            **worth,
        )
        self.coupons.add(made)
        return {"codeDiscountNode": self._node(made), "userErrors": []}

    def _problems(self, root: str, given: Payload) -> list[Payload]:
        code = given.get("code") or ""
        problems = []
        for name, text in (("title", given.get("title")), ("startsAt", given.get("startsAt")), ("code", code)):
            if not text:
                label = {"startsAt": "Starts at"}.get(name, name.capitalize())
                problems.append(_error([root, name], f"{label} can't be blank", "BLANK"))
        if len(code) > MAX_CODE:
            problems.append(_error([root, "code"], "Code is too long (maximum is 255 characters)", "TOO_LONG"))
        if code and self.coupons.find(code) is not None:
            message = "Code must be unique. Please try a different code."
            problems.append(_error([root, "code"], message, "TAKEN"))
        if given.get("usageLimit") is not None and given["usageLimit"] <= 0:
            problems.append(_error([root, "usageLimit"], "Usage limit must be greater than 0", "GREATER_THAN"))
        for id_, number in self._customers(given):
            if number is None or not self.exists(number):
                at = [root, "context", "customers", "add"]
                problems.append(_error(at, f"Customer with id: {id_} is invalid", "INVALID"))
        return problems

    def _customers(self, given: Payload) -> list[tuple[str, int | None]]:
        chosen = ((given.get("context") or {}).get("customers") or {}).get("add") or []
        return [(id_, _number(id_, "Customer")) for id_ in chosen]

    def _minor(self, amount: Any) -> int:
        return int(Decimal(str(amount or 0)).scaleb(EXPONENTS[self.currency]))

    def _node(self, coupon: Coupon) -> Payload:
        shown = {
            "__typename": "DiscountCodeFreeShipping" if coupon.kind == "shipping" else "DiscountCodeBasic",
            "asyncUsageCount": self._uses(coupon),
            "codes": lambda info, **args: connection([coupon], self._redeem_code, _by_id, args),
            "createdAt": moment(coupon.created_at),
            "endsAt": moment(coupon.ends_at),
            "startsAt": moment(coupon.created_at),
            "status": self._status(coupon),
            "tags": coupon.marks.get("tags", []),
            "title": coupon.title,
            "usageLimit": coupon.usage_limit,
        }
        return {"__typename": "DiscountCodeNode", "id": gid("DiscountCodeNode", coupon.id), "codeDiscount": shown}

    def _uses(self, coupon: Coupon) -> int:
        return self._counted.get(coupon.id, 0) if self.lags else len(coupon.used_by)

    def _redeem_code(self, coupon: Coupon) -> Payload:
        number = gid("DiscountRedeemCode", coupon.id)
        shown = {"__typename": "DiscountRedeemCode", "id": number, "code": coupon.code}
        return {**shown, "asyncUsageCount": self._uses(coupon)}

    def _status(self, coupon: Coupon) -> str:
        return "EXPIRED" if coupon.ends_at is not None and coupon.ends_at <= self.now() else "ACTIVE"


def _by_id(coupon: Coupon) -> tuple[int, int]:
    return (coupon.id, coupon.id)


def _by_title(coupon: Coupon) -> tuple[str, int]:
    return (coupon.title, coupon.id)


def _error(field: list[str], message: str, code: str) -> Payload:
    return {"field": field, "message": message, "code": code, "extraInfo": None}


def _number(id_: str, kind: str) -> int | None:
    named, _, number = id_.removeprefix("gid://shopify/").partition("/")
    return int(number) if named == kind and number.isascii() and number.isdigit() else None


def _moment_of(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
