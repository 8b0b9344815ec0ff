"""Counters and grants of one member: what each source counts as follows from its content, and no cap is exceeded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from connector.verify.document import Limit
from connector.verify.due import HELD_BY_BOTH, Case, due_of, ungranted
from connector.verify.goods import KnownActivity, goods_kept
from connector.verify.load import MemberRows, counts_as_posted
from connector.verify.report import Findings
from connector.verify.rules import Books, local_day
from connector.verify.worth import in_base, window_of

KEY_OF_KIND = {
    **dict.fromkeys(("review", "photo", "question"), "product_id"),
    **dict.fromkeys(
        "answer answer_accepted helpful_vote vote_given welcome introduction thanks referral".split(), "counterpart"
    ),
}
"""What tells rows of an activity apart; of every other kind it is the object."""
CHECKED_OF_ORDERS = frozenset({"orders", "spend", "tier_points"})
"""Categories and products are kept only where a badge asks for them; theirs are not reckoned again."""


def check_counters(rows: MemberRows, books: Books, cases: Mapping[str, Case], findings: Findings) -> None:
    """Rows of every source that is not to be decided first, and room under caps."""
    stored: dict[str, dict[tuple[str, str], tuple[str, int]]] = defaultdict(dict)
    for (ref, counter, counter_key), row in rows.counters.items():
        stored[ref][counter, counter_key] = (row["day"], row["value"])
    for ref in stored.keys() | cases.keys():
        if ref in rows.work:
            continue
        case = cases.get(ref)
        expected = _of(rows, books, case) if case is not None else {}
        found = {key: row for key, row in stored[ref].items() if _is_checked(case, key[0])}
        for key in expected.keys() | found.keys():
            if expected.get(key) != found.get(key):
                want, have = _shown(expected.get(key)), _shown(found.get(key))
                findings.differs("counter", rows.place(ref), want, have, what=" ".join(key).strip())
        for cap_id, window in ungranted(rows, books, case) if case else ():
            findings.differs("grant", rows.place(ref), "a grant", None, what=f"{cap_id} {window}".strip())
    if not rows.forgot:
        _check_grants(rows, books, findings)
    if not books.corrections:
        _check_last_grants(rows, books, cases, findings)


def _check_last_grants(rows: MemberRows, books: Books, cases: Mapping[str, Case], findings: Findings) -> None:
    """The last cap of a source was granted the most that was ever posted for it."""
    most: dict[str, int] = defaultdict(int)
    posted: dict[str, int] = defaultdict(int)
    for entry in rows.entries:
        ref = entry["source_ref"]
        if entry["kind"] == "transfer":
            most[ref] = -(2**63)
        elif counts_as_posted(entry):
            posted[ref] += entry["points"]
            most[ref] = max(most[ref], posted[ref])
    for ref, case in cases.items():
        limit = _last_limit(case)
        if limit is None or most[ref] < 0 or rows.forgot or ref in {*rows.moved, *rows.work}:
            continue
        day = local_day(books.zone, case.context["paid_at_us"])
        grant = rows.grants.get((limit.cap_id, window_of(limit, day, case.activity), ref))
        found = grant["points"] if grant else 0
        if found != most[ref]:
            findings.differs("grant", rows.place(ref), most[ref], found, what=limit.cap_id)


def _last_limit(case: Case) -> Limit | None:
    """The last cap over several rules that a source falls under, if it keeps grants."""
    document = case.rules.document
    if case.activity is None:
        fitting = [limit for limit in document.limits if "order" in limit.on]
    else:
        fitting = [limit for limit in document.limits if case.activity.kind in limit.on]
        fitting += [limit for limit in document.limits if not limit.on]
    return fitting[-1] if fitting and fitting[-1].window != "source" else None


def _is_checked(case: Case | None, counter: str) -> bool:
    return case is None or case.order is None or counter in CHECKED_OF_ORDERS


def _shown(row: tuple[str, int] | None) -> str | None:
    return None if row is None else f"{row[1]} on {row[0]}"


def _of(rows: MemberRows, books: Books, case: Case) -> dict[tuple[str, str], tuple[str, int]]:
    if not case.belongs or any(c == HELD_BY_BOTH and by == case.context["source_ref"] for c, _, by in rows.grants):
        return {}
    day = local_day(books.zone, case.context["paid_at_us"]).isoformat()
    points = due_of(rows, books, case)
    if case.activity is not None:
        found = _of_activity(case.activity)
        kind = case.activity.kind
    else:
        found, kind = _of_order(case), "order"
    if found and points and kind in case.rules.document.tier_points_on:
        found["tier_points", ""] = points
    return {key: (day, value) for key, value in found.items()}


def _of_activity(activity: KnownActivity) -> dict[tuple[str, str], int]:
    if activity.status != "approved":
        return {}
    key = getattr(activity, KEY_OF_KIND.get(activity.kind, "object_id")) or ""
    number = activity.values.get("points", 1) if activity.kind == "donation" else 1
    value = number if isinstance(number, int) and not isinstance(number, bool) else 1
    flags = [name for name, flag in activity.values.items() if flag is True]
    return {(counter, key): value for counter in (activity.kind, *(f"{activity.kind}.{flag}" for flag in flags))}


def _of_order(case: Case) -> dict[tuple[str, str], int]:
    known = case.order
    if known is None or known.order is None or not known.is_paid:
        return {}
    kept = goods_kept(known.order, known.refunds())
    if not kept.is_anything and (kept.ordered or known.refunds()):
        return {}
    found = {("orders", ""): 1}
    spend = in_base(case.rules.document, kept.goods, known.order.currency)
    if spend:
        found["spend", ""] = spend
    return found


def _check_grants(rows: MemberRows, books: Books, findings: Findings) -> None:
    """Of each cap and window, all grants together are no more than the largest room any version gave; what a merge
    moved keeps its room beside it.
    """
    room: dict[str, tuple[int | None, int | None]] = {}
    for rules in books.versions.values():
        for limit in (*rules.document.limits, *(cap for rule in rules.document.rules for cap in rule.limits)):
            before = room.get(limit.cap_id, (0, 0))
            room[limit.cap_id] = (_larger(before[0], limit.points), _larger(before[1], limit.times))
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    moved = rows.moved | {entry["source_ref"] for entry in rows.entries if entry["kind"] == "transfer"}
    for (cap_id, window, ref), row in rows.grants.items():
        if cap_id == HELD_BY_BOTH or ref in moved:
            continue
        if ref not in rows.contexts:
            findings.differs("grant", rows.place(ref), 0, row["points"], what=cap_id)
        if row["times"] != 1:
            findings.differs("grant", rows.place(ref), 1, row["times"], what=f"{cap_id} (times)")
        sums[cap_id, window][0] += row["points"]
        sums[cap_id, window][1] += row["times"]
    for (cap_id, window), (points, times) in sums.items():
        most_points, most_times = room.get(cap_id, (0, 0))
        what = f"{cap_id} {window}".strip()
        if most_points is not None and points > most_points:
            findings.differs("grant", rows.place(), most_points, points, what=what)
        if most_times is not None and times > most_times:
            findings.differs("grant", rows.place(), most_times, times, what=what)


def _larger(before: int | None, limit: int | None) -> int | None:
    """None: not limited."""
    return None if before is None or limit is None else max(before, limit)
