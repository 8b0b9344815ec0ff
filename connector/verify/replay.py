"""Lots, consumption and balance of one member, played again from the entries alone.

In order of ``n``: a credit opens a lot of its size and first repays the oldest unpaid debit. A clawback takes from the
newest lots of its own source, then from the others (soonest end first, lots without end last, by maturity, then by
number); a redeem takes from spendable lots only, in that same order. What no lot can pay is owed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connector.storage.session import Row
from connector.verify.load import MemberRows
from connector.verify.report import Findings
from connector.verify.rules import iso

LIFETIME_KINDS = frozenset({"earn", "bonus", "clawback"})
ENDLESS = 2**63


@dataclass(slots=True)
class ReplayedLot:
    """What a lot must be. expires_at_us: None, since no programme has an expiry yet."""

    n: int
    source_ref: str
    size: int
    left: int
    matures_at_us: int | None
    expires_at_us: int | None = None

    def is_spendable(self, at_us: int) -> bool:
        """Mature and not at its end."""
        is_mature = self.matures_at_us is not None and self.matures_at_us <= at_us
        return is_mature and (self.expires_at_us is None or at_us < self.expires_at_us)


@dataclass(slots=True)
class Replay:
    """What follows from a member's entries. unpaid: [debit number, points owed], oldest first."""

    lots: dict[int, ReplayedLot] = field(default_factory=dict)
    consumptions: dict[tuple[int, int], int] = field(default_factory=dict)
    unpaid: deque[list[int]] = field(default_factory=deque)
    points: int = 0
    lifetime: int = 0

    def open_lots(self) -> Iterator[ReplayedLot]:
        """Lots with points left."""
        return (lot for lot in self.lots.values() if lot.left)

    @property
    def owed(self) -> int:
        """The member's deficit."""
        return sum(points for _, points in self.unpaid)


def replay(entries: Sequence[Row], contexts: Mapping[str, Row]) -> Replay:
    """Play the entries again."""
    state = Replay()
    by_source: dict[str, list[ReplayedLot]] = {}
    for entry in entries:
        n, points, ref = entry["n"], entry["points"], entry["source_ref"]
        state.points += points
        if entry["kind"] in LIFETIME_KINDS:
            state.lifetime += points
        if points > 0:
            context = contexts.get(ref)
            lot = ReplayedLot(n, ref, points, points, context["matures_at_us"] if context else None)
            state.lots[n] = lot
            by_source.setdefault(ref, []).append(lot)
            _repay(state, lot)
        else:
            lots = _lots_to_take(state, entry, by_source.get(ref, []))
            _take(state, n, -points, lots)
    return state


def _repay(state: Replay, lot: ReplayedLot) -> None:
    while lot.left and state.unpaid:
        debt = state.unpaid[0]
        paid = min(lot.left, debt[1])
        state.consumptions[debt[0], lot.n] = paid
        lot.left -= paid
        debt[1] -= paid
        if not debt[1]:
            state.unpaid.popleft()


def _lots_to_take(state: Replay, debit: Row, own: Sequence[ReplayedLot]) -> Iterator[ReplayedLot]:
    if debit["kind"] == "redeem":
        at = debit["recorded_at_us"]
        spendable = (lot for lot in state.open_lots() if lot.is_spendable(at))
        yield from sorted(spendable, key=_end)
        return
    yield from reversed(own)
    # Reached only when the source's own lots are empty.
    yield from sorted(state.open_lots(), key=_end)


def _take(state: Replay, debit_n: int, points: int, lots: Iterator[ReplayedLot]) -> None:
    while points and (lot := next(lots, None)) is not None:
        paid = min(lot.left, points)
        if paid:
            state.consumptions[debit_n, lot.n] = paid
            lot.left -= paid
            points -= paid
    if points:
        state.unpaid.append([debit_n, points])


