"""Claiming what a guest ordered: orders without an account wait under a keyed hash of their address, worth nothing,
until a member has proven that the address is theirs.

Proof is the shop's own word (Shopify: the address of an account that can sign in, and is verified; WooCommerce moves
the orders to the account itself), a link that we mailed and the code on the page that asked for it, or whoever holds a
key that may write members (a shop's server after its own proof, a support desk). What was claimed is decided by the
rules of when it was paid; its points run from the claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act
from connector.people.actors import Actor
from connector.storage.atomic import atomic
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.guests import (
    attach_guests,
    claim_told,
    claimable_since,
    detach_guests,
    forget_address,
    forget_old_guests,
    prove,
    unsettled_guests,
)
from connector.storage.past_addresses import Address, claimed_elsewhere
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberStatus


async def claim(
    pipeline: Pipeline, programme_number: int, member_id: str, address_hash: str, proof: str, actor: Actor
) -> int:
    """An address is proven to be a member's: what was ordered under it as a guest is theirs. Returns how many orders
    were claimed now; again: none. proof: as in ``storage.guests.prove``.

    Raises Refused ``member-unknown``, ``member-not-active``, or ``address-claimed`` if another member has proven it.
    """
    claimed: list[int] = []

    async def command(acting: Acting) -> Decision:
        member, now = acting.member, acting.moment.now
        if member.status is not MemberStatus.ACTIVE:
            raise Refused("member-not-active", {"member": member_id, "status": member.status.value})
        address = (programme_number, address_hash)
        owners = await prove(acting.session, {address: member_id}, proof, actor.name, now)
        if owners[address] != member_id:
            # Told to whoever holds a key; the page of a shopper says only that it is not possible.
            raise Refused("address-claimed", {"member": owners[address]})
        since = claimable_since(await load_programmes(acting.session), now)
        claimed.append(await attach_guests(acting.session, owners, since))
        details = {"proof": proof, "orders": claimed[-1]}
        await note_deeds(acting.session, [Deed(member_id, programme_number, Act.CLAIM, actor, "", now, details)])
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)
    return claimed[-1]


async def withdraw_claim(
    pipeline: Pipeline, programme_number: int, member_id: str, address_hash: str, actor: Actor
) -> int:
    """Undo a claim: the orders are nobody's again and what they earned is clawed back. It stays undone until the member
    proves the address anew; what the shop says of it goes on to be what the person has undone. Returns how many orders.

    Raises Refused ``member-unknown``, ``not-claimed``.
    """
    withdrawn: list[int] = []

    async def command(acting: Acting) -> Decision:
        if not await forget_address(acting.session, programme_number, address_hash, member_id, acting.moment.now):
            raise Refused("not-claimed", {"member": member_id})
        withdrawn.append(await detach_guests(acting.session, programme_number, address_hash, member_id))
        now, details = acting.moment.now, {"orders": withdrawn[-1]}
        await note_deeds(acting.session, [Deed(member_id, programme_number, Act.UNCLAIM, actor, "", now, details)])
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)
    return withdrawn[-1]


async def settle_guests(pipeline: Pipeline) -> tuple[int, int]:
    """Give guests' orders that came while their address was being proven to whose they are, and let those forget
    their address whose time for a claim is over. Returns how many of each. First addresses are passed on whose shops
    say by now that they are others'.
    """
    await _pass_on(pipeline)
    since = claimable_since(await load_programmes(pipeline.database.reading()), pipeline.now())

    async def give(session: Session) -> int:
        return await attach_guests(session, await unsettled_guests(session), since)

    claimed = await atomic(pipeline.database, give)
    return claimed, sum([await _forget_old(pipeline, number, before) for number, before in since.items()])


async def _pass_on(pipeline: Pipeline) -> None:
    after, more = "", True
    while more:
        claims, after, more = await claimed_elsewhere(pipeline.database.reading(), after)
        if claims:
            await atomic(pipeline.database, partial(_told, pipeline, claims))


async def _told(pipeline: Pipeline, claims: Mapping[Address, str], session: Session) -> None:
    await claim_told(session, await load_programmes(session), claims, pipeline.now())


async def _forget_old(pipeline: Pipeline, programme_number: int, since: datetime) -> int:
    forgotten, after = 0, ""
    more = True
    while more:
        page = partial(forget_old_guests, programme_number=programme_number, since=since, after=after)
        count, after, more = await atomic(pipeline.database, page)
        forgotten += count
    return forgotten
