"""MemberState: all that a decision may look at. Whoever calls the engine loads it; the engine asks nobody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date, datetime
from enum import StrEnum

from loyalty_engine.errors import LedgerError
from loyalty_engine.facts import Activity, OrderState, Product
from loyalty_engine.ledger import GENESIS, POSTED_KINDS, SPENT_KINDS, EntryKind
from loyalty_engine.lots import Debt, Lot
from loyalty_engine.records import record


@record
class Context:
    """What a source was decided under when it first qualified. Written once; every later difference uses it.

    enrolled_at: the member's enrolment as it counted then. paid_at: of an order, occurred_at of an activity.
    matures_at: its points never become spendable before; what waits for shipping may do so later
    (``worth.matures_at``). tier: the member's tier at paid_at, None if the programme has none. place: 1 for the
    member's first order, 2...; 0 for activities. values: what conditions read of member and catalogue then, as compact
    JSON with sorted keys.
    """

    source_ref: str
    programme_version: int
    enrolled_at: datetime
    paid_at: datetime
    matures_at: datetime
    decided_at: datetime
    tier: str | None = None
    place: int = 0
    values: str = "{}"

    def seal(self, member_id: str) -> bytes:
        """SHA-256 over the member and every field: an edited context is found by comparing it. 32 bytes."""
        fields = (
            member_id,
            self.source_ref,
            self.programme_version,
            self.enrolled_at.isoformat(),
            self.paid_at.isoformat(),
            self.matures_at.isoformat(),
            self.decided_at.isoformat(),
            self.tier,
            self.place,
            self.values,
        )
        return hashlib.sha256(json.dumps(fields).encode()).digest()


@record
class Posted:
    """What the ledger already says of one source of a member.

    points: sum of its earn, bonus, clawback and transfer entries. spent: what its redeem and reinstate entries took in
    all. adjusted: sum of its adjust entries. last_source_n: its highest number, of entries of any kind.
    """

    points: int = 0
    last_source_n: int = 0
    spent: int = 0
    adjusted: int = 0

    def after(self, kind: EntryKind, points: int) -> Posted:
        """The same with one entry more."""
        number = self.last_source_n + 1
        if kind in POSTED_KINDS:
            return Posted(self.points + points, number, self.spent, self.adjusted)
        if kind in SPENT_KINDS:
            return Posted(self.points, number, self.spent - points, self.adjusted)
        adjusted = self.adjusted + (points if kind is EntryKind.ADJUST else 0)
        return Posted(self.points, number, self.spent, adjusted)


@record
class SourceState:
    """One source to decide: the fact as known now, and whether it belongs to this member at this moment.

    order, activity: at most one is given; both None when only the removal of a source is known. products: what the
    catalogue says of the products of an order, by id.
    """

    source_ref: str
    order: OrderState | None
    belongs: bool
    activity: Activity | None = None
    products: Mapping[str, Product] = field(default_factory=dict)


@record
class Grant:
    """Room that a source took under a cap. It never shrinks, and grows only by room still free.

    window_key: which window, for example ``2026-11`` (``caps.window_key``). points, times: what it took.
    """

    source_ref: str
    cap_id: str
    window_key: str
    points: int
    times: int = 1


class TierCause(StrEnum):
    """Why a tier changed."""

    JOINED = "joined"
    REACHED = "reached"
    LOST = "lost"
    LOCKED = "locked"
    """Set by hand: stays until it is unlocked."""
    UNLOCKED = "unlocked"
    MERGED = "merged"


@record
class TierChange:
    """One row of a member's path through the tiers; the last one is what holds. n: 1, 2, 3... of the member.

    metric, value, threshold: the number that caused it, and what it was measured against. keep_until: earliest local
    day at which it may be lost, as known then. actor: ``system`` or who did it by hand; reason: why, in that person's
    words.
    """

    n: int
    tier: str
    cause: TierCause
    at: datetime
    programme_version: int
    metric: str = ""
    value: int = 0
    threshold: int = 0
    keep_until: date | None = None
    actor: str = "system"
    reason: str = ""


class BadgeState(StrEnum):
    AWARDED = "awarded"
    REVOKED = "revoked"


@record
class BadgeChange:
    """One row of a member's badges; of one (badge, award_key) the last one holds. n: 1, 2, 3... of the member.

    award_key: empty for ``once``, else ``2026``, ``2026-11``, a product... level: bronze, silver, gold. numbers: the
    measures that caused it, as compact JSON.
    """

    n: int
    badge: str
    award_key: str
    level: str
    state: BadgeState
    at: datetime
    programme_version: int
    reason: str
    numbers: str = "{}"
    actor: str = "system"


@record
class LevelChange:
    """One row of a member's community levels; the last one holds. numbers as in BadgeChange."""

    n: int
    level: str
    at: datetime
    programme_version: int
    reason: str
    numbers: str = "{}"
    actor: str = "system"


class RedemptionState(StrEnum):
    """Where a redemption stands. Held ones took nothing yet; released and lapsed ones never did."""

    HELD = "held"
    RELEASED = "released"
    LAPSED = "lapsed"
    REQUESTED = "requested"
    """Points are taken; the store does not have the voucher yet."""
    ISSUED = "issued"
    USED = "used"
    """Its order is paid: by voucher, or by capturing a hold."""
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    MOVED = "moved"
    """It went to another member with everything else."""


