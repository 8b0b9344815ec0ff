"""The WooCommerce side of the port ``ShopClient``: what each call is made of."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from connector.api_client import ApiClient, NotJson
from connector.credit_desk import CreditDesk
from connector.errors import ConfigProblem
from connector.flow_desk import FlowDesk
from connector.platforms import (
    Connection,
    Credentials,
    Fetched,
    HistoryPage,
    OrderCount,
    PushResult,
    SnapshotPush,
    Voucher,
    VoucherAnswer,
)
from connector.stores_show import MarkedVoucher, ShownSnapshot
from connector.woocommerce import plugin_push, push, subscriptions, vouchers
from connector.woocommerce.orders import OrderReader
from connector.woocommerce.plugin import REACH, PluginApi, ShopState
from connector.woocommerce.products import read_products
from connector.woocommerce.rest import RestApi
from loyalty_engine.facts import Product


class WooCommerceClient:
    """One shop. Light: make one whenever needed, what must be kept lives in the ApiClient."""

    credits: CreditDesk | None = None
    flows: FlowDesk | None = None
    """WooCommerce itself has no store credit; each extension has its own."""

    def __init__(self, connection: Connection, credentials: Credentials, api: ApiClient) -> None:
        self._connection = connection
        self._webhook_secret = credentials.webhook[0] if credentials.webhook else b""
        self._rest = RestApi(connection, credentials, api)
        self._orders = OrderReader(self._rest, api.now)
        self._plugin = PluginApi(connection, credentials, api) if credentials.to_shop else None

    async def check(self) -> str:
        """The shop's host. Proves reading and, by an empty batch that changes nothing, writing."""
        if self._plugin is not None:
            state = await self._plugin.post("state", {}, ShopState)
            if state.is_other_site:
                words = (
                    f"The shop is not where it was connected ({state.site[:200]}). Its plugin asks: moved, or a copy?"
                )
                raise ConfigProblem(words)
        try:
            await self._rest.get("orders", [("per_page", "1"), ("_fields", "id")])
            await self._rest.send("POST", "customers/batch", body={"update": []})
        except NotJson as error:
            raise ConfigProblem(str(error), detail=error.detail) from error
        return urlsplit(self._connection.shop).netloc or self._connection.shop

    async def read_order(self, order_id: str) -> Fetched | None:
        """One order with its refunds; None if it is gone for good."""
        return await self._orders.read(order_id)

    def orders_changed_since(self, since: datetime) -> AsyncIterator[list[Fetched]]:
        """Pages of complete orders changed at or after ``since``, oldest change first."""
        return self._orders.changed_since(since)

    def newest_orders(self, since: datetime) -> AsyncGenerator[Fetched, None]:
        """Complete orders made at or after ``since`` that are not in the bin, newest first."""
        return self._orders.newest(since)

    def order_history(self, since: datetime | None, cursor: str | None) -> AsyncIterator[HistoryPage]:
        """Every order made at or after ``since`` that is not in the bin, oldest first."""
        return self._orders.history(since, cursor)

    async def order_counts(self, customer_refs: Sequence[str], since: datetime) -> dict[str, OrderCount]:
        """None: WooCommerce counts for nobody."""
        return {}

    async def orders_visible_since(self) -> datetime | None:
        """None: a key that may read orders reads all of them."""
        return None

    async def read_products(self, product_ids: Sequence[str], *, with_prices: bool = False) -> list[Product]:
        """What rules may ask about these products; the shop may lack some."""
        return await read_products(self._rest, product_ids, with_prices=with_prices)

    async def push_snapshots(self, pushes: Sequence[SnapshotPush]) -> list[PushResult]:
        """Write at most 100 snapshots, by our plugin where it is; one result each, in order."""
        if self._plugin is not None:
            return await plugin_push.push_snapshots(self._plugin, pushes)
        return await push.push_snapshots(self._rest, pushes)

    async def remove_snapshots(
        self, customer_refs: Sequence[str], tags: frozenset[str] = frozenset()
    ) -> list[PushResult]:
        """Remove what we wrote of at most 100 customers; one result each, in order."""
        if self._plugin is not None:
            return await plugin_push.remove_snapshots(self._plugin, customer_refs)
        return await push.remove_snapshots(self._rest, customer_refs)

    async def push_programme(self, body: str) -> PushResult:
        """Hand the programme's summary to our plugin in the shop."""
        if self._plugin is not None:
            return await plugin_push.push_programme(self._plugin, body)
        return await push.push_programme(self._rest, body)

    async def issue_voucher(self, voucher: Voucher) -> VoucherAnswer:
        """Make a coupon exist for one customer, or find that it does."""
        return await vouchers.issue(self._rest, voucher)

    async def withdraw_voucher(self, code: str, mark: str, token: str | None) -> VoucherAnswer:
        """End a coupon of ours now."""
        return await vouchers.withdraw(self._rest, code, mark, token)

    def marked_vouchers(self) -> AsyncIterator[list[MarkedVoucher]]:
        """Pages of every coupon that bears our meta."""
        return vouchers.marked(self._rest)

    async def read_snapshots(self, customer_refs: Sequence[str]) -> list[ShownSnapshot]:
        """What the shop shows of at most 100 customers; in order."""
        if self._plugin is not None:
            return await plugin_push.read_snapshots(self._plugin, customer_refs)
        return await push.read_snapshots(self._rest, customer_refs)

    async def ensure_webhooks(self, hook_url: str) -> list[str]:
        """Make every webhook arrive once at ``hook_url/topic``, none where our plugin is; what was mended, in words."""
        if self._connection.settings.get(REACH):
            return await subscriptions.remove_webhooks(self._rest, hook_url)
        return await subscriptions.ensure_webhooks(self._rest, hook_url, self._webhook_secret)
