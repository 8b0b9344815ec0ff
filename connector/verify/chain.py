"""Entries of one member: their numbers, kinds and days, the chain of their fingerprints, and their explanations.

The format of a fingerprint is in docs/verify.md; this is code of its own, not the one that writes them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import msgspec

from connector.storage.session import Row
from connector.verify.load import MemberRows, counts_as_posted
from connector.verify.report import Findings
from connector.verify.rules import Books, iso, local_day

START = b"\0" * 32
SIGN_OF_KIND = {
    "earn": 1,
    "bonus": 1,
    "reinstate": 1,
    "clawback": -1,
    "redeem": -1,
    "expire": -1,
    "adjust": 0,
    "transfer": 0,
}
"""Every kind with its sign; 0: either."""
DECIDED = frozenset({"earn", "bonus", "clawback"})
"""Kinds of entries that come from a source and the terms it was decided under."""


def entry_fingerprint(previous: bytes, member_id: str, entry: Row) -> bytes:
    """SHA-256 over the previous fingerprint, the entry's fields as compact JSON, and the digest of its explanation."""
    fields = [
        member_id,
        entry["n"],
        entry["kind"],
        entry["points"],
        entry["source_ref"],
        entry["source_n"],
        entry["programme_version"],
        entry["book_date"],
        iso(entry["recorded_at_us"]),
    ]
    return hashlib.sha256(previous + msgspec.json.encode(fields) + bytes(entry["digest"])).digest()


def check_entries(rows: MemberRows, books: Books | None, today: date, findings: Findings) -> None:
    """Everything about entries that does not need lots or facts."""
    posted: dict[str, int] = {}
    last_of_source: dict[str, int] = {}
    expected_n, previous = 1, START
    for entry in rows.entries:
        ref, n = entry["source_ref"], entry["n"]
        if n != expected_n:
            findings.differs("entry-number", rows.place(n=n), expected_n, n)
        source_n = last_of_source.get(ref, 0) + 1
        if entry["source_n"] != source_n:
            findings.differs("source-number", rows.place(ref, n), source_n, entry["source_n"])
        stored = bytes(entry["entry_hash"])
        fingerprint = entry_fingerprint(previous, rows.member_id, entry)
        if fingerprint != stored:
            findings.differs("entry-changed", rows.place(ref, n), fingerprint, stored)
        _check_kind(rows, entry, findings)
        if books is not None:
            _check_day(rows, entry, books, today, findings)
        _check_explanation(rows, entry, posted.get(ref, 0), findings)
        _check_context(rows, entry, books, findings)
        if counts_as_posted(entry):
            posted[ref] = posted.get(ref, 0) + entry["points"]
        expected_n, previous, last_of_source[ref] = n + 1, stored, entry["source_n"]
    for n in rows.explanations.keys() - {entry["n"] for entry in rows.entries}:
        findings.differs("explanation-without-entry", rows.place(n=n), None, n)


def _check_kind(rows: MemberRows, entry: Row, findings: Findings) -> None:
    kind, points = entry["kind"], entry["points"]
    place = rows.place(entry["source_ref"], entry["n"])
    sign = SIGN_OF_KIND.get(kind)
    if sign is None:
        findings.differs("kind-unknown", place, None, kind)
    elif points == 0 or points * sign < 0:
        findings.differs("kind-and-sign", place, kind, points)


def _check_context(rows: MemberRows, entry: Row, books: Books | None, findings: Findings) -> None:
    ref, n, version = entry["source_ref"], entry["n"], entry["programme_version"]
    context = rows.contexts.get(ref)
    if entry["kind"] not in DECIDED or "merge" in rows.told.get(n, {}):
        return
    if context is None:
        findings.differs("context-missing", rows.place(ref, n), ref, None)
        return
    allowed = {rules.version for rules in books.ways(context)} if books else set()
    if version not in allowed | {context["programme_version"]}:
        findings.differs("entry-version", rows.place(ref, n), context["programme_version"], version)


def _check_day(rows: MemberRows, entry: Row, books: Books, today: date, findings: Findings) -> None:
    """An entry is booked on the local day it was recorded, or after days whose books were closed by then."""
    local = local_day(books.zone, entry["recorded_at_us"])
    found: str = entry["book_date"]
    try:
        booked = date.fromisoformat(found)
    except ValueError:
        booked = date.min
    latest = local if books.closed_through is None else max(local, books.closed_through + timedelta(days=1))
    is_sane = books.first_day <= booked <= today + timedelta(days=1)
    if not (is_sane and local <= booked <= latest and booked.isoformat() == found):
        place = rows.place(entry["source_ref"], entry["n"])
        findings.differs("book-date", place, local.isoformat(), found)


def _check_explanation(rows: MemberRows, entry: Row, posted: int, findings: Findings) -> None:
    row = rows.explanations.get(entry["n"])
    if row is None:
        findings.erased += 1
        return
    text: str = row["body_text"]
    place = rows.place(entry["source_ref"], entry["n"])
    digest = hashlib.sha256(bytes(row["salt"]) + text.encode()).digest()
    if digest != bytes(entry["digest"]):
        findings.differs("explanation-changed", place, bytes(entry["digest"]), digest)
        return
    rows.told[entry["n"]] = told = _document(text)
    if entry["kind"] not in DECIDED:
        return
    for what, expected, found in _explained(rows, entry, posted, told):
        if found != expected:
            shown = found if isinstance(found, str | int) else None
            findings.differs("explanation-disagrees", place, expected, shown, what=what)


def _document(text: str) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _explained(rows: MemberRows, entry: Row, posted: int, told: dict[str, Any]) -> Iterator[tuple[str, str | int, Any]]:
    """(what, expected, found)."""
    yield "posted", posted, told.get("posted")
    yield "due", posted + entry["points"], told.get("due")
    context = rows.contexts.get(entry["source_ref"])
    if context is not None and "merge" not in told:
        yield "programme_version", entry["programme_version"], told.get("programme_version")
        yield "paid_at", iso(context["paid_at_us"]), told.get("paid_at")
