"""Erasing a person, and giving them everything that is kept about them.

Erasing takes steps that can each be taken again. The ledger keeps its numbers: entries, lots and their chain stay as
they are, explanations and everything that says whose they are go. The customers of stores leave a tombstone each.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connector.crypto import Keys
from connector.data.erasure_journal import NOBODY, Contents, Line
from connector.ingest.event_bodies import strip_events
from connector.ingest.merge import ACTIVITY_DECODER, ENCODER, ORDER_DECODER
from connector.ingest.pipeline import Pipeline
from connector.ingest.tombstones import stripped
from connector.people.act import peek
from connector.people.actors import SYSTEM, Actor
from connector.people.merging import finish_merges
from connector.redeeming.redemptions import cancel, release
from connector.storage.adjust_requests import RequestState, requests_at, settle_request
from connector.storage.atomic import atomic, consistent_read
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.connections import load_connections
from connector.storage.erasures import (
    TOMBSTONE,
    addresses_of,
    bury_customer,
    clear_member,
    facts_to_strip,
    guest_customer,
    identities_of,
    note_erasures,
    note_journal,
    save_stripped,
    set_stone,
    tombstone_of,
)
from connector.storage.facts import Customer
from connector.storage.inbox import strip_object
from connector.storage.merges import forwarded, merged_into
from connector.storage.open_tables import open_row
from connector.storage.people import load_people
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard
from loyalty_engine.errors import Refused
from loyalty_engine.member import RedemptionState
from loyalty_engine.programme.model import RewardKind

log = logging.getLogger(__name__)

_OPEN_VOUCHER = (RedemptionState.REQUESTED, RedemptionState.ISSUED)


@dataclass(frozen=True, slots=True)
class Erased:
    """members: the person's memberships, the one that holds everything first. customers: how many were buried now."""

    members: tuple[str, ...]
    customers: int


async def erase(pipeline: Pipeline, programme_number: int, member_id: str, actor: Actor, reason: str = "") -> Erased:
    """Erase the person behind a member, with everybody who was merged into them. Again: whatever was left.

    Raises Refused ``member-unknown``; then nothing has happened.
    """
    await peek(pipeline, programme_number, member_id)
    await finish_merges(pipeline)
    members = await memberships(pipeline.database.reading(), member_id)
    journal = await _write_journal(pipeline, programme_number, members)
    await atomic(pipeline.database, _Note(pipeline, programme_number, members, actor, reason, journal))
    await _let_go(pipeline, programme_number, members[0])
    await strip_events(pipeline, await _names_of(pipeline, members))
    buried = await _bury(pipeline, members)
    for member in members:
        await atomic(pipeline.database, Strip(pipeline, member))
        await atomic(pipeline.database, _Clear(pipeline, member, actor))
    # What was redeemed in between; from here on nobody can.
    await _let_go(pipeline, programme_number, members[0])
    return Erased(tuple(members), buried)


async def _write_journal(pipeline: Pipeline, programme_number: int, members: list[str]) -> Contents | None:
    """On disk before anything is noted: a database that does not know of it yet is behind the journal, never ahead."""
    if pipeline.journal is None:
        return None
    lines = await lines_of(pipeline, programme_number, members)
    return await asyncio.to_thread(pipeline.journal.append, lines)


async def lines_of(pipeline: Pipeline, programme_number: int, members: Sequence[str]) -> list[Line]:
    """What a journal of erasures says of members: each of them, every customer that they are, and what they bought as
    guests.
    """
    keys = pipeline.keys

    async def body(session: Session) -> list[Line]:
        lines = [Line(programme_number, 0, keys.hash_member(member), NOBODY) for member in members]
        for row in await identities_of(session, members):
            customer = Customer(row["programme_number"], row["connection_number"], row["customer_ref"])
            lines.append(_line(keys, row["member_id"], customer))
        for member in members:
            stones = [stone_of(keys, row) for row in await facts_to_strip(session, member)]
            lines += [_line(keys, member, stone) for stone in stones if stone is not None]
        return lines

    return await atomic(pipeline.database, body)


def _line(keys: Keys, member_id: str, customer: Customer) -> Line:
    stone = tombstone_of(keys, customer).customer_ref.removeprefix(TOMBSTONE)
    return Line(customer.programme_number, customer.connection_number, keys.hash_member(member_id), stone)


async def memberships(session: Session, member_id: str) -> list[str]:
    """Whoever has everything of a member by now, and everybody who went to them."""
    whole = await forwarded(session, member_id)
    return [whole, *await merged_into(session, whole)]


