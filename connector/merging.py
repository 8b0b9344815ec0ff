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

import logging
import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from connector.act import Acting, act, peek
from connector.actors import Actor
from connector.parting import refuse_spent
from connector.pipeline import Pipeline
from connector.redemptions import code_key, unchanged
from connector.storage.atomic import atomic, is_outage
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.guests import addresses_of, claimed_orders, rename_addresses
from connector.storage.merges import (
    Merge,
    MergeState,
    customers_of,
    forwarded,
    is_opened,
    load_merges,
    move_pushes,
    open_parcel,
    rename_customers,
    rename_sources,
    rename_vouchers,
    save_merge,
    set_member_status,
    set_merge_state,
    sources_elsewhere,
    sources_of,
    sources_of_customers,
    stands,
    unfinished_merges,
)
from connector.storage.referral_moves import Referring, referring_of, rename_referrals, void_own
from connector.storage.session import Session
from connector.storage.shards import source_shard
from connector.storage.work import leave_work
from loyalty_engine.commands import Parcel, transfer_in, transfer_out
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused
from loyalty_engine.lots import available
from loyalty_engine.member import MemberState, MemberStatus

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a merge would give: both as they are, and the survivor as they would be. once: one-time awards that both
    had, by source, which count once.
    """

    going: dict[str, int]
    staying: dict[str, int]
    merged: dict[str, int]
    once: tuple[str, ...]


async def preview(
    pipeline: Pipeline, programme_number: int, going: str, staying: str, cause: str = "merchant"
) -> Outlook:
    """What ``merge`` would do, without doing it. Raises Refused as it would."""
    one, rulebook, moment = await peek(pipeline, programme_number, going)
    two, _, _ = await peek(pipeline, programme_number, staying)
    _check(one, two, cause)
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


def _check(going: MemberState, staying: MemberState, cause: str) -> None:
    """A block is the merchant's word: only the merchant may undo it by a merge."""
    if going.member_id == staying.member_id:
        raise Refused("merge-with-oneself")
    for member in (going, staying):
        gone = member.status in (MemberStatus.MERGED, MemberStatus.ERASED)
        if gone or (member.status is MemberStatus.BLOCKED and cause != "merchant"):
            raise Refused("member-not-active", {"member": member.member_id, "status": member.status.value})


async def merge(
    pipeline: Pipeline, programme_number: int, going: str, staying: str, cause: str, actor: Actor, reason: str = ""
) -> Merge:
    """Everything of ``going`` becomes ``staying``'s. Again with the same two: the merge that was made.

    cause: ``shop`` (the platform merged its customers), ``merchant`` or ``address`` (the shopper proved it).
    Raises Refused: ``merge-with-oneself``, ``member-not-active``.
    """
    known = await _current(pipeline, programme_number, going)
    if known is None or known.state is MergeState.UNDONE:
        known = await _pack(pipeline, programme_number, going, staying, cause, _By(actor, reason))
    elif known.survivor_id != staying:
        raise Refused("member-not-active", {"member": going, "status": MemberStatus.MERGED.value})
    return await _deliver(pipeline, known)


async def unmerge(
    pipeline: Pipeline,
    programme_number: int,
    member_id: str,
    actor: Actor,
    reason: str = "",
    *,
    may_owe: bool = True,
) -> Merge:
    """Undo the last merge of a member, source by source; what was redeemed since stays with the survivor. Orders that
    the member's own customers placed since go along. may_owe: whether the survivor may owe what they spent of it.

    Raises Refused: ``not-merged``, ``survivor-not-active`` (it went to somebody else itself: undo that first), and
    ``merged-points-spent`` unless ``may_owe``, with the points that are missing.
    """
    known = await _current(pipeline, programme_number, member_id)
    if known is None or known.state is MergeState.UNDONE:
        raise Refused("not-merged", {"member": member_id})
    if known.state is MergeState.PACKED:
        known = await _deliver(pipeline, known)
    if known.state is MergeState.DONE:
        known = await _pack_back(pipeline, known, _By(actor, reason), may_owe=may_owe)
    return await _bring_back(pipeline, known)


async def finish_merges(pipeline: Pipeline) -> int:
    """Go on with merges that stopped half-way. Returns how many could be finished."""
    stopped = await unfinished_merges(pipeline.database.reading())
    finished = 0
    for one in stopped:
        try:
            await (_deliver if one.state is MergeState.PACKED else _bring_back)(pipeline, one)
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("a merge could not be finished", extra={"member": one.member_id})
        else:
            finished += 1
    return finished


async def _current(pipeline: Pipeline, programme_number: int, member_id: str) -> Merge | None:
    merges = await load_merges(pipeline.database.reading(), programme_number, member_id)
    return merges[-1] if merges else None


