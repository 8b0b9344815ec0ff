"""The books of one programme in memory: load a member, decide, apply the decision as the storage does, nothing else.

Everything a decision gives is written down the way a database would: entries only grow, a context is written once,
what entries moved in lots adds up. Whatever can be derived is derived from the entries when a member is loaded, so a
decision that contradicts its own entries is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from loyalty_engine import commands
from loyalty_engine.counters import CounterRow
from loyalty_engine.decide import decide
from loyalty_engine.decision import Decision, Notice, Reason
from loyalty_engine.expiry import LotEnd
from loyalty_engine.facts import Activity, OrderState
from loyalty_engine.ledger import GENESIS, NewEntry
from loyalty_engine.lots import Debt, Lot, available, held, pending
from loyalty_engine.member import (
    OPEN_STATES,
    TAKEN_STATES,
    Booking,
    Context,
    Grant,
    MemberState,
    Posted,
    Redemption,
    SourceState,
    derived_refs,
)
from loyalty_engine.programme.model import Pause, Programme, Rulebook
from tests.engine.builders import OPENING, PAID, moment

ANNA = "anna"
BEN = "ben"
EARNED = ("earn", "bonus", "clawback", "transfer")
NOT_EARNED = ("redemption:", "lot:", "adjust:", "writeoff:")


@dataclass(frozen=True)
class Engine:
    """Every door of the engine. Tests of the tests pass one with a wrong door, and expect to be told."""

    decide: Callable[..., Decision] = decide
    adjust: Callable[..., Decision] = commands.adjust
    write_off: Callable[..., Decision] = commands.write_off
    redeem: Callable[..., Decision] = commands.redeem
    issued: Callable[..., Decision] = commands.issued
    used: Callable[..., Decision] = commands.used
    cancel: Callable[..., Decision] = commands.cancel
    expire_vouchers_due: Callable[..., Decision] = commands.expire_vouchers_due
    hold: Callable[..., Decision] = commands.hold
    capture: Callable[..., Decision] = commands.capture
    release: Callable[..., Decision] = commands.release
    lapse_due: Callable[..., Decision] = commands.lapse_due
    arm: Callable[..., Decision] = commands.arm
    expire_lots: Callable[..., Decision] = commands.expire_lots
    transfer_out: Callable[..., tuple[Decision, commands.Parcel]] = commands.transfer_out
    transfer_in: Callable[..., Decision] = commands.transfer_in


ENGINE = Engine()


@dataclass(slots=True)
class Account:
    """One member's rows."""

    member_id: str
    enrolled_at: datetime = OPENING
    entries: list[NewEntry] = field(default_factory=list)
    contexts: dict[str, Context] = field(default_factory=dict)
    lots: dict[int, Lot] = field(default_factory=dict)
    moved: dict[tuple[int, int], int] = field(default_factory=dict)
    """By (entry, lot): what the entry took of it, or gave back."""
    reasons: dict[str, Reason] = field(default_factory=dict)
    counters: dict[str, tuple[CounterRow, ...]] = field(default_factory=dict)
    grants: dict[tuple[str, str, str], Grant] = field(default_factory=dict)
    redemptions: dict[str, Redemption] = field(default_factory=dict)
    bookings: dict[str, tuple[Booking, ...]] = field(default_factory=dict)
    notices: dict[tuple[str, str], Notice] = field(default_factory=dict)
    points: int = 0
    lifetime: int = 0
    deficit: int = 0
    places: int = 0
    next_change_at: datetime | None = None
    activity_at: datetime | None = None

    # --- what follows from the entries ---

    def posted(self, source_ref: str) -> Posted:
        """What the entries say of one source."""
        points = spent = adjusted = last = 0
        for entry in self.entries:
            if entry.source_ref == source_ref:
                last = max(last, entry.source_n)
                points += entry.points if entry.kind.value in EARNED else 0
                spent -= entry.points if entry.kind.value in ("redeem", "reinstate") else 0
                adjusted += entry.points if entry.kind.value == "adjust" else 0
        return Posted(points, last, spent, adjusted)

    def debts(self) -> tuple[Debt, ...]:
        """Debits that no lot has paid in full."""
        paid: defaultdict[int, int] = defaultdict(int)
        for (entry_n, _), points in self.moved.items():
            paid[entry_n] += points
        return tuple(
            Debt(entry.n, -entry.points - paid[entry.n], entry.source_ref)
            for entry in self.entries
            if entry.points < 0 and -entry.points > paid[entry.n]
        )

    def takings(self) -> dict[tuple[str, int], int]:
        """What the entries of each source took of each lot, less what they gave back."""
        found: defaultdict[tuple[str, int], int] = defaultdict(int)
        for (entry_n, lot_n), points in self.moved.items():
            entry = self.entries[entry_n - 1]
            found[entry.source_ref, lot_n] += points if entry.points < 0 else -points
        return {key: points for key, points in found.items() if points}

    def room_taken(self) -> dict[tuple[str, str], tuple[int, int]]:
        room: defaultdict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
        for grant in self.grants.values():
            points, times = room[grant.cap_id, grant.window_key]
            room[grant.cap_id, grant.window_key] = (points + grant.points, times + grant.times)
        return dict(room)

    # --- loading ---

    def state(self, refs: Iterable[str] = (), redemption_id: str | None = None) -> MemberState:
        """The member as the storage loads it for these sources, or for a command on one redemption."""
        wanted = set(refs)
        redemptions = [
            redemption
            for redemption in self.redemptions.values()
            if redemption.state in OPEN_STATES | TAKEN_STATES
            or redemption.order_ref in wanted
            or redemption.redemption_id == redemption_id
        ]
        spenders = {redemption.source_ref for redemption in redemptions}
        takings = {key: points for key, points in self.takings().items() if key[0] in spenders}
        named = {lot_n for _, lot_n in takings}
        lots = [
            lot
            for lot in self.lots.values()
            if lot.remaining or lot.n in named or (lot.expired and lot.source_ref in wanted)
        ]
        refs = wanted | derived_refs(wanted, lots, redemptions)
        return self._member(
            lots, refs, takings, redemptions, [g for g in self.grants.values() if g.source_ref in wanted]
        )

    def whole(self) -> MemberState:
        """The member with every row, for a merge."""
        refs = {entry.source_ref for entry in self.entries} | set(self.contexts)
        return self._member(
            self.lots.values(), refs, self.takings(), self.redemptions.values(), list(self.grants.values())
        )

    def _member(
        self,
        lots: Iterable[Lot],
        refs: Iterable[str],
        takings: dict[tuple[str, int], int],
        redemptions: Iterable[Redemption],
        grants: Sequence[Grant],
    ) -> MemberState:
        last = self.entries[-1] if self.entries else None
        return MemberState(
            member_id=self.member_id,
            enrolled_at=self.enrolled_at,
            points=sum(entry.points for entry in self.entries),
            lifetime=self.earned(),
            last_n=last.n if last else 0,
            last_hash=last.entry_hash if last else GENESIS,
            lots=tuple(lots),
            debts=self.debts(),
            posted={ref: self.posted(ref) for ref in sorted(refs)},
            contexts={ref: self.contexts[ref] for ref in sorted(refs) if ref in self.contexts},
            places=self.places,
            grants=tuple(grants),
            room_taken=self.room_taken(),
            redemptions=tuple(redemptions),
            bookings=tuple(booking for bookings in self.bookings.values() for booking in bookings),
            activity_at=self.activity_at,
            takings=takings,
        )

    def earned(self) -> int:
        """Points ever earned, less reversals."""
        return sum(
            entry.points
            for entry in self.entries
            if entry.kind.value in EARNED and not entry.source_ref.startswith(NOT_EARNED)
        )

    # --- writing ---

    def apply(self, decision: Decision) -> Decision:
        """Write a decision; whatever a database would refuse is refused, and what contradicts itself is told."""
        first = len(self.entries) + 1
        assert [entry.n for entry in decision.entries] == list(range(first, first + len(decision.entries)))
        self.entries.extend(decision.entries)
        keys = {(entry.source_ref, entry.source_n) for entry in self.entries}
        assert len(keys) == len(self.entries)
        for context in decision.contexts:
            assert context.source_ref not in self.contexts
            self.contexts[context.source_ref] = context
        self.lots |= {lot.n: lot for lot in decision.lots}
        for consumption in decision.consumptions:
            assert consumption.points > 0
            key = (consumption.debit_n, consumption.lot_n)
            self.moved[key] = self.moved.get(key, 0) + consumption.points
        self._apply_rest(decision)
        assert self.debts() == decision.debts
        assert self.points == sum(entry.points for entry in self.entries)
        assert self.lifetime == self.earned()
        return decision

    def erase_texts(self) -> None:
        """Explanations and their salts go, as when a person is erased."""
        self.entries = [replace(entry, salt=b"", explanation="") for entry in self.entries]

    def _apply_rest(self, decision: Decision) -> None:
        for source_ref, reason in decision.reasons.items():
            self.reasons.pop(source_ref, None)
            if reason is not None:
                self.reasons[source_ref] = reason
        self.counters |= decision.counters
        self.grants |= {(grant.source_ref, grant.cap_id, grant.window_key): grant for grant in decision.grants}
        self.redemptions |= {redemption.redemption_id: redemption for redemption in decision.redemptions}
        self.bookings |= decision.bookings
        for notice in decision.notices:
            assert (notice.kind, notice.key) not in self.notices
            self.notices[notice.kind, notice.key] = notice
        self.points, self.lifetime, self.places = decision.points, decision.lifetime, decision.places
        self.deficit = sum(debt.unpaid for debt in decision.debts)
        self.next_change_at, self.activity_at = decision.next_change_at, decision.activity_at

    # --- what a shopper is told ---

    def available(self, at: datetime) -> int:
        return available(self.lots.values(), self.deficit, at)

    def pending(self, at: datetime) -> int:
        return pending(self.lots.values(), at)

    def held(self) -> int:
        return held(self.lots.values())

    def balances(self, at: datetime) -> dict[str, Any]:
        """What a shopper is told at a moment."""
        return {
            "points": self.points,
            "lifetime": self.lifetime,
            "available": self.available(at),
            "pending": self.pending(at),
            "held": self.held(),
            "deficit": self.deficit,
        }

    def texts(self) -> list[tuple[str, int]]:
        """Kind and points of each entry."""
        return [(entry.kind.value, entry.points) for entry in self.entries]