async def _let_go(pipeline: Pipeline, programme_number: int, member_id: str) -> None:
    """Open vouchers are withdrawn from their stores, and held points are let go. Credit that a store gave is the
    customer's money there.
    """
    member, _, _ = await peek(pipeline, programme_number, member_id)
    for redemption in member.redemptions:
        try:
            if redemption.kind == RewardKind.STORE_CREDIT and redemption.state is RedemptionState.ISSUED:
                continue
            if redemption.state in _OPEN_VOUCHER:
                await cancel(pipeline, programme_number, member_id, redemption.redemption_id, "erased", SYSTEM)
            elif redemption.state is RedemptionState.HELD:
                await release(pipeline, programme_number, member_id, redemption.redemption_id, "erased")
        except Refused as refused:
            # Used or ended meanwhile: there is nothing left to withdraw.
            log.info("a redemption had ended before it could be called off", extra={"code": refused.code})


async def _names_of(pipeline: Pipeline, members: list[str]) -> set[tuple[int, str]]:
    """What messages call a person, by connection: customers of stores, and hashes of their addresses there."""
    reading = pipeline.database.reading()
    identities = await identities_of(reading, members)
    names = {(row["connection_number"], row["customer_ref"]) for row in identities}
    hashes = await addresses_of(reading, members)
    return names | {(row["connection_number"], hashed) for row in identities for hashed in hashes}


async def _bury(pipeline: Pipeline, members: list[str]) -> int:
    reading = pipeline.database.reading()
    connections = await load_connections(reading)
    rows = [row for row in await identities_of(reading, members) if not row["customer_ref"].startswith(TOMBSTONE)]
    for row in rows:
        number, ref = row["connection_number"], row["customer_ref"]
        customer = Customer(row["programme_number"], number, ref)
        fact_ref = f"{connections[number].platform}:{number}:customer:{ref}"
        await atomic(pipeline.database, Bury(pipeline, customer, row["member_id"], fact_ref))
    return len(rows)


@dataclass(frozen=True, slots=True)
class _Note:
    pipeline: Pipeline
    programme_number: int
    members: list[str]
    actor: Actor
    reason: str
    journal: Contents | None

    async def __call__(self, session: Session) -> None:
        if self.journal is not None:
            await note_journal(session, self.journal.journal_id, len(self.journal.lines))
        now, number = self.pipeline.now(), self.programme_number
        new = await note_erasures(session, number, self.members, self.actor.name, now)
        await note_deeds(session, [Deed(one, number, Act.ERASE, self.actor, self.reason, now) for one in new])


@dataclass(frozen=True, slots=True)
class Bury:
    """A tombstone for one customer of a store, and nothing more of what the store told of them."""

    pipeline: Pipeline
    customer: Customer
    member_id: str
    fact_ref: str

    async def __call__(self, session: Session) -> None:
        keys, now = self.pipeline.keys, self.pipeline.now()
        await bury_customer(session, keys, self.customer, self.member_id, self.fact_ref, now)
        await strip_object(session, self.customer.connection_number, "customer", self.customer.customer_ref)


@dataclass(frozen=True, slots=True)
class Strip:
    """Facts of a member name nobody any more; with ``only``, those that named this customer."""

    pipeline: Pipeline
    member_id: str
    only: Customer | None = None

    async def __call__(self, session: Session) -> None:
        rows = [row for row in await facts_to_strip(session, self.member_id) if self._concerns(row)]
        for row in rows:
            stone = stone_of(self.pipeline.keys, row)
            if row["customer_ref"] is None and stone is not None:
                await set_stone(session, stone, self.member_id, self.pipeline.now())
        for row in rows:
            if row["kind"] == "order":
                order_id = row["source_ref"].split(":", 3)[3]
                await strip_object(session, row["connection_number"], "order", order_id)
        await save_stripped(session, [self._of(row) for row in rows])

    def _concerns(self, row: Row) -> bool:
        if self.only is None:
            return True
        return (row["connection_number"], row["customer_ref"]) == (self.only.connection_number, self.only.customer_ref)

    def _of(self, row: Row) -> tuple[int, str, str | None, bytes]:
        buried = stone_of(self.pipeline.keys, row)
        stone = buried.customer_ref if buried else None
        decoder = ACTIVITY_DECODER if row["kind"] == "activity" else ORDER_DECODER
        return (
            row["shard"],
            row["source_ref"],
            stone,
            ENCODER.encode(stripped(decoder.decode(bytes(row["fact"])), stone)),
        )


def stone_of(keys: Keys, row: Row) -> Customer | None:
    """The tombstone for a fact of somebody who is erased; None: what somebody did stays theirs without one."""
    programme, connection = row["programme_number"], row["connection_number"]
    if row["customer_ref"] is None and row["kind"] == "activity":
        return None
    if row["customer_ref"] is None:
        return tombstone_of(keys, guest_customer(programme, connection, row["address_hash"]))
    return tombstone_of(keys, Customer(programme, connection, row["customer_ref"]))


@dataclass(frozen=True, slots=True)
class _Clear:
    pipeline: Pipeline
    member_id: str
    actor: Actor

    async def __call__(self, session: Session) -> None:
        """First whoever waits for a second person is refused: nobody may say yes to points for somebody erased."""
        now = self.pipeline.now()
        for one in await requests_at(session, self.member_id):
            await settle_request(session, one, RequestState.REFUSED, self.actor, now)
        await clear_member(session, self.member_id, now)