@dataclass(frozen=True, slots=True)
class _By:
    """Who does it and why."""

    actor: Actor
    reason: str


class _Kept(msgspec.Struct):
    """What a merge keeps: the parcel, who the member was in stores, (connection, customer), what they were, and the
    keyed hashes of the addresses that they had proven, and their referrals. by: who sent the parcel on its way, for the
    note at whoever opens it. elsewhere: sources in the parcel that were somebody else's already when it was packed.
    """

    parcel: Parcel
    customers: list[tuple[int, str]]
    status: str
    left_at: datetime | None = None
    addresses: list[str] = []
    by: _By | None = None
    referring: Referring = msgspec.field(default_factory=Referring)
    elsewhere: list[str] = []


def _kept(one: Merge) -> _Kept:
    return msgspec.json.decode(one.body, type=_Kept)


def _text(kept: _Kept) -> str:
    return msgspec.json.encode(kept).decode()


async def _pack(pipeline: Pipeline, programme_number: int, going: str, staying: str, cause: str, by: _By) -> Merge:
    merge_id = uuid.uuid4().hex
    made: list[Merge] = []

    async def command(acting: Acting) -> Decision:
        member, survivor = acting.member, acting.others.get(staying)
        if survivor is None:
            raise Refused("member-unknown", {"member": staying})
        # Both are locked, so no two members can go to each other, nor round in a ring.
        _check(member, survivor, cause)
        before = await load_merges(acting.session, programme_number, going)
        decision, parcel = transfer_out(member, merge_id, staying, by.actor.name, acting.rulebook, acting.moment)
        customers = await customers_of(acting.session, going)
        addresses = await addresses_of(acting.session, going)
        referring = await referring_of(acting.session, pipeline.keys, programme_number, going, staying)
        await void_own(acting.session, going, staying, by.actor.name, acting.moment.now)
        status, elsewhere = member.status.value, await sources_elsewhere(acting.session, going, parcel.refs)
        body = _text(_Kept(parcel, customers, status, member.left_at, addresses, by, referring, elsewhere))
        n, name = len(before) + 1, by.actor.name
        new = Merge(going, n, programme_number, staying, merge_id, MergeState.PACKED, cause, name, body)
        await save_merge(acting.session, new, acting.moment.now)
        await set_member_status(acting.session, going, MemberStatus.MERGED.value, acting.moment.now, staying)
        await _note_deed(acting, new, going, by)
        made.append(new)
        return decision

    await act(pipeline, programme_number, going, command, whole=True, beside=[staying])
    return made[-1]


_BACK = ":back"
UNDO_REF = "adjust:undo-"
"""How the source of an adjustment begins that takes another one back, whose name follows."""


async def _note_deed(acting: Acting, one: Merge, member_id: str, by: _By | None) -> None:
    """A row at each of the two; a shopper who proved an address has linked."""
    if by is None:
        return
    is_link, is_back = one.cause == "address", one.state is MergeState.UNPACKING
    done = (Act.UNLINK if is_back else Act.LINK) if is_link else (Act.UNMERGE if is_back else Act.MERGE)
    details = {"member": one.member_id, "survivor": one.survivor_id, "merge": one.merge_id, "cause": one.cause}
    deed = Deed(member_id, one.programme_number, done, by.actor, by.reason, acting.moment.now, details)
    await note_deeds(acting.session, [deed])


async def _deliver(pipeline: Pipeline, one: Merge) -> Merge:
    """Open the parcel where everything of the survivor is by now, and send the rest after it."""
    while not await _open(pipeline, one, one.survivor_id, _kept(one).parcel, one.merge_id):
        # The survivor went to somebody else before the parcel arrived.
        survivor = await forwarded(pipeline.database.reading(), one.survivor_id)
        kept = _kept(one)
        kept.parcel = replace(kept.parcel, to_member=survivor)
        one = await _note(pipeline, replace(one, survivor_id=survivor, body=_text(kept)), one.state)
    await _rename(pipeline, one, one.member_id, one.survivor_id)
    return await _note(pipeline, replace(one, state=MergeState.DONE), one.state)


