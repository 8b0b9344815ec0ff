"""A simulated WooCommerce shop as an ASGI app, with the deeds that only WooCommerce knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.clock import utc_now
from connector.sandbox.courier import Courier, CourierSettings
from connector.sandbox.json_text import php_json
from connector.sandbox.records import Customer, Happened, Line, Order, Refund
from connector.sandbox.shop import Shop
from connector.sandbox.storefront import Storefront
from connector.sandbox.woocommerce.auth import Key, require
from connector.sandbox.woocommerce.bodies import VERSION, Bodies
from connector.sandbox.woocommerce.errors import RestError, invalid_customer, invalid_order, no_route
from connector.sandbox.woocommerce.hooks import TIMEOUT_SECONDS, Hooks
from connector.sandbox.woocommerce.oauth import OAuth
from connector.sandbox.woocommerce.plugin import Plugin
from connector.sandbox.woocommerce.plugin_deeds import PluginDeeds
from connector.sandbox.woocommerce.plugin_routes import PluginRoutes
from connector.sandbox.woocommerce.plugin_states import Review
from connector.sandbox.woocommerce.rest_coupons import Coupons
from connector.sandbox.woocommerce.rest_customers import Customers
from connector.sandbox.woocommerce.rest_orders import Orders
from connector.sandbox.woocommerce.rest_products import Products
from connector.sandbox.woocommerce.rest_webhooks import Webhooks

API = "/wp-json/wc/v3"
PLUGIN_API = "/wp-json/belong/v1"
"""Routes of our plugin, which this shop has."""
SNAPSHOT_KEY = "belong_snapshot"
PAID_STATUSES = ("processing", "completed")
Handler = Callable[[Request], Awaitable[tuple[Any, dict[str, str]]]]


class SimulatedWooCommerce(PluginDeeds, Shop):
    """One WooCommerce shop. ``app`` is the ASGI app, ``truth`` the records, ``courier`` the deliveries.

    counts_as_tls: whether requests count as https, as behind a proxy that ends TLS; without it only OAuth 1.0a counts.
    reaches_private_addresses: whether the filters are in place without which WordPress calls no private address.
    places: decimals of every amount, whatever its currency. plugin: whether our plugin is active.
    """

    tender_outside = True
    platform = "WooCommerce"

    def __init__(
        self,
        seed: int = 1,
        *,
        base_url: str = "https://shop.example.test",
        consumer_key: str = "ck_" + "a" * 40,
        consumer_secret: str = "cs_" + "b" * 40,
        now: Callable[[], datetime] = utc_now,
        name: str = "Müsli & Mokka",
        currency: str = "EUR",
        places: int = 2,
        prices_with_tax: bool = True,
        tax_basis_points: int = 1900,
        zone: str = "Europe/Berlin",
        counts_as_tls: bool = True,
        reaches_private_addresses: bool = True,
        courier: CourierSettings | None = None,
        plugin: bool = False,
    ) -> None:
        self._last = {"product": 10, "customer": 1, "post": 27, "item": 12, "meta": 40}
        self._meta_ids: dict[tuple[int, str], int] = {}
        self._programme: str | None = None
        super().__init__(
            seed=seed, now=now, currency=currency, prices_with_tax=prices_with_tax, tax_basis_points=tax_basis_points
        )
        self.places = places
        self.base_url = base_url.rstrip("/")
        self.name = name
        self.counts_as_tls = counts_as_tls
        self.keys = {consumer_key: Key(consumer_key, consumer_secret)}
        self.oauth = OAuth(self.base_url)
        self.courier = Courier(seed, timeout_seconds=TIMEOUT_SECONDS, settings=courier)
        self.bodies = Bodies(
            base_url=self.base_url,
            zone=ZoneInfo(zone),
            places=places,
            with_tax=prices_with_tax,
            tax_basis_points=tax_basis_points,
            meta_id=self._meta_id,
        )
        self.hooks = Hooks(self.base_url, self.courier, self.now, self._body_of, reaches_private_addresses)
        self.plugin = Plugin(self.courier, self.state_of, self.clock) if plugin else None
        self.reviews: dict[int, Review] = {}
        self.app = self._routes(seed)

    def install_plugin(self) -> Plugin:
        """Our plugin becomes active in a shop that had none."""
        self.plugin = Plugin(self.courier, self.state_of, self.clock)
        self.app.router.routes[:] = self._routes(self.seed).router.routes
        return self.plugin

    # Deeds that only WooCommerce knows

    def set_status(self, order_id: int, status: str) -> Order:
        """Someone picks another status. ``refunded`` makes one refund without lines over what is left."""
        order = self._touch(order_id)
        if status == "refunded" and order.left_minor:
            order.refunds.append(Refund(self.next_id("refund"), self.now(), order.left_minor, "Order fully refunded."))
        if status in PAID_STATUSES and order.paid_at is None and (order.gateway != "cod" or status == "completed"):
            self._mark_paid(order)
        if status == "completed":
            order.completed_at = self.now()
        order.cancelled_at = self.now() if status == "cancelled" else None
        order.status = status
        self.announce(Happened("changed", order=order))
        return order

    def reopen(self, order_id: int, status: str = "processing") -> Order:
        """A cancelled order is taken up again."""
        return self.set_status(order_id, status)

    def trash(self, order_id: int) -> Order:
        """Into the bin."""
        order = self._touch(order_id)
        order.trashed = True
        self.announce(Happened("trashed", order=order))
        return order

    def restore(self, order_id: int) -> Order:
        """Out of the bin, with the status it had."""
        order = self._touch(order_id)
        order.trashed = False
        self.announce(Happened("restored", order=order))
        return order

    def delete_refund(self, order_id: int, refund_id: int) -> None:
        """A refund is deleted: nothing is sent and no date moves. The status stays, too."""
        order = self.truth.orders[order_id]
        refund = next(refund for refund in order.refunds if refund.id == refund_id)
        for line in refund.lines:
            order.line(line.line_id).refunded -= line.quantity
        order.refunds.remove(refund)
        if self.plugin is not None:
            self.plugin.mark("order", order_id)

    def delete_customer(self, customer_id: int) -> None:
        """Orders of a deleted account become a guest's, without a word and without a date."""
        super().delete_customer(customer_id)
        for order in self.truth.orders.values():
            if order.customer_id == customer_id:
                order.customer_id = None

    @property
    def programme(self) -> str | None:
        """The programme's summary, as our plugin was told it."""
        return self._programme if self.plugin is None else self.plugin.programme

    def snapshot_of(self, customer: Customer) -> str | None:
        """What was pushed for a shopper: the meta row ``belong_snapshot``, as JSON text, or what our plugin keeps."""
        if self.plugin is not None:
            return self.plugin.snapshots.get(customer.id)
        value = customer.meta.get(SNAPSHOT_KEY)
        return value if value is None or isinstance(value, str) else msgspec.json.encode(value).decode()

    # What WooCommerce sends

    def tell_birth_date(self, customer_id: int, text: str) -> None:
        """A shopper fills in their birthday: a field of an extension, kept as meta ``birth_date``."""
        customer = self.truth.customers[customer_id]
        customer.meta["birth_date"] = text
        customer.updated_at = self.now()
        self.announce(Happened("updated", customer=customer))

    def announce(self, happened: Happened) -> None:
        """Queue the webhooks of one deed, and mark what our plugin has to tell of it."""
        if self.plugin is not None:
            self.mark(self.plugin, happened)
        if happened.order is not None:
            for topic in self._order_topics(happened, happened.order):
                self.hooks.emit(topic, happened.order.id)
        customer = happened.customer
        if customer is None:
            return
        topics = {
            "registered": ("customer.created", "customer.updated"),
            "left": ("customer.deleted",),
            "placed": ("customer.updated",) if happened.order and happened.order.paid_at else (),
        }.get(happened.kind, ("customer.updated",))
        for topic in topics:
            self.hooks.emit(topic, customer.id)

    def _order_topics(self, happened: Happened, order: Order) -> tuple[str, ...]:
        if happened.kind == "placed":
            made = ("order.created", "order.updated")
            return (made[1], made[0]) if order.checkout == "block" else made
        return {
            "trashed": ("order.deleted",),
            "restored": ("order.restored", "order.updated"),
            "deleted": (),
        }.get(happened.kind, ("order.updated",))

    def _body_of(self, kind: str, number: int) -> dict[str, Any]:
        """The resource as it is now; the API's error body when it is gone: that is what real shops send then."""
        if kind == "order":
            order = self.truth.orders.get(number)
            return self.bodies.order(order) if order and not order.deleted else invalid_order().body()
        customer = self.truth.customers.get(number)
        return self.bodies.customer(customer) if customer and not customer.deleted else invalid_customer().body()

    # Shop

    def next_id(self, kind: str) -> int:
        """Orders and refunds share one row of numbers, as posts do."""
        row = "post" if kind in ("order", "refund") else kind
        self._last[row] += 1
        return self._last[row]

    def order_number(self, order_id: int) -> int:
        """The id, unless a plugin says otherwise."""
        return order_id

    def settle_status(self, order: Order, deed: str) -> None:
        """Statuses move with deeds and stay otherwise: they may disagree with the refunds."""
        if deed == "placed":
            waiting = "on-hold" if order.gateway == "bacs" else "pending"
            order.status = "processing" if order.paid_at or order.gateway == "cod" else waiting
        elif deed in ("paid", "completed", "cancelled"):
            order.status = {"paid": "processing"}.get(deed, deed)
        elif deed == "refunded" and order.left_minor == 0:
            order.status = "refunded"

    def remove_units(self, order: Order, line: Line, units: int) -> None:
        """The line itself becomes smaller, as if less had been bought."""
        if units == line.quantity:
            order.lines.remove(line)
            return
        for name in ("gross_minor", "discount_minor", "net_minor", "tax_minor"):
            whole = getattr(line, name)
            setattr(line, name, line.share(whole, 0, line.quantity - units))
        line.quantity -= units

    def _meta_id(self, customer_id: int, key: str) -> int:
        if (customer_id, key) not in self._meta_ids:
            self._meta_ids[customer_id, key] = self.next_id("meta")
        return self._meta_ids[customer_id, key]

    # HTTP

    def _routes(self, seed: int) -> Starlette:
        orders = Orders(self.truth, self.bodies)
        customers = Customers(self, self.bodies, _json_of)
        products = Products(self, self.bodies)
        coupons = Coupons(self, self.bodies, _json_of)
        webhooks = Webhooks(self.hooks, self.bodies, _json_of, seed)
        change = ["POST", "PUT", "PATCH"]
        routes = [
            Route("/wp-json/", self._open(self._index)),
            self._route("/system_status", self._system, "view"),
            self._route("/orders", orders.index, "view"),
            self._route("/orders/{id:int}", orders.one, "view_one"),
            self._route("/orders/{id:int}/refunds", orders.refunds, "view"),
            self._route("/orders/{id:int}/refunds/{refund_id:int}", orders.refund, "view_one"),
            self._route("/refunds", orders.all_refunds, "view"),
            self._route("/customers", customers.index, "view"),
            self._route("/customers/batch", customers.batch, "batch", change),
            self._route("/customers/{id:int}", customers.one, "view_one"),
            self._route("/customers/{id:int}", customers.update, "edit", change),
            self._route("/products", products.index, "view"),
            self._route("/products/{id:int}/variations", products.variations, "view"),
            self._route("/data/currencies/current", products.currency, "view"),
            self._route("/coupons", coupons.index, "view"),
            self._route("/coupons", coupons.create, "create", ["POST"], status=201),
            self._route("/coupons/{id:int}", coupons.one, "view_one"),
            self._route("/coupons/{id:int}", coupons.update, "edit", change),
            self._route("/webhooks", webhooks.index, "view"),
            self._route("/webhooks", webhooks.create, "create", ["POST"], status=201),
            self._route("/webhooks/{id:int}", webhooks.one, "view_one"),
            self._route("/webhooks/{id:int}", webhooks.update, "edit", change),
            self._route("/webhooks/{id:int}", webhooks.delete, "delete", ["DELETE"]),
        ]
        if self.plugin is None:
            routes.append(self._route("/programme", self._take_programme, "edit", ["POST"], api=PLUGIN_API))
        else:
            routes += PluginRoutes(self.plugin, self.has_customer).routes(PLUGIN_API)
        page = Storefront(self, str(self.bodies.zone))
        refused = {404: self._no_route, 405: self._no_route}
        return Starlette(routes=[*routes, *page.routes()], exception_handlers=refused)

    def _route(
        self,
        path: str,
        handler: Handler,
        action: str,
        methods: list[str] | None = None,
        status: int = 200,
        api: str = API,
    ) -> Route:
        async def answer(request: Request) -> Response:
            try:
                oauth = None if self.counts_as_tls else self.oauth
                require(request, self.keys, oauth, action=action, now=self.clock())
                body, headers = await handler(request)
            except RestError as error:
                return _response(error.status, error.body())
            return _response(status, body, headers)

        return Route(api + path, answer, methods=methods or ["GET"])

    async def _take_programme(self, request: Request) -> tuple[Any, dict[str, str]]:
        """What our plugin does with the programme: keep it as it came, and show it."""
        self._programme = str((await _json_of(request))["programme"])
        return {"programme": self._programme}, {}

    def _open(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            body, headers = await handler(request)
            return _response(200, body, headers)

        return answer

    async def _no_route(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        if request.url.path.startswith("/wp-json/"):
            return _response(404, no_route().body())
        return Response("Not found", status, media_type="text/plain")

    async def _index(self, request: Request) -> tuple[Any, dict[str, str]]:
        about = {
            "name": self.name,
            "description": "",
            "url": self.base_url,
            "home": self.base_url,
            "gmt_offset": "1",
            "timezone_string": str(self.bodies.zone),
            "namespaces": ["oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wc/store/v1", "wp/v2"],
        }
        return about, {}

    async def _system(self, request: Request) -> tuple[Any, dict[str, str]]:
        environment = {"home_url": self.base_url, "site_url": self.base_url, "version": VERSION, "wp_version": "7.1"}
        settings = {"currency": self.currency, "number_of_decimals": self.places}
        return {"environment": environment, "settings": settings}, {}


async def _json_of(request: Request) -> Any:
    raw = await request.body()
    if not raw:
        return {}
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        extra = {"json_error_code": 4, "json_error_message": "Syntax error"}
        raise RestError(400, "rest_invalid_json", "Invalid JSON body passed.", **extra) from None


def _response(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    shown = {"X-Robots-Tag": "noindex", "X-Content-Type-Options": "nosniff", **(headers or {})}
    return Response(php_json(body), status, shown, media_type="application/json; charset=UTF-8")
