"""Who did what to a member by hand, when, through what and why: rows that are never changed.

What somebody wrote (their name, a reason) lies beside them and goes when the member is erased.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from connector.people.actors import Actor
from connector.storage.endpoints import listeners_of
from connector.storage.instants import instant, micros
from connector.storage.messages import ERASED, Event, keep_events, public_member
from connector.storage.seals import SEALED, turn_seals
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard, programme_shard


class Act(StrEnum):
    """What was done."""

    ENROL = "enrol"
    LEAVE = "leave"
    REJOIN = "rejoin"
    BLOCK = "block"
    UNBLOCK = "unblock"
    TIER_LOCK = "tier-lock"
    TIER_UNLOCK = "tier-unlock"
    BADGE_AWARD = "badge-award"
    BADGE_REVOKE = "badge-revoke"
    LEVEL_APPOINT = "level-appoint"
    LEVEL_DISMISS = "level-dismiss"
    AWARD_ACCEPT = "award-accept"
    AWARD_REFUSE = "award-refuse"
    MERGE = "merge"
    UNMERGE = "unmerge"
    LINK = "link"
    UNLINK = "unlink"
    CLAIM = "claim"
    UNCLAIM = "unclaim"
    EXPORT = "export"
    ERASE = "erase"
    ADJUST = "adjust"
    BULK_ADJUST = "bulk-adjust"
    BULK_UNDO = "bulk-undo"
    ADJUST_ASKED = "adjust-asked"
    ADJUST_AGREED = "adjust-agreed"
    ADJUST_REFUSED = "adjust-refused"
    IMPORT_BALANCE = "import-balance"
    IMPORT_UNDO = "import-undo"
    MAP_IDENTITY = "map-identity"
    REFERRAL_APPROVE = "referral-approve"
    REFERRAL_REFUSE = "referral-refuse"
    REDEMPTION_MAKE = "redemption-make"
    REDEMPTION_CANCEL = "redemption-cancel"
    BIRTHDAY = "birthday"
    MAILS = "mails"
    BOARD_NAME = "board-name"
    PERK_GIVE = "perk-give"
    PERK_REFUSE = "perk-refuse"
    CREDIT_SETTLE = "credit-settle"
    LETTER_REPLAY = "letter-replay"
    LETTER_SKIP = "letter-skip"
    BOOKS_FIX = "books-fix"
    SETTING_CHANGE = "setting-change"
    PAIRING_OFFER = "pairing-offer"
    STORE_PAIR = "store-pair"
    STORE_MOVE = "store-move"
    STORE_DISCONNECT = "store-disconnect"
    STORE_SECRETS = "store-secrets"
    PAST_BEGIN = "past-begin"
    PAST_PAUSE = "past-pause"
    PAST_RESUME = "past-resume"
    WEBHOOK_ADD = "webhook-add"
    WEBHOOK_CHANGE = "webhook-change"
    WEBHOOK_ROTATE = "webhook-rotate"
    WEBHOOK_ENABLE = "webhook-enable"
    WEBHOOK_DISABLE = "webhook-disable"
    WEBHOOK_REMOVE = "webhook-remove"
    WEBHOOK_REPLAY = "webhook-replay"
    KEY_MAKE = "key-make"
    KEY_REVOKE = "key-revoke"
    PERSON_INVITE = "person-invite"
    PERSON_WITHDRAW = "person-withdraw"
    PERSON_JOIN = "person-join"
    PERSON_ROLE = "person-role"
    PERSON_DISABLE = "person-disable"
    PERSON_ENABLE = "person-enable"
    PERSON_RESET = "person-reset"
    PERSON_PASSWORD = "person-password"
    SECOND_ON = "second-on"
    SECOND_OFF = "second-off"
    SECOND_CODES = "second-codes"
    SECOND_NEEDED = "second-needed"
    DRAFT_BEGIN = "draft-begin"
    DRAFT_SAVE = "draft-save"
    DRAFT_DROP = "draft-drop"
    SEGMENT_SAVE = "segment-save"
    SEGMENT_FORGET = "segment-forget"
    FILE_TAKEN = "file-taken"


MEMBER_TOPICS: Mapping[Act, str] = {
    Act.ENROL: "member.enrolled",
    Act.LEAVE: "member.left",
    Act.REJOIN: "member.rejoined",
    Act.BLOCK: "member.blocked",
    Act.UNBLOCK: "member.unblocked",
    Act.MERGE: "member.merged",
    Act.LINK: "member.merged",
    Act.UNMERGE: "member.unmerged",
    Act.UNLINK: "member.unmerged",
    Act.ERASE: ERASED,
}
"""Deeds that endpoints can hear of, and as what."""
_IN_PAIRS = frozenset({"member.merged", "member.unmerged"})
"""Noted at both members, told once: of the one who went or came back."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One act on one member. details: numbers and ids, nothing that says who the member is."""

    member_id: str
    programme_number: int
    act: Act
    actor: Actor
    reason: str
    at: datetime
    details: Mapping[str, Any] = field(default_factory=dict)
    audit_id: str = field(default_factory=lambda: uuid.uuid4().hex)


