"""What each source is worth to a member now, against what the member's entries say of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from connector.storage.session import Row
from connector.verify.goods import points_due, read_order
from connector.verify.load import KINDS_POSTED, MemberRows
from connector.verify.report import Attention, Findings
from connector.verify.rules import Books

WAITING, PARKED = 0, 2
"""States of a work row."""


def check_due(rows: MemberRows, books: Books, facts: Mapping[str, Row], findings: Findings) -> None:
    """Each source in a member's books, unless it waits to be decided or was set aside."""
    posted: dict[str, int] = {}
    for entry in rows.entries:
        if entry["kind"] in KINDS_POSTED:
            posted[entry["source_ref"]] = posted.get(entry["source_ref"], 0) + entry["points"]
    for ref, context in rows.contexts.items():
        rules = books.versions.get(context["programme_version"])
        if ref in rows.work or rules is None:
            continue
        fact = facts.get(ref)
        due = 0
        if fact is not None and fact["member_id"] == rows.member_id:
            try:
                due = points_due(read_order(bytes(fact["fact"])), rules)
            except (msgspec.DecodeError, UnicodeDecodeError):
                # The facts' own pass reports it.
                continue
        if due != posted.get(ref, 0):
            findings.differs("due", rows.place(ref), due, posted.get(ref, 0))


def count_work(rows: MemberRows, findings: Findings) -> None:
    """What is still to be decided, and what was set aside."""
    for ref, work in rows.work.items():
        if work["state"] == PARKED:
            reason = work["reason"] or "no reason was noted"
            findings.attention.append(
                Attention("work-parked", ref, f"It was set aside for member {rows.member_id}: {reason}")
            )
        else:
            findings.waiting += 1
