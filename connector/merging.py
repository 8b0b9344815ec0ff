"""Two members become one: shown before, done in steps that can each be taken again, and undone by source.

One transaction writes one member's shard (ADR 0002), so a merge goes like this:

1. At the member who goes: everything is packed, the books end at zero, the parcel is kept, the member forwards.
2. At the survivor: the parcel is opened, once.
3. Stores' customers and facts are the survivor's from now on, and every source is decided again at both: that moves
   counters and finds whatever arrived in between.

Whoever dies half-way leaves a row that ``finish_merges`` works off. Why two members may become one is the caller's to
prove: the platform merged its customers, the merchant decided, or the shopper proved the address.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from connector.act import Acting, act, peek
from connector.pipeline import Pipeline
from connector.storage.atomic import atomic
from connector.storage.merges import (
    Merge,
    MergeState,
    customers_of,
    drop_pushes,
    load_merges,
    move_pushes,
    open_parcel,
    rename_customers,
    rename_sources,
    save_merge,
    set_member_status,
    set_merge_state,
    unfinished_merges,
)
from connector.storage.session import Session
from connector.storage.shards import source_shard
from connector.storage.work import leave_work
from loyalty_engine.commands import Parcel, transfer_in, transfer_out
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused
from loyalty_engine.lots import available
from loyalty_engine.member import MemberState, MemberStatus


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a merge would give: both as they are, and the survivor as they would be. once: one-time awards that both
    had, by source, which count once.
    """

    going: dict[str, int]
    staying: dict[str, int]
    merged: dict[str, int]
    once: tuple[str, ...]


async def preview(pipeline: Pipeline, programme_number: int, going: str, staying: str) -> Outlook:
    """What ``merge`` would do, without doing it. Raises Refused as it would."""
    one, rulebook, moment = await peek(pipeline, programme_number, going)
    two, _, _ = await peek(pipeline, programme_number, staying)
    _check(one, two)
    _, parcel = transfer_out(one, "preview", staying, "preview", rulebook, moment)
    decision = transfer_in(two, parcel, "preview", rulebook, moment)
    lots = {lot.n: lot for lot in two.lots} | {lot.n: lot for lot in decision.lots}
    deficit = sum(debt.unpaid for debt in decision.debts)
    merged = {
        "points": decision.points,
        "available": available(lots.values(), deficit, moment.now),
        "lifetime": decision.lifetime,
        "deficit": deficit,
    }
    once = tuple(sorted(ref for ref, reason in decision.reasons.items() if reason is not None))
    return Outlook(_numbers(one, moment.now), _numbers(two, moment.now), merged, once)


def _numbers(member: MemberState, now: Any) -> dict[str, int]:
    deficit = sum(debt.unpaid for debt in member.debts)
    return {
        "points": member.points,
        "available": available(member.lots, deficit, now),
        "lifetime": member.lifetime,
        "deficit": deficit,
    }


def _check(going: MemberState, staying: MemberState) -> None:
    if going.member_id == staying.member_id:
        raise Refused("merge-with-oneself")
    for member in (going, staying):
        if member.status in (MemberStatus.MERGED, MemberStatus.ERASED):
            raise Refused("member-not-active", {"member": member.member_id, "status": member.status.value})


async def merge(pipeline: Pipeline, programme_number: int, going: str, staying: str, cause: str, actor: str) -> Merge:
    """Everything of ``going`` becomes ``staying``'s. Again with the same two: the merge that was made.

    cause: ``shop`` (the platform merged its customers), ``merchant`` or ``address`` (the shopper proved it).
    Raises Refused: ``merge-with-oneself``, ``member-not-active``.
    """
    known = await _current(pipeline, programme_number, going)
    if known is None or known.state is MergeState.UNDONE:
        known = await _pack(pipeline, programme_number, going, staying, cause, actor)
    elif known.survivor_id != staying:
        raise Refused("member-not-active", {"member": going, "status": MemberStatus.MERGED.value})
    return await _deliver(pipeline, known)


async def unmerge(pipeline: Pipeline, programme_number: int, member_id: str, actor: str) -> Merge:
    """Undo the last merge of a member, source by source; what was redeemed since stays with the survivor.

    Raises Refused: ``not-merged``.
    """
    known = await _current(pipeline, programme_number, member_id)
    if known is None or known.state is MergeState.UNDONE:
        raise Refused("not-merged", {"member": member_id})
    if known.state is MergeState.PACKED:
        known = await _deliver(pipeline, known)
    if known.state is MergeState.DONE:
        known = await _pack_back(pipeline, known, actor)
    return await _bring_back(pipeline, known)


async def finish_merges(pipeline: Pipeline) -> int:
    """Go on with merges that stopped half-way. Returns how many."""
    stopped = await unfinished_merges(pipeline.database.reading())
    for one in stopped:
        await (_deliver if one.state is MergeState.PACKED else _bring_back)(pipeline, one)
    return len(stopped)


async def _current(pipeline: Pipeline, programme_number: int, member_id: str) -> Merge | None:
    merges = await load_merges(pipeline.database.reading(), programme_number, member_id)
    return merges[-1] if merges else None


