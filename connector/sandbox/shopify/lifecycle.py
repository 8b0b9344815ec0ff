"""What Shopify says of an installation itself: it ends, its scopes change, and what the law asks of the app."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from connector.sandbox.records import Customer, Truth
from connector.sandbox.shopify.grants import Grants
from connector.sandbox.shopify.hooks import Hooks, Subscription
from connector.sandbox.shopify.proxy import AppProxy

SHOP_NUMBER = 548380009
DATA_REQUEST, CUSTOMER_REDACT, SHOP_REDACT = "customers/data_request", "customers/redact", "shop/redact"
Body = dict[str, Any]


class Lifecycle:
    """One installation. Compliance topics go to an address given: the real one reads it in ``shopify.app.toml``."""

    def __init__(
        self,
        hooks: Hooks,
        grants: Grants,
        proxy: AppProxy,
        truth: Truth,
        *,
        now: Callable[[], datetime],
        next_id: Callable[[], int],
    ) -> None:
        self.hooks = hooks
        self.grants = grants
        self.proxy = proxy
        self.truth = truth
        self.now = now
        self.next_id = next_id

    def uninstall(self) -> None:
        """The merchant removes the app: its tokens are worth nothing, and nothing but this is sent any more."""
        about = f"shop/{SHOP_NUMBER}"
        body = {
            "id": SHOP_NUMBER,
            "name": None,
            "email": "shop@example.test",
            "domain": None,
            "myshopify_domain": None,
            "updated_at": self.now().isoformat(),
        }
        self.hooks.emit([("app/uninstalled", about, body)], self.now())
        for listener in list(self.hooks.subscriptions.values()):
            if listener.topic == "app/uninstalled":
                # Its delivery still goes out, and is tried again.
                self.hooks.subscriptions.pop(listener.id)
            else:
                self.hooks.remove(listener)
        self.grants.tokens.clear()
        self.grants.refreshes.clear()
        self.proxy.url = None

    def change_scopes(self, scopes: Collection[str]) -> None:
        """The merchant grants more, or takes some back; tokens that are out follow at once."""
        before, self.grants.scopes = self.grants.scopes, frozenset(scopes)
        for text, token in self.grants.tokens.items():
            self.grants.tokens[text] = replace(token, scopes=self.grants.scopes)
        body = {
            "id": self.next_id(),
            "shop_id": f"gid://shopify/Shop/{SHOP_NUMBER}",
            "previous": sorted(before),
            "current": sorted(scopes),
            "updated_at": self.now().isoformat(),
        }
        self.hooks.emit([("app/scopes_update", f"shop/{SHOP_NUMBER}", body)], self.now())

    def ask_data(self, customer: Customer, uri: str) -> None:
        """A shopper wants to know what is kept about them."""
        orders = [order.id for order in self.truth.orders_of(customer.id)]
        person, request = _person(customer), {"id": self.next_id()}
        self._ask(DATA_REQUEST, uri, {"orders_requested": orders, "customer": person, "data_request": request})

    def redact_customer(self, customer: Customer, uri: str) -> None:
        """A shopper wants to be forgotten."""
        orders = [order.id for order in self.truth.orders_of(customer.id)]
        self._ask(CUSTOMER_REDACT, uri, {"customer": _person(customer), "orders_to_redact": orders})

    def redact_shop(self, uri: str) -> None:
        """Two days after the app was removed."""
        self._ask(SHOP_REDACT, uri, {})

    def _ask(self, topic: str, uri: str, more: Body) -> None:
        now = self.now()
        to = Subscription(self.next_id(), topic, uri, False, now, now)
        body = {"shop_id": SHOP_NUMBER, "shop_domain": self.hooks.shop, **more}
        self.hooks.emit_to([(to, f"shop/{SHOP_NUMBER}", body)], now)


def _person(customer: Customer) -> Body:
    return {"id": customer.id, "email": customer.email, "phone": None}
