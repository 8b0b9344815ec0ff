"""``belong verify``: every balance, lot, consumption, context and chain worked out again from entries and facts.

Read-only, chunk by chunk, beside a running service. The parts of a chunk are read one after the other, so that a
transaction may fall between two of them: what seems to differ is read again, and counts only if it is found twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from connector import clock
from connector.crypto import Keys
from connector.storage.database import Database
from connector.storage.instants import micros
from connector.storage.session import Session
from connector.verify.attention import list_attention
from connector.verify.facts import check_facts, check_identities
from connector.verify.load import (
    FIRST,
    MemberKey,
    chunk_end,
    load_chunk,
    load_fact_page,
    load_identity_page,
    load_owned_facts,
)
from connector.verify.members import check_members
from connector.verify.report import Findings, Report
from connector.verify.rules import load_books

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
    await list_attention(session, keys, walk.report)
    if progress is not None:
        progress(total, total)
    return walk.report


async def _found_twice(check: Callable[[], Awaitable[Findings]]) -> Findings:
    findings = await check()
    if not findings.differences:
        return findings
    before = set(findings.differences)
    findings = await check()
    findings.differences = [difference for difference in findings.differences if difference in before]
    return findings


async def _walk_members(walk: _Walk) -> None:
    after: MemberKey = FIRST
    while True:
        end = await chunk_end(walk.session, after, walk.chunk)
        findings = await _found_twice(_member_check(walk, after, end))
        walk.report.add(findings)
        walk.advance(findings.counts.members)
        if end is None:
            return
        after = end


def _member_check(walk: _Walk, after: MemberKey, end: MemberKey | None) -> Callable[[], Awaitable[Findings]]:
    async def check() -> Findings:
        programmes = await load_books(walk.session)
        chunk = await load_chunk(walk.session, after, end)
        refs = {ref for rows in chunk.values() for ref in rows.sources()}
        facts = await load_owned_facts(walk.session, refs)
        return await asyncio.to_thread(check_members, chunk.values(), programmes, facts, micros(walk.now()))

    return check


async def _walk_facts(walk: _Walk) -> None:
    after = FIRST
    while page := await load_fact_page(walk.session, after, walk.page):
        findings = await _found_twice(_fact_check(walk, after))
        walk.report.add(findings)
        walk.advance(len(page))
        after = (page[-1]["shard"], page[-1]["source_ref"])


def _fact_check(walk: _Walk, after: tuple[int, str]) -> Callable[[], Awaitable[Findings]]:
    async def check() -> Findings:
        programmes = await load_books(walk.session)
        return await check_facts(walk.session, await load_fact_page(walk.session, after, walk.page), programmes)

    return check


def _identity_check(walk: _Walk, after: tuple[int, int, str]) -> Callable[[], Awaitable[Findings]]:
    async def check() -> Findings:
        return await check_identities(walk.session, await load_identity_page(walk.session, after, walk.page))

    return check


async def _walk_identities(walk: _Walk) -> None:
    after = (FIRST[0], 0, "")
    while page := await load_identity_page(walk.session, after, walk.page):
        findings = await _found_twice(_identity_check(walk, after))
        walk.report.add(findings)
        walk.advance(len(page))
        last = page[-1]
        after = (last["shard"], last["connection_number"], last["customer_ref"])
