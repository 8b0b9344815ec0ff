"""What each source is worth to a member now, against what the member's entries say of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from connector.storage.instants import micros
from connector.storage.session import Row
from connector.verify.goods import KnownActivity, KnownOrder, read_activity, read_order
from connector.verify.load import MemberRows, counts_as_posted
from connector.verify.report import Attention, Findings
from connector.verify.rules import Books, Rules, local_day
from connector.verify.worth import Terms, activity_due, order_due

WAITING, PARKED = 0, 2
"""States of a work row."""
NOT_YET_US = 253_370_764_800_000_000
"""What waits for something without a date: the first moment of the year 9999."""
HELD_BY_BOTH = "held-by-both"
"""Cap under which a one-time award is marked that the member had already before a merge."""


@dataclass(frozen=True, slots=True)
class Case:
    """One source of a member with everything that decides it. order, activity: one at most. before: versions that it
    counted under until they were corrected.
    """

    context: Row
    rules: Rules
    before: Sequence[Rules]
    order: KnownOrder | None
    activity: KnownActivity | None
    belongs: bool

    def matures_at_us(self) -> int:
        """When its points become spendable, by its present state."""
        return self._matures_at_us(self.rules)

    def matured_at_us(self) -> set[int]:
        """When they became so before its version was corrected, if they had by then."""
        return {self._matures_at_us(rules) for rules in self.before}

    def _matures_at_us(self, rules: Rules) -> int:
        order = self.order.order if self.order else None
        fact_kind = self.activity.kind if self.activity else None
        earliest: int = self.context["paid_at_us"] + rules.waits_us(fact_kind)
        if order is None:
            return earliest
        shipped = None if order.fulfilled_at is None else micros(order.fulfilled_at)
        if rules.document.earn.get("matures_from", "paid") == "fulfilled":
            return NOT_YET_US if shipped is None else max(earliest, shipped + rules.pending_us)
        if order.is_preorder:
            return NOT_YET_US if shipped is None else max(earliest, shipped)
        return earliest


def cases_of(rows: MemberRows, books: Books, facts: Mapping[str, Row]) -> dict[str, Case]:
    """Every source with recorded terms whose fact and version can be read; others are reported elsewhere."""
    found: dict[str, Case] = {}
    for ref, context in rows.contexts.items():
        ways = books.ways(context)
        fact = facts.get(ref)
        if not ways:
            continue
        try:
            order = read_order(bytes(fact["fact"])) if fact and fact["kind"] != "activity" else None
            activity = read_activity(bytes(fact["fact"])) if fact and fact["kind"] == "activity" else None
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        found[ref] = Case(
            context, ways[-1], ways[:-1], order, activity, fact is not None and fact["member_id"] == rows.member_id
        )
    return found


def check_due(rows: MemberRows, books: Books, cases: Mapping[str, Case], findings: Findings) -> None:
    """Each source in a member's books, unless it waits to be decided or was set aside."""
    posted: dict[str, int] = {}
    for entry in rows.entries:
        if counts_as_posted(entry):
            posted[entry["source_ref"]] = posted.get(entry["source_ref"], 0) + entry["points"]
    for ref, case in cases.items():
        if ref in rows.work:
            continue
        due = due_of(rows, books, case)
        if due != posted.get(ref, 0):
            findings.differs("due", rows.place(ref), due, posted.get(ref, 0))


def due_of(rows: MemberRows, books: Books, case: Case) -> int:
    """Points due for a source now."""
    ref = case.context["source_ref"]
    if not case.belongs or any(cap == HELD_BY_BOTH and by == ref for cap, _, by in rows.grants):
        return 0
    return _under(terms_of(rows, books, case), case)


def _under(terms: Terms, case: Case) -> int:
    if case.activity is not None:
        return activity_due(case.activity, case.rules.document, terms)
    return order_due(case.order, case.rules.document, terms) if case.order else 0


def ungranted(rows: MemberRows, books: Books, case: Case) -> list[tuple[str, str]]:
    """(cap, window) under which a source has points without a grant that is as large."""
    if not case.belongs:
        return []
    terms = terms_of(rows, books, case)
    _under(terms, case)
    return terms.ungranted


def terms_of(rows: MemberRows, books: Books, case: Case) -> Terms:
    """What a source was decided under, the room it was granted and what points paid of it."""
    context = case.context
    ref = context["source_ref"]
    redeemed: dict[str, int] = {}
    for redemption in rows.redemptions.values():
        if redemption["order_ref"] == ref and redemption["redemption_state"] == "used":
            currency = redemption["currency"]
            redeemed[currency] = redeemed.get(currency, 0) + redemption["value_minor"]
    try:
        values = json.loads(context["values_text"], parse_float=Decimal)
    except ValueError:
        values = {}
    return Terms(
        context["paid_at_us"],
        local_day(books.zone, context["paid_at_us"]),
        context["tier"],
        # Where the shop's past had to be read to know which of the member's orders it is, that stands there.
        values.get("nth", context["place"]),
        values,
        {(cap, window): (row["points"], row["times"]) for (cap, window, by), row in rows.grants.items() if by == ref},
        redeemed,
        rows.room_taken(),
    )


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
