"""The part of the Admin API that the simulated shop answers, bound to its records."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema, build_schema

from connector.sandbox.records import Customer, Order, Product
from connector.sandbox.shop import Shop
from connector.sandbox.shopify.discounts import Discounts
from connector.sandbox.shopify.lifecycle import SHOP_NUMBER
from connector.sandbox.shopify.metafields import Metafields
from connector.sandbox.shopify.paging import connection, search
from connector.sandbox.shopify.store_credits import StoreCredits
from connector.sandbox.shopify.subscriptions import Subscriptions, topic_of
from connector.sandbox.shopify.tags import add_tags, remove_tags
from connector.sandbox.shopify.views import Views, gid, moment

PARTS = ("admin", "store_credit", "bulk", "flow", "definitions")
"""Files that make up the schema."""
MAX_INPUT_ITEMS = 250
SHOWN_TO_ALL = timedelta(days=60)
"""Older orders are shown to apps with read_all_orders only; to others they seem not to exist."""
GUARDED_FIELDS = (
    ("Order", "customer", "read_customers"),
    ("Customer", "orders", "read_orders"),
    ("LineItem", "product", "read_products"),
    ("LineItem", "variant", "read_products"),
    ("Customer", "storeCreditAccounts", "read_store_credit_accounts"),
    ("StoreCreditAccount", "transactions", "read_store_credit_account_transactions"),
)
WRITE_CREDIT = "write_store_credit_account_transactions"
SCOPE_OF_NODE = {
    "Order": "read_orders",
    "Refund": "read_orders",
    "Customer": "read_customers",
    "Product": "read_products",
}
_GID = re.compile(r"gid://shopify/([A-Za-z]+)/([0-9]+)(\?.*)?")
Resolver = Callable[..., Any]
Info = GraphQLResolveInfo[Any]


@dataclass(frozen=True, slots=True)
class Access:
    """Who is asking whom: the scopes of the token, what answers each root field of the shop, and under which address
    the shop was called.
    """

    scopes: frozenset[str]
    resolvers: Mapping[str, Resolver]
    home: str = ""


@dataclass(frozen=True, slots=True)
class Admin:
    """Everything that resolvers need of one shop."""

    shop: Shop
    name: str
    domain: str
    zone: str
    views: Views
    metafields: Metafields
    subscriptions: Subscriptions
    discounts: Discounts
    credits: StoreCredits
    api_client_id: int


def resolvers(admin: Admin) -> dict[str, Resolver]:
    """What answers each root field for one shop."""
    admin.views.show_orders = lambda number, info, args: _orders_of(admin, number, info, args)
    return _queries(admin) | _mutations(admin)


@cache
def schema() -> GraphQLSchema:
    """The executable schema of all simulated shops: which shop is asked stands in the context."""
    folder = files("connector.sandbox.shopify")
    built = build_schema("\n".join(folder.joinpath(f"{name}.graphql").read_text("utf-8") for name in PARTS))
    for root in (built.query_type, built.mutation_type):
        assert root is not None
        for field in root.fields.values():
            field.resolve = _of_the_shop
    for kind, name, scope in GUARDED_FIELDS:
        _guard(built, kind, name, scope)
    return built


def _of_the_shop(source: Any, info: Info, **arguments: Any) -> Any:
    access: Access = info.context
    return access.resolvers[info.field_name](source, info, **arguments)


def _guard(built: GraphQLSchema, kind: str, name: str, scope: str) -> None:
    owner = built.type_map[kind]
    assert isinstance(owner, GraphQLObjectType)

    def resolve(source: dict[str, Any], info: Info, **args: Any) -> Any:
        value = _allowed(info, scope) and source[name]
        return value(info, **args) if callable(value) else value

    owner.fields[name].resolve = resolve


def _queries(admin: Admin) -> dict[str, Resolver]:
    views, truth, hooks = admin.views, admin.shop.truth, admin.subscriptions
    return {
        "codeDiscountNodeByCode": lambda _, info, code: (
            _allowed(info, "read_discounts") and admin.discounts.by_code(code)
        ),
        "discountNodes": lambda _, info, **args: _allowed(info, "read_discounts") and admin.discounts.page(args),
        "shop": lambda _, info: _shop(admin),
        "currentAppInstallation": lambda _, info: _installation(admin, info),
        "order": lambda _, info, id: _allowed(info, "read_orders") and _one(admin, info, id, "Order"),
        "customer": lambda _, info, id: _allowed(info, "read_customers") and _one(admin, info, id, "Customer"),
        "refund": lambda _, info, id: _allowed(info, "read_orders") and _one(admin, info, id, "Refund"),
        "node": lambda _, info, id: _node(admin, info, id),
        "nodes": lambda _, info, ids: [_node(admin, info, id) for id in _bounded(info, "ids", ids)],
        "orders": lambda _, info, **args: _allowed(info, "read_orders") and _orders(admin, info, args),
        "ordersCount": lambda _, info, **args: _allowed(info, "read_orders") and _orders_count(admin, info, args),
        "customers": lambda _, info, **args: (
            _allowed(info, "read_customers")
            and connection(
                sorted(
                    filter(search(args.get("query"), _CUSTOMER_FIELDS), truth.live_customers()),
                    key=_order_of(args, "CREATED_AT"),
                ),
                views.customer,
                _order_of(args, "CREATED_AT"),
                args,
            )
        ),
        "webhookSubscription": lambda _, info, id: (found := hooks.find(id)) and hooks.view(found),
        "webhookSubscriptions": lambda _, info, **args: connection(
            [each for each in hooks.visible() if _wanted(each, args)], hooks.view, lambda each: (each.id, each.id), args
        ),
    }


def _mutations(admin: Admin) -> dict[str, Resolver]:
    def set_metafields(_: Any, info: Info, metafields: list[dict[str, Any]]) -> Any:
        _allowed(info, "write_customers")
        return admin.metafields.set(_bounded(info, "metafields", metafields))

    def delete_metafields(_: Any, info: Info, metafields: list[dict[str, Any]]) -> Any:
        _allowed(info, "write_customers")
        return admin.metafields.delete(_bounded(info, "metafields", metafields))

    hooks, discounts, write = admin.subscriptions, admin.discounts, "write_discounts"
    return {
        "metafieldsSet": set_metafields,
        "metafieldsDelete": delete_metafields,
        "tagsAdd": lambda _, info, id, tags: (
            _allowed(info, "write_customers") and add_tags(_customer(admin, id), tags, admin.views.customer)
        ),
        "tagsRemove": lambda _, info, id, tags: (
            _allowed(info, "write_customers") and remove_tags(_customer(admin, id), tags, admin.views.customer)
        ),
        "discountCodeBasicCreate": lambda _, info, basicCodeDiscount: (
            _allowed(info, write) and discounts.basic(basicCodeDiscount)
        ),
        "discountCodeFreeShippingCreate": lambda _, info, freeShippingCodeDiscount: (
            _allowed(info, write) and discounts.free_shipping(freeShippingCodeDiscount)
        ),
        "discountCodeDeactivate": lambda _, info, id: _allowed(info, write) and discounts.deactivate(id),
        "storeCreditAccountCredit": lambda _, info, id, creditInput: (
            _allowed(info, WRITE_CREDIT) and admin.credits.credit(id, creditInput)
        ),
        "storeCreditAccountDebit": lambda _, info, id, debitInput: (
            _allowed(info, WRITE_CREDIT) and admin.credits.debit(id, debitInput)
        ),
        "webhookSubscriptionCreate": lambda _, info, topic, webhookSubscription: (
            _may_listen(info, topic) and hooks.create(topic, webhookSubscription)
        ),
        "webhookSubscriptionUpdate": lambda _, info, id, webhookSubscription: hooks.update(id, webhookSubscription),
        "webhookSubscriptionDelete": lambda _, info, id: hooks.delete(id),
    }


def _customer(admin: Admin, id_: str) -> Customer | None:
    kind, number = _parsed(id_)
    customer = admin.shop.truth.customers.get(number) if kind == "Customer" else None
    return customer if customer and not customer.deleted else None


_CUSTOMER_FIELDS: dict[str, Callable[[Customer], Any]] = {
    "id": lambda customer: customer.id,
    "email": lambda customer: customer.email,
    "created_at": lambda customer: customer.created_at,
    "updated_at": lambda customer: customer.updated_at,
}
_ORDER_FIELDS: dict[str, Callable[[Order], Any]] = {
    "id": lambda order: order.id,
    "name": lambda order: f"#{order.number}",
    "email": lambda order: order.email,
    "customer_id": lambda order: order.customer_id or 0,
    "created_at": lambda order: order.created_at,
    "processed_at": lambda order: order.created_at,
    "updated_at": lambda order: order.updated_at,
}


def _orders(admin: Admin, info: Info, args: dict[str, Any]) -> Any:
    key = _order_of(args, "PROCESSED_AT")
    found = filter(search(args.get("query"), _ORDER_FIELDS), _shown_orders(admin, info))
    return connection(sorted(found, key=key), admin.views.order, key, args)


def _orders_of(admin: Admin, customer_id: int, info: Info, args: dict[str, Any]) -> Any:
    key = _order_of(args, "ID")
    mine = [order for order in _shown_orders(admin, info) if order.customer_id == customer_id]
    return connection(
        sorted(filter(search(args.get("query"), _ORDER_FIELDS), mine), key=key), admin.views.order, key, args
    )


def _orders_count(admin: Admin, info: Info, args: dict[str, Any]) -> dict[str, Any]:
    found = sum(map(search(args.get("query"), _ORDER_FIELDS), _shown_orders(admin, info)))
    limit = args.get("limit")
    if limit is None or found <= limit:
        return {"count": found, "precision": "EXACT"}
    return {"count": limit, "precision": "AT_LEAST"}


def _shown_orders(admin: Admin, info: Info) -> list[Order]:
    """Orders that exist; without read_all_orders only recent ones."""
    return [order for order in admin.shop.truth.live_orders() if _is_shown(admin, info, order)]


def _is_shown(admin: Admin, info: Info, order: Order) -> bool:
    access: Access = info.context
    return "read_all_orders" in access.scopes or order.created_at >= admin.shop.clock() - SHOWN_TO_ALL


def _order_of(args: dict[str, Any], default: str) -> Callable[[Any], tuple[Any, int]]:
    chosen = args.get("sortKey") or default
    if chosen == "UPDATED_AT":
        return lambda item: (item.updated_at, item.id)
    if chosen in ("ID", "ORDER_NUMBER"):
        return lambda item: (item.id, item.id)
    return lambda item: (item.created_at, item.id)


def _wanted(subscription: Any, args: dict[str, Any]) -> bool:
    topics, address = args.get("topics"), args.get("uri") or args.get("callbackUrl")
    by_topic = not topics or subscription.topic in [topic_of(topic) for topic in topics]
    return by_topic and (not address or subscription.uri == address)


def _node(admin: Admin, info: Info, id_: str) -> Any:
    kind, _ = _parsed(id_)
    needed = SCOPE_OF_NODE.get(kind)
    if needed:
        _allowed(info, needed)
    return _one(admin, info, id_, kind)


def _one(admin: Admin, info: Info, id_: str, kind: str) -> Any:
    given, number = _parsed(id_)
    if given != kind:
        raise GraphQLError(f"Invalid id: {id_}", extensions={"code": "RESOURCE_NOT_FOUND"})
    truth, views = admin.shop.truth, admin.views
    if kind == "Order":
        order = truth.orders.get(number)
        return views.order(order) if order and not order.deleted and _is_shown(admin, info, order) else None
    if kind == "Customer":
        customer = truth.customers.get(number)
        return views.customer(customer) if customer and not customer.deleted else None
    if kind == "Product":
        product: Product | None = truth.products.get(number)
        return views.product(product) if product else None
    if kind == "Refund":
        for order in _shown_orders(admin, info):
            for refund in order.refunds:
                if refund.id == number:
                    return views.refund(order, refund)
    return None


def _parsed(id_: str) -> tuple[str, int]:
    found = _GID.fullmatch(id_)
    if not found:
        raise GraphQLError(f"Invalid id: {id_}", extensions={"code": "RESOURCE_NOT_FOUND"})
    return found.group(1), int(found.group(2))


def _bounded(info: Info, argument: str, items: list[Any]) -> list[Any]:
    if len(items) > MAX_INPUT_ITEMS:
        message = f"The input array size of {len(items)} is greater than the maximum allowed of {MAX_INPUT_ITEMS}."
        error = GraphQLError(message, extensions={"code": "MAX_INPUT_SIZE_EXCEEDED"})
        error.path = [info.field_name, argument]
        raise error
    return items


def _allowed(info: Info, scope: str) -> bool:
    access: Access = info.context
    implied = scope.replace("read_", "write_", 1)
    if scope in access.scopes or implied in access.scopes:
        return True
    required = f"`{scope}` access scope."
    raise GraphQLError(
        f"Access denied for {info.field_name} field. Required access: {required}",
        extensions={
            "code": "ACCESS_DENIED",
            "documentation": "https://shopify.dev/api/usage/access-scopes",
            "requiredAccess": required,
        },
    )


def _may_listen(info: Info, topic: str) -> bool:
    if topic.startswith(("ORDERS_", "ORDER_TRANSACTIONS_", "REFUNDS_")):
        return _allowed(info, "read_orders")
    if topic == "CUSTOMERS_MERGE":
        return _allowed(info, "read_customer_merge")
    return not topic.startswith("CUSTOMERS_") or _allowed(info, "read_customers")


def _shop(admin: Admin) -> dict[str, Any]:
    return {
        "__typename": "Shop",
        "id": gid("Shop", SHOP_NUMBER),
        "contactEmail": "shop@example.test",
        "createdAt": moment(admin.shop.opened_at),
        "currencyCode": admin.shop.currency,
        "email": "shop@example.test",
        "ianaTimezone": admin.zone,
        "myshopifyDomain": admin.domain,
        "name": admin.name,
        "taxesIncluded": admin.shop.prices_with_tax,
        "url": f"https://{admin.domain}",
    }


def _installation(admin: Admin, info: Info) -> dict[str, Any]:
    access: Access = info.context
    scopes = [{"handle": scope, "description": scope.replace("_", " ").capitalize()} for scope in sorted(access.scopes)]
    app = {"__typename": "App", "id": gid("App", admin.api_client_id), "title": "Belong"}
    return {"__typename": "AppInstallation", "id": gid("AppInstallation", 1), "accessScopes": scopes, "app": app}
