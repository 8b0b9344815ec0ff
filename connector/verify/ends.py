"""When lots should end, and when they do: no earlier than a week after a notice that was given."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from connector.storage.session import Row
from connector.verify.document import Table
from connector.verify.load import MemberRows
from connector.verify.report import Findings
from connector.verify.rules import DAY_US, Books, day_begins_us, iso, local_day

LEAST_US = 30 * DAY_US
"""What is credited late, or given back to a lot that ends, lives at least so long."""
NOTICE_US = 7 * DAY_US


def check_ends(rows: MemberRows, books: Books, findings: Findings) -> None:
    """Both ends of every lot that came from an entry of this member; lots that moved bring theirs along."""
    entries = {entry["n"]: entry for entry in rows.entries}
    for n, lot in rows.lots.items():
        entry = entries.get(n)
        if entry is None or entry["kind"] == "transfer":
            continue
        nominal_us, ends_us = lot["nominal_at_us"], lot["expires_at_us"]
        allowed = set(_nominal_ends(rows, books, entry))
        if nominal_us not in allowed:
            expected = " or ".join(
                "never" if end is None else iso(end) for end in sorted(allowed, key=lambda e: e or 0)
            )
            found = None if nominal_us is None else iso(nominal_us)
            findings.differs("lot-differs", rows.place(lot["source_ref"], n), expected, found, what="nominal_at")
        if ends_us is not None and not _is_told(rows, nominal_us, ends_us):
            findings.differs(
                "lot-differs",
                rows.place(lot["source_ref"], n),
                "an end after a notice",
                iso(ends_us),
                what="expires_at",
            )


def _is_told(rows: MemberRows, nominal_us: int | None, ends_us: int) -> bool:
    told = [notice["told_at_us"] for notice in rows.notices if notice["told_at_us"] is not None]
    return nominal_us is not None and any(max(nominal_us, at + NOTICE_US) == ends_us for at in told)


def _nominal_ends(rows: MemberRows, books: Books, entry: Row) -> Iterator[int | None]:
    """Every end that a policy of the programme gives, counted from the decision, the entry or the last activity."""
    context = rows.contexts.get(entry["source_ref"])
    activity_us = rows.balance["activity_at_us"] if rows.balance else None
    starts = {entry["recorded_at_us"], context["decided_at_us"] if context else None, activity_us} - {None}
    if entry["source_ref"].startswith("writeoff:"):
        yield None
    for rules in books.versions.values():
        policy = rules.document.expiry
        if policy.get("mode", "never") == "never":
            yield None
            continue
        for start in starts:
            assert start is not None
            end = _end_us(policy, books.zone, local_day(books.zone, start))
            yield end
            yield max(end, entry["recorded_at_us"] + LEAST_US)
        yield entry["recorded_at_us"] + LEAST_US


def _end_us(policy: Table, zone: str, day: date) -> int:
    """The end of a local day."""
    if policy["mode"] == "calendar":
        earliest = day + timedelta(days=policy.get("days", 0))
        written = [tuple(int(part) for part in text.split("-")) for text in policy["on"]]
        days = [date(year, month, n) for year in (earliest.year, earliest.year + 1) for month, n in written]
        last = min(one for one in days if one >= earliest)
    else:
        months = day.year * 12 + day.month - 1 + policy.get("months", 0)
        year, month = months // 12, months % 12 + 1
        last = date(year, month, min(day.day, monthrange(year, month)[1])) + timedelta(days=policy.get("days", 0))
    return day_begins_us(zone, last + timedelta(days=1))
