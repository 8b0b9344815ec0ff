"""Lots, consumption and balance of one member, reckoned again from entries, and where they say it, from explanations.

A credit opens a lot of what it did not give back to others; a row of consumption says what an entry moved in a lot: a
debit took, a credit gave back. What no lot has paid of a debit is owed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from connector.storage.due_members import ANOTHER_TRY
from connector.storage.session import Row
from connector.verify.due import NOT_YET_US, Case
from connector.verify.load import MemberRows, counts_for_lifetime
from connector.verify.report import Findings
from connector.verify.rules import Books, iso

_TRY_US = ANOTHER_TRY // timedelta(microseconds=1)


@dataclass(slots=True)
class Reckoned:
    """What follows from a member's entries and consumption.

    sizes: of every lot. taken, expired: of each lot, net of what came back. owed: by debit, > 0.
    """

    sizes: dict[int, int] = field(default_factory=dict)
    taken: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    expired: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    owed: dict[int, int] = field(default_factory=dict)
    points: int = 0
    lifetime: int = 0


def reckon(rows: MemberRows, findings: Findings) -> Reckoned:
    """Add up. Notes consumption that belongs to no entry or moves more than its entry has."""
    state = Reckoned()
    moved: dict[int, int] = defaultdict(int)
    entries = {entry["n"]: entry for entry in rows.entries}
    for (n, lot_n), points in rows.consumptions.items():
        entry = entries.get(n)
        if entry is None:
            findings.differs("consumption", rows.place(n=n), None, points, what=f"lot {lot_n}")
            continue
        sign = 1 if entry["points"] < 0 else -1
        moved[n] += points
        state.taken[lot_n] += sign * points
        if entry["kind"] == "expire" or entry["source_ref"] == f"lot:{lot_n}":
            state.expired[lot_n] += sign * points
    for n, entry in entries.items():
        state.points += entry["points"]
        state.lifetime += entry["points"] if counts_for_lifetime(entry) else 0
        left = abs(entry["points"]) - moved[n]
        if left < 0:
            findings.differs("consumption", rows.place(n=n), abs(entry["points"]), moved[n], what="lots")
        elif left:
            (state.owed if entry["points"] < 0 else state.sizes)[n] = left
    return state


def check_lots(rows: MemberRows, state: Reckoned, findings: Findings) -> None:
    """Every stored lot against what was reckoned; and together lots less deficit are the entries."""
    for n in state.sizes.keys() | rows.lots.keys():
        size, stored = state.sizes.get(n), rows.lots.get(n)
        if stored is None:
            findings.differs("lot-missing", rows.place(n=n), size, None)
        elif size is None:
            findings.differs("lot-unexpected", rows.place(stored["source_ref"], n=n), None, stored["size"])
        else:
            _compare_lot(rows, state, stored, findings)
    total = sum(lot["remaining"] for lot in rows.lots.values()) - (rows.balance["deficit"] if rows.balance else 0)
    if total != state.points:
        findings.differs("sum", rows.place(), state.points, total)
    for lot_n in state.taken.keys() - rows.lots.keys():
        findings.differs("consumption", rows.place(n=lot_n), None, state.taken[lot_n], what=f"lot {lot_n}")
    _check_explained(rows, findings)


def _compare_lot(rows: MemberRows, state: Reckoned, stored: Row, findings: Findings) -> None:
    n, place = stored["n"], rows.place(stored["source_ref"], stored["n"])
    left = state.sizes[n] - state.taken[n]
    if not 0 <= stored["remaining"] <= stored["size"] or not 0 <= stored["booked"] <= stored["remaining"]:
        findings.differs("lot-bounds", place, stored["size"], stored["remaining"])
    if stored["remaining"] != left:
        findings.differs("lot-remaining", place, left, stored["remaining"])
    opened_by = next(entry for entry in rows.entries if entry["n"] == n)
    booked = sum(row["points"] for (_, lot_n), row in rows.bookings.items() if lot_n == n)
    expected: dict[str, str | int] = {
        "source_ref": opened_by["source_ref"],
        "size": state.sizes[n],
        "booked": booked,
        "expired": state.expired[n],
    }
    for what, value in expected.items():
        if stored[what] != value:
            findings.differs("lot-differs", place, value, stored[what], what=what)


def check_maturity(rows: MemberRows, cases: Mapping[str, Case], now_us: int, findings: Findings) -> None:
    """A lot with points left matures when its source's terms and present state say so; one made by hand, at once.
    What was spendable before its version was corrected stays so.
    """
    recorded = {entry["n"]: entry for entry in rows.entries}
    for n, lot in rows.lots.items():
        entry, case = recorded.get(n), cases.get(lot["source_ref"])
        if entry is None or lot["source_ref"] in rows.work or not lot["remaining"]:
            continue
        if case is not None and case.belongs:
            expected = case.matures_at_us()
            if lot["matures_at_us"] <= now_us and lot["matures_at_us"] in case.matured_at_us():
                continue
        elif case is None and entry["kind"] in ("adjust", "reinstate"):
            expected = entry["recorded_at_us"]
        else:
            continue
        if lot["matures_at_us"] != expected:
            place = rows.place(lot["source_ref"], n)
            findings.differs("lot-differs", place, iso(expected), iso(lot["matures_at_us"]), what="matures_at")


def _check_explained(rows: MemberRows, findings: Findings) -> None:
    """Each entry moved in its lots what its explanation names."""
    for n, told in rows.told.items():
        for part in told.get("lots", ()):
            found = rows.consumptions.get((n, part["lot"]), 0)
            if found < part["points"]:
                findings.differs("consumption", rows.place(n=n), part["points"], found, what=f"lot {part['lot']}")


def check_balance(rows: MemberRows, books: Books | None, state: Reckoned, now_us: int, findings: Findings) -> None:
    """The one row of cached numbers against what was reckoned and the end of the chain."""
    if rows.balance is None:
        return
    last = rows.entries[-1] if rows.entries else None
    expected: dict[str, int | bytes] = {
        "points": state.points,
        "deficit": sum(state.owed.values()),
        "lifetime": state.lifetime,
        "places": _places(rows),
        "last_n": last["n"] if last else 0,
        "last_hash": bytes(last["entry_hash"]) if last else bytes(32),
    }
    for what, value in expected.items():
        found = bytes(rows.balance[what]) if isinstance(value, bytes) else rows.balance[what]
        if found != value:
            findings.differs("balance", rows.place(), value, found, what=what)
    _check_next_change(rows, books.paused_us if books else None, now_us, findings)


def _places(rows: MemberRows) -> int:
    """How many orders have had a place."""
    return sum(context["place"] > 0 for context in rows.contexts.values())


def _check_next_change(rows: MemberRows, paused_us: int | None, now_us: int, findings: Findings) -> None:
    """A moment at which a lot matures, should end, ends, or is to be reminded of, and none before it is ahead.

    One that has passed is only waiting for the job that notes the next, and so is one of the next hour: a turn of that
    job may have failed. As long as something that has ended is not written off, there is such a one.
    """
    assert rows.balance is not None
    found = rows.balance["next_change_at_us"]
    if found is not None and found <= now_us + _TRY_US:
        return
    left = [(lot, _end(lot, paused_us)) for lot in rows.lots.values() if lot["remaining"]]
    over = [end for lot, end in left if end is not None and end <= now_us and lot["remaining"] > lot["booked"]]
    moments = {at for lot, end in left for at in (lot["matures_at_us"], lot["nominal_at_us"], end) if at is not None}
    ahead = [moment for moment in moments if now_us < moment < NOT_YET_US]
    expected = min(over or ahead, default=None)
    is_late = expected is not None and (found is None or found > expected)
    reminders = any(lot["nominal_at_us"] is not None for lot, _ in left)
    if is_late or (found is not None and found not in moments and not reminders):
        findings.differs(
            "balance",
            rows.place(),
            None if expected is None else iso(expected),
            None if found is None else iso(found),
            what="next_change_at",
        )


def _end(lot: Row, paused_us: int | None) -> int | None:
    """When a lot ends; not while its programme stands still, if it had not before."""
    end: int | None = lot["expires_at_us"]
    return None if end is None or (paused_us is not None and paused_us < end) else end
