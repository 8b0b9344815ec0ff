"""The simulated shop's own page: what a shopper sees. Everything about points comes from what was pushed to the shop.

The page works without script; script only saves reloads: it sends the forms and asks ``/points.json`` of this same
shop.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from connector.sandbox.amounts import plain
from connector.sandbox.headless import HeadlessShop
from connector.sandbox.records import Customer, Order
from connector.sandbox.shop import Basket, Shop
from connector.sandbox.snapshot_view import PointsView, points_view, rarities, when
from connector.sandbox.words import LANGUAGE, STATUSES, WORDS

STATIC = {"storefront.css": "text/css", "storefront.js": "text/javascript", "headless.css": "text/css"}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
SHOWN_ORDERS = 8
SHIPPING_MINOR = 490
View = dict[str, Any]


class Storefront:
    """Pages of one shop. A shopper is chosen by ``?shopper=<customer id>``: this is a play shop without passwords."""

    def __init__(self, shop: Shop, zone: str) -> None:
        self.shop = shop
        self.zone = ZoneInfo(zone)
        self.headless = HeadlessShop(lambda: shop.courier.http, self._names, lambda: shop.headless)
        self.pages = Environment(
            loader=PackageLoader("connector.sandbox"),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def routes(self) -> list[BaseRoute]:
        """Everything a browser may ask for."""
        return [
            Route("/", self.page),
            Route("/points.json", self.points),
            Route("/buy", self.buy, methods=["POST"]),
            Route("/orders/{id:int}/{deed}", self.change, methods=["POST"]),
            Route("/static/{name}", self.static),
            *self.headless.routes(),
        ]

    def _names(self) -> dict[str, str]:
        living = self.shop.truth.live_customers()
        return {str(each.id): f"{each.first_name} {each.last_name}" for each in living}

    async def page(self, request: Request) -> Response:
        """The whole page."""
        customer = self._chosen(request)
        shelf = list(self.shop.truth.products.values())
        view = {
            "language": LANGUAGE,
            "words": WORDS,
            "shop": self.shop.name,
            "platform": self.shop.platform,
            "shoppers": sorted(
                self.shop.truth.live_customers(), key=lambda each: (each.first_name, each.last_name, each.id)
            ),
            "shopper": customer,
            "products": [(product, _money(product.price_minor, self.shop.currency)) for product in shelf],
            "message": request.query_params.get("done", "")[:200],
            **self._account(customer),
        }
        return HTMLResponse(self.pages.get_template("storefront.html").render(view), headers=HEADERS)

    async def points(self, request: Request) -> Response:
        """What may have changed: ``{"version", "announcement", "points", "orders"}``, the last two as HTML."""
        account = self._account(self._chosen(request))
        words = {"words": WORDS}
        shown: PointsView = account["points"]
        body = {
            "version": shown.version,
            "announcement": shown.announcement,
            "points": self.pages.get_template("_points.html").render(account | words),
            "orders": self.pages.get_template("_orders.html").render(account | words),
        }
        return JSONResponse(body, headers=HEADERS)

    async def buy(self, request: Request) -> Response:
        """Place a real, paid order."""
        form = await _form(request)
        customer, product = self._customer(form.get("shopper", "")), form.get("product", "")
        if customer is None or not product.isdigit() or int(product) not in self.shop.truth.products:
            return self._done(request, customer, WORDS["not_possible"], 409)
        basket = Basket(items=[(int(product), 1)], shipping_minor=SHIPPING_MINOR, checkout="block")
        order = self.shop.place_order(customer.id, basket)
        return self._done(request, customer, WORDS["placed"].format(number=order.number))

    async def change(self, request: Request) -> Response:
        """Refund or cancel one of the shopper's orders: the merchant's part, for play."""
        form = await _form(request)
        customer = self._customer(form.get("shopper", ""))
        order = self.shop.truth.orders.get(request.path_params["id"])
        deed = request.path_params["deed"]
        if customer is None or order is None or order.customer_id != customer.id or deed not in _possible(order):
            return self._done(request, customer, WORDS["not_possible"], 409)
        deeds: dict[str, Callable[[], object]] = {
            "refund_one": lambda: self.shop.refund_lines(order.id, {_first_left(order): 1}),
            "refund_all": lambda: self.shop.refund_all(order.id),
            "cancel": lambda: self.shop.cancel(order.id),
        }
        deeds[deed]()
        return self._done(request, customer, WORDS[f"deed_{deed}"].format(number=order.number))

    async def static(self, request: Request) -> Response:
        """Files of the shop's pages."""
        name = request.path_params["name"]
        if name not in STATIC:
            return Response("Not found", 404, media_type="text/plain")
        content = files("connector.sandbox").joinpath("static", name).read_bytes()
        return Response(content, headers={"X-Content-Type-Options": "nosniff"}, media_type=STATIC[name])

    def _account(self, customer: Customer | None) -> View:
        pushed = self.shop.snapshot_of(customer) if customer else None
        orders = self.shop.truth.orders_of(customer.id) if customer else []
        numbers = {str(order.id): str(order.number) for order in orders}
        return {
            "points": points_view(pushed, self.zone, numbers),
            "rarities": rarities(self.shop.programme, LANGUAGE),
            "orders": [self._order(order) for order in orders[:SHOWN_ORDERS]],
            "shopper": customer,
        }

    def _order(self, order: Order) -> View:
        status = "trash" if order.trashed else "cancelled" if order.cancelled_at else order.status
        refunded = _money(order.refunded_minor, order.currency) if order.refunded_minor else ""
        return {
            "id": order.id,
            "number": order.number,
            "when": when(order.created_at, self.zone),
            "items": ", ".join(f"{line.quantity} × {line.product.title}" for line in order.lines),
            "total": _money(order.total_minor, order.currency),
            "refunded": refunded,
            "status": STATUSES.get(status, status),
            "deeds": _possible(order),
        }

    def _chosen(self, request: Request) -> Customer | None:
        """Who is asked for; else the first who has points; else the first."""
        chosen = self._customer(request.query_params.get("shopper", ""))
        if chosen:
            return chosen
        everybody = self.shop.truth.live_customers()
        with_points = (each for each in everybody if self.shop.snapshot_of(each))
        return next(with_points, everybody[0] if everybody else None)

    def _customer(self, text: str) -> Customer | None:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
        customer = self.shop.truth.customers.get(number)
        return customer if customer and not customer.deleted else None

    def _done(self, request: Request, customer: Customer | None, message: str, status: int = 200) -> Response:
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse({"message": message}, status, HEADERS)
        query = urlencode({"shopper": customer.id if customer else "", "done": message})
        return RedirectResponse(f"/?{query}", 303)


def _possible(order: Order) -> list[str]:
    """Which buttons make sense."""
    if order.trashed or order.cancelled_at:
        return []
    can_refund = order.paid_at is not None and order.left_minor > 0
    has_units = any(line.current_quantity for line in order.lines)
    deeds = ["refund_one"] if can_refund and has_units else []
    return [*deeds, *(["refund_all"] if can_refund else []), "cancel"]


def _first_left(order: Order) -> int:
    return next(line.id for line in order.lines if line.current_quantity)


def _money(minor: int, currency: str) -> str:
    return f"{plain(minor, currency)}\u00a0{currency}"


async def _form(request: Request) -> dict[str, str]:
    """Fields of a form; none when another site sent it."""
    origin = request.headers.get("origin")
    if origin not in (None, "null") and origin != f"{request.url.scheme}://{request.url.netloc}":
        return {}
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