async def _pack_back(pipeline: Pipeline, one: Merge, by: _By, *, may_owe: bool) -> Merge:
    """Pack at the survivor what came with the merge, and what the same customers brought since."""
    back = f"{one.merge_id}{_BACK}"
    made: list[Merge] = []
    member, _, _ = await peek(pipeline, one.programme_number, one.member_id)

    async def command(acting: Acting) -> Decision:
        if acting.member.status in (MemberStatus.MERGED, MemberStatus.ERASED):
            raise Refused("survivor-not-active", {"member": one.survivor_id, "status": acting.member.status.value})
        kept = _kept(one)
        refs = kept.parcel.refs - set(kept.elsewhere)
        refs |= await _brought(acting.session, one.survivor_id, kept)
        refs |= _taken_back(acting.member, refs)
        name = by.actor.name
        decision, parcel = transfer_out(acting.member, back, one.member_id, name, acting.rulebook, acting.moment, refs)
        if not may_owe:
            refuse_spent(acting.member, member, (decision, parcel), acting.rulebook, acting.moment)
        kept.parcel, kept.by = parcel, by
        new = replace(one, state=MergeState.UNPACKING, actor=name, body=_text(kept))
        if not await stands(acting.session, one, MergeState.DONE):
            raise Refused("not-merged", {"member": one.member_id})
        await set_merge_state(acting.session, new, one.state, acting.moment.now)
        await _note_deed(acting, new, one.survivor_id, by)
        made.append(new)
        return decision

    await act(pipeline, one.programme_number, one.survivor_id, command, whole=True)
    return made[-1]


def _taken_back(survivor: MemberState, refs: Collection[str]) -> set[str]:
    """Undoings, booked at the survivor, of adjustments that go back: of a bulk, or of an import."""
    undone = (ref for ref in survivor.posted if ref.startswith(UNDO_REF))
    return {ref for ref in undone if f"adjust:{ref.removeprefix(UNDO_REF)}" in refs}


async def _bring_back(pipeline: Pipeline, one: Merge) -> Merge:
    kept = _kept(one)

    async def wake(session: Session) -> None:
        if await stands(session, one, one.state):
            await set_member_status(session, one.member_id, kept.status, kept.left_at or pipeline.now())

    await atomic(pipeline.database, wake)
    await _open(pipeline, one, one.member_id, kept.parcel, f"{one.merge_id}{_BACK}")
    await _rename(pipeline, one, one.survivor_id, one.member_id)
    return await _note(pipeline, replace(one, state=MergeState.UNDONE), one.state)


async def _open(pipeline: Pipeline, one: Merge, member_id: str, parcel: Parcel, parcel_id: str) -> bool:
    """Open a parcel, once. False if this member went to somebody else and never opened it."""
    moved: list[bool] = []

    async def command(acting: Acting) -> Decision:
        moved.clear()
        if await is_opened(acting.session, member_id, parcel_id):
            return unchanged(acting)
        if acting.member.status is MemberStatus.MERGED:
            moved.append(True)
            return unchanged(acting)
        await open_parcel(acting.session, member_id, parcel_id, one.programme_number, acting.moment.now)
        await _note_deed(acting, one, member_id, _kept(one).by)
        return transfer_in(acting.member, parcel, one.actor, acting.rulebook, acting.moment)

    await act(pipeline, one.programme_number, member_id, command, whole=True)
    return not moved


async def _rename(pipeline: Pipeline, one: Merge, before: str, after: str) -> None:
    """Customers, codes and facts of the parcel are another member's from now on."""
    kept = _kept(one)
    keys = [
        code_key(pipeline, redemption.connection_number, redemption.redemption_id)
        for redemption in kept.parcel.redemptions
    ]

    async def stores(session: Session) -> None:
        if not await stands(session, one, one.state):
            return
        await rename_customers(session, kept.customers, before, after)
        await move_pushes(session, kept.customers, before, after)
        held = [redemption.redemption_id for redemption in kept.parcel.redemptions]
        await rename_vouchers(session, keys, held, before, after)
        await rename_addresses(session, one.programme_number, kept.addresses, before, after)
        await rename_referrals(session, one.programme_number, kept.referring, before, after)

    async def facts(session: Session) -> None:
        if not await stands(session, one, one.state):
            return
        if before == one.member_id:
            more = await sources_of(session, before)
        else:
            more = await _brought(session, before, kept)
        named = [(shard, ref) for ref in sorted(kept.parcel.refs | more) if (shard := source_shard(ref)) is not None]
        await rename_sources(session, named, before, after)
        both = [(member_id, ref, one.programme_number, shard) for shard, ref in named for member_id in (before, after)]
        await leave_work(session, both)

    await atomic(pipeline.database, stores)
    await atomic(pipeline.database, facts)


async def _brought(session: Session, survivor_id: str, kept: _Kept) -> set[str]:
    """Sources of the survivor that the customers of who went brought, or guests under their addresses."""
    orders = await claimed_orders(session, survivor_id, kept.addresses)
    by_customers = await sources_of_customers(session, survivor_id, kept.customers)
    return by_customers | {row["source_ref"] for row in orders}


async def _note(pipeline: Pipeline, one: Merge, before: MergeState) -> Merge:
    await atomic(pipeline.database, lambda session: set_merge_state(session, one, before, pipeline.now()))
    return one
