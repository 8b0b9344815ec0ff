"""The Shopify side of the port ``ShopClient``: what each call is made of."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from connector.api_client import ApiClient, NotJson
from connector.clock import monotonic_seconds
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
from connector.shopify.auth import SHOP_PATTERN
from connector.shopify.bulk import BulkDesk
from connector.shopify.bulk_results import ResultReader
from connector.shopify.definitions import ensure_definitions
from connector.shopify.flows import ShopifyFlows
from connector.shopify.graphql import AdminApi, decode
from connector.shopify.history import HistoryReader
from connector.shopify.order_counts import counts_of
from connector.shopify.orders import OrderReader
from connector.shopify.products import read_products
from connector.shopify.push import SnapshotPusher
from connector.shopify.push_programme import push_programme
from connector.shopify.removal import remove_snapshots
from connector.shopify.settings import BIRTHDAY_METAFIELD
from connector.shopify.store_credits import ShopifyCredits
from connector.shopify.subscriptions import ensure_webhooks
from connector.shopify.tags import show_tags
from connector.shopify.vouchers import VoucherDesk
from connector.stores_show import MarkedVoucher, ShownSnapshot, TierTag
from loyalty_engine.facts import Product

SCOPES = (
    "read_orders",
    "read_products",
    "read_customers",
    "read_customer_merge",
    "write_customers",
    "write_discounts",
)
"""What the app must be granted; products, because a line's product may decide what it earns; discounts, for vouchers.
``write_x`` includes ``read_x``; orders older than 60 days need read_all_orders too."""
STORE_CREDIT_SCOPES = ("read_store_credit_accounts", "write_store_credit_account_transactions")
"""What the app must be granted besides where a reward is store credit; without them only that is refused."""
ALL_ORDERS = "read_all_orders"
SHOWN_WITHOUT_ALL_ORDERS = timedelta(days=55)
"""Shopify says 60 days; what is nearly as old may vanish between two of our questions."""
SCOPES_BELIEVED = timedelta(hours=1)
"""Ask again after this what the app was granted: a scope that was taken back makes old orders look gone."""


class _Scope(msgspec.Struct):
    handle: str


class _Installation(msgspec.Struct, rename="camel"):
    access_scopes: list[_Scope]


class _Shop(msgspec.Struct, rename="camel"):
    name: str
    myshopify_domain: str


class _CheckData(msgspec.Struct, rename="camel"):
    shop: _Shop
    current_app_installation: _Installation | None = None

    @property
    def scopes(self) -> set[str]:
        """What the app was granted; nothing if Shopify does not say."""
        installation = self.current_app_installation
        return {scope.handle for scope in installation.access_scopes} if installation else set()


class ShopifyClient:
    """One shop. Light: make one whenever needed, what must be kept lives in the ApiClient."""

    def __init__(
        self,
        connection: Connection,
        credentials: Credentials,
        api: ApiClient,
        *,
        seconds: Callable[[], float] = monotonic_seconds,
    ) -> None:
        if SHOP_PATTERN.fullmatch(connection.shop.lower()) is None:
            raise ConfigProblem("A Shopify shop is named like my-shop.myshopify.com.", detail="shop name refused")
        api.redactor.remember(*credentials.webhook)
        self._admin = AdminApi(connection, credentials, api, seconds=seconds)
        self._birthday_metafield = connection.settings.get(BIRTHDAY_METAFIELD, "")
        self._orders = OrderReader(self._admin, api.now)
        results = ResultReader(api, connection.api_url)
        self._history = HistoryReader(self._orders, BulkDesk(self._admin), results, api)
        self._pusher = SnapshotPusher(self._admin)
        self._vouchers = VoucherDesk(self._admin)
        self.credits: CreditDesk | None = ShopifyCredits(self._admin)
        self.flows: FlowDesk | None = ShopifyFlows(self._admin)
        self._now = api.now
        self._scopes: set[str] | None = None
        self._scopes_read_at = api.now()

    async def check(self) -> str:
        """The shop's name. Raises ConfigProblem when the token is for another shop or lacks a scope."""
        try:
            found = await self._read_installation()
        except NotJson as error:
            raise ConfigProblem(str(error), detail=error.detail) from error
        if found.shop.myshopify_domain.lower() != self._admin.shop:
            raise ConfigProblem(f"The credentials belong to another shop, {found.shop.myshopify_domain}.")
        if found.current_app_installation is not None:
            missing = missing_scopes(found.scopes)
            if missing:
                raise ConfigProblem(
                    f"The Shopify app lacks {', '.join(missing)}. Add them to the app's scopes and install it again."
                )
        return str(found.shop.name)

    async def _read_installation(self) -> _CheckData:
        read_at = self._now()
        found: _CheckData = decode(await self._admin.run("Check", {}), _CheckData)
        self._scopes, self._scopes_read_at = found.scopes, read_at
        return found

    @property
    def scopes_seen(self) -> frozenset[str] | None:
        """What the shop granted when it was last asked; None: it was not."""
        return None if self._scopes is None else frozenset(self._scopes)

    async def read_order(self, order_id: str) -> Fetched | None:
        """One complete order; None if the shop no longer has it."""
        return await self._orders.read(order_id)

    def orders_changed_since(self, since: datetime) -> AsyncIterator[list[Fetched]]:
        """Pages of complete orders changed at or after ``since``, oldest change first."""
        return self._orders.changed_since(since)

    def newest_orders(self, since: datetime) -> AsyncGenerator[Fetched, None]:
        """Complete orders made at or after ``since``, newest first."""
        return self._orders.newest(since)

    def order_history(self, since: datetime | None, cursor: str | None) -> AsyncGenerator[HistoryPage, None]:
        """Every order made at or after ``since`` that Shopify shows us: in bulk where there are many, else by pages."""
        return self._history.read(since, cursor)

    async def order_counts(self, customer_refs: Sequence[str], since: datetime) -> dict[str, OrderCount]:
        """How many orders customers have, however old, and which since then; customers that are gone are left out."""
        return await counts_of(self._admin, customer_refs, since)

    async def orders_visible_since(self) -> datetime | None:
        """Without read_all_orders Shopify lists no older orders and answers null for their ids; None with it."""
        now = self._now()
        if self._scopes is None or now >= self._scopes_read_at + SCOPES_BELIEVED:
            await self._read_installation()
        return None if self._scopes and ALL_ORDERS in self._scopes else now - SHOWN_WITHOUT_ALL_ORDERS

    async def read_products(self, product_ids: Sequence[str], *, with_prices: bool = False) -> list[Product]:
        """What rules may ask about these products; the shop may lack some."""
        return await read_products(self._admin, product_ids, with_prices=with_prices)

    async def push_snapshots(self, pushes: Sequence[SnapshotPush]) -> list[PushResult]:
        """Write at most 25 snapshots, and the tags that go with them; one result each, in order."""
        results = await self._pusher.push(pushes)
        return await show_tags(
            self._admin, [push.customer_ref for push in pushes], [push.tag for push in pushes], results
        )

    async def remove_snapshots(
        self, customer_refs: Sequence[str], tags: frozenset[str] = frozenset()
    ) -> list[PushResult]:
        """Delete our metafield and these tags of at most 25 customers; one result each, in order."""
        results = await remove_snapshots(self._admin, customer_refs)
        none = TierTag(None, tags) if tags else None
        return await show_tags(self._admin, customer_refs, [none] * len(customer_refs), results)

    async def push_programme(self, body: str) -> PushResult:
        """Write the programme's summary into the shop's metafield, and make it readable."""
        problem = None
        try:
            await ensure_definitions(self._admin)
        except ConfigProblem as why:
            # Themes read it all the same.
            problem = why
        result = await push_programme(self._admin, body)
        if problem is not None:
            raise problem
        return result

    async def issue_voucher(self, voucher: Voucher) -> VoucherAnswer:
        """Make a code exist for one customer, or find that it does."""
        return await self._vouchers.issue(voucher)

    async def withdraw_voucher(self, code: str, mark: str, token: str | None) -> VoucherAnswer:
        """End a code of ours now."""
        return await self._vouchers.withdraw(code, mark, token)

    def marked_vouchers(self) -> AsyncIterator[list[MarkedVoucher]]:
        """Pages of every code that bears our tag."""
        return self._vouchers.marked()

    async def read_snapshots(self, customer_refs: Sequence[str]) -> list[ShownSnapshot]:
        """What the shop shows of at most 25 customers; in order."""
        return await self._pusher.shown(customer_refs)

    async def ensure_webhooks(self, hook_url: str) -> list[str]:
        """Make every webhook arrive once at ``hook_url/topic``; what was repaired, in words."""
        return await ensure_webhooks(self._admin, hook_url, self._birthday_metafield)


def missing_scopes(granted: set[str]) -> list[str]:
    """Scopes that we need and that are neither granted nor included in a granted one."""
    return [scope for scope in SCOPES if scope not in granted and scope.replace("read_", "write_") not in granted]
