"""What is known of members as people: sealed, apart from the ledger, erased with one row.

The facts of a member hold no name and no address; whoever needs one (to write a mail, to answer a request for one's own
data) opens this row. ``birthday_key`` alone lies open beside it, because a job must find whose day it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from connector.crypto import Keys
from connector.storage.instance import turn_to_present_key
from connector.storage.instants import micros
from connector.storage.notices import greet_late
from connector.storage.session import Session
from connector.storage.shards import member_shard

NO_MAILS = "all"
NAMES_TAKEN_MAX = 20


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """One member as a person. language: BCP 47, as the shop says. public_name: the pseudonym they chose.

    accepts_mail: consent to mail that is not necessary; None while unknown.
    on_leaderboards: opted in. boards_chosen: whether they ever said so, or that they do not want to. no_mails: kinds of
    mail that they do not want (``mail_settings.KINDS``); ``all``: none of any kind.
    """

    email: str = ""
    first_name: str = ""
    language: str = ""
    birthday: str = ""
    """``MM-DD``."""
    accepts_mail: bool | None = None
    public_name: str = ""
    on_leaderboards: bool = False
    birthdays_told: dict[str, str] = {}
    """What each store told last, by the number of its connection."""
    boards_chosen: bool = False
    no_mails: tuple[str, ...] = ()
    names_taken: tuple[str, ...] = ()
    """Names that were taken off leaderboards, the latest last, as ``board_names.alike`` has them."""
    mail_answered_at: str = ""
    """When they last said whether they accept mail (ISO, UTC)."""

    def wants(self, kind: str) -> bool:
        """Whether mails of a kind may be sent to them: they agreed, and did not stop these since."""
        return bool(self.email and self.accepts_mail) and not {kind, NO_MAILS} & set(self.no_mails)


@dataclass(frozen=True, slots=True)
class Told:
    """What a shop told about one of its customers. Empty where it said nothing. answered_at: when they said whether
    they accept mail; None: now. mail_to, spoke: an address and a language that are better than none.
    """

    email: str = ""
    first_name: str = ""
    language: str = ""
    accepts_mail: bool | None = None
    answered_at: datetime | None = None
    mail_to: str = ""
    spoke: str = ""


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Person)


def person_place(member_id: str) -> str:
    """What the ciphertext of a person is bound to."""
    return f"person:{member_id}"


async def load_people(
    session: Session, keys: Keys, member_ids: Sequence[str], *, lock: bool = False
) -> dict[str, Person]:
    """Who they are, of those about whom anything is known. lock: they are about to be written."""
    keyset, values = session.keyset("shard member_id", sorted((member_shard(m), m) for m in set(member_ids)))
    rows = await session.rows(
        f"SELECT p.member_id, p.sealed FROM {keyset} CROSS JOIN person p "
        "WHERE p.shard = k.shard AND p.member_id = k.member_id" + (session.locked("p") if lock else ""),
        *values,
    )
    return {
        row["member_id"]: _DECODER.decode(keys.open(bytes(row["sealed"]), person_place(row["member_id"])))
        for row in rows
    }


async def save_people(
    session: Session, keys: Keys, programme_number: int, people: Mapping[str, Person], now: datetime
) -> None:
    """Write whole persons by member id. The birthday has rules of its own: ``set_birthday``."""
    if not people:
        return
    await turn_to_present_key(session, keys)
    await session.insert(
        "person",
        "shard member_id programme_number sealed updated_at_us",
        [
            (member_shard(m), m, programme_number, keys.seal(_ENCODER.encode(person), person_place(m)), micros(now))
            for m, person in sorted(people.items())
        ],
        "ON CONFLICT (shard, member_id) DO UPDATE SET sealed = excluded.sealed, updated_at_us = excluded.updated_at_us",
    )


async def note_told(
    session: Session, keys: Keys, programme_number: int, told: Mapping[str, Told], now: datetime
) -> None:
    """Take over what a shop told about members; what it did not say stays as it was."""
    if not told:
        return
    known = await _to_write(session, keys, programme_number, list(told), now)
    changed: dict[str, Person] = {}
    agreed: list[str] = []
    for member_id, news in told.items():
        before = known[member_id]
        after = msgspec.structs.replace(
            before,
            email=news.email or before.email or news.mail_to,
            first_name=news.first_name or before.first_name,
            language=news.language or before.language or news.spoke,
        )
        if news.accepts_mail is not None:
            after = answered(after, news.accepts_mail, news.answered_at or now)
        if after != before:
            changed[member_id] = after
        if after.accepts_mail and not before.accepts_mail:
            agreed.append(member_id)
    await save_people(session, keys, programme_number, changed, now)
    await greet_late(session, agreed, now)


def answered(person: Person, accepts_mail: bool, at: datetime) -> Person:
    """Whether they accept mail, unless they have said something else since; a yes ends that they stopped all."""
    said = at.astimezone(UTC).isoformat(timespec="microseconds")
    if said < person.mail_answered_at:
        return person
    kinds = tuple(kind for kind in person.no_mails if not (accepts_mail and kind == NO_MAILS))
    return msgspec.structs.replace(person, accepts_mail=accepts_mail, mail_answered_at=said, no_mails=kinds)


async def _to_write(
    session: Session, keys: Keys, programme_number: int, member_ids: Sequence[str], now: datetime
) -> dict[str, Person]:
    """Who they are, of all of them, locked. Of whom nothing was known there is a row to lock now, or two who write the
    first of them would each overwrite what the other wrote.
    """
    known = await load_people(session, keys, member_ids, lock=True)
    new = [member_id for member_id in member_ids if member_id not in known]
    if new:
        await turn_to_present_key(session, keys)
        nothing = _ENCODER.encode(Person())
        rows = [
            (member_shard(m), m, programme_number, keys.seal(nothing, person_place(m)), micros(now))
            for m in sorted(new)
        ]
        columns = "shard member_id programme_number sealed updated_at_us"
        await session.insert("person", columns, rows, "ON CONFLICT (shard, member_id) DO NOTHING")
        known |= await load_people(session, keys, new, lock=True)
    return known


async def set_birthday(
    session: Session,
    keys: Keys,
    programme_number: int,
    member_id: str,
    birthday: str,
    now: datetime,
    *,
    told_by: int | None = None,
    corrects: bool = False,
) -> bool:
    """Set a member's birthday (``MM-DD``). Returns whether it was set now: from then on the programme's guard counts.

    One that is there stays unless somebody corrects it, or a store (``told_by``, its connection) tells another than it
    told before: two stores that differ, or a store that repeats what support corrected, change nothing.
    """
    person = (await _to_write(session, keys, programme_number, [member_id], now))[member_id]
    told = dict(person.birthdays_told)
    before = told.get(str(told_by))
    if told_by is not None:
        told[str(told_by)] = birthday
    is_new = not person.birthday or corrects or (before is not None and before != birthday)
    is_set = is_new and person.birthday != birthday
    after = msgspec.structs.replace(person, birthday=birthday if is_set else person.birthday, birthdays_told=told)
    if after != person:
        await save_people(session, keys, programme_number, {member_id: after}, now)
    if not is_set:
        return False
    await session.run(
        "UPDATE person SET birthday_key = $3, birthday_set_at_us = $4 WHERE shard = $1 AND member_id = $2",
        member_shard(member_id),
        member_id,
        birthday,
        micros(now),
    )
    return True


async def choose_boards(
    session: Session,
    keys: Keys,
    programme_number: int,
    member_id: str,
    takes_part: bool,
    public_name: str,
    now: datetime,
) -> None:
    """Whether a member is on leaderboards, and under which name; an empty one: under pseudonyms."""
    person = (await _to_write(session, keys, programme_number, [member_id], now))[member_id]
    chosen = msgspec.structs.replace(person, on_leaderboards=takes_part, public_name=public_name, boards_chosen=True)
    if chosen != person:
        await save_people(session, keys, programme_number, {member_id: chosen}, now)


async def take_public_name(
    session: Session,
    keys: Keys,
    programme_number: int,
    member_id: str,
    name: str | None,
    alike: Callable[[str], str],
    now: datetime,
) -> bool:
    """Take a member's name off leaderboards, and keep how it read. name: the one that is meant; None: whichever it is.
    Returns whether there was one.
    """
    person = (await load_people(session, keys, [member_id], lock=True)).get(member_id)
    if person is None or not person.public_name:
        return False
    read_as = alike(person.public_name)
    if name is not None and alike(name) != read_as:
        return False
    taken = (*person.names_taken, read_as)[-NAMES_TAKEN_MAX:]
    changed = msgspec.structs.replace(person, public_name="", names_taken=taken)
    await save_people(session, keys, programme_number, {member_id: changed}, now)
    return True


async def set_on_boards(
    session: Session, keys: Keys, programme_number: int, member_id: str, takes_part: bool, now: datetime
) -> None:
    """Take a member off leaderboards whom another membership of theirs keeps off, or put them back unless they chose
    since; under the name that they have.
    """
    person = (await load_people(session, keys, [member_id], lock=True)).get(member_id)
    chose_since = takes_part and person is not None and person.boards_chosen
    if person is not None and person.on_leaderboards is not takes_part and not chose_since:
        changed = msgspec.structs.replace(person, on_leaderboards=takes_part, boards_chosen=takes_part)
        await save_people(session, keys, programme_number, {member_id: changed}, now)


async def choose_mails(
    session: Session,
    keys: Keys,
    programme_number: int,
    member_id: str,
    no_mails: Sequence[str],
    now: datetime,
    *,
    agrees: bool,
) -> bool:
    """Which kinds of mail somebody does not want; agrees: whether they want any. It is their answer of now. Returns
    whether that is another one than before.
    """
    before = (await _to_write(session, keys, programme_number, [member_id], now))[member_id]
    changed = msgspec.structs.replace(answered(before, agrees, now), no_mails=tuple(no_mails))
    await save_people(session, keys, programme_number, {member_id: changed}, now)
    if changed.accepts_mail and not before.accepts_mail:
        await greet_late(session, [member_id], now)
    return (changed.accepts_mail, changed.no_mails) != (before.accepts_mail, before.no_mails)


def last_word_is_no(going: Person | None, staying: Person | None) -> tuple[str, str] | None:
    """Of two members who become one: when the one who goes said no to all mails, and when the other had said yes; None
    where that is not so, or the yes is younger.
    """
    if going is None or staying is None or not (going.accepts_mail is False or NO_MAILS in going.no_mails):
        return None
    is_taken_back = staying.accepts_mail is True and NO_MAILS not in staying.no_mails
    moments = (going.mail_answered_at, staying.mail_answered_at)
    return moments if is_taken_back and moments[0] >= moments[1] else None


async def stop_mails(
    session: Session, keys: Keys, programme_number: int, member_id: str, moments: tuple[str, str], now: datetime
) -> None:
    """No mails, as another membership of theirs said, unless they agreed since. moments: of ``last_word_is_no``."""
    person = (await load_people(session, keys, [member_id], lock=True)).get(member_id)
    if person is not None and person.accepts_mail and person.mail_answered_at <= moments[0]:
        changed = msgspec.structs.replace(person, accepts_mail=False, mail_answered_at=moments[0])
        await save_people(session, keys, programme_number, {member_id: changed}, now)


async def take_mails_again(
    session: Session, keys: Keys, programme_number: int, member_id: str, moments: tuple[str, str], now: datetime
) -> None:
    """Undo ``stop_mails``, unless they said anything since."""
    person = (await load_people(session, keys, [member_id], lock=True)).get(member_id)
    if person is not None and person.accepts_mail is False and person.mail_answered_at == moments[0]:
        changed = msgspec.structs.replace(person, accepts_mail=True, mail_answered_at=moments[1])
        await save_people(session, keys, programme_number, {member_id: changed}, now)


async def forget_person(session: Session, member_id: str) -> None:
    """Erase everything personal of a member."""
    await session.run("DELETE FROM person WHERE shard = $1 AND member_id = $2", member_shard(member_id), member_id)


def open_person(keys: Keys, member_id: str, sealed: bytes) -> dict[str, object]:
    """A sealed person as plain values, all of them: for the export."""
    person = _DECODER.decode(keys.open(sealed, person_place(member_id)))
    return dict(msgspec.structs.asdict(person))


def seal_person(keys: Keys, member_id: str, given: object) -> bytes:
    """Undo ``open_person``. Raises msgspec.ValidationError for what is no person."""
    person = msgspec.convert(given, Person)
    return keys.seal(_ENCODER.encode(person), person_place(member_id))