class Books:
    """All members of one programme, and who owns which source now. ``tell`` is the whole path of one fact."""

    def __init__(self, *versions: Programme, engine: Engine = ENGINE) -> None:
        self.versions = list(versions)
        self.pauses: tuple[Pause, ...] = ()
        self.engine = engine
        self.accounts: dict[str, Account] = {}
        self.owners: dict[str, str | None] = {}
        self.facts: dict[str, OrderState | Activity] = {}
        self.parcels: dict[str, commands.Parcel] = {}
        self._minutes = count()

    @property
    def rulebook(self) -> Rulebook:
        return Rulebook(tuple(self.versions), pauses=self.pauses)

    def account(self, member_id: str = ANNA) -> Account:
        return self.accounts.setdefault(member_id, Account(member_id))

    def tell(
        self, fact: OrderState | Activity, owner: str | None = ANNA, now: datetime | None = None
    ) -> list[NewEntry]:
        """A new state of a source, belonging to ``owner`` now. Returns the entries it made."""
        before = self.owners.get(fact.source_ref)
        self.owners[fact.source_ref] = owner
        self.facts[fact.source_ref] = fact
        at = now or PAID + timedelta(minutes=next(self._minutes))
        spenders = {
            account.member_id
            for account in self.accounts.values()
            for redemption in account.redemptions.values()
            if redemption.order_ref == fact.source_ref
        }
        return [
            entry
            for member_id in sorted(spenders | {who for who in (before, owner) if who is not None})
            for entry in self.decide(member_id, [fact], at)
        ]

    def decide(self, member_id: str, facts: Sequence[OrderState | Activity], now: datetime) -> list[NewEntry]:
        """Decide some sources of one member and write the decision."""
        sources = [self.source(fact, member_id) for fact in facts]
        account = self.account(member_id)
        state = account.state(source.source_ref for source in sources)
        return list(account.apply(self.engine.decide(state, sources, self.rulebook, moment(now))).entries)

    def source(self, fact: OrderState | Activity, member_id: str) -> SourceState:
        """A fact as a source of a member."""
        belongs = self.owners.get(fact.source_ref) == member_id
        if isinstance(fact, OrderState):
            return SourceState(fact.source_ref, fact, belongs)
        return SourceState(fact.source_ref, None, belongs, activity=fact)

    def run(self, command: str, member_id: str, *given: Any, now: datetime, **named: Any) -> list[NewEntry]:
        """Run a command on a member. What is given first may name a redemption, or be one."""
        account = self.account(member_id)
        first = given[0] if given else None
        state = account.state((), first.redemption_id if isinstance(first, Redemption) else str(first))
        if command in ("adjust", "write_off"):
            ref = f"adjust:{given[1]}" if command == "adjust" else f"writeoff:{given[0]}"
            state = account.state([ref])
        decision = getattr(self.engine, command)(state, *given, self.rulebook, moment(now), **named)
        return list(account.apply(decision).entries)

    def warn(self, member_id: str, now: datetime, *lots: int) -> None:
        """Their ends are told of at ``now``: those of these lots, or of all that end."""
        known = self.account(member_id).lots
        told = [
            LotEnd(lot.n, lot.nominal_at, lot.remaining)
            for lot in known.values()
            if lot.nominal_at is not None and (not lots or lot.n in lots)
        ]
        self.run("arm", member_id, told, now, now=now)

    def merge(self, merge_id: str, old: str, survivor: str, now: datetime, refs: Iterable[str] | None = None) -> None:
        """Everything of one member, or these sources, goes to another one; then both are decided again."""
        out, parcel = self.engine.transfer_out(
            self.account(old).whole(), merge_id, survivor, "merchant", self.rulebook, moment(now), refs=refs
        )
        self.parcels[merge_id] = parcel
        self.account(old).apply(out)
        arriving = self.engine.transfer_in(
            self.account(survivor).whole(), parcel, "merchant", self.rulebook, moment(now)
        )
        self.account(survivor).apply(arriving)
        moved = [ref for ref in parcel.refs if self.owners.get(ref) == old]
        self.owners |= dict.fromkeys(moved, survivor)
        for member_id in (old, survivor):
            self.decide(member_id, [self.facts[ref] for ref in sorted(moved)], now)
