"""One chunk of members, each checked alone: rows that belong together, then chain, terms, lots, balance and due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connector.storage.instants import instant
from connector.storage.session import Row
from connector.storage.shards import member_shard
from connector.verify.chain import check_entries
from connector.verify.contexts import check_contexts
from connector.verify.counters import check_counters
from connector.verify.due import cases_of, check_due, count_work
from connector.verify.ends import check_ends
from connector.verify.load import MemberRows
from connector.verify.lots import check_balance, check_lots, check_maturity, reckon
from connector.verify.order_of_use import check_order_of_use
from connector.verify.paths import check_paths
from connector.verify.redemptions import check_redemptions
from connector.verify.report import Findings
from connector.verify.rules import Books, local_day
from connector.verify.seals import check_seal
from connector.verify.standing import check_standing


def check_members(
    chunk: Iterable[MemberRows], programmes: Mapping[int, Books], facts: Mapping[str, Row], now_us: int
) -> Findings:
    """Check members. facts: those of every source in their books, by reference."""
    findings = Findings()
    for rows in chunk:
        _check_member(rows, programmes, facts, now_us, findings)
    return findings


def _check_member(
    rows: MemberRows, programmes: Mapping[int, Books], facts: Mapping[str, Row], now_us: int, findings: Findings
) -> None:
    findings.counts.members += rows.member is not None
    findings.counts.entries += len(rows.entries)
    findings.counts.lots += len(rows.lots)
    findings.counts.sources += len(rows.sources())
    books = _check_rows(rows, programmes, findings)
    today = local_day(books.zone, now_us) if books else instant(now_us).date()
    check_entries(rows, books, today, findings)
    check_contexts(rows, books, facts, findings)
    state = reckon(rows, findings)
    findings.counts.points += state.points
    check_lots(rows, state, findings)
    check_balance(rows, books, state, now_us, findings)
    check_seal(rows, findings)
    count_work(rows, findings)
    if books is not None:
        cases = cases_of(rows, books, facts)
        check_due(rows, books, cases, findings)
        check_maturity(rows, cases, now_us, findings)
        check_ends(rows, books, findings)
        check_order_of_use(rows, books, findings)
        check_counters(rows, books, cases, findings)
        check_redemptions(rows, books, facts, findings)
        check_paths(rows, books, now_us, findings)
        check_standing(rows, books, cases, now_us, findings)


def _check_rows(rows: MemberRows, programmes: Mapping[int, Books], findings: Findings) -> Books | None:
    """Shard, programme, and that a member has a balance and the other way round. Returns the member's programme."""
    shard = member_shard(rows.member_id)
    if rows.shard != shard:
        findings.differs("shard-wrong", rows.place(), shard, rows.shard, what=f"A row of member {rows.member_id}")
    if rows.is_only_erased():
        return None
    if rows.balance is None:
        findings.differs("balance-missing", rows.place(), "a balance", None)
    if rows.member is None:
        findings.differs("member-missing", rows.place(), "a member", None, what=_what_exists(rows))
    owner = rows.member or rows.balance
    if owner is None:
        return None
    number = owner["programme_number"]
    if rows.balance is not None and rows.balance["programme_number"] != number:
        findings.differs("programme-wrong", rows.place(), number, rows.balance["programme_number"], what="The balance")
    _check_programme(rows, number, findings)
    for entry in rows.entries:
        found, n = entry["programme_number"], entry["n"]
        if found != number:
            ref = entry["source_ref"]
            findings.differs("programme-wrong", rows.place(ref, n), number, found, what=f"Entry {n}")
    books = programmes.get(number)
    if books is None:
        findings.differs("programme-missing", rows.place(), None, number)
    return books


def _check_programme(rows: MemberRows, number: int, findings: Findings) -> None:
    """Everything of a member is in the member's programme."""
    parts = {
        "A counter": [*rows.counters.values()],
        "A grant": [*rows.grants.values()],
        "A redemption": [*rows.redemptions.values()],
        "A tier change": rows.tiers,
        "A badge": rows.badges,
        "A level": rows.levels,
        "A merge": rows.merges,
        "A parcel": rows.parcels,
        "A request": rows.requests,
        "A referral": rows.referrals,
        "Who brought them": rows.referred_by,
        "An erasure": rows.erasures,
        "A notice": rows.notices,
    }
    for what, found in parts.items():
        for row in found:
            if row["programme_number"] != number:
                findings.differs("programme-wrong", rows.place(), number, row["programme_number"], what=what)


def _what_exists(rows: MemberRows) -> str:
    parts = {
        "a balance": rows.balance,
        "an entry": rows.entries,
        "a lot": rows.lots,
        "a consumption": rows.consumptions,
        "a record of terms": rows.contexts,
        "an explanation": rows.explanations,
        "a counter": rows.counters,
        "a grant": rows.grants,
        "a tier": rows.tiers,
        "a badge": rows.badges,
        "a level": rows.levels,
        "a merge": rows.merges,
        "a parcel": rows.parcels,
        "a request": rows.requests,
        "a referral": rows.referrals,
        "who brought them": rows.referred_by,
        "a seal": rows.seal,
        "a redemption": rows.redemptions,
        "a booking": rows.bookings,
        "a notice": rows.notices,
        "work": rows.work,
    }
    found = ", ".join(name for name, part in parts.items() if part)
    return found[:1].upper() + found[1:]
