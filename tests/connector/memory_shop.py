"""A shop in memory behind the real port: it takes snapshots, and fails as the test says."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.api_client import ApiClient
from connector.credit_desk import CreditAnswer, CreditDesk, CreditState, StoreCredit
from connector.flow_desk import FlowDesk
from connector.people.signs import Shown
from connector.platforms import (
    Connection,
    Credentials,
    Fetched,
    Headers,
    HistoryPage,
    Normaliser,
    ObjectKey,
    OrderCount,
    Platform,
    PushResult,
    PushState,
    ShopClient,
    SnapshotPush,
    Voucher,
    VoucherAnswer,
    VoucherState,
)
from connector.stores_show import MarkedVoucher, ShownSnapshot
from connector.woocommerce.platform import WooCommercePlatform
from connector.woocommerce.vouchers import KINDS
from loyalty_engine.facts import Fact, Product

Answer = Callable[[Sequence[SnapshotPush]], list[PushResult]]


async def nothing() -> None:
    """What happens between asking the shop and its answer, unless a test has something happen there."""


@dataclass
class MemoryCredits:
    """Credit accounts in memory: what each customer was given, less what was taken, by number of the transaction."""

    transactions: list[tuple[str, int]] = field(default_factory=list)

    async def newest(self, customer_ref: str, currency: str) -> str:
        return str(len(self.transactions))

    async def give(self, credit: StoreCredit) -> CreditAnswer:
        return self._do(credit.customer_ref, credit.amount_minor)

    async def take(self, credit: StoreCredit) -> CreditAnswer:
        if sum(minor for ref, minor in self.transactions if ref == credit.customer_ref) < credit.amount_minor:
            return CreditAnswer(CreditState.NOT_ENOUGH)
        return self._do(credit.customer_ref, -credit.amount_minor)

    async def done_since(self, credit: StoreCredit, newest: str, *, gives: bool) -> list[str]:
        wanted = (credit.customer_ref, credit.amount_minor if gives else -credit.amount_minor)
        later = list(enumerate(self.transactions, 1))[int(newest) :]
        return [str(number) for number, done in later if done == wanted]

    def _do(self, customer_ref: str, minor: int) -> CreditAnswer:
        self.transactions.append((customer_ref, minor))
        return CreditAnswer(CreditState.DONE, transaction=str(len(self.transactions)))


@dataclass
class MemoryShop:
    """shown: what shoppers see. calls: customers of each request. answer: what the shop says instead, to fail.

    vouchers: by code, those that can be used. voucher_calls: (what, code) of each request. voucher_answer: what the
    shop says instead of issuing or withdrawing.
    """

    shown: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[list[str]] = field(default_factory=list)
    answer: Answer | None = None
    meanwhile: Callable[[], Awaitable[None]] = nothing
    vouchers: dict[str, Voucher] = field(default_factory=dict)
    voucher_calls: list[tuple[str, str]] = field(default_factory=list)
    programmes: list[dict[str, Any]] = field(default_factory=list)
    products: dict[str, Product] = field(default_factory=dict)
    removals: list[list[str]] = field(default_factory=list)
    removal_answer: Callable[[Sequence[str]], list[PushResult]] | None = None
    programme_answer: PushResult | None = None
    voucher_answer: Callable[[str, str], VoucherAnswer] | None = None
    credits: CreditDesk | None = None
    flows: FlowDesk | None = None

    async def check(self) -> str:
        return "shop.example"

    async def read_order(self, order_id: str) -> Fetched | None:
        return None

    async def orders_changed_since(self, since: datetime) -> AsyncIterator[list[Fetched]]:
        for page in list[list[Fetched]]():
            yield page

    async def newest_orders(self, since: datetime) -> AsyncGenerator[Fetched, None]:
        for order in list[Fetched]():
            yield order

    async def order_history(self, since: datetime | None, cursor: str | None) -> AsyncIterator[HistoryPage]:
        for page in list[HistoryPage]():
            yield page

    async def order_counts(self, customer_refs: Sequence[str], since: datetime) -> dict[str, OrderCount]:
        return {}

    async def orders_visible_since(self) -> datetime | None:
        return None

    async def read_products(self, product_ids: Sequence[str], *, with_prices: bool = False) -> list[Product]:
        return [self.products[product_id] for product_id in product_ids if product_id in self.products]

    async def push_snapshots(self, pushes: Sequence[SnapshotPush]) -> list[PushResult]:
        self.calls.append([push.customer_ref for push in pushes])
        await self.meanwhile()
        if self.answer is not None:
            return self.answer(pushes)
        return [self._take(push) for push in pushes]

    async def remove_snapshots(
        self, customer_refs: Sequence[str], tags: frozenset[str] = frozenset()
    ) -> list[PushResult]:
        self.removals.append(list(customer_refs))
        if self.removal_answer is not None:
            return self.removal_answer(customer_refs)
        for ref in customer_refs:
            self.shown.pop(ref, None)
        return [PushResult(PushState.ACCEPTED) for _ in customer_refs]

    async def push_programme(self, body: str) -> PushResult:
        self.programmes.append(json.loads(body))
        return self.programme_answer or PushResult(PushState.ACCEPTED)

    async def issue_voucher(self, voucher: Voucher) -> VoucherAnswer:
        self.voucher_calls.append(("issue", voucher.code))
        await self.meanwhile()
        if self.voucher_answer is not None:
            return self.voucher_answer("issue", voucher.code)
        self.vouchers[voucher.code] = voucher
        return VoucherAnswer(VoucherState.PLACED, token=f"token of {voucher.code}")

    async def withdraw_voucher(self, code: str, mark: str, token: str | None) -> VoucherAnswer:
        self.voucher_calls.append(("withdraw", code))
        await self.meanwhile()
        if self.voucher_answer is not None:
            return self.voucher_answer("withdraw", code)
        self.vouchers.pop(code, None)
        return VoucherAnswer(VoucherState.WITHDRAWN, token=token)

    async def marked_vouchers(self) -> AsyncIterator[list[MarkedVoucher]]:
        yield [MarkedVoucher(code, one.mark, f"token of {code}", True) for code, one in self.vouchers.items()]

    async def read_snapshots(self, customer_refs: Sequence[str]) -> list[ShownSnapshot]:
        versions = [self.shown[ref]["version"] if ref in self.shown else None for ref in customer_refs]
        return [ShownSnapshot(True, tuple(one) if one else None, f"token of {one}") for one in versions]

    async def ensure_webhooks(self, hook_url: str) -> list[str]:
        return []

    def _take(self, push: SnapshotPush) -> PushResult:
        shown = self.shown.get(push.customer_ref)
        if shown is not None and shown["version"] > list(push.version):
            return PushResult(PushState.OBSOLETE, token=f"token of {shown['version']}")
        self.shown[push.customer_ref] = json.loads(push.body)
        return PushResult(PushState.ACCEPTED, token=f"token of {list(push.version)}")


@dataclass
class MemoryPlatform:
    """WooCommerce's payloads, told to shops in memory. ``shops``: by the connection's shop address."""

    shops: dict[str, MemoryShop]
    push_batch_size: int = 3
    name: str = "woocommerce"
    voucher_kinds: frozenset[str] = KINDS
    retries_deliveries: bool = False
    payloads: WooCommercePlatform = field(default_factory=WooCommercePlatform)

    def check_delivery(
        self, headers: Headers, raw: bytes, topic: str, connection: Connection, secrets: Sequence[bytes]
    ) -> None:
        self.payloads.check_delivery(headers, raw, topic, connection, secrets)

    def is_ping(self, headers: Headers, raw: bytes) -> bool:
        return self.payloads.is_ping(headers, raw)

    def asks(self, topic: str, raw: bytes) -> bool:
        return self.payloads.asks(topic, raw)

    def delivery_key(self, headers: Headers, raw: bytes, topic: str) -> str:
        return self.payloads.delivery_key(headers, raw, topic)

    def object_key(self, topic: str, raw: bytes) -> ObjectKey | None:
        return self.payloads.object_key(topic, raw)

    def normalise(self, topic: str, raw: bytes, normaliser: Normaliser) -> list[Fact]:
        return self.payloads.normalise(topic, raw, normaliser)

    def shown(self, topic: str, raw: bytes) -> Shown:
        return self.payloads.shown(topic, raw)

    def client(self, connection: Connection, credentials: Credentials, api: ApiClient) -> ShopClient:
        return self.shops[connection.shop]


def as_platform(platform: MemoryPlatform) -> Platform:
    """Proves to the type checker that this is a real implementation of the port."""
    return platform
