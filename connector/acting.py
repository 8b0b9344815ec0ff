"""One change to one member on somebody's wish: the member locked, a command decided, everything written, or nothing."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from connector.pipeline import SALT_BYTES, Pipeline, book_date
from connector.storage.atomic import atomic
from connector.storage.ledger import Append, append, load_members
from connector.storage.members import programme_of
from connector.storage.programmes import ProgrammeBooks, load_programmes
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.decision import Decision, Moment
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberState
from loyalty_engine.programme.model import Rulebook


@dataclass(frozen=True, slots=True)
class Acting:
    """What a command sees: the member under lock, and the transaction, for what is to be written with it."""

    session: Session
    books: ProgrammeBooks
    member: MemberState
    moment: Moment

    @property
    def rulebook(self) -> Rulebook:
        return self.books.rulebook


Command = Callable[[Acting], Awaitable[Decision]]


async def act_on(
    pipeline: Pipeline, programme_number: int, member_id: str, command: Command, sources: Sequence[str]
) -> Decision:
    """Run a command in one transaction on a member of this programme. sources: those that the command may write to.

    Raises what the command raises, and Refused ``member-unknown``; then nothing is written.
    """
    shard = member_shard(member_id)

    async def body(session: Session) -> Decision:
        books = (await load_programmes(session, lock=True))[programme_number]
        members = await load_members(session, [(shard, member_id, ref) for ref in sources or [member_id]])
        member = members.get(member_id)
        if member is None or await programme_of(session, member_id) != programme_number:
            raise Refused("member-unknown", {"member": member_id})
        now = pipeline.now()
        moment = Moment(now, book_date(books, now), lambda: os.urandom(SALT_BYTES))
        decision = await command(Acting(session, books, member, moment))
        await append(session, [Append(shard, programme_number, member.last_n + 1, decision)], now)
        return decision

    return await atomic(pipeline.database, body)
