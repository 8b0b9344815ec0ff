"""The order of use: a debit left nothing in a lot that came before one which it took from.

What a lot had left once entry n was booked follows from what it has now and from what moved since. That is compared
only where nothing else can have stood in the way: no points were set aside at the time, and dates are those of then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from connector.storage.session import Row
from connector.verify.load import MemberRows
from connector.verify.report import Findings
from connector.verify.rules import Books

Rank = tuple[int, ...]
"""Lots of a lower one are used first."""
RankOf = Callable[[Row], Rank | None]
"""None: not to be used at all."""
FOREVER_US = 2**63


def check_order_of_use(rows: MemberRows, books: Books, findings: Findings) -> None:
    """Redemptions by soonest nominal end; clawbacks from lots of their own source first, newest first."""
    steady, aside, moves = _dates_stay(books), _aside(rows), _moves(rows)
    taken_by: dict[int, list[int]] = defaultdict(list)
    for debit_n, lot_n in rows.consumptions:
        taken_by[debit_n].append(lot_n)
    for entry in rows.entries:
        at = entry["recorded_at_us"]
        rank = _rank_of(rows, entry, steady=steady)
        if rank is None or any(begins <= at <= ends for begins, ends in aside):
            continue
        for lot_n, left in _passed_over(rows, rank, entry["n"], taken_by[entry["n"]], moves):
            findings.differs("order-of-use", rows.place(entry["source_ref"], entry["n"]), 0, left, what=f"lot {lot_n}")


def _rank_of(rows: MemberRows, entry: Row, *, steady: bool) -> RankOf | None:
    if entry["kind"] == "clawback":
        return lambda lot: _of_clawback(lot, entry, steady=steady)
    if entry["kind"] == "redeem" and steady and _is_at_once(rows, entry):
        return lambda lot: _of_spending(rows, lot, entry["recorded_at_us"])
    return None


def _passed_over(
    rows: MemberRows,
    rank: RankOf,
    n: int,
    taken: Sequence[int],
    moves: Mapping[int, Sequence[tuple[int, int]]],
) -> list[tuple[int, int]]:
    """(lot, what was left in it after entry n) of lots that come before one that was taken from."""
    ranks = {lot_n: found for lot_n, lot in rows.lots.items() if lot_n < n and (found := rank(lot)) is not None}
    last = max((ranks[lot_n] for lot_n in taken if lot_n in ranks), default=())
    before = sorted(lot_n for lot_n, found in ranks.items() if found < last)
    left = {
        lot_n: int(rows.lots[lot_n]["remaining"]) + sum(points for m, points in moves.get(lot_n, ()) if m > n)
        for lot_n in before
    }
    return [(lot_n, points) for lot_n, points in left.items() if points > 0]


def _moves(rows: MemberRows) -> dict[int, list[tuple[int, int]]]:
    """(entry, points) by lot: above zero what it took, below what it gave back."""
    debits = {entry["n"] for entry in rows.entries if entry["points"] < 0}
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (n, lot_n), points in rows.consumptions.items():
        found[lot_n].append((n, points if n in debits else -points))
    return found


def _of_clawback(lot: Row, entry: Row, *, steady: bool) -> Rank | None:
    if lot["source_ref"] == entry["source_ref"]:
        return (0, -lot["n"])
    if lot["expires_at_us"] is not None and lot["expires_at_us"] <= entry["recorded_at_us"]:
        return None
    return (1, *_soonest(lot)) if steady else (1,)


def _of_spending(rows: MemberRows, lot: Row, at: int) -> Rank | None:
    context = rows.contexts.get(lot["source_ref"])
    is_dated_anew = context is not None and context["matures_at_us"] != lot["matures_at_us"]
    has_ended = lot["expires_at_us"] is not None and lot["expires_at_us"] <= at
    if is_dated_anew or has_ended or lot["matures_at_us"] > at:
        return None
    return _soonest(lot)


def _soonest(lot: Row) -> Rank:
    """What ends first; what never ends last, by maturity, then by age."""
    nominal, matures = lot["nominal_at_us"], lot["matures_at_us"]
    return (nominal is None, matures if nominal is None else nominal, matures, lot["n"])


def _dates_stay(books: Books) -> bool:
    """Whether lots still have the dates that they were opened with."""
    documents = [rules.document for rules in books.versions.values()]
    return not books.pauses and all(
        one.expiry == documents[0].expiry
        and one.expiry.get("mode") != "inactivity"
        and one.earn.get("matures_from", "paid") == "paid"
        and (not books.corrections or one.pending_days == documents[0].pending_days)
        for one in documents
    )


def _is_at_once(rows: MemberRows, entry: Row) -> bool:
    """Whether these points were never set aside: they were taken at the moment of the redemption."""
    redemption = rows.redemptions.get(entry["source_ref"].removeprefix("redemption:"))
    return redemption is not None and redemption["created_at_us"] == entry["recorded_at_us"]


def _aside(rows: MemberRows) -> list[tuple[int, int]]:
    """From when to when points may have been set aside: of every redemption that did not take them at once."""
    first: dict[str, int] = {}
    for entry in rows.entries:
        if entry["kind"] == "redeem":
            first.setdefault(entry["source_ref"], entry["recorded_at_us"])
    spans = []
    for redemption in rows.redemptions.values():
        begins, taken = redemption["created_at_us"], first.get(f"redemption:{redemption['redemption_id']}", FOREVER_US)
        if taken != begins:
            spans.append((begins, taken))
    return spans
