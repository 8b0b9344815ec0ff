"""Two members become one: shown before, done in steps that can each be taken again, and undone by source.

One transaction writes one member's shard (ADR 0002), so a merge goes like this:

1. At the member who goes: everything is packed, the books end at zero, the parcel is kept, the member forwards.
2. At the survivor: the parcel is opened, once.
3. What persons said of who goes is said of the survivor.
4. Stores' customers and facts are the survivor's from now on, and every source is decided again at both: that moves
   counters and finds whatever arrived in between.

Whoever dies half-way leaves a row that ``finish_merges`` works off. Why two members may become one is the caller's to
prove: the platform merged its customers, the merchant decided, or the shopper proved the address.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import replace

from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act, peek
from connector.people.actors import Actor
from connector.people.parcels import BACK, By, Kept, kept_of, text_of
from connector.people.parting import brought_by, going_back, refuse_merged_on, refuse_spent, refuse_unfit
from connector.people.standing_moves import give_standing_back, give_tier_back, pack_standing, take_standing
from connector.redeeming.redemptions import code_key, unchanged
from connector.storage.adjust_requests import bring_requests, send_requests
from connector.storage.atomic import atomic, is_outage
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.guests import addresses_of, rename_addresses
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
    stands,
    unfinished_merges,
)
from connector.storage.referral_moves import referring_of, rename_referrals, void_own
from connector.storage.session import Session
from connector.storage.shards import source_shard
from connector.storage.store_credits import rename_credits
from connector.storage.work import leave_work
from loyalty_engine.commands import Parcel, transfer_in, transfer_out
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberStatus
from loyalty_engine.standing_moves import by_hand

log = logging.getLogger(__name__)


async def merge(
    pipeline: Pipeline, programme_number: int, going: str, staying: str, cause: str, actor: Actor, reason: str = ""
) -> Merge:
    """Everything of ``going`` becomes ``staying``'s. Again with the same two: the merge that was made.

    cause: ``shop`` (the platform merged its customers), ``merchant`` or ``address`` (the shopper proved it).
    Raises Refused: ``merge-with-oneself``, ``member-not-active``.
    """
    known = await _current(pipeline, programme_number, going)
    if known is None or known.state is MergeState.UNDONE:
        known = await _pack(pipeline, programme_number, going, staying, cause, By(actor, reason))
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

    Raises Refused: ``not-merged``, ``merged-on`` (the survivor went to somebody else since: ``member`` and ``merge``
    name the merge to undo first), ``survivor-not-active`` (erased), and ``merged-points-spent`` unless ``may_owe``,
    with the points that are missing.
    """
    known = await _current(pipeline, programme_number, member_id)
    if known is None or known.state is MergeState.UNDONE:
        raise Refused("not-merged", {"member": member_id})
    if known.state is MergeState.PACKED:
        known = await _deliver(pipeline, known)
    if known.state is MergeState.DONE:
        known = await _pack_back(pipeline, known, By(actor, reason), may_owe=may_owe)
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


async def _pack(pipeline: Pipeline, programme_number: int, going: str, staying: str, cause: str, by: By) -> Merge:
    merge_id = uuid.uuid4().hex
    made: list[Merge] = []

    async def command(acting: Acting) -> Decision:
        member, survivor = acting.member, acting.others.get(staying)
        if survivor is None:
            raise Refused("member-unknown", {"member": staying})
        # Both are locked, so no two members can go to each other, nor round in a ring.
        refuse_unfit(member, survivor, cause)
        before = await load_merges(acting.session, programme_number, going)
        decision, parcel = transfer_out(member, merge_id, staying, by.actor.name, acting.rulebook, acting.moment)
        customers = await customers_of(acting.session, going)
        addresses = await addresses_of(acting.session, going)
        referring = await referring_of(acting.session, pipeline.keys, programme_number, going, staying)
        await void_own(acting.session, going, staying, by.actor.name, acting.moment.now)
        requests = await send_requests(acting.session, going, _cause(merge_id, by), acting.moment.now)
        rows, verdicts, (leaves, stops) = await pack_standing(
            acting.session, pipeline, (member, survivor), acting.rulebook, acting.moment
        )
        standing = by_hand(rows, acting.rulebook.in_force(acting.moment.now))
        elsewhere = await sources_elsewhere(acting.session, going, parcel.refs)
        status, left_at = member.status.value, member.left_at
        kept = Kept(parcel, customers, status, left_at, addresses, by, referring, elsewhere)
        kept.tier_before = (staying, survivor.tiers[-1].n if survivor.tiers else 0)
        kept.requests, kept.standing, kept.verdicts = requests, standing, verdicts
        kept.leaves_boards, kept.stops_mails = leaves, stops
        n, name = len(before) + 1, by.actor.name
        new = Merge(going, n, programme_number, staying, merge_id, MergeState.PACKED, cause, name, text_of(kept))
        await save_merge(acting.session, new, acting.moment.now)
        await set_member_status(acting.session, going, MemberStatus.MERGED.value, acting.moment.now, staying)
        await _note_deed(acting, new, going, by)
        made.append(new)
        return decision

    await act(pipeline, programme_number, going, command, whole=True, beside=[staying])
    return made[-1]


