"""``belong verify``: every balance, lot, consumption, context and chain worked out again from entries and facts.

Read-only, chunk by chunk, beside a running service. The parts of a chunk are read one after the other, so that a
transaction may fall between two of them: what seems to differ is read again, and counts only if it is found twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector import clock
from connector.crypto import Keys
from connector.storage.database import Database
from connector.storage.instants import micros
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard
from connector.verify import credits
from connector.verify.attention import list_attention
from connector.verify.closings import check_closings
from connector.verify.facts import check_facts, check_identities
from connector.verify.load import (
    FIRST,
    MemberKey,
    chunk_end,
    load_chunk,
    load_fact_page,
    load_identity_page,
    load_member_rows,
    load_owned_facts,
)
from connector.verify.members import check_members
from connector.verify.moves import check_moves, load_merge_page
from connector.verify.report import Findings, Report
from connector.verify.rules import load_books
from connector.verify.shards import check_shards

MEMBERS_PER_CHUNK = 500
PAGE_OF_MEMBERS = 4
"""Facts and identities are small: a page holds this many times as many as a chunk holds members."""

Progress = Callable[[int, int], None]
"""Called with (done, total): members, facts and identities together."""


@dataclass(slots=True)
class _Walk:
    """One run over the database."""

    session: Session
    now: Callable[[], datetime]
    report: Report
    progress: Progress | None
    total: int
    chunk: int
    done: int = 0

    @property
    def page(self) -> int:
        """Facts or identities at a time."""
        return self.chunk * PAGE_OF_MEMBERS

    def advance(self, count: int) -> None:
        self.done += count
        if self.progress is not None:
            # Rows that arrive while we walk were not in the total.
            self.progress(min(self.done, self.total), self.total)


async def verify(
    database: Database,
    keys: Keys,
    *,
    progress: Progress | None = None,
    now: Callable[[], datetime] = clock.utc_now,
    members_per_chunk: int = MEMBERS_PER_CHUNK,
) -> Report:
    """Check the whole database and say what differs. Never writes. members_per_chunk: held in memory at a time."""
    session = database.reading()
    total = 0
    for table in ("balance", "source_fact", "identity"):
        total += await session.number(f"SELECT count(*) FROM {table}")
    walk = _Walk(session, now, Report(), progress, total, members_per_chunk)
    await _walk_members(walk)
    await _walk_facts(walk)
    await _walk_identities(walk)
    await _walk_merges(walk)
    await _walk_credits(walk)
    await _add(walk, await check_shards(session))
    await check_closings(session, walk.report)
    await list_attention(session, keys, walk.report)
    if progress is not None:
        progress(total, total)
    return walk.report


async def _add(walk: _Walk, findings: Findings) -> None:
    """Take it over, each difference with the programme of its member."""
    named = {one.member_id for one in findings.differences if one.member_id is not None}
    members = await load_member_rows(walk.session, {(member_shard(one), one) for one in named})
    walk.report.add(findings, {member_id: row["programme_number"] for member_id, row in members.items()})


def _keep_common(findings: Findings, again: Findings) -> None:
    """What a second reading does not confirm was a transaction between two parts of the first."""
    confirmed = set(again.differences)
    findings.differences = [difference for difference in findings.differences if difference in confirmed]


async def _walk_members(walk: _Walk) -> None:
    after: MemberKey = FIRST
    while True:
        end = await chunk_end(walk.session, after, walk.chunk)
        findings = await _check_chunk(walk, after, end)
        if findings.differences:
            _keep_common(findings, await _check_chunk(walk, after, end))
        await _add(walk, findings)
        walk.advance(findings.counts.members)
        if end is None:
            return
        after = end


async def _check_chunk(walk: _Walk, after: MemberKey, end: MemberKey | None) -> Findings:
    programmes = await load_books(walk.session)
    chunk = await load_chunk(walk.session, after, end)
    refs = {ref for rows in chunk.values() for ref in rows.sources()}
    refs |= {row["order_ref"] for rows in chunk.values() for row in rows.redemptions.values() if row["order_ref"]}
    facts = await load_owned_facts(walk.session, refs)
    return await asyncio.to_thread(check_members, chunk.values(), programmes, facts, micros(walk.now()))


async def _walk_facts(walk: _Walk) -> None:
    after = FIRST
    while page := await load_fact_page(walk.session, after, walk.page):
        findings = await _check_fact_page(walk, page)
        if findings.differences:
            again = await load_fact_page(walk.session, after, walk.page)
            _keep_common(findings, await _check_fact_page(walk, again))
        await _add(walk, findings)
        walk.advance(len(page))
        after = (page[-1]["shard"], page[-1]["source_ref"])


async def _check_fact_page(walk: _Walk, page: Sequence[Row]) -> Findings:
    return await check_facts(walk.session, page, await load_books(walk.session))


async def _walk_identities(walk: _Walk) -> None:
    after = (FIRST[0], 0, "")
    while page := await load_identity_page(walk.session, after, walk.page):
        findings = await check_identities(walk.session, page)
        if findings.differences:
            again = await load_identity_page(walk.session, after, walk.page)
            _keep_common(findings, await check_identities(walk.session, again))
        await _add(walk, findings)
        walk.advance(len(page))
        last = page[-1]
        after = (last["shard"], last["connection_number"], last["customer_ref"])


async def _walk_merges(walk: _Walk) -> None:
    after = (FIRST[0], "", 0)
    while page := await load_merge_page(walk.session, after, walk.chunk):
        findings = await check_moves(walk.session, page)
        if findings.differences:
            again = await load_merge_page(walk.session, after, walk.chunk)
            _keep_common(findings, await check_moves(walk.session, again))
        await _add(walk, findings)
        last = page[-1]
        after = (last["shard"], last["member_id"], last["n"])


async def _walk_credits(walk: _Walk) -> None:
    """From redemptions to what stores were asked, and back."""
    after = credits.FIRST
    while page := await credits.load_credit_page(walk.session, after):
        findings = await credits.check_credits(walk.session, page)
        if findings.differences:
            again = await credits.load_credit_page(walk.session, after)
            _keep_common(findings, await credits.check_credits(walk.session, again))
        await _add(walk, findings)
        after = (page[-1]["shard"], page[-1]["member_id"], page[-1]["redemption_id"])
    kept_after = (-1, 0, "")
    while page := await credits.load_kept_page(walk.session, kept_after):
        findings = await credits.check_kept(walk.session, page)
        if findings.differences:
            again = await credits.load_kept_page(walk.session, kept_after)
            _keep_common(findings, await credits.check_kept(walk.session, again))
        await _add(walk, findings)
        kept_after = (page[-1]["shard"], page[-1]["connection_number"], page[-1]["redemption_id"])
