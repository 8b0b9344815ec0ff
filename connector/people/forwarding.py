"""What reaches a member who became another one goes on to that one, however it was under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.storage.merges import forwarded, rename_sources
from connector.storage.session import Row, Session
from connector.storage.work import Work, leave_work
from loyalty_engine.member import MemberState, MemberStatus


async def forward(
    session: Session, claimed: Sequence[Work], members: Mapping[str, MemberState], facts: Mapping[str, Row]
) -> None:
    """Facts of the claimed work that still name a merged member are the survivor's, and are decided there."""
    astray = [
        work
        for work in claimed
        if members[work.member_id].status is MemberStatus.MERGED
        and work.source_ref in facts
        and facts[work.source_ref]["member_id"] == work.member_id
    ]
    for member_id in sorted({work.member_id for work in astray}):
        survivor = await forwarded(session, member_id)
        own = [work for work in astray if work.member_id == member_id]
        await rename_sources(session, [(work.fact_shard, work.source_ref) for work in own], member_id, survivor)
        rows = [(survivor, work.source_ref, work.programme_number, work.fact_shard) for work in own]
        await leave_work(session, rows, {(survivor, work.source_ref) for work in own if work.quiet})
