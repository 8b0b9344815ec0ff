"""The books of one programme in memory: load a member, decide, apply the decision as the storage does, nothing else.

Everything a decision gives is written down the way a database would: entries only grow, a context is written once, a
consumption once per debit and lot. Whatever can be derived is derived from the entries when a member is loaded, so a
decision that contradicts its own entries is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from loyalty_engine.decide import Decision, Reason, decide
from loyalty_engine.facts import OrderState
from loyalty_engine.ledger import GENESIS, POSTED_KINDS, EntryDraft, EntryKind, NewEntry, seal_entry
from loyalty_engine.lots import Consumption, Debt, Lot, available, pending, soonest_expiring_first
from loyalty_engine.member import Context, MemberState, Posted, SourceState
from loyalty_engine.programme import Programme
from tests.engine.builders import OPENING, PAID, SALT, moment

ANNA = "anna"
BEN = "ben"


@dataclass(slots=True)
class Account:
    """One member's rows."""

    member_id: str
    enrolled_at: datetime = OPENING
    entries: list[NewEntry] = field(default_factory=list)
    contexts: dict[str, Context] = field(default_factory=dict)
    lots: dict[int, Lot] = field(default_factory=dict)
    consumptions: dict[tuple[int, int], int] = field(default_factory=dict)
    reasons: dict[str, Reason] = field(default_factory=dict)
    points: int = 0
    lifetime: int = 0
    deficit: int = 0
    next_change_at: datetime | None = None

    def posted(self, source_ref: str) -> Posted:
        """What the entries say of one source."""
        mine = [entry for entry in self.entries if entry.source_ref == source_ref]
        points = sum(entry.points for entry in mine if entry.kind in POSTED_KINDS)
        return Posted(points, max((entry.source_n for entry in mine), default=0))

    def debts(self) -> tuple[Debt, ...]:
        """Debits that no lot has paid in full, from entries and consumption."""
        paid: defaultdict[int, int] = defaultdict(int)
        for (debit_n, _), points in self.consumptions.items():
            paid[debit_n] += points
        return tuple(
            Debt(entry.n, -entry.points - paid[entry.n])
            for entry in self.entries
            if entry.points < 0 and -entry.points > paid[entry.n]
        )

    def state(self, sources: Sequence[SourceState]) -> MemberState:
        """The member as the storage loads it: lots with points left, and what concerns the given sources."""
        refs = {source.source_ref for source in sources}
        last = self.entries[-1] if self.entries else None
        return MemberState(
            member_id=self.member_id,
            enrolled_at=self.enrolled_at,
            points=sum(entry.points for entry in self.entries),
            lifetime=self.lifetime,
            last_n=last.n if last else 0,
            last_hash=last.entry_hash if last else GENESIS,
            lots=tuple(lot for lot in self.lots.values() if lot.remaining),
            debts=self.debts(),
            posted={ref: self.posted(ref) for ref in sorted(refs)},
            contexts={ref: context for ref, context in self.contexts.items() if ref in refs},
        )

    def apply(self, decision: Decision) -> None:
        """Write a decision; whatever a database would refuse is refused."""
        assert [entry.n for entry in decision.entries] == list(
            range(len(self.entries) + 1, len(self.entries) + 1 + len(decision.entries))
        )
        keys = {(entry.source_ref, entry.source_n) for entry in (*self.entries, *decision.entries)}
        assert len(keys) == len(self.entries) + len(decision.entries)
        self.entries.extend(decision.entries)
        for context in decision.contexts:
            assert context.source_ref not in self.contexts
            self.contexts[context.source_ref] = context
        self.lots |= {lot.n: lot for lot in decision.lots}
        self.consume(decision.consumptions)
        for source_ref, reason in decision.reasons.items():
            self.reasons.pop(source_ref, None)
            if reason is not None:
                self.reasons[source_ref] = reason
        self.points, self.lifetime = decision.points, decision.lifetime
        self.deficit = sum(debt.unpaid for debt in decision.debts)
        self.next_change_at = decision.next_change_at
        assert self.debts() == decision.debts

    def consume(self, consumptions: Iterable[Consumption]) -> None:
        """Write which lots paid which debit."""
        for consumption in consumptions:
            key = (consumption.debit_n, consumption.lot_n)
            assert key not in self.consumptions
            assert consumption.points > 0
            self.consumptions[key] = consumption.points

    def spend(self, points: int, now: datetime) -> None:
        """Redeem points, soonest-expiring lot first. There is no such decision yet, so the rows are written here."""
        assert 0 < points <= self.available(now)
        last = self.entries[-1]
        draft = EntryDraft(EntryKind.REDEEM, -points, f"redemption:{last.n + 1}", 1, 1, {"actor": "shopper"})
        entry = seal_entry(draft, self.member_id, last.n + 1, last.entry_hash, now.date(), now, SALT)
        self.entries.append(entry)
        self.points -= points
        for lot in sorted(self.lots.values(), key=soonest_expiring_first):
            taken = min(points, lot.remaining) if lot.is_spendable(now) else 0
            if taken:
                points -= taken
                self.lots[lot.n] = Lot(
                    lot.n, lot.source_ref, lot.size, lot.remaining - taken, lot.matures_at, lot.expires_at
                )
                self.consume([Consumption(entry.n, lot.n, taken)])

    def available(self, at: datetime) -> int:
        return available(self.lots.values(), self.deficit, at)

    def pending(self, at: datetime) -> int:
        return pending(self.lots.values(), at)

    def balances(self, at: datetime) -> dict[str, Any]:
        """What a shopper is told at a moment."""
        return {
            "points": self.points,
            "lifetime": self.lifetime,
            "available": self.available(at),
            "pending": self.pending(at),
            "deficit": self.deficit,
        }

    def texts(self) -> list[tuple[str, int]]:
        """Kind and points of each entry."""
        return [(entry.kind.value, entry.points) for entry in self.entries]


class Books:
    """All members of one programme, and who owns which order now. ``tell`` is the whole path of one fact."""

    def __init__(self, *versions: Programme) -> None:
        self.versions = list(versions)
        self.accounts: dict[str, Account] = {}
        self.owners: dict[str, str | None] = {}
        self.orders: dict[str, OrderState] = {}
        self._minutes = count()

    def account(self, member_id: str = ANNA) -> Account:
        return self.accounts.setdefault(member_id, Account(member_id))

    def tell(self, order: OrderState, owner: str | None = ANNA, now: datetime | None = None) -> list[NewEntry]:
        """A new state of an order, belonging to ``owner`` now. Returns the entries it made."""
        before = self.owners.get(order.source_ref)
        self.owners[order.source_ref] = owner
        self.orders[order.source_ref] = order
        at = now or PAID + timedelta(minutes=next(self._minutes))
        return [
            entry
            for member_id in sorted({before, owner} - {None}, key=str)
            if member_id is not None
            for entry in self.decide(member_id, [order], at)
        ]

    def decide(self, member_id: str, orders: Sequence[OrderState], now: datetime) -> list[NewEntry]:
        """Decide some orders of one member and write the decision."""
        sources = [
            SourceState(order.source_ref, order, belongs=self.owners.get(order.source_ref) == member_id)
            for order in orders
        ]
        account = self.account(member_id)
        decision = decide(account.state(sources), sources, self.versions, moment(now))
        account.apply(decision)
        return list(decision.entries)