async def _pack(pipeline: Pipeline, programme_number: int, going: str, staying: str, cause: str, actor: str) -> Merge:
    two, _, _ = await peek(pipeline, programme_number, staying)
    merge_id = uuid.uuid4().hex
    made: list[Merge] = []

    async def command(acting: Acting) -> Decision:
        _check(acting.member, two)
        before = await load_merges(acting.session, programme_number, going)
        decision, parcel = transfer_out(acting.member, merge_id, staying, actor, acting.rulebook, acting.moment)
        body = msgspec.json.encode({"parcel": parcel, "customers": await customers_of(acting.session, going)}).decode()
        new = Merge(going, len(before) + 1, programme_number, staying, merge_id, MergeState.PACKED, cause, actor, body)
        await save_merge(acting.session, new, acting.moment.now)
        await set_member_status(acting.session, going, MemberStatus.MERGED.value, acting.moment.now, staying)
        made.append(new)
        return decision

    await act(pipeline, programme_number, going, command, whole=True)
    return made[-1]


class _Kept(msgspec.Struct):
    """What a merge keeps: the parcel, and who the member was in stores: (connection, customer, version there)."""

    parcel: Parcel
    customers: list[tuple[int, str, int]]


def _kept(one: Merge) -> _Kept:
    return msgspec.json.decode(one.body, type=_Kept)


async def _deliver(pipeline: Pipeline, one: Merge) -> Merge:
    kept = _kept(one)
    await _open(pipeline, one.programme_number, one.survivor_id, kept.parcel, one.merge_id, one.actor)
    await _rename(pipeline, one, kept, one.member_id, one.survivor_id)
    return await _note(pipeline, one, MergeState.DONE)


async def _pack_back(pipeline: Pipeline, one: Merge, actor: str) -> Merge:
    """Pack at the survivor what came with the merge."""
    back = f"{one.merge_id}:back"
    bodies: list[str] = []
    refs = _kept(one).parcel.refs

    async def command(acting: Acting) -> Decision:
        decision, parcel = transfer_out(acting.member, back, one.member_id, actor, acting.rulebook, acting.moment, refs)
        body = msgspec.json.encode({"parcel": parcel, "customers": _kept(one).customers}).decode()
        await open_parcel(acting.session, one.survivor_id, f"{back}:packed", one.programme_number, acting.moment.now)
        await set_merge_state(acting.session, one, MergeState.UNPACKING, acting.moment.now, body)
        bodies.append(body)
        return decision

    await act(pipeline, one.programme_number, one.survivor_id, command, whole=True)
    return _with(one, MergeState.UNPACKING, bodies[-1])


def _with(one: Merge, state: MergeState, body: str | None = None) -> Merge:
    return Merge(
        one.member_id,
        one.n,
        one.programme_number,
        one.survivor_id,
        one.merge_id,
        state,
        one.cause,
        one.actor,
        one.body if body is None else body,
    )


async def _bring_back(pipeline: Pipeline, one: Merge) -> Merge:
    kept = _kept(one)

    async def wake(session: Session) -> None:
        await set_member_status(session, one.member_id, MemberStatus.ACTIVE.value, pipeline.now())

    await atomic(pipeline.database, wake)
    await _open(pipeline, one.programme_number, one.member_id, kept.parcel, f"{one.merge_id}:back", one.actor)
    await _rename(pipeline, one, kept, one.survivor_id, one.member_id)
    return await _note(pipeline, one, MergeState.UNDONE)


async def _open(
    pipeline: Pipeline, programme_number: int, member_id: str, parcel: Parcel, merge_id: str, actor: str
) -> None:
    async def command(acting: Acting) -> Decision:
        if not await open_parcel(acting.session, member_id, merge_id, programme_number, acting.moment.now):
            return Decision(member_id)
        return transfer_in(acting.member, parcel, actor, acting.rulebook, acting.moment)

    await act(pipeline, programme_number, member_id, command, whole=True)


async def _rename(pipeline: Pipeline, one: Merge, kept: _Kept, before: str, after: str) -> None:
    sources = [(source_shard(ref), ref) for ref in sorted(kept.parcel.refs) if source_shard(ref) is not None]

    async def stores(session: Session) -> None:
        await rename_customers(session, kept.customers, before, after)
        await move_pushes(session, kept.customers, after, one.programme_number, pipeline.now())
        await drop_pushes(session, before, kept.customers)

    async def facts(session: Session) -> None:
        await rename_sources(session, _known(sources), before, after)
        await leave_work(
            session,
            [
                (member_id, ref, one.programme_number, shard)
                for shard, ref in _known(sources)
                for member_id in (before, after)
            ],
        )

    await atomic(pipeline.database, stores)
    if sources:
        await atomic(pipeline.database, facts)


def _known(sources: Sequence[tuple[int | None, str]]) -> list[tuple[int, str]]:
    return [(shard, ref) for shard, ref in sources if shard is not None]


async def _note(pipeline: Pipeline, one: Merge, state: MergeState) -> Merge:
    await atomic(pipeline.database, lambda session: set_merge_state(session, one, state, pipeline.now()))
    return _with(one, state)
