"""When lots should end, and when they do: no earlier than a week after a notice that was given."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from connector.storage.instants import instant, micros
from connector.storage.session import Row
from connector.verify.document import Table
from connector.verify.load import MemberRows
from connector.verify.report import Findings
from connector.verify.rules import DAY_US, Books, day_begins_us, iso, local_day

LEAST_US = 30 * DAY_US
"""What is credited late, or given back to a lot that ends, lives at least so long, and to the end of that day."""
NOTICE_US = 7 * DAY_US


def check_ends(rows: MemberRows, books: Books, findings: Findings) -> None:
    """Both ends of every lot that came from an entry of this member; lots that moved bring theirs along."""
    entries = {entry["n"]: entry for entry in rows.entries}
    for n, lot in rows.lots.items():
        entry = entries.get(n)
        if entry is None or entry["kind"] == "transfer":
            continue
        place = rows.place(lot["source_ref"], n)
        nominal_us, ends_us = lot["nominal_at_us"], lot["expires_at_us"]
        allowed = set(_nominal_ends(rows, books, entry, lot["dated_at_us"]))
        if nominal_us not in allowed:
            expected = " or ".join(
                "never" if end is None else iso(end) for end in sorted(allowed, key=lambda e: e or 0)
            )
            found = None if nominal_us is None else iso(nominal_us)
            findings.differs("lot-differs", place, expected, found, what="nominal_at")
        if lot["dated_at_us"] not in {entry["recorded_at_us"], *(ended for _, ended in books.pauses)}:
            made = iso(entry["recorded_at_us"])
            findings.differs("lot-differs", place, made, iso(lot["dated_at_us"]), what="dated_at")
        if ends_us is not None and not _may_end(rows, books, lot):
            findings.differs("lot-differs", place, "an end after a notice", iso(ends_us), what="expires_at")
    for entry in rows.entries:
        _check_ended(rows, books, entry, findings)


def _check_ended(rows: MemberRows, books: Books, entry: Row, findings: Findings) -> None:
    """What expired had ended by then, and not while the programme stood still."""
    if entry["kind"] != "expire":
        return
    at, lot = entry["recorded_at_us"], rows.lots.get(int(entry["source_ref"].removeprefix("lot:")))
    ends_us = lot["expires_at_us"] if lot is not None else None
    stood = any(begins < at < ended for begins, ended in books.pauses)
    if ends_us is None or ends_us > at or stood:
        expected = "an end" if ends_us is None else iso(ends_us)
        findings.differs("lot-differs", rows.place(entry["source_ref"], entry["n"]), expected, iso(at), what="ended")


def _may_end(rows: MemberRows, books: Books, lot: Row) -> bool:
    """Whether a notice gave this end. What an erased person was told is gone: then it is no earlier than it may be."""
    nominal_us, ends_us = lot["nominal_at_us"], lot["expires_at_us"]
    if rows.erasures:
        return nominal_us is not None and ends_us >= nominal_us
    return _is_told(rows, books, lot)


def _is_told(rows: MemberRows, books: Books, lot: Row) -> bool:
    nominal_us, through = lot["nominal_at_us"], lot["dated_at_us"]
    weeks = [
        _later(books, at + NOTICE_US, since, through)
        for notice in rows.notices
        if (at := notice["told_at_us"]) is not None
        for since in (at, 0)
    ]
    return nominal_us is not None and any(max(nominal_us, week) == lot["expires_at_us"] for week in weeks)


def _nominal_ends(rows: MemberRows, books: Books, entry: Row, through: int) -> Iterator[int | None]:
    """Every end that a policy of the programme gives, counted from the decision, the entry or the last activity, with
    the pauses that are counted in the lot. Where points live by activity, what was spent or ended since keeps the end
    that an earlier activity gave it.
    """
    context, made = rows.contexts.get(entry["source_ref"]), entry["recorded_at_us"]
    activity_us = rows.balance["activity_at_us"] if rows.balance else None
    starts = {made, context["decided_at_us"] if context else None, activity_us} - {None}
    if entry["source_ref"].startswith("writeoff:"):
        yield None
    for rules in books.versions.values():
        policy = rules.document.expiry
        if policy.get("mode", "never") == "never":
            yield None
            continue
        counted = starts | _active(rows) if policy["mode"] == "inactivity" else starts
        for start in counted:
            assert start is not None
            end = _end_us(policy, books.zone, local_day(books.zone, start))
            yield _later(books, end, start, through)
            late = max(_later(books, end, start, made), _least_us(books.zone, made))
            yield _later(books, late, made, through)
        yield _later(books, _least_us(books.zone, made), made, through)


def _least_us(zone: str, made_us: int) -> int:
    """The first end of a local day that is 30 days later or more."""
    day = local_day(zone, made_us + LEAST_US)
    begun = day_begins_us(zone, day)
    return begun if begun == made_us + LEAST_US else day_begins_us(zone, day + timedelta(days=1))


def _later(books: Books, end_us: int, since_us: int, through_us: int) -> int:
    """An end moved by every pause that ended by ``through_us`` and after ``since_us``, if it lived to see it."""
    for begins_us, ended_us in books.pauses:
        from_us = max(begins_us, since_us)
        if from_us < ended_us <= through_us and from_us < end_us:
            end_us = _moved(books.zone, end_us, _days(books.zone, from_us, ended_us, end_us))
    return end_us


def _days(zone: str, from_us: int, until_us: int, end_us: int) -> int:
    """Local days, the last one begun counting whole. A part of one day counts where the end was that of the day."""
    day = local_day(zone, from_us)
    if day == local_day(zone, until_us):
        return 1 if end_us <= day_begins_us(zone, day + timedelta(days=1)) else 0
    first, last = _wall(zone, from_us), _wall(zone, until_us)
    return max(0, (last.date() - first.date()).days + (last.time() > first.time()))


def _moved(zone: str, end_us: int, days: int) -> int:
    day = local_day(zone, end_us)
    if day_begins_us(zone, day) == end_us:
        return day_begins_us(zone, day + timedelta(days=days))
    wall = instant(end_us).astimezone(ZoneInfo(zone))
    return micros((wall + timedelta(days=days)).astimezone(UTC))


def _wall(zone: str, moment_us: int) -> datetime:
    return instant(moment_us).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _active(rows: MemberRows) -> set[int]:
    """When the member did something: what first qualified, and every entry."""
    decided = {context["decided_at_us"] for context in rows.contexts.values()}
    return decided | {entry["recorded_at_us"] for entry in rows.entries}


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
