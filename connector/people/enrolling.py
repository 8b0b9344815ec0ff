"""Joining by consent: a store's customer becomes a member because they said so, and finds what waited for them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.ingest.pipeline import Pipeline
from connector.people.actors import SHOPPER, Actor
from connector.people.membership import set_status
from connector.storage.atomic import atomic
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.erasures import tombstone_of
from connector.storage.facts import Customer, enrol, load_identities
from connector.storage.guests import claim_told, told_addresses
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from connector.storage.waiting import welcome
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberStatus

GREETED_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """is_new: nobody had enrolled them before."""

    member_id: str
    is_new: bool


async def enrol_member(
    pipeline: Pipeline,
    customer: Customer,
    actor: Actor,
    consent_at: datetime | None = None,
    reason: str = "",
    *,
    greets: bool = True,
) -> Enrolled:
    """Make a member of a customer, from the moment of their consent on (None: now). Done twice, it changes nothing.
    Raises Refused ``member-erased`` for somebody who was erased.

    Orders that waited for it are decided like any others: those paid before it earn only within the programme's
    back-pay days. greets: a mail welcomes them, unless they agreed longer than a week ago.
    """
    key = (customer.connection_number, customer.customer_ref)

    async def body(session: Session) -> Enrolled:
        known = await load_identities(session, [customer])
        if key in known:
            return Enrolled(known[key], is_new=False)
        if await load_identities(session, [tombstone_of(pipeline.keys, customer)]):
            raise Refused("member-erased")
        now = pipeline.now()
        ours = uuid.uuid4().hex
        members = await enrol(session, [(customer, ours, min(consent_at or now, now))], now)
        if members[key] != ours:
            return Enrolled(members[key], is_new=False)
        programmes = await load_programmes(session)
        told = await told_addresses(session, members, [customer])
        details = {"connection": customer.connection_number}
        await note_deeds(session, [Deed(ours, customer.programme_number, Act.ENROL, actor, reason, now, details)])
        is_new = greets and (consent_at is None or consent_at > now - GREETED_WITHIN)
        await welcome(session, programmes, members, [customer], now, greets=is_new)
        await claim_told(session, programmes, told, now)
        return Enrolled(ours, is_new=True)

    return await atomic(pipeline.database, body)


async def take_part(pipeline: Pipeline, customer: Customer) -> Enrolled:
    """Somebody whom the shop knows to be signed in agrees there, for the first time or again. Raises Refused as
    ``enrol_member``, and ``member-blocked``.
    """
    found = await enrol_member(pipeline, customer, SHOPPER)
    if not found.is_new:
        active, programme = MemberStatus.ACTIVE, customer.programme_number
        await set_status(pipeline, programme, found.member_id, active, SHOPPER, "", by_member=True)
    return found