async def note_deeds(session: Session, deeds: Sequence[Deed]) -> None:
    """Write them down, in the transaction that does them."""
    rows = [
        (
            one.member_id,
            (
                one.audit_id,
                one.programme_number,
                one.act.value,
                one.actor.person,
                one.actor.through,
                micros(one.at),
                json.dumps(one.details, sort_keys=True),
            ),
        )
        for one in deeds
    ]
    await session.insert(
        "audit", f"shard member_id {SEALED['audit']}", [(member_shard(m), m, *values) for m, values in rows]
    )
    await turn_seals(session, "audit", rows)
    await session.insert(
        "audit_note",
        "shard member_id audit_id actor reason",
        [
            (member_shard(one.member_id), one.member_id, one.audit_id, one.actor.name, one.reason)
            for one in deeds
            if one.actor.name or one.reason
        ],
    )
    await _tell(session, [one for one in deeds if one.act in MEMBER_TOPICS])


async def _tell(session: Session, deeds: Sequence[Deed]) -> None:
    """Whoever listens hears what became of the member, not who did it or why."""
    listeners = await listeners_of(session, {one.programme_number for one in deeds})
    if not listeners:
        return
    events = []
    for one in deeds:
        topic, data = MEMBER_TOPICS[one.act], {}
        if topic in _IN_PAIRS:
            if one.details["member"] != one.member_id:
                continue
            data = {"survivor": public_member(one.details["survivor"])}
        events.append(Event(one.programme_number, one.member_id, topic, one.at, data))
    await keep_events(session, listeners, events, max(one.at for one in deeds))


@dataclass(frozen=True, slots=True)
class ProgrammeDeed:
    """One act on a programme as a whole, not on one member. details: numbers and ids, nothing that names a member."""

    programme_number: int
    act: Act
    actor: Actor
    at: datetime
    details: Mapping[str, Any] = field(default_factory=dict)
    audit_id: str = field(default_factory=lambda: uuid.uuid4().hex)


async def note_programme_deeds(session: Session, deeds: Sequence[ProgrammeDeed]) -> None:
    """Write them down, in the transaction that does them."""
    await session.insert(
        "programme_deed",
        "shard programme_number audit_id act person through actor at_us numbers_text",
        [
            (
                programme_shard(one.programme_number),
                one.programme_number,
                one.audit_id,
                one.act.value,
                one.actor.person,
                one.actor.through,
                one.actor.name,
                micros(one.at),
                json.dumps(one.details, sort_keys=True),
            )
            for one in deeds
        ],
    )


async def was_noted(session: Session, programme_number: int, act: Act, details: Mapping[str, Any]) -> bool:
    """Whether this was ever done to a programme as a whole, with these very details."""
    rows = await session.rows(
        "SELECT 1 FROM programme_deed WHERE shard = $1 AND programme_number = $2 AND act = $3 AND numbers_text = $4 "
        "LIMIT 1",
        programme_shard(programme_number),
        programme_number,
        act.value,
        json.dumps(details, sort_keys=True),
    )
    return bool(rows)


async def load_programme_deeds(
    session: Session, programme_number: int, before: tuple[datetime, str] | None = None, limit: int = 100
) -> list[ProgrammeDeed]:
    """What was done to a programme as a whole, newest first; before: as in ``load_deeds``."""
    moment, after_id = (micros(before[0]), before[1]) if before is not None else (2**63 - 1, "")
    rows = await session.rows(
        "SELECT d.* FROM programme_deed d WHERE d.shard = $1 AND d.programme_number = $2 "
        "AND (d.at_us < $3 OR (d.at_us = $3 AND $4 <> '' AND d.audit_id > $4)) "
        f"ORDER BY d.at_us DESC, d.audit_id LIMIT {limit:d}",
        programme_shard(programme_number),
        programme_number,
        moment,
        after_id,
    )
    return [
        ProgrammeDeed(
            row["programme_number"],
            Act(row["act"]),
            Actor(row["person"], row["through"], row["actor"]),
            instant(row["at_us"]),
            json.loads(row["numbers_text"]),
            row["audit_id"],
        )
        for row in rows
    ]


async def load_deeds(
    session: Session,
    programme_number: int,
    member_id: str,
    before: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> list[Deed]:
    """What was done to a member, newest first, after the one of that moment and id; without an id, from before that
    moment. Name and reason are empty once the member was erased.
    """
    moment, after_id = (micros(before[0]), before[1]) if before is not None else (2**63 - 1, "")
    rows = await session.rows(
        "SELECT a.*, n.actor, n.reason FROM audit a LEFT JOIN audit_note n ON n.shard = a.shard "
        "AND n.member_id = a.member_id AND n.audit_id = a.audit_id "
        "WHERE a.shard = $1 AND a.member_id = $2 AND a.programme_number = $3 "
        "AND (a.at_us < $4 OR (a.at_us = $4 AND $5 <> '' AND a.audit_id > $5)) "
        f"ORDER BY a.at_us DESC, a.audit_id LIMIT {limit:d}",
        member_shard(member_id),
        member_id,
        programme_number,
        moment,
        after_id,
    )
    return [_deed(row) for row in rows]


async def adjusted_by(session: Session, member_id: str, adjust_id: str) -> Actor | None:
    """Who made an adjustment alone; None if nobody did."""
    rows = await session.rows(
        "SELECT a.*, '' AS actor, '' AS reason FROM audit a "
        "WHERE a.shard = $1 AND a.member_id = $2 AND a.act = 'adjust'",
        member_shard(member_id),
        member_id,
    )
    found = [deed.actor for deed in map(_deed, rows) if deed.details.get("adjust") == adjust_id]
    return found[0] if found else None


def _deed(row: Row) -> Deed:
    return Deed(
        row["member_id"],
        row["programme_number"],
        Act(row["act"]),
        Actor(row["person"], row["through"], row["actor"] or ""),
        row["reason"] or "",
        instant(row["at_us"]),
        json.loads(row["numbers_text"]),
        row["audit_id"],
    )