# --- what is kept about a person --------------------------------------------------------------------------------------

TOLD = {
    "lots": "lot",
    "paid_from": "consumption",
    "terms": "context",
    "tiers": "tier_change",
    "badges": "badge_change",
    "levels": "level_change",
    "held_awards": "held_award",
    "counted": "counter",
    "caps": "cap_grant",
    "redemptions": "redemption",
    "codes": "voucher",
    "store_credits": "store_credit",
    "code_uses": "code_use",
    "bookings": "booking",
    "referrals": "referral",
    "referral_codes": "referral_code",
    "brought_by": "referred_by",
    "signs": "member_sign",
    "network_addresses": "referral_ip",
    "notices": "notice",
    "nothing_earned": "reason",
    "proven_addresses": "proven_address",
    "past_addresses": "past_address",
    "links_asked_for": "link_request",
    "merges": "merge",
    "merges_taken_in": "parcel",
    "adjustments_asked_for": "adjust_request",
    "segments": "bulk_member",
    "facts": "source_fact",
    "shown_in_stores": "push",
    "told_to_endpoints": "webhook_message",
    "done_by_hand": "audit",
    "said_by_hand": "audit_note",
    "erased": "erasure",
}
"""What a person's export calls the tables that have rows of a member."""
TOLD_OTHERWISE = frozenset({"member", "balance", "person", "identity", "entry", "explanation"})
"""Tables of members that an export tells in words of its own."""
NOT_TOLD = {
    "member_seal": "a number over rows that are told",
    "stock_claim": "stock of the programme, held for a moment",
    "work": "what is still to be decided, from facts that are told",
}
"""Tables of members that say nothing about a person, and why."""
_SECRET = frozenset({"digest", "token"})
"""Columns that open something: nobody is told them."""


async def export_person(
    pipeline: Pipeline, programme_number: int, member_id: str, actor: Actor, reason: str = ""
) -> dict[str, Any]:
    """Everything about the person behind a member, as JSON values; that it was asked for is noted, and among it.

    Raises Refused ``member-unknown``.
    """
    await peek(pipeline, programme_number, member_id)
    deed = Deed(member_id, programme_number, Act.EXPORT, actor, reason, pipeline.now())
    await atomic(pipeline.database, lambda session: note_deeds(session, [deed]))

    async def body(session: Session) -> dict[str, Any]:
        members = await memberships(session, member_id)
        people = await load_people(session, pipeline.keys, members)
        identities = [open_row(row) for row in await identities_of(session, members)]
        return {
            "exported_at": pipeline.now().isoformat(),
            "programme": programme_number,
            "identities": identities,
            "memberships": [await _membership(session, one, people.get(one)) for one in members],
        }

    return await consistent_read(pipeline.database, body)


async def _membership(session: Session, member_id: str, person: Any) -> dict[str, Any]:
    known = {name: getattr(person, name) for name in person.__struct_fields__} if person else {}
    choices = (
        "accepts_mail",
        "public_name",
        "names_taken",
        "on_leaderboards",
        "boards_chosen",
        "no_mails",
        "mail_answered_at",
    )
    found: dict[str, Any] = {
        "id": member_id,
        "member": (await _rows(session, "member", member_id))[0],
        "balance": (await _rows(session, "balance", member_id))[0],
        "person": {name: value for name, value in known.items() if name not in choices},
        "choices": {name: known[name] for name in choices if name in known},
        "ledger": await _ledger(session, member_id),
    }
    return found | {name: await _rows(session, table, member_id) for name, table in TOLD.items()}


async def _rows(session: Session, table: str, member_id: str) -> list[dict[str, Any]]:
    if table in _ELSEWHERE:
        # Not in the member's shard; with an index by member, or few. Asked for rarely.
        rows = await session.rows(f"SELECT * FROM {table} WHERE member_id = $1", member_id)
    else:
        rows = await session.rows(
            f"SELECT * FROM {table} WHERE shard = $1 AND member_id = $2", member_shard(member_id), member_id
        )
    hidden = {"shard"} | (_SECRET if table not in ("entry",) else set())
    return [{name: value for name, value in open_row(row).items() if name not in hidden} for row in rows]


_ELSEWHERE = frozenset(
    {"voucher", "store_credit", "referral_code", "referral_ip", "proven_address", "past_address", "source_fact"}
)
"""Tables whose shard is another one than the member's."""


async def _ledger(session: Session, member_id: str) -> list[dict[str, Any]]:
    """Entries, oldest first, each with its explanation; None once it was erased."""
    told = {row["n"]: json.loads(row["body_text"]) for row in await _rows(session, "explanation", member_id)}
    entries = sorted(await _rows(session, "entry", member_id), key=lambda row: int(row["n"]))
    return [{**row, "explanation": told.get(row["n"])} for row in entries]
