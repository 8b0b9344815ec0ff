"""The one port to shops: what every platform must offer.

Shopify and WooCommerce implement it in folders of equal shape, and only ``connector/registry.py`` knows both.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from connector.api_client import ApiClient
from connector.credit_desk import CreditDesk
from connector.errors import Transient
from connector.flow_desk import FlowDesk
from connector.people.signs import Shown
from connector.person_news import PersonNews
from connector.stores_show import MarkedVoucher, ShownSnapshot, TierTag
from loyalty_engine.facts import Fact, Product


@dataclass(frozen=True, slots=True)
class Connection:
    """One installed store. ``number`` is our small integer, ``public_id`` the UUID in its webhook URL.

    shop: ``name.myshopify.com`` or the WooCommerce base URL (``https://shop.example/sub``).
    api_url: base of API calls; equals the shop's own address except for a sandbox on this machine.
    settings: platform options as plain strings, e.g. ``paid_statuses`` of WooCommerce.
    connected_at: when it joined its programme; None where that does not matter. disconnected_at: since when neither
    side talks to the other; None: they do.
    """

    number: int
    public_id: str
    programme_number: int
    platform: str
    shop: str
    api_url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    connected_at: datetime | None = None
    disconnected_at: datetime | None = None

    @property
    def store(self) -> str:
        """How the sources of its own objects begin: ``woocommerce:12``."""
        return f"{self.platform}:{self.number}"

    @property
    def is_within_reach(self) -> bool:
        """Whether we may call the shop: it is connected, and its plugin does not fetch what we have for it instead."""
        return self.disconnected_at is None and self.settings.get("reach") != "collect"

    @property
    def collects(self) -> bool:
        """Whether we cannot call the shop: what it is owed lies in the answers to its own calls."""
        return self.settings.get("reach") == "collect"


@dataclass(frozen=True, slots=True)
class SharedToken:
    """An access token that a shop gave for a while. refresh: what the next is asked for with, once; previous: what this
    one was asked for with; both empty where credentials are enough.
    """

    token: str = field(repr=False)
    good_until: datetime
    refresh: str = field(default="", repr=False)
    previous: str = field(default="", repr=False)


class TokenShelf(Protocol):
    """Where the processes of an installation share one connection's access token."""

    async def read(self) -> SharedToken | None:
        """The newest token, good or not."""

    async def claim(self, now: datetime) -> int:
        """The number of our turn if we, and nobody else, ask the shop for the next one; 0 if somebody else does."""

    async def put(self, token: SharedToken, turn: int) -> bool:
        """Keep the next one; False, and nothing is kept, if somebody else's turn came meanwhile."""

    async def give_back(self, turn: int) -> None:
        """End the turn, however the asking went; nothing if it ended already."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Live secrets of one connection. ``webhook``: every active webhook secret, newest first.

    api: named API secrets (Shopify: ``access_token`` or ``client_id`` + ``client_secret``, and ``refresh_token`` of a
    session; WooCommerce: ``consumer_key`` + ``consumer_secret``). Never logged; repr shows names only. shelf: where
    tokens that they give are shared; None: each process has its own. to_service, to_shop: of a shop with our plugin,
    what it signs its calls with, and what we sign ours to it with; newest first.
    """

    webhook: tuple[bytes, ...] = field(default=(), repr=False)
    api: Mapping[str, str] = field(default_factory=dict, repr=False)
    shelf: TokenShelf | None = field(default=None, repr=False, compare=False)
    to_service: tuple[bytes, ...] = field(default=(), repr=False)
    to_shop: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ObjectKey:
    """Which object of a shop a delivery is about: kind ``order`` or ``customer``, and the shop's id as text."""

    kind: str
    object_id: str


@dataclass(frozen=True, slots=True)
class Headers:
    """Request headers, names in lower case, values as bytes; repeated headers stay repeated."""

    items: tuple[tuple[bytes, bytes], ...]
    _if_none_repeats: dict[bytes, bytes] | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        # A delivery is asked for eight headers, and normally none of them is repeated.
        values = dict(self.items)
        if len(values) == len(self.items):
            object.__setattr__(self, "_if_none_repeats", values)

    def all(self, name: bytes) -> list[bytes]:
        """Every value of one header."""
        if self._if_none_repeats is not None:
            value = self._if_none_repeats.get(name)
            return [] if value is None else [value]
        return [value for key, value in self.items if key == name]

    def one(self, name: bytes) -> bytes | None:
        """The value if the header occurs exactly once, else None."""
        if self._if_none_repeats is not None:
            return self._if_none_repeats.get(name)
        values = self.all(name)
        return values[0] if len(values) == 1 else None


@dataclass(frozen=True, slots=True)
class Normaliser:
    """What a normaliser may know: nothing but the connection and how to hash an address. note_birthday, note_person:
    take what is said of a customer, by its ref, and is no part of any fact.
    """

    connection: Connection
    hash_address: Callable[[str], str]
    note_birthday: Callable[[str, str], None] = lambda ref, text: None
    note_person: Callable[[str, PersonNews], None] = lambda ref, news: None

    def source_ref(self, kind: str, object_id: str) -> str:
        """``shopify:12:order:5123``."""
        return f"{self.connection.store}:{kind}:{object_id}"


@dataclass(frozen=True, slots=True)
class OrderCount:
    """What a shop says of a customer's orders, whatever became of each. count: of all, those that it hides from us
    included; shown: ids of those that it shows us.
    """

    count: int
    shown: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fetched:
    """One object that we read ourselves: ``body`` is what goes through the inbox under the topic ``fetched/<kind>``.

    read_started_at orders it against other reads; updated_at is the shop's date of its last change, for bookmarks.
    """

    key: ObjectKey
    body: bytes
    read_started_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A part of a shop's past. orders: complete ones, oldest first; none where the shop has said nothing new yet.

    cursor: where to go on after this page, in a process that knows nothing else: a text that only the client which gave
    it can read. left: how many more orders the shop says there are after this page; None where it does not say.
    """

    orders: Sequence[Fetched]
    cursor: str
    left: int | None = None


FETCHED_ORDER = "fetched/order"
"""Topic of an order that we read ourselves, in the inbox."""
FETCHED_HISTORY = "fetched/history"
"""Topic of an order that we read as a part of a shop's past, in the inbox: as ``FETCHED_ORDER``, but no news."""
FETCHED_GONE = "fetched/order-gone"
"""Topic of an order that the shop no longer has, in the inbox; body ``{"id": "5123"}``."""
PLUGIN_ORDER = "plugin/order"
"""Topic of an order that our plugin in the shop has just read, in the inbox: as if we had read it ourselves."""
PLUGIN_GONE = "plugin/order-gone"
READ_ORDERS = frozenset((FETCHED_ORDER, FETCHED_HISTORY, PLUGIN_ORDER))
"""Topics whose body is a complete read of an order; platforms know them as ``FETCHED_ORDER``."""
READ_GONE = frozenset((FETCHED_GONE, PLUGIN_GONE))
"""Topics of orders that a read did not find any more; platforms know them as ``FETCHED_GONE``."""


@dataclass(frozen=True, slots=True)
class SnapshotPush:
    """One absolute snapshot for one customer. ``previous``: opaque token of the last accepted write, if the store gives
    one. tag: what customers are tagged with, where a store has tags and was asked for it.
    """

    customer_ref: str
    body: str
    version: tuple[int, int]
    previous: str | None = None
    tag: TierTag | None = None


class PushState(StrEnum):
    """How a push ended."""

    ACCEPTED = "accepted"
    OBSOLETE = "obsolete"
    """The store already shows a newer version."""
    GONE = "gone"
    """The customer is not there (any more): permanent."""
    REFUSED = "refused"
    """The store refuses this one for another reason: permanent, ``reason`` says why."""
    RETRY = "retry"
    """Not now; ``reason`` says why."""


@dataclass(frozen=True, slots=True)
class PushResult:
    """Outcome for one SnapshotPush, in the same order. ``token`` stands for the content that the store has now: it goes
    into ``previous`` of the next push, and ``ShownSnapshot.token`` is held against it. With REFUSED or RETRY the store
    has the snapshot, and not the tag that goes with it. outage: with RETRY, why the store could not be reached; that
    says nothing of this customer, and nobody is given up for it.
    """

    state: PushState
    reason: str = ""
    token: str | None = None
    outage: Transient | None = None


@dataclass(frozen=True, slots=True)
class Voucher:
    """What one code gives one customer of a store, once. Amounts in minor units of the store's ``currency``.

    kind: of ``RewardKind``. value_minor: taken off the order; percent_bp: hundredths of a percent off its goods;
    one of them is 0. minimum_minor: of goods that the order must have. product_id: what is free, with kind ``product``.
    mark: written into the store beside the code, so that we know our own again. stacks: may be used beside other codes;
    stacks_with_money: beside those that take money off an order, too.
    """

    code: str
    kind: str
    customer_ref: str
    mark: str
    title: str
    currency: str
    starts_at: datetime
    value_minor: int = 0
    percent_bp: int = 0
    minimum_minor: int = 0
    product_id: str | None = None
    expires_at: datetime | None = None
    stacks: bool = False
    stacks_with_money: bool = True


class VoucherState(StrEnum):
    """What a store says of a voucher."""

    PLACED = "placed"
    """The store has it, now or since an earlier call."""
    WITHDRAWN = "withdrawn"
    """Nobody can use it (any more)."""
    USED = "used"
    """It could not be withdrawn: an order has used it."""
    GONE = "gone"
    """The customer is not there (any more): permanent."""
    REFUSED = "refused"
    """The store refuses it for another reason: permanent, ``reason`` says why."""
    RETRY = "retry"
    """Not now; ``reason`` says why."""


@dataclass(frozen=True, slots=True)
class VoucherAnswer:
    """Outcome of placing or withdrawing one voucher. token: by which the store finds it again."""

    state: VoucherState
    reason: str = ""
    token: str | None = None


class ShopClient(Protocol):
    """Talks to one shop's API. Raises Transient, ConfigProblem or Permanent, never httpx errors."""

    credits: CreditDesk | None
    flows: FlowDesk | None
    """Customers' credit accounts and the shop's workflows; None where a store of this platform has none."""

    async def check(self) -> str:
        """Prove that address and credentials work; returns the shop's own name or address."""

    async def read_order(self, order_id: str) -> Fetched | None:
        """One order with its refunds, complete; None if the shop no longer has it, or hides it for its age."""

    def orders_changed_since(self, since: datetime) -> AsyncIterator[list[Fetched]]:
        """Pages of complete orders changed at or after ``since``, oldest change first."""

    def newest_orders(self, since: datetime) -> AsyncGenerator[Fetched, None]:
        """Complete orders made at or after ``since``, newest first, for whoever stops early; one may come twice."""

    def order_history(self, since: datetime | None, cursor: str | None) -> AsyncIterator[HistoryPage]:
        """Every order made at or after ``since`` (None: ever) that the shop shows us, oldest first, each in exactly one
        page unless it was made while being read, or the shop lost what it had read for us and begins anew. cursor: that
        of the last page that was kept, to go on after it; None: from the beginning. Ends after the last page. Raises
        Permanent for a cursor that is none of ours.
        """

    async def order_counts(self, customer_refs: Sequence[str], since: datetime) -> dict[str, OrderCount]:
        """How many orders customers have, and which of them were made at or after ``since``; of whom it says so."""

    async def orders_visible_since(self) -> datetime | None:
        """Orders made before this are hidden from us, so their absence proves nothing; None: all are shown."""

    async def read_products(self, product_ids: Sequence[str], *, with_prices: bool = False) -> list[Product]:
        """What rules may ask about these products, in any order; those that the shop no longer has are left out."""

    async def push_snapshots(self, pushes: Sequence[SnapshotPush]) -> list[PushResult]:
        """Write snapshots, at most ``Platform.push_batch_size`` of them; one result each, in order."""

    async def remove_snapshots(
        self, customer_refs: Sequence[str], tags: frozenset[str] = frozenset()
    ) -> list[PushResult]:
        """Delete what we wrote about customers, at most ``Platform.push_batch_size`` of them; one result each, in
        order: ACCEPTED if nothing of ours is there any more. tags: those that are ours, where a store has tags.
        """

    async def push_programme(self, body: str) -> PushResult:
        """Write the programme's summary where the shop's pages can read it. REFUSED: the store has no place for it."""

    async def issue_voucher(self, voucher: Voucher) -> VoucherAnswer:
        """Make a voucher exist. Asking again changes nothing: a code that is there and bears our mark is adopted."""

    async def withdraw_voucher(self, code: str, mark: str, token: str | None) -> VoucherAnswer:
        """Make a voucher of ours unusable, and say so if an order was faster. token: None if we were never told it."""

    def marked_vouchers(self) -> AsyncIterator[list[MarkedVoucher]]:
        """Pages of every code in the store that bears a mark of ours, whether it can be used or not."""

    async def read_snapshots(self, customer_refs: Sequence[str]) -> list[ShownSnapshot]:
        """What the store shows of these customers, at most ``Platform.push_batch_size`` of them; in order."""

    async def ensure_webhooks(self, hook_url: str) -> list[str]:
        """Make every webhook exist, active, and point at ``hook_url + '/' + topic``; returns the repairs in words."""


class Platform(Protocol):
    """One kind of shop."""

    name: str
    push_batch_size: int
    voucher_kinds: frozenset[str]
    """Kinds of rewards that a store of this platform can give by itself; of others none may be redeemed for it."""
    retries_deliveries: bool
    """Whether it sends a refused delivery again. One that does not is turned away only if the database cannot write."""

    def check_delivery(
        self, headers: Headers, raw: bytes, topic: str, connection: Connection, secrets: Sequence[bytes]
    ) -> None:
        """Raise BadSignature unless ``raw`` was signed with one of ``secrets`` and no header contradicts our URL."""

    def is_ping(self, headers: Headers, raw: bytes) -> bool:
        """Whether this is the platform's unsigned test call, which is answered and forgotten."""

    def asks(self, topic: str, raw: bytes) -> bool:
        """Whether a delivery says only that its order changed: the order is read, the delivery itself is not kept."""

    def delivery_key(self, headers: Headers, raw: bytes, topic: str) -> str:
        """Key under which a repeated delivery is recognised."""

    def object_key(self, topic: str, raw: bytes) -> ObjectKey | None:
        """Which object it is about; None if unknown topic or unreadable. Decodes only the id."""

    def normalise(self, topic: str, raw: bytes, normaliser: Normaliser) -> list[Fact]:
        """Facts in a payload; an empty list for topics that say nothing to us. Raises Unreadable."""

    def shown(self, topic: str, raw: bytes) -> Shown:
        """What an order or customer in a payload shows of the person; empty where it says nothing readable."""

    def client(self, connection: Connection, credentials: Credentials, api: ApiClient) -> ShopClient:
        """A client for one shop over the shared ApiClient (connector/api_client.py), made once per process."""