def _end(lot: ReplayedLot) -> tuple[int, int, int]:
    ends_at = ENDLESS if lot.expires_at_us is None else lot.expires_at_us
    return (ends_at, lot.matures_at_us or 0, lot.n)


def check_lots(rows: MemberRows, state: Replay, findings: Findings) -> None:
    """Every stored lot and consumption against the replay."""
    for n in state.lots.keys() | rows.lots.keys():
        lot, stored = state.lots.get(n), rows.lots.get(n)
        if lot is None:
            assert stored is not None
            findings.differs("lot-unexpected", rows.place(stored["source_ref"], n=n), None, stored["size"])
        elif stored is None:
            findings.differs("lot-missing", rows.place(lot.source_ref, n), lot.size, None)
        else:
            _compare_lot(rows, lot, stored, findings)
    for key in state.consumptions.keys() | rows.consumptions.keys():
        expected, found = state.consumptions.get(key), rows.consumptions.get(key)
        if expected != found:
            findings.differs("consumption", rows.place(n=key[0]), expected, found, what=f"lot {key[1]}")
    total = sum(lot["remaining"] for lot in rows.lots.values()) - (rows.balance["deficit"] if rows.balance else 0)
    if total != state.points:
        findings.differs("sum", rows.place(), state.points, total)


def _compare_lot(rows: MemberRows, lot: ReplayedLot, stored: Row, findings: Findings) -> None:
    place = rows.place(lot.source_ref, lot.n)
    if not 0 <= stored["remaining"] <= stored["size"]:
        findings.differs("lot-bounds", place, stored["size"], stored["remaining"])
    if stored["remaining"] != lot.left:
        findings.differs("lot-remaining", place, lot.left, stored["remaining"])
    facts: dict[str, tuple[str | int | None, str | int | None]] = {
        "source_ref": (lot.source_ref, stored["source_ref"]),
        "size": (lot.size, stored["size"]),
        "expires_at": (_moment(lot.expires_at_us), _moment(stored["expires_at_us"])),
    }
    if lot.matures_at_us is not None:
        facts["matures_at"] = (iso(lot.matures_at_us), iso(stored["matures_at_us"]))
    for what, (expected, found) in facts.items():
        if expected != found:
            findings.differs("lot-differs", place, expected, found, what=what)


def check_balance(rows: MemberRows, state: Replay, now_us: int, findings: Findings) -> None:
    """The one row of cached numbers against the replay and the end of the chain."""
    if rows.balance is None:
        return
    last = rows.entries[-1] if rows.entries else None
    expected: dict[str, int | bytes] = {
        "points": state.points,
        "deficit": state.owed,
        "lifetime": state.lifetime,
        "last_n": last["n"] if last else 0,
        "last_hash": bytes(last["entry_hash"]) if last else bytes(32),
    }
    for what, value in expected.items():
        found = bytes(rows.balance[what]) if isinstance(value, bytes) else rows.balance[what]
        if found != value:
            findings.differs("balance", rows.place(), value, found, what=what)
    _check_next_change(rows, state, last, now_us, findings)


def _check_next_change(rows: MemberRows, state: Replay, last: Row | None, now_us: int, findings: Findings) -> None:
    """It is the end of a wait of some lot, never later than the next one still ahead.

    One that has passed is only waiting for the job that notes the next: which one it was depends on when that job ran.
    """
    assert rows.balance is not None
    recorded_us = last["recorded_at_us"] if last else now_us
    ends = [end for lot in state.lots.values() if lot.left for end in (lot.matures_at_us, lot.expires_at_us) if end]
    ahead = min((end for end in ends if end > now_us), default=None)
    allowed = {end for end in ends if recorded_us < end <= now_us} | {ahead}
    found = rows.balance["next_change_at_us"]
    if found not in allowed:
        findings.differs("balance", rows.place(), _moment(ahead), _moment(found), what="next_change_at")


def _moment(value: int | None) -> str | None:
    return None if value is None else iso(value)
