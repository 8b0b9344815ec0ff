"""A simulated Shopify shop as an ASGI app: token grants, the Admin API, and webhooks that go out by courier."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import msgspec
from graphql.type import GraphQLSchema
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.clock import utc_now
from connector.sandbox.courier import Courier, CourierSettings
from connector.sandbox.json_text import rails_json
from connector.sandbox.records import Customer, Happened, Line, Order, Refund
from connector.sandbox.shop import Shop
from connector.sandbox.shopify import oauth
from connector.sandbox.shopify.bodies import Bodies, financial_status
from connector.sandbox.shopify.bulk import RESULTS, BulkOperations
from connector.sandbox.shopify.cost import Bucket
from connector.sandbox.shopify.definitions import Definitions
from connector.sandbox.shopify.discounts import Discounts
from connector.sandbox.shopify.execute import Executor
from connector.sandbox.shopify.flows import Flows
from connector.sandbox.shopify.grants import MUST_EXPIRE, Grants
from connector.sandbox.shopify.hooks import TIMEOUT_SECONDS, Hooks, Subscription
from connector.sandbox.shopify.lifecycle import Lifecycle
from connector.sandbox.shopify.merging import merge_problems, survivor
from connector.sandbox.shopify.metafields import SHOP, Metafields
from connector.sandbox.shopify.paging import short_pages
from connector.sandbox.shopify.proxy import AppProxy
from connector.sandbox.shopify.schema import Access, Admin, resolvers, schema
from connector.sandbox.shopify.store_credits import StoreCredits
from connector.sandbox.shopify.subscriptions import Subscriptions
from connector.sandbox.shopify.tags import MOST_TAGS
from connector.sandbox.shopify.views import Views
from connector.sandbox.storefront import Storefront

VERSIONS = ("2026-01", "2026-04", "2026-07", "2026-10")
"""Stable versions that are supported now, oldest first; what is older falls forward to the first."""
LATEST = VERSIONS[-1]
SCOPES = (
    "read_orders",
    "read_products",
    "read_customers",
    "read_customer_merge",
    "write_customers",
    "write_discounts",
)
STORE_CREDIT_SCOPES = ("read_store_credit_accounts", "write_store_credit_account_transactions")
"""What a merchant grants besides, where points buy store credit."""
BAD_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"

Message = tuple[str, str, dict[str, Any]]


class SimulatedShopify(Shop):
    """One Shopify shop with one installed app. ``app`` is the ASGI app, ``truth`` the records, ``courier`` the
    deliveries.

    api_client_id: the number in app-owned namespaces (``app--4711``). real_schema: Shopify's whole schema, to validate
    with. answers_lost: so many of the next mutations are done and their answers get lost. deprecated: what Shopify says
    of what we use and should not. pages_short: see paging.short_pages.
    gift_card_holders: customers who hold gift cards and so are never merged.
    """

    platform = "Shopify"
    with_gift_cards = True

    def __init__(
        self,
        seed: int = 1,
        *,
        shop: str = "demo.myshopify.com",
        client_id: str = "sandbox-client-id",
        client_secret: str = "sandbox-client-secret",
        now: Callable[[], datetime] = utc_now,
        name: str = "Belong Roasters",
        currency: str = "EUR",
        prices_with_tax: bool = True,
        tax_basis_points: int = 1900,
        zone: str = "Europe/Berlin",
        scopes: Sequence[str] = SCOPES,
        api_client_id: int = 4711,
        api_version: str = LATEST,
        courier: CourierSettings | None = None,
        real_schema: GraphQLSchema | None = None,
    ) -> None:
        self._last_id = 9_007_199_254_740_993 + seed * 1_000_006
        super().__init__(
            seed=seed, now=now, currency=currency, prices_with_tax=prices_with_tax, tax_basis_points=tax_basis_points
        )
        self.shop = shop
        self.name = name
        self.client_id = client_id
        self.client_secret = client_secret
        self.grants = Grants(
            seed=seed, shop=shop, client_id=client_id, secret=lambda: self.client_secret, scopes=scopes, clock=now
        )
        self._random = random.Random(f"shopify:{seed}")
        self.courier = Courier(seed, timeout_seconds=TIMEOUT_SECONDS, settings=courier)
        self.hooks = Hooks(shop, api_version, lambda: self.client_secret, self.courier, self._random)
        self.bodies = Bodies(
            self.truth,
            shop=shop,
            currency=currency,
            zone=ZoneInfo(zone),
            with_tax=prices_with_tax,
            tax_basis_points=tax_basis_points,
        )
        self.metafields = Metafields(
            api_client_id=api_client_id, now=self.now, next_id=self._number, exists=self._has_customer
        )
        self.credits = StoreCredits(now=self.now, next_id=self._number, exists=self._has_customer)
        self.proxy = AppProxy(shop, lambda: self.client_secret, now, lambda: self.courier.http, seed)
        self.lifecycle = Lifecycle(self.hooks, self.grants, self.proxy, self.truth, now=self.now, next_id=self._number)
        self.gift_card_holders: set[int] = set()
        self.answers_lost = 0
        self.deprecated: str | None = None
        self.pages_short: int | None = None
        self.bucket = Bucket(now)
        self.flows = Flows()
        self.bulk = BulkOperations(seed, now=self.now, next_id=self._number, finished=self._bulk_finished)
        self.definitions = Definitions(namespace=self.metafields.namespace, next_id=self._number)
        self._resolvers = resolvers(self._admin(zone, api_client_id)) | self.bulk.resolvers() | self.flows.resolvers()
        self._resolvers |= self.definitions.resolvers()
        self.executor = Executor(schema(), self.bucket, real_schema)
        self.app = self._routes()

    def _admin(self, zone: str, api_client_id: int) -> Admin:
        """What the Admin API reads and writes."""
        views = Views(
            self.truth,
            self.metafields,
            currency=self.currency,
            with_tax=self.prices_with_tax,
            tax_basis_points=self.tax_basis_points,
        )
        views.show_credits = self.credits.of
        subscriptions = Subscriptions(self.hooks, now=self.now, next_id=self._number)
        self.discounts = discounts = Discounts(
            self.coupons,
            currency=self.currency,
            now=self.now,
            next_id=self._number,
            exists=self._has_customer,
            sells=self.truth.products.__contains__,
        )
        return Admin(
            self,
            self.name,
            self.shop,
            zone,
            views,
            self.metafields,
            subscriptions,
            discounts,
            self.credits,
            api_client_id,
        )

    # What the merchant does outside the shop's pages

    def subscribe(self, uri_base: str, topics: Sequence[str], name: str | None = None) -> None:
        """Subscriptions as ``shopify.app.toml`` makes them: ``orders/create`` goes to ``uri_base + '/orders/create'``.

        The real file demands https; on this machine plain http is taken.
        """
        now = self.now()
        for topic in topics:
            made = Subscription(self._number(), topic, f"{uri_base}/{topic}", False, now, now, name=name)
            self.hooks.subscriptions[made.id] = made

    def issue_token(self, scopes: Sequence[str] | None = None, *, lasts_seconds: int | None = None) -> str:
        """An access token; without ``lasts_seconds`` it never expires, like those of custom apps."""
        return self.grants.issue(scopes, lasts_seconds)

    def snapshot_of(self, customer: Customer) -> str | None:
        """What was pushed for a shopper: the app-owned metafield ``summary``."""
        return self.metafields.value(customer.id, "$app", "summary")

    @property
    def programme(self) -> str | None:
        """What was pushed for every page: the shop's app-owned metafield ``programme``."""
        return self.metafields.value(SHOP, "$app", "programme")

    def tell_birth_date(self, customer_id: int, text: str) -> None:
        """A shopper fills in their birthday: the standard metafield ``facts.birth_date``."""
        field = {"namespace": "facts", "key": "birth_date", "type": "date", "value": text}
        self.metafields.set([{"ownerId": f"gid://shopify/Customer/{customer_id}", **field}])
        customer = self.truth.customers[customer_id]
        customer.updated_at = self.now()
        self.announce(Happened("updated", customer=customer))

    # What Shopify sends

    def announce(self, happened: Happened) -> None:
        """Queue the webhooks of one deed. They share an Event-Id."""
        moment = self._moment or self.clock()
        self.hooks.emit(self._messages(happened), moment)

    def _messages(self, happened: Happened) -> list[Message]:
        if happened.order is not None:
            return self._order_messages(happened, happened.order, happened.refund)
        customer = happened.customer
        assert customer is not None
        about = f"customer/{customer.id}"
        if happened.kind == "left":
            return [("customers/delete", about, self.bodies.deleted_customer(customer.id))]
        if happened.kind in ("enabled", "disabled"):
            return [(f"customers/{happened.kind.removesuffix('d')}", about, self.bodies.customer(customer))]
        topic = "customers/create" if happened.kind == "registered" else "customers/update"
        body = {**self.bodies.customer(customer), "metafields": self.metafields.of(customer.id)}
        return [(topic, about, body)]

    def _order_messages(self, happened: Happened, order: Order, refund: Refund | None) -> list[Message]:
        about = f"order/{order.id}"
        if happened.kind == "deleted":
            return [("orders/delete", about, self.bodies.deleted(order.id))]
        body = self.bodies.order(order)
        topics = {
            "placed": ["orders/create", *(["orders/paid"] if order.paid_at else [])],
            "paid": ["orders/paid"],
            "completed": ["orders/fulfilled"],
            "cancelled": ["orders/cancelled"],
        }.get(happened.kind, [])
        messages: list[Message] = [(topic, about, body) for topic in (*topics, "orders/updated")]
        is_paid = happened.kind == "paid" or (happened.kind == "placed" and order.paid_at is not None)
        if is_paid or refund is not None:
            moved = self.bodies.transactions(order, refund)
            messages += [("order_transactions/create", about, one) for one in moved]
        if refund is not None:
            messages.insert(0, ("refunds/create", about, self.bodies.refund(order, refund)))
        if happened.kind == "edited":
            edited = self.bodies.edited(order, self._number(), happened.added, happened.removed)
            messages.insert(0, ("orders/edited", about, edited))
        return messages

    def _bulk_finished(self, number: int, body: dict[str, Any]) -> None:
        self.hooks.emit([("bulk_operations/finish", f"bulk_operation/{number}", body)], self.clock())

    # Shop

    def next_id(self, kind: str) -> int:
        """Ids are larger than 2^53 and odd, so that whoever reads them as a float gets others."""
        return self._number()

    def settle_status(self, order: Order, deed: str) -> None:
        """The state of the money."""
        order.status = financial_status(order)

    def verify_address(self, customer_id: int) -> None:
        """Whoever can sign in has an enabled account."""
        super().verify_address(customer_id)
        self.announce(Happened("enabled", customer=self.truth.customers[customer_id]))

    def disable_customer(self, customer_id: int) -> None:
        """The merchant lets nobody sign in there any more."""
        customer = self.truth.customers[customer_id]
        customer.can_sign_in, customer.updated_at = False, self.now()
        self.announce(Happened("disabled", customer=customer))

    def delete_customer(self, customer_id: int) -> None:
        """Shopify refuses to delete customers who have orders."""
        if self.truth.orders_of(customer_id):
            raise ValueError("Customer can't be deleted because they have associated orders")
        super().delete_customer(customer_id)

    def merge_customers(self, gone_id: int, kept_id: int, *, fails: bool = False) -> None:
        """The merchant makes one account of two. Orders become the kept one's, without a word about each. Where that
        cannot be (``fails``: for another reason), Shopify says so, and nothing has changed.
        """
        gone, kept = self.truth.customers[gone_id], self.truth.customers[kept_id]
        why_not = "is currently being merged." if fails else self._never_merged(gone, kept)
        if why_not is None:
            for order in self.truth.orders.values():
                if order.customer_id == gone.id:
                    order.customer_id = kept.id
            known = {tag.casefold() for tag in kept.tags}
            kept.tags += [tag for tag in gone.tags if tag.casefold() not in known]
            gone.deleted = True
            kept.updated_at = self.now()
        moment = self._moment or self.clock()
        self.hooks.emit([("customers/merge", f"customer/{kept.id}", self.bodies.merged(gone, kept, why_not))], moment)
        if why_not is None:
            self.announce(Happened("left", customer=gone))
            self.announce(Happened("updated", customer=kept))

    def answer_mail(self, customer_id: int, *, accepts: bool) -> None:
        """A shopper says whether they take mails of the shop."""
        customer = self.truth.customers[customer_id]
        customer.mail_consent = ("subscribed" if accepts else "unsubscribed", self.now())
        told, about = self.bodies.mail_consent(customer), f"customer/{customer_id}"
        self.hooks.emit([("customers_email_marketing_consent/update", about, told)], self._moment or self.clock())

    def customer_merge(
        self, one_id: int, two_id: int, *, email_of: int | None = None
    ) -> tuple[int | None, list[dict[str, Any]]]:
        """``customerMerge``: Shopify says who stays. Their id; or what stands in the way, and nothing has happened."""
        one, two = self.truth.customers[one_id], self.truth.customers[two_id]
        if problems := merge_problems(one, two, self.gift_card_holders):
            return None, problems
        kept = survivor(one, two, email_of)
        self.merge_customers(one.id if kept is two else two.id, kept.id)
        return kept.id, []

    def _never_merged(self, gone: Customer, kept: Customer) -> str | None:
        if self.gift_card_holders & {gone.id, kept.id}:
            return "has gift cards and can’t be merged."
        tags = {tag.casefold() for tag in (*gone.tags, *kept.tags)}
        return f"has too many tags (more than {MOST_TAGS})." if len(tags) > MOST_TAGS else None

    def remove_units(self, order: Order, line: Line, units: int) -> None:
        """The line stays as bought; only its current quantity falls."""
        line.removed += units

    def _number(self) -> int:
        self._last_id += 38
        return self._last_id

    def _has_customer(self, number: int) -> bool:
        customer = self.truth.customers.get(number)
        return customer is not None and not customer.deleted

    # HTTP

    def _routes(self) -> Starlette:
        page = Storefront(self, str(self.bodies.zone))
        return Starlette(
            routes=[
                Route("/admin/oauth/access_token", self._grant, methods=["POST"]),
                Route("/admin/api/{version}/graphql.json", self._graphql, methods=["POST"]),
                Route(RESULTS + "/bulk-{number:int}.jsonl", self.bulk.download),
                *page.routes(),
                *oauth.routes(self),
                *self.proxy.routes(),
            ]
        )

    async def _grant(self, request: Request) -> Response:
        status, body = self.grants.answer(await _json_or_form(request))
        return Response("", 504) if self.grants.is_lost() else _json(status, body)

    async def _graphql(self, request: Request) -> Response:
        version = request.path_params["version"]
        if version != "unstable" and version not in VERSIONS:
            if not _looks_like_version(version):
                return _json(404, {"errors": "Not Found"})
            version = VERSIONS[0]
        headers = {"X-Shopify-API-Version": version, "X-Request-Id": f"{self._random.getrandbits(64):016x}"}
        token = self.grants.use(request.headers.get("x-shopify-access-token", ""))
        if token is None:
            return _json(401, {"errors": BAD_TOKEN}, headers)
        if self.grants.must_expire and token.expires_at is None:
            return _json(403, {"errors": MUST_EXPIRE}, headers)
        try:
            given = msgspec.json.decode(await request.body())
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return _json(400, {"errors": "Bad Request"}, headers)
        query = given.get("query") if isinstance(given, dict) else None
        if not isinstance(query, str) or not query.strip():
            return _json(400, {"errors": {"query": "Required parameter missing or invalid"}}, headers)
        access = Access(token.scopes, self._resolvers, str(request.base_url))
        with short_pages(self.pages_short):
            answer = self.executor.answer(query, given.get("variables") or {}, given.get("operationName"), access)
        if self.deprecated:
            headers["X-Shopify-API-Deprecated-Reason"] = self.deprecated
        if self.answers_lost and query.lstrip().startswith("mutation"):
            self.answers_lost -= 1
            return Response("", 504, headers)
        return _json(200, answer, headers)


def _looks_like_version(text: str) -> bool:
    year, dash, month = text.partition("-")
    return bool(dash) and len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdigit()


async def _json_or_form(request: Request) -> Any:
    raw = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            return msgspec.json.decode(raw)
        except (msgspec.MsgspecError, ValueError):
            return None
    return dict(parse_qsl(raw.decode("utf-8", "replace")))


def _json(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(rails_json(body), status, headers, media_type="application/json")
