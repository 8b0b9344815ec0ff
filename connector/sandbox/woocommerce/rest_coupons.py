"""``/coupons`` and ``/coupons/{id}``: codes are lower-cased and unique, limits count, an end is an instant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.requests import Request

from connector.sandbox.amounts import EXPONENTS, plain
from connector.sandbox.coupons import EVERY_SORT, Coupon
from connector.sandbox.shop import Shop
from connector.sandbox.woocommerce.bodies import Bodies, local, utc
from connector.sandbox.woocommerce.errors import RestError, invalid_coupon
from connector.sandbox.woocommerce.lists import fields_of, one_of, page_of

Answer = tuple[Any, dict[str, str]]
TYPES = {"fixed": "fixed_cart", "percent": "percent", "product": "percent", "shipping": "fixed_cart"}

ORDERS: dict[str, Callable[[Coupon], Any]] = {
    "date": lambda one: (one.created_at, one.id),
    "modified": lambda one: (one.created_at, one.id),
    "id": lambda one: one.id,
    "include": lambda one: one.id,
    "title": lambda one: one.code,
    "slug": lambda one: one.code,
}
"""By what a list is sorted. A coupon keeps no date of its last change here: that of its making stands for it."""


class Coupons:
    """Reads and writes of the shop's coupons."""

    def __init__(self, shop: Shop, bodies: Bodies, body_of: Callable[[Request], Awaitable[Any]]) -> None:
        self.shop = shop
        self.bodies = bodies
        self.body_of = body_of

    async def index(self, request: Request) -> Answer:
        """A page of coupons, newest first unless asked otherwise; ``code`` finds one however it is written."""
        wanted = request.query_params.get("code")
        rows = [one for one in self.shop.coupons.by_id.values() if wanted is None or one.code == wanted.lower()]
        chosen = one_of(request.query_params, "orderby", "date", tuple(ORDERS))
        descending = one_of(request.query_params, "order", "desc", ("asc", "desc")) == "desc"
        page, headers = page_of(request, sorted(rows, key=ORDERS[chosen], reverse=descending), self.bodies.base_url)
        return [fields_of(request.query_params, self.view(one)) for one in page], headers

    async def one(self, request: Request) -> Answer:
        """One coupon."""
        return fields_of(request.query_params, self.view(self._find(request))), {}

    async def create(self, request: Request) -> Answer:
        """A new coupon."""
        given = await self.body_of(request)
        code = str(given.get("code") or "").strip().lower()
        if not code:
            raise RestError(400, "woocommerce_rest_empty_coupon_code", "The coupon code cannot be empty.")
        if self.shop.coupons.find(code) is not None:
            text = "The coupon code already exists"
            raise RestError(400, "woocommerce_rest_coupon_code_already_exists", text)
        made = Coupon(self.shop.next_id("order"), code, "", "fixed", self.shop.now(), combines=EVERY_SORT)
        self._fill(made, given)
        self.shop.coupons.add(made)
        return self.view(made), {}

    async def update(self, request: Request) -> Answer:
        """Some fields of a coupon."""
        found = self._find(request)
        self._fill(found, await self.body_of(request))
        return self.view(found), {}

    def _find(self, request: Request) -> Coupon:
        found = self.shop.coupons.by_id.get(request.path_params["id"])
        if found is None:
            raise invalid_coupon()
        return found

    def _fill(self, coupon: Coupon, given: dict[str, Any]) -> None:
        coupon.title = str(given.get("description", coupon.title))
        if "discount_type" in given or "amount" in given or given.get("free_shipping"):
            self._set_worth(coupon, given)
        if "minimum_amount" in given:
            coupon.minimum_minor = self._minor(given["minimum_amount"])
        if "usage_limit" in given:
            coupon.usage_limit = given["usage_limit"]
        if "individual_use" in given:
            coupon.combines = frozenset() if given["individual_use"] else EVERY_SORT
        if "email_restrictions" in given:
            coupon.addresses = tuple(address.lower() for address in given["email_restrictions"])
        if given.get("date_expires_gmt"):
            coupon.ends_at = datetime.fromisoformat(given["date_expires_gmt"]).replace(tzinfo=UTC)
        for row in given.get("meta_data", ()):
            coupon.marks[row["key"]] = row["value"]

    def _set_worth(self, coupon: Coupon, given: dict[str, Any]) -> None:
        amount = given.get("amount", "0")
        products = given.get("product_ids") or []
        if given.get("discount_type", "fixed_cart") == "percent":
            coupon.kind = "product" if products and given.get("limit_usage_to_x_items") == 1 else "percent"
            coupon.percent_bp = int(_decimal(amount).scaleb(2))
        else:
            coupon.kind = "shipping" if given.get("free_shipping") else "fixed"
            coupon.amount_minor = self._minor(amount)
        coupon.product_id = int(products[0]) if products else None

    def _minor(self, amount: Any) -> int:
        return int(_decimal(amount).scaleb(EXPONENTS[self.shop.currency]))

    def view(self, coupon: Coupon) -> dict[str, Any]:
        """The body of a coupon, as much of it as clients ask for."""
        currency = self.shop.currency
        percent = Decimal(coupon.percent_bp).scaleb(-2)
        is_percent = coupon.kind in ("percent", "product")
        amount = f"{percent:.2f}" if is_percent else self.bodies.amount(coupon.amount_minor, currency)
        return {
            "id": coupon.id,
            "code": coupon.code,
            "amount": amount,
            "status": "publish",
            "date_created": local(coupon.created_at, self.bodies.zone),
            "date_created_gmt": utc(coupon.created_at),
            "discount_type": TYPES[coupon.kind],
            "description": coupon.title,
            "date_expires": local(coupon.ends_at, self.bodies.zone),
            "date_expires_gmt": utc(coupon.ends_at),
            "usage_count": len(coupon.used_by),
            "individual_use": not coupon.combines,
            "product_ids": [coupon.product_id] if coupon.product_id else [],
            "usage_limit": coupon.usage_limit,
            "usage_limit_per_user": coupon.usage_limit,
            "limit_usage_to_x_items": 1 if coupon.kind == "product" else None,
            "free_shipping": coupon.kind == "shipping",
            "minimum_amount": plain(coupon.minimum_minor, currency, self.bodies.places),
            "email_restrictions": list(coupon.addresses),
            "used_by": [str(number) for number in coupon.used_by],
            "meta_data": [
                {"id": coupon.id * 10 + place, "key": key, "value": value}
                for place, (key, value) in enumerate(coupon.marks.items())
            ],
        }


def _decimal(amount: Any) -> Decimal:
    try:
        return Decimal(str(amount or 0))
    except InvalidOperation:
        raise RestError(400, "rest_invalid_param", "Invalid parameter(s): amount") from None
