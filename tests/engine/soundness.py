"""What must hold of a member's books after every step: worked out from the rows alone, with nothing of the engine."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from datetime import datetime

from loyalty_engine.ledger import NewEntry
from tests.engine.books import Account


def assert_sound(account: Account, *moments: datetime) -> None:
    """Entries, lots, debts and bookings agree; nothing is below zero; the chain holds."""
    left = sum(lot.remaining for lot in account.lots.values())
    assert left - account.deficit == sum(entry.points for entry in account.entries) == account.points
    assert account.deficit >= 0
    assert account.lifetime >= 0
    assert_lots(account)
    assert_debits(account)
    assert_everything_adds_up(account)
    assert is_chained(account.entries)
    for at in moments:
        spendable = sum(
            lot.remaining - lot.booked
            for lot in account.lots.values()
            if lot.matures_at <= at and (lot.expires_at is None or at < lot.expires_at)
        )
        assert account.available(at) == max(0, spendable - account.deficit)
        assert account.pending(at) >= 0


def assert_lots(account: Account) -> None:
    """Every lot is what one credit opened, less what was taken, plus what was given back; booked is what holds book."""
    taken: defaultdict[int, int] = defaultdict(int)
    ended: defaultdict[int, int] = defaultdict(int)
    given_by: defaultdict[int, int] = defaultdict(int)
    for (entry_n, lot_n), points in account.moved.items():
        entry = account.entries[entry_n - 1]
        signed = points if entry.points < 0 else -points
        taken[lot_n] += signed
        if entry.source_ref == f"lot:{lot_n}":
            ended[lot_n] += signed
        if entry.points > 0:
            given_by[entry_n] += points
    booked: defaultdict[int, int] = defaultdict(int)
    for bookings in account.bookings.values():
        for booking in bookings:
            booked[booking.lot_n] += booking.points
    sizes = {e.n: e.points - given_by[e.n] for e in account.entries if e.points > given_by[e.n]}
    assert {n: lot.size for n, lot in account.lots.items()} == sizes
    for n, lot in account.lots.items():
        assert 0 <= lot.booked <= lot.remaining <= lot.size
        assert lot.remaining == lot.size - taken[n]
        assert lot.expired == ended[n] >= 0
        assert lot.booked == booked[n]
        assert lot.source_ref == account.entries[n - 1].source_ref
        assert lot.expires_at is None or (lot.nominal_at is not None and lot.expires_at >= lot.nominal_at)


def assert_debits(account: Account) -> None:
    """Every debit is paid by lots or still owed."""
    owed = {debt.debit_n: debt.unpaid for debt in account.debts()}
    paid: defaultdict[int, int] = defaultdict(int)
    for (entry_n, _), points in account.moved.items():
        paid[entry_n] += points
    for entry in account.entries:
        if entry.points < 0:
            assert paid[entry.n] + owed.get(entry.n, 0) == -entry.points
    assert sum(owed.values()) == account.deficit


def assert_everything_adds_up(account: Account) -> None:
    """G23: what expired, what was spent and what is left is what was earned, given and moved in; nothing is lost."""
    sums: defaultdict[str, int] = defaultdict(int)
    for entry in account.entries:
        kind = "expire" if entry.source_ref.startswith("lot:") else entry.kind.value
        sums[kind] += entry.points
    earned = sums["earn"] + sums["bonus"] + sums["clawback"] + sums["adjust"] + sums["transfer"]
    spent, expired = -sums["redeem"] - sums["reinstate"], -sums["expire"]
    left = sum(lot.remaining for lot in account.lots.values()) - account.deficit
    assert expired + spent + left == earned


def is_chained(entries: list[NewEntry]) -> bool:
    """Hashed again from the stored columns; of an erased text only the digest is left."""
    head = bytes(32)
    for entry in entries:
        digest = hashlib.sha256(entry.salt + entry.explanation.encode()).digest() if entry.salt else entry.digest
        columns = [
            entry.member_id,
            entry.n,
            str(entry.kind),
            entry.points,
            entry.source_ref,
            entry.source_n,
            entry.programme_version,
            entry.book_date.isoformat(),
            entry.recorded_at.isoformat(),
        ]
        line = json.dumps(columns, separators=(",", ":"), ensure_ascii=False).encode()
        head = hashlib.sha256(head + line + digest).digest()
        if (entry.digest, entry.entry_hash) != (digest, head):
            return False
    return True
