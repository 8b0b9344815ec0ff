"""A person takes up what was set aside: dead letters put back in line, some or a range, or skipped for a reason.

Who did it stands in the member's audit where the letter has a member; a delivery has none, so its own row says who
skipped it, when and why, and stays.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from connector.errors import Permanent
from connector.people.actors import Actor
from connector.people.reasons import REASON_MAX, refuse_without_reason
from connector.storage.atomic import atomic
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.database import Database
from connector.storage.dead_letters import (
    MOST,
    DeadLetter,
    Range,
    find_dead_letter,
    put_back,
    put_one_back,
    skip_one,
)
from connector.storage.inbox import SKIPPED
from connector.storage.session import Session

log = logging.getLogger(__name__)


async def replay_letters(
    database: Database, letter_ids: Sequence[str], programme_number: int | None, actor: Actor, now: datetime
) -> int:
    """Put these back in line, all or none. Returns how many. Raises Permanent if one does not wait any more."""
    wanted = _distinct(letter_ids)

    async def body(session: Session) -> int:
        letters = [await find_dead_letter(session, one, programme_number) for one in wanted]
        for letter in letters:
            await put_one_back(session, letter, now)
        await note_deeds(session, [_deed(one, Act.LETTER_REPLAY, actor, "", now) for one in letters if one.member_id])
        return len(letters)

    count = await atomic(database, body)
    log.info("dead letters were put back in line", extra={"letters": wanted, "through": actor.through})
    return count


async def replay_range(database: Database, wanted: Range, actor: Actor, now: datetime) -> int:
    """Put a range back in line. Returns how many. Doing it twice changes nothing."""
    count = await atomic(database, lambda session: put_back(session, wanted, now))
    extra = {"kind": wanted.kind, "letters": count, "through": actor.through}
    log.info("a range of dead letters was put back in line", extra=extra)
    return count


async def skip_letters(
    database: Database,
    letter_ids: Sequence[str],
    programme_number: int | None,
    actor: Actor,
    reason: str,
    now: datetime,
) -> int:
    """Never try these again, all or none. Returns how many. Raises Refused ``reason-missing``; Permanent if one does
    not wait any more or cannot be skipped.
    """
    refuse_without_reason(reason)
    if len(reason) > REASON_MAX:
        raise Permanent(f"A reason has at most {REASON_MAX} characters.")
    wanted = _distinct(letter_ids)

    async def body(session: Session) -> int:
        letters = [await find_dead_letter(session, one, programme_number) for one in wanted]
        for letter in letters:
            await skip_one(session, letter, _note(letter, actor, reason, now))
        deeds = [_deed(one, Act.LETTER_SKIP, actor, reason, now) for one in letters if one.member_id]
        await note_deeds(session, deeds)
        return len(letters)

    count = await atomic(database, body)
    log.info("dead letters were skipped", extra={"letters": wanted, "through": actor.through})
    return count


def _distinct(letter_ids: Sequence[str]) -> list[str]:
    """In one order, so that two who name the same letters do not wait for each other crosswise."""
    wanted = sorted(set(letter_ids))
    if not 0 < len(wanted) <= MOST:
        raise Permanent(f"Name 1 to {MOST} dead letters.")
    return wanted


def _note(letter: DeadLetter, actor: Actor, reason: str, now: datetime) -> str:
    """What the row keeps. Of a member's letter it names nobody: their audit does, and forgets it with them."""
    if letter.member_id:
        return f"{SKIPPED}; it was: {letter.reason}"
    who = f"{actor.name} ({actor.through}) at {now:%Y-%m-%d %H:%M} UTC"
    return f"{SKIPPED} by {who}: {reason.strip()}; it was: {letter.reason}"


def _deed(letter: DeadLetter, act: Act, actor: Actor, reason: str, now: datetime) -> Deed:
    assert letter.member_id is not None
    details = {"kind": letter.kind}
    return Deed(letter.member_id, letter.programme_number, act, actor, reason.strip(), now, details)