def _cause(merge_id: str, by: By) -> Actor:
    """Whom an adjustment that waits names for where it went."""
    return Actor(by.actor.person, by.actor.through, f"merge:{merge_id}")


async def _note_deed(acting: Acting, one: Merge, member_id: str, by: By | None) -> None:
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
    while not await _open(pipeline, one, one.survivor_id, kept_of(one).parcel, one.merge_id):
        # The survivor went to somebody else before the parcel arrived.
        survivor = await forwarded(pipeline.database.reading(), one.survivor_id)
        kept = kept_of(one)
        kept.parcel = replace(kept.parcel, to_member=survivor)
        one = await _note(pipeline, replace(one, survivor_id=survivor, body=text_of(kept)), one.state)
    await take_standing(pipeline, one)
    await _rename(pipeline, one, one.member_id, one.survivor_id)
    return await _note(pipeline, replace(one, state=MergeState.DONE), one.state)


async def _pack_back(pipeline: Pipeline, one: Merge, by: By, *, may_owe: bool) -> Merge:
    """Pack at the survivor what came with the merge, and what the same customers brought since."""
    back = f"{one.merge_id}{BACK}"
    made: list[Merge] = []
    member, _, _ = await peek(pipeline, one.programme_number, one.member_id)

    async def command(acting: Acting) -> Decision:
        await refuse_merged_on(acting.session, acting.member)
        kept = kept_of(one)
        refs = await going_back(acting.session, acting.member, kept)
        name = by.actor.name
        decision, parcel = transfer_out(acting.member, back, one.member_id, name, acting.rulebook, acting.moment, refs)
        if not may_owe:
            refuse_spent(acting.member, member, (decision, parcel), acting.rulebook, acting.moment)
        ids = {one.request_id for one in kept.requests}
        cause, now = _cause(back, by), acting.moment.now
        kept.requests = await send_requests(acting.session, one.survivor_id, cause, now, ids)
        kept.parcel, kept.by = parcel, by
        new = replace(one, state=MergeState.UNPACKING, actor=name, body=text_of(kept))
        if not await stands(acting.session, one, MergeState.DONE):
            raise Refused("not-merged", {"member": one.member_id})
        await set_merge_state(acting.session, new, one.state, acting.moment.now)
        await _note_deed(acting, new, one.survivor_id, by)
        made.append(new)
        return decision

    await act(pipeline, one.programme_number, one.survivor_id, command, whole=True)
    return made[-1]


async def _bring_back(pipeline: Pipeline, one: Merge) -> Merge:
    kept = kept_of(one)

    async def wake(session: Session) -> None:
        if await stands(session, one, one.state):
            await set_member_status(session, one.member_id, kept.status, kept.left_at or pipeline.now())

    await atomic(pipeline.database, wake)
    await _open(pipeline, one, one.member_id, kept.parcel, f"{one.merge_id}{BACK}")
    await give_standing_back(pipeline, one)
    await _rename(pipeline, one, one.survivor_id, one.member_id)
    await give_tier_back(pipeline, one)
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
        kept = kept_of(one)
        await bring_requests(acting.session, one.programme_number, member_id, kept.requests)
        await _note_deed(acting, one, member_id, kept.by)
        return transfer_in(acting.member, parcel, one.actor, acting.rulebook, acting.moment)

    await act(pipeline, one.programme_number, member_id, command, whole=True)
    return not moved


async def _rename(pipeline: Pipeline, one: Merge, before: str, after: str) -> None:
    """Customers, codes and facts of the parcel are another member's from now on."""
    kept = kept_of(one)
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
        await rename_credits(session, held, before, after)
        await rename_addresses(session, one.programme_number, kept.addresses, before, after)
        await rename_referrals(session, one.programme_number, kept.referring, before, after)

    async def facts(session: Session) -> None:
        if not await stands(session, one, one.state):
            return
        if before == one.member_id:
            more = await sources_of(session, before)
        else:
            more = await brought_by(session, before, kept)
        named = [(shard, ref) for ref in sorted(kept.parcel.refs | more) if (shard := source_shard(ref)) is not None]
        await rename_sources(session, named, before, after)
        both = [(member_id, ref, one.programme_number, shard) for shard, ref in named for member_id in (before, after)]
        await leave_work(session, both)
        if before != one.member_id and kept.parcel.grants:
            # The room that went back is free again for what the survivor did meanwhile.
            left = [(source_shard(ref), ref) for ref in sorted(await sources_of(session, before) - kept.parcel.refs)]
            own = [(before, ref, one.programme_number, shard) for shard, ref in left if shard is not None]
            await leave_work(session, own)

    await atomic(pipeline.database, stores)
    await atomic(pipeline.database, facts)


async def _note(pipeline: Pipeline, one: Merge, before: MergeState) -> Merge:
    await atomic(pipeline.database, lambda session: set_merge_state(session, one, before, pipeline.now()))
    return one
