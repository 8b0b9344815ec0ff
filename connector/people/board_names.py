"""Names that members choose for leaderboards: which can be shown, and taking one off by hand.

A name is looked at again whenever it is shown. What was chosen before a rule of now was made, or brought in past it, is
shown as a pseudonym; the member may choose another.
"""

from __future__ import annotations

import re
import unicodedata

from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act
from connector.people.actors import Actor
from connector.people.reasons import refuse_without_reason
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.people import Person, take_public_name
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused

LONGEST_NAME = 40
UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Letters and marks that Unicode says are drawn as nothing (Default_Ignorable_Code_Point)."""
MOST_MARKS = 4
"""In a row: Burmese needs four."""
STACKED = 200
"""From this combining class on marks are set above and below one another, as many as there are."""
MOST_STACKED = 2


def usable_name(text: str) -> str:
    """Letters, digits, marks and spaces in one line, and a few signs between them: no address, no link, no control
    character, nothing that is drawn as nothing, and no tower of marks that covers its neighbours.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    usable = all(unicodedata.category(sign)[0] in "LMN" or sign in " -_.'" for sign in name)
    usable = usable and not UNSEEN.search(name) and not _has_tower(name)
    if len(name) > LONGEST_NAME or not usable or (name and not any(sign.isalnum() for sign in name)):
        raise _not_usable()
    return name


def refuse_taken(name: str, person: Person | None) -> None:
    """A name that was taken off is not chosen again, however it is written. Raises as ``usable_name``."""
    if name and person is not None and alike(name) in person.names_taken:
        raise _not_usable()


def shown_name(person: Person | None) -> str:
    """What a member chose to be called, as far as it can be shown; empty: a pseudonym stands for it."""
    if person is None or not person.public_name:
        return ""
    try:
        name = usable_name(person.public_name)
    except Refused:
        return ""
    return "" if alike(name) in person.names_taken else name


def alike(name: str) -> str:
    """The same for names that differ in case, width, accents, or what stands between their letters."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    return "".join(sign for sign in plain if sign.isalnum())


async def take_name(
    pipeline: Pipeline, programme_number: int, member_id: str, name: str | None, actor: Actor, reason: str
) -> None:
    """Show a pseudonym instead of the name that a member chose, until they choose another one. They stay on boards.
    name: the one that was seen; None: whichever it is.

    Raises Refused ``reason-missing``, ``public-name-none`` where there is none, or no longer that one;
    ``member-unknown``.
    """
    refuse_without_reason(reason)

    async def command(acting: Acting) -> Decision:
        now = acting.moment.now
        taken = await take_public_name(acting.session, pipeline.keys, programme_number, member_id, name, alike, now)
        if not taken:
            raise Refused("public-name-none")
        # Without the name: it may be what somebody must not read, and notes of this kind are never deleted.
        await note_deeds(acting.session, [Deed(member_id, programme_number, Act.BOARD_NAME, actor, reason, now)])
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)


def _not_usable() -> Refused:
    return Refused("public-name-not-usable", {"longest": LONGEST_NAME})


def _has_tower(name: str) -> bool:
    in_a_row = stacked = 0
    for sign in name:
        is_mark = unicodedata.category(sign)[0] == "M"
        in_a_row = in_a_row + 1 if is_mark else 0
        stacked = stacked + (unicodedata.combining(sign) >= STACKED) if is_mark else 0
        if in_a_row > MOST_MARKS or stacked > MOST_STACKED:
            return True
    return False
