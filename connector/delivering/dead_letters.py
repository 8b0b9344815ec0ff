"""A person takes up what was set aside: dead letters put back in line, some or a range, or skipped for a reason.

Who did it stands in the member's audit where the letter has a member, else in the programme's, and so do ranges; of a
delivery that was skipped the row itself says who, when and why, and stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.errors import Permanent
from connector.people.actors import Actor
from connector.people.reasons import REASON_MAX, refuse_without_reason
from connector.storage.atomic import atomic
from connector.storage.audit import Act, Deed, ProgrammeDeed, note_deeds, note_programme_deeds
from connector.storage.database import Database
from connector.storage.dead_letters import (
    KINDS,
    MOST,
    DeadLetter,
    Range,
    find_dead_letter,
    put_back_counted,
    put_one_back,
    skip_one,
)
from connector.storage.inbox import SKIPPED
from connector.storage.session import Session


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
        await note_programme_deeds(session, _of_nobody(letters, Act.LETTER_REPLAY, actor, now))
        return len(letters)

    return await atomic(database, body)


async def replay_range(database: Database, wanted: Range, actor: Actor, now: datetime) -> int:
    """Put a range back in line. Returns how many. Doing it twice changes nothing. Raises Permanent for a kind that only
    a person can settle.
    """
    return await atomic(database, lambda session: _replay_range(session, wanted, actor, now))


async def replay_everything(database: Database, actor: Actor, now: datetime) -> dict[str, int]:
    """Put back in line whatever can be, of every programme. Returns how many, by kind."""

    async def body(session: Session) -> dict[str, int]:
        kinds = [name for name, kind in KINDS.items() if kind.again]
        return {name: await _replay_range(session, Range(name), actor, now) for name in kinds}

    return await atomic(database, body)


async def _replay_range(session: Session, wanted: Range, actor: Actor, now: datetime) -> int:
    """In each programme's audit stands who did it, what, of which time, and how many there were."""
    counts = await put_back_counted(session, wanted, now)
    told = {"kind": wanted.kind, "since": wanted.since, "until": wanted.until}
    details = {name: str(value) for name, value in told.items() if value is not None}
    await note_programme_deeds(
        session,
        [
            ProgrammeDeed(number, Act.LETTER_REPLAY, actor, now, {**details, "letters": count})
            for number, count in sorted(counts.items())
        ],
    )
    return sum(counts.values())


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
        await note_programme_deeds(session, _of_nobody(letters, Act.LETTER_SKIP, actor, now))
        return len(letters)

    return await atomic(database, body)


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


def _of_nobody(letters: Sequence[DeadLetter], act: Act, actor: Actor, now: datetime) -> list[ProgrammeDeed]:
    """What was done to letters that are no member's, by programme."""
    found: dict[int, list[str]] = {}
    for one in letters:
        if not one.member_id:
            found.setdefault(one.programme_number, []).append(one.letter_id)
    return [ProgrammeDeed(number, act, actor, now, {"ids": ids}) for number, ids in found.items()]
