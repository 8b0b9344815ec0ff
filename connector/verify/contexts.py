"""The terms under which each source of a member was decided: their seal, and whether the rules give the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from decimal import Decimal

import msgspec

from connector.storage.session import Row
from connector.verify.goods import read_activity
from connector.verify.load import MemberRows
from connector.verify.report import Findings
from connector.verify.rules import Books, Rules, iso

_MOMENTS = ("enrolled_at_us", "paid_at_us", "matures_at_us", "decided_at_us")


def context_seal(member_id: str, context: Row) -> bytes:
    """SHA-256 over a JSON list of the member and every field, with a space after each comma (docs/verify.md)."""
    fields = [
        member_id,
        context["source_ref"],
        context["programme_version"],
        *(iso(context[name]) for name in _MOMENTS),
        context["tier"],
        context["place"],
        context["values_text"],
    ]
    return hashlib.sha256(json.dumps(fields).encode()).digest()


def check_contexts(rows: MemberRows, books: Books | None, facts: Mapping[str, Row], findings: Findings) -> None:
    """Each context by itself, against its programme version and against the member."""
    # Where a parcel was forgotten with its person, nobody knows whose terms a source had.
    known = rows.contexts.keys() if rows.forgot else rows.moved
    moved = known | {entry["source_ref"] for entry in rows.entries if entry["kind"] == "transfer"}
    first_recorded = {entry["source_ref"]: entry["recorded_at_us"] for entry in reversed(rows.entries)}
    for ref, context in rows.contexts.items():
        seal = context_seal(rows.member_id, context)
        if seal != bytes(context["seal"]):
            findings.differs("context-changed", rows.place(ref), seal, bytes(context["seal"]))
        if ref not in facts:
            findings.differs("fact-missing", rows.place(ref), ref, None)
        if books is not None:
            _check_against_rules(rows, context, books, facts.get(ref), findings)
        if books is not None and ref not in moved:
            _check_tier(rows, context, books, findings)
        if rows.member is not None and ref not in moved and context["enrolled_at_us"] != rows.member["enrolled_at_us"]:
            _wrong(rows, context, "enrolled_at", iso(rows.member["enrolled_at_us"]), findings)
        if ref not in moved and context["decided_at_us"] > first_recorded.get(ref, context["decided_at_us"]):
            _wrong(rows, context, "decided_at", iso(first_recorded[ref]), findings)
    _check_nths(rows, moved, findings)
    for ref in rows.sources() - rows.contexts.keys():
        if ref not in facts:
            findings.differs("fact-missing", rows.place(ref), ref, None)


def _check_against_rules(rows: MemberRows, context: Row, books: Books, fact: Row | None, findings: Findings) -> None:
    version = context["programme_version"]
    rules = books.versions.get(version)
    if rules is None:
        ref = context["source_ref"]
        findings.differs("version-missing", rows.place(ref), None, version)
        return
    in_force = books.in_force(context["paid_at_us"], context["decided_at_us"])
    if in_force is not None and in_force.version != version:
        _wrong(rows, context, "programme_version", in_force.version, findings)
    _check_moments(rows, context, rules, fact, findings)


def _check_moments(rows: MemberRows, context: Row, rules: Rules, fact: Row | None, findings: Findings) -> None:
    matures_at_us = context["paid_at_us"] + _waits_us(rules, fact)
    if context["matures_at_us"] != matures_at_us:
        _wrong(rows, context, "matures_at", iso(matures_at_us), findings)
    earliest_us = context["enrolled_at_us"] - rules.back_pay_us
    if context["paid_at_us"] < earliest_us:
        _wrong(rows, context, "paid_at", f"not before {iso(earliest_us)}", findings)


def _waits_us(rules: Rules, fact: Row | None) -> int:
    if fact is None or fact["kind"] == "order":
        return rules.waits_us(None)
    try:
        return rules.waits_us(read_activity(bytes(fact["fact"])).kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 0


def _check_tier(rows: MemberRows, context: Row, books: Books, findings: Findings) -> None:
    """The tier at payment: the last change until then; before the first one, the first tier of the version. Of changes
    that need not have been known yet, any may be the last one: those since the decision, where an order is dated ahead
    of it, and the first one, which is dated back to enrolment however late a version brought tiers.
    """
    rules = books.versions.get(context["programme_version"])
    if rules is None:
        return
    until = [change for change in rows.tiers if change["at_us"] <= context["paid_at_us"]]
    known = [
        place
        for place, change in enumerate(until, 1)
        if change["cause"] != "joined" and change["at_us"] < context["decided_at_us"]
    ]
    path = [next(iter(rules.document.tiers), None), *(change["tier"] for change in until)]
    possible = path[max(known, default=0) :]
    if context["tier"] not in possible:
        ref = context["source_ref"]
        findings.differs("context-wrong", rows.place(ref), possible[0], context["tier"], what="tier")


def _check_nths(rows: MemberRows, moved: Collection[str], findings: Findings) -> None:
    """Where the shop's past had to be read to know which of the member's orders one is, no two are the same: neither
    two that waited for it nor one that did and one that was decided before it and had its place at once. What moved
    here has the place that it had there.
    """
    own = [context for ref, context in rows.contexts.items() if ref not in moved and context["place"] > 0]
    nths = {context["source_ref"]: _nth(context) for context in own}
    taken: dict[int, list[Row]] = {}
    for context in own:
        number = nths[context["source_ref"]]
        taken.setdefault(context["place"] if number is None else number, []).append(context)
    for context in own:
        ref = context["source_ref"]
        number = nths[ref]
        if number is None or number < 1:
            continue
        others = [
            other
            for other in taken[number]
            if other["source_ref"] != ref
            and (nths[other["source_ref"]] is not None or other["decided_at_us"] <= context["decided_at_us"])
        ]
        if others:
            what = f"nth, as of {min(other['source_ref'] for other in others)}"
            findings.differs("context-wrong", rows.place(ref), "a place of its own", number, what=what)


def _nth(context: Row) -> int | None:
    """None: what was known of the member at once had to do."""
    try:
        found = json.loads(context["values_text"], parse_float=Decimal).get("nth")
    except (ValueError, AttributeError):
        return None
    return found if isinstance(found, int) else None


def _wrong(rows: MemberRows, context: Row, what: str, expected: str | int, findings: Findings) -> None:
    found = context["programme_version"] if what == "programme_version" else iso(context[f"{what}_us"])
    ref = context["source_ref"]
    findings.differs("context-wrong", rows.place(ref), expected, found, what=what)
