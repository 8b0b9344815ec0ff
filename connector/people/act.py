"""Acting on one member: lock, load, run a pure command, append, review: one transaction. The one way for everything
that people and time do (redeem, adjust, expire, move); what shops report goes through ``pipeline``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connector.ingest.moments import moment_of
from connector.ingest.pipeline import Pipeline
from connector.people.actors import Actor
from connector.people.reviewing import append_reviewed
from connector.storage.atomic import atomic, consistent_read
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.ledger import Append
from connector.storage.ledger_load import load_members
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.decision import Decision, Moment
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberState
from loyalty_engine.pauses import seen
from loyalty_engine.programme.model import Rulebook


@dataclass(frozen=True, slots=True)
class Acting:
    """What a command may look at: the member under lock, the rules, the moment, and whether the programme stands still.
    session: of the transaction, for rows that must be written together with the decision. others: members of the same
    programme who are locked beside this one.
    """

    session: Session
    member: MemberState
    rulebook: Rulebook
    moment: Moment
    is_paused: bool = False
    others: Mapping[str, MemberState] = field(default_factory=dict)


Command = Callable[[Acting], Awaitable[Decision]]


async def act(
    pipeline: Pipeline,
    programme_number: int,
    member_id: str,
    command: Command,
    refs: Sequence[str] = (),
    *,
    whole: bool = False,
    beside: Sequence[str] = (),
) -> Decision:
    """Run a command on a member of a programme. refs: sources whose postings it looks at; whole: it looks at all.
    beside: other members whom it looks at and leaves as they are.

    The command may run twice, if the database asks for it, and must keep its effects inside the session. Raises Refused
    ``member-unknown``, or whatever the command raises; then nothing has happened.
    """

    async def body(session: Session) -> Decision:
        books = (await load_programmes(session, lock=True)).get(programme_number)
        shard = member_shard(member_id)
        keys = [(shard, member_id, ref) for ref in dict.fromkeys(refs)]
        also = [(member_shard(each), each) for each in (member_id, *beside)]
        members = await load_members(session, keys, whole=[(shard, member_id)] if whole else [], also=also)
        member = members.get(member_id)
        if books is None or member is None or member.programme_number != programme_number:
            raise Refused("member-unknown", {"member": member_id})
        now = pipeline.now()
        others = {each: members[each] for each in beside if each in members}
        others = {each: other for each, other in others.items() if other.programme_number == programme_number}
        moment = moment_of(books, now)
        decision = await command(Acting(session, member, books.rulebook, moment, books.is_paused, others))
        done = Append(shard, programme_number, member.last_n + 1, decision, due_at=member.next_change_at)
        await append_reviewed(session, {programme_number: books}, members, [done], now)
        return decision

    return await atomic(pipeline.database, body, turn=member_id)


async def note(
    acting: Acting, programme_number: int, done: Act, actor: Actor, reason: str, details: Mapping[str, object]
) -> None:
    """Write down who did it, in the same transaction. details: numbers and ids, nothing that says who the member is."""
    member_id, now = acting.member.member_id, acting.moment.now
    await note_deeds(acting.session, [Deed(member_id, programme_number, done, actor, reason, now, details)])


async def peek(
    pipeline: Pipeline, programme_number: int, member_id: str, refs: Sequence[str] | None = None
) -> tuple[MemberState, Rulebook, Moment]:
    """A member, the rules and the moment: to work something out without doing it. Raises Refused.

    refs: sources that it looks at, as of ``act``; None: it looks at everything.
    """

    async def body(session: Session) -> tuple[MemberState, Rulebook, Moment]:
        books = (await load_programmes(session)).get(programme_number)
        key = (member_shard(member_id), member_id)
        keys, whole = [(*key, ref) for ref in refs or ()], [key] if refs is None else []
        member = (await load_members(session, keys, whole=whole, also=[key], lock=False)).get(member_id)
        if books is None or member is None or member.programme_number != programme_number:
            raise Refused("member-unknown", {"member": member_id})
        member = replace(member, lots=seen(member.lots, books.rulebook))
        return member, books.rulebook, moment_of(books, pipeline.now())

    return await consistent_read(pipeline.database, body)