OPEN_STATES = frozenset({RedemptionState.HELD})
"""States in which points are booked."""
TAKEN_STATES = frozenset({RedemptionState.REQUESTED, RedemptionState.ISSUED, RedemptionState.USED})
"""States in which points are due."""


@record
class Booking:
    """Points of one lot set aside for one hold. points > 0."""

    redemption_id: str
    lot_n: int
    points: int


@record
class Redemption:
    """One exchange of points for a reward. source_ref of its entries: ``redemption:<redemption_id>``.

    redemption_id: UUID as 32 hex digits. kind, value_minor, currency, percent_bp (hundredths of a percent), cap_minor,
    product_id, minimum_order_minor: what the reward was when it was redeemed; later versions change nothing here.
    connection_number: the store that the voucher is for (0: any). order_ref: source of the order that used it, or,
    of a hold, whose money is on its way.
    lapses_at: end of a hold. expires_at: end of a voucher. place: which of the member's redemptions of this reward it
    is, 1, 2, 3..., for limits by unique rows. late: captured although its hold had lapsed, or the balance no longer
    sufficed.
    """

    redemption_id: str
    reward_id: str
    kind: str
    state: RedemptionState
    points: int
    programme_version: int
    created_at: datetime
    updated_at: datetime
    value_minor: int = 0
    currency: str = ""
    percent_bp: int = 0
    cap_minor: int | None = None
    product_id: str | None = None
    minimum_order_minor: int = 0
    connection_number: int = 0
    order_ref: str | None = None
    lapses_at: datetime | None = None
    expires_at: datetime | None = None
    place: int = 1
    late: bool = False
    reason: str = ""

    @property
    def source_ref(self) -> str:
        return f"redemption:{self.redemption_id}"


class MemberStatus(StrEnum):
    ACTIVE = "active"
    LEFT = "left"
    BLOCKED = "blocked"
    MERGED = "merged"
    """Everything went to another member."""
    ERASED = "erased"


@record
class MemberState:
    """One member under lock.

    points: sum of all entries. lifetime: points ever earned, less reversals. last_n, last_hash: head of the chain.
    lots: those with points left, those of the given sources that expired, and those named by takings. debts: oldest
    first. posted: of the given sources and of all that their decision may write to (``derived_refs``). takings: for
    each redemption given, what its entries took of each lot, less what they gave back, by (source_ref, lot_n). places:
    how many orders have had a place. tiers: the path, oldest first. grants: of the given sources. room_taken: what all
    grants of the member took, by (cap_id, window_key): (points, times). redemptions: the open ones, and of all others
    those that the given sources are or used. bookings: of open holds. tags: of the customer in the shop. activity_at:
    last activity that counts for expiry. next_change_at: when time changes something, as it was left last. asked: the
    given sources; None: everything of the member is given.
    """

    member_id: str
    enrolled_at: datetime
    points: int = 0
    lifetime: int = 0
    last_n: int = 0
    last_hash: bytes = GENESIS
    lots: tuple[Lot, ...] = ()
    debts: tuple[Debt, ...] = ()
    posted: Mapping[str, Posted] = field(default_factory=dict)
    contexts: Mapping[str, Context] = field(default_factory=dict)
    status: MemberStatus = MemberStatus.ACTIVE
    left_at: datetime | None = None
    places: int = 0
    tiers: tuple[TierChange, ...] = ()
    grants: tuple[Grant, ...] = ()
    room_taken: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    redemptions: tuple[Redemption, ...] = ()
    bookings: tuple[Booking, ...] = ()
    tags: tuple[str, ...] = ()
    activity_at: datetime | None = None
    takings: Mapping[tuple[str, int], int] = field(default_factory=dict)
    awaits_history: bool = False
    """Whether the past of one of the programme's shops was read or is to be, so that which order is the member's first
    is found among all that are known, after the decision.
    """
    programme_number: int = 0
    """Whose member it is; the engine does not look at it."""
    next_change_at: datetime | None = None
    asked: frozenset[str] | None = None

    def redemption(self, redemption_id: str) -> Redemption | None:
        """A redemption of the member; None if they have none of that id. Raises LedgerError if nobody asked for it."""
        found = next((known for known in self.redemptions if known.redemption_id == redemption_id), None)
        if found is None:
            self.must_know(f"redemption:{redemption_id}")
        return found

    def must_know(self, source_ref: str) -> None:
        """Raises LedgerError unless what was redeemed as this source, or on it, is given: what nobody asked for is not
        none.
        """
        if self.asked is not None and source_ref not in self.asked:
            raise LedgerError(f"what {self.member_id} redeemed as {source_ref} or on it was not asked for")

    def must_be_whole(self) -> None:
        """Raises LedgerError unless everything of the member is given."""
        if self.asked is not None:
            raise LedgerError(f"not everything of {self.member_id} was asked for")


HELD_BY_BOTH = "held-by-both"
"""``cap_id`` of the grant that marks a one-time award of a merged member as worth nothing, because the survivor had it,
too; its ``window_key`` says by what.
"""


def derived_refs(sources: Iterable[str], lots: Iterable[Lot], redemptions: Iterable[Redemption]) -> set[str]:
    """Sources that a decision on the given ones may write entries to; their ``posted`` is to be loaded, too."""
    refs = {redemption.source_ref for redemption in redemptions}
    refs |= {f"writeoff:{ref}" for ref in refs.union(sources)}
    return refs | {f"lot:{lot.n}" for lot in lots if lot.expired or lot.expires_at is not None}
