"""What was set aside and waits for a person, of every kind, in one shape: shown, put back in line, or skipped.

A dead letter's id is ``kind:shard:key``, the key as its table has it. Only what loses no points can be skipped: a
message that a shop sent, which its next one or the nightly reading makes good, a snapshot, which the member's next
change replaces, and what an endpoint did not take, which it can read in the API. Undecided work is points that somebody
is owed, a removal is a promise to an erased person, a notice a right of a member's. What a store did with credit only a
person can find out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.crypto import Keys
from connector.errors import Permanent
from connector.storage.bulks import FAILED_ROWS, ROWS_AGAIN, run_again
from connector.storage.inbox import DeliveryState, body_place
from connector.storage.instants import instant, micros
from connector.storage.messages import MessageState
from connector.storage.notices import FAILING
from connector.storage.push import PushRow
from connector.storage.session import Row, Session
from connector.storage.store_credits import UNCLEAR

MOST = 500
"""Dead letters of a kind that are shown or named at once."""
_INTEGERS = frozenset({"shard", "id", "connection_number", "endpoint_number"})
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Kind:
    """A table with rows that wait for a person. key: its primary key, the shard first. what: what a row is about, in
    SQL. cure: what a person does about it; ``{last}`` is the last part of its key. waiting: which rows wait, in SQL.
    again: what putting it back in line sets, ``{now}`` is the moment in microseconds; empty: that is not for us to do.
    then: what has to follow for the rows put back. time: the column that says when its rows came, if they say so.
    whose: the column of the member, if it is not in the key. skipped: the state of rows never to be tried again.
    """

    table: str
    key: tuple[str, ...]
    what: str
    cure: str
    waiting: str = "state = 2"
    again: str = "state = 0, reason = NULL"
    then: Callable[[Session, Sequence[Row]], Awaitable[None]] | None = None
    time: str | None = None
    whose: str = ""
    skipped: int | None = None


_TRIED_AGAIN = "state = 0, reason = NULL, attempts = 0, next_at_us = {now}"
_STORE_CUSTOMER = "'customer ' || customer_ref"
_REPLAY_OR_SKIP = "cure the cause and replay it, or skip it for a reason"
KINDS: Mapping[str, Kind] = {
    "delivery": Kind(
        "delivery",
        ("shard", "id"),
        "topic || ' ' || object_id",
        _REPLAY_OR_SKIP,
        time="received_at_us",
        skipped=int(DeliveryState.IGNORED),
    ),
    "work": Kind("work", ("shard", "member_id", "source_ref"), "source_ref", "cure the cause and replay it"),
    "push": Kind(
        "push",
        ("shard", "member_id", "connection_number", "customer_ref"),
        _STORE_CUSTOMER,
        _REPLAY_OR_SKIP,
        again=_TRIED_AGAIN,
        skipped=int(PushRow.DONE),
    ),
    "removal": Kind(
        "removal",
        ("shard", "connection_number", "customer_ref"),
        _STORE_CUSTOMER,
        "let the store do it, then replay it",
        again=_TRIED_AGAIN,
    ),
    "union": Kind(
        "customer_union",
        ("shard", "connection_number", "customer_ref"),
        _STORE_CUSTOMER,
        "cure the cause and replay it",
    ),
    "webhook": Kind(
        "webhook_message",
        ("shard", "endpoint_number", "message_id"),
        "topic",
        _REPLAY_OR_SKIP,
        again=_TRIED_AGAIN,
        time="at_us",
        whose=", member_id",
        skipped=int(MessageState.SKIPPED),
    ),
    "notice": Kind(
        "notice",
        ("shard", "member_id", "kind", "notice_key"),
        "kind || ' ' || notice_key",
        "cure the mail server: it is tried again by itself, and at once if you replay it",
        waiting=FAILING,
        again="attempts = 0, reason = NULL, next_at_us = {now}",
    ),
    "bulk": Kind(
        "bulk_member",
        ("shard", "member_id", "bulk_id"),
        "'adjustment of a segment ' || bulk_id",
        "cure the cause and replay it",
        waiting=FAILED_ROWS,
        again=ROWS_AGAIN,
        then=run_again,
    ),
    "credit": Kind(
        "store_credit",
        ("shard", "connection_number", "redemption_id"),
        "'redemption ' || redemption_id",
        "look into the store, then say what it did: belong credit settle {last}",
        waiting=UNCLEAR,
        again="",
        whose=", member_id",
    ),
}


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One of them. about: what it is, for people. at: when it came, where its kind says so. member_id: whose it is, if
    that is known. cure: what to do about it.
    """

    letter_id: str
    kind: str
    programme_number: int
    about: str
    reason: str
    at: datetime | None = None
    member_id: str | None = None
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Range:
    """Those of one kind, of one programme or of all; since, until: that came in this time, where its kind has one."""

    kind: str
    programme_number: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def where(self) -> tuple[str, tuple[int, ...]]:
        """Condition and values $1 to $3. Raises Permanent for an unknown kind, or one whose rows have no time."""
        shape = kind_of(self.kind)
        programme = self.programme_number or 0
        condition = f"({shape.waiting}) AND ($1 = 0 OR programme_number = $1)"
        if shape.time is None:
            if self.since is not None or self.until is not None:
                raise Permanent(
                    f"Only deliveries and webhooks have a time: name those of the kind {self.kind} by their ids."
                )
            return condition, (programme,)
        since = 0 if self.since is None else micros(self.since)
        until = _LARGEST if self.until is None else micros(self.until)
        return f"{condition} AND {shape.time} >= $2 AND {shape.time} < $3", (programme, since, until)


def kind_of(name: str) -> Kind:
    """The kind of this name. Raises Permanent."""
    if name not in KINDS:
        raise Permanent(f"There are dead letters of these kinds: {', '.join(KINDS)}.")
    return KINDS[name]


async def count_dead_letters(session: Session, programme_number: int | None = None) -> dict[str, int]:
    """How many of each kind there are."""
    return {
        name: await session.number(
            f"SELECT count(*) FROM {kind.table} WHERE ({kind.waiting}) AND ($1 = 0 OR programme_number = $1)",
            programme_number or 0,
        )
        for name, kind in KINDS.items()
    }


async def list_dead_letters(session: Session, wanted: Range, limit: int = MOST, after: str = "") -> list[DeadLetter]:
    """Up to ``limit`` of a range, in the order of their keys; after: the id of the last one of the page before. Raises
    Permanent for an id of another kind.
    """
    kind = kind_of(wanted.kind)
    where, values = wanted.where()
    key: Sequence[int | str] = ()
    if after:
        name, _, key = _parse(after)
        if name != wanted.kind:
            raise Permanent(f"{after[:200]} is no dead letter of the kind {wanted.kind}.")
        marks = ", ".join(f"${number}" for number in range(len(values) + 1, len(values) + len(key) + 1))
        where += f" AND ({', '.join(kind.key)}) > ({marks})"
    rows = await session.rows(
        f"SELECT {_columns(kind)} FROM {kind.table} WHERE {where} ORDER BY {', '.join(kind.key)} LIMIT {limit:d}",
        *values,
        *key,
    )
    return [_letter(wanted.kind, row) for row in rows]


async def find_dead_letter(session: Session, letter_id: str, programme_number: int | None = None) -> DeadLetter:
    """The one of this id; until the transaction ends nobody else takes it up. Raises Permanent if there is none."""
    _, kind, _ = _parse(letter_id)
    return await _found(session, letter_id, programme_number, session.locked(kind.table))


async def look_at_dead_letter(session: Session, letter_id: str, programme_number: int) -> DeadLetter:
    """The one of this id, for reading alone. Raises Permanent if there is none."""
    return await _found(session, letter_id, programme_number, "")


async def _found(session: Session, letter_id: str, programme_number: int | None, lock: str) -> DeadLetter:
    name, kind, key = _parse(letter_id)
    rows = await session.rows(
        f"SELECT {_columns(kind)} FROM {kind.table} WHERE {_is_key(kind)} AND ({kind.waiting})" + lock,
        *key,
    )
    if not rows or (programme_number is not None and rows[0]["programme_number"] != programme_number):
        raise Permanent(f"{letter_id} waits for nobody: it is in line again, was skipped, or never was.")
    return _letter(name, rows[0])


@dataclass(frozen=True, slots=True)
class Told:
    """What came, or was to go out, with a dead letter. object_kind, object_id: of a delivery, what it is about in the
    store of this connection; else empty. body: None where nothing is kept (any more).
    """

    connection_number: int
    object_kind: str
    object_id: str
    body: bytes | None


async def told_by(session: Session, letter: DeadLetter, keys: Keys) -> Told | None:
    """The payload of a delivery or of a message to an endpoint; None for other kinds: they have none."""
    _, kind, key = _parse(letter.letter_id)
    if letter.kind == "webhook":
        row = await session.one(f"SELECT body_text FROM {kind.table} WHERE {_is_key(kind)}", *key)
        return None if row is None else Told(0, "", "", row["body_text"].encode())
    if letter.kind != "delivery":
        return None
    row = await session.one(
        "SELECT d.shard, d.id, d.connection_number, d.object_kind, d.object_id, b.body FROM delivery d "
        "LEFT JOIN delivery_body b ON b.shard = d.shard AND b.id = d.id WHERE d.shard = $1 AND d.id = $2",
        *key,
    )
    if row is None:
        return None
    body = None if row["body"] is None else keys.open(bytes(row["body"]), body_place(row["shard"], row["id"]))
    return Told(row["connection_number"], row["object_kind"], row["object_id"], body)


async def put_back(session: Session, wanted: Range, now: datetime) -> int:
    """Put a whole range back in line. Returns how many. Raises as ``put_back_counted``."""
    return sum((await put_back_counted(session, wanted, now)).values())


async def put_back_counted(session: Session, wanted: Range, now: datetime) -> dict[int, int]:
    """Put a whole range back in line. Returns how many, by programme. Raises Permanent for a kind that only a person
    can settle.
    """
    kind = kind_of(wanted.kind)
    if not kind.again:
        raise Permanent(f"Trying again could do twice what was done: {kind.cure.format(last='REDEMPTION')}")
    where, values = wanted.where()
    rows = await session.rows(
        f"{_again(kind, now)} WHERE {where} RETURNING programme_number, {', '.join(kind.key)}", *values
    )
    if kind.then is not None:
        await kind.then(session, rows)
    return dict(Counter(row["programme_number"] for row in rows))


async def put_one_back(session: Session, letter: DeadLetter, now: datetime) -> None:
    """Put one back in line. Raises Permanent for a kind that only a person can settle."""
    _, kind, key = _parse(letter.letter_id)
    if not kind.again:
        raise Permanent(f"{letter.letter_id} is not tried again, which could do it twice: {letter.cure}")
    rows = await session.rows(
        f"{_again(kind, now)} WHERE {_is_key(kind)} AND ({kind.waiting}) RETURNING {', '.join(kind.key)}", *key
    )
    if kind.then is not None:
        await kind.then(session, rows)


async def skip_one(session: Session, letter: DeadLetter, note: str) -> None:
    """Never try this one again; its row keeps ``note``. Raises Permanent if its kind cannot be skipped."""
    _, kind, key = _parse(letter.letter_id)
    if kind.skipped is None:
        raise Permanent(f"{letter.letter_id} cannot be skipped, since something is owed: {letter.cure}.")
    await session.run(
        f"UPDATE {kind.table} SET state = {kind.skipped:d}, reason = ${len(key) + 1} "
        f"WHERE {_is_key(kind)} AND ({kind.waiting})",
        *key,
        note,
    )


def _again(kind: Kind, now: datetime) -> str:
    return f"UPDATE {kind.table} SET {kind.again.format(now=micros(now))}"


def _columns(kind: Kind) -> str:
    time = f", {kind.time} AS came_at_us" if kind.time else ""
    return f"{', '.join(kind.key)}, programme_number, {kind.what} AS about, reason{kind.whose}{time}"


def _is_key(kind: Kind) -> str:
    return " AND ".join(f"{name} = ${n}" for n, name in enumerate(kind.key, 1))


def _letter(name: str, row: Row) -> DeadLetter:
    at_us = row.get("came_at_us")
    return DeadLetter(
        ":".join([name, *(str(row[column]) for column in KINDS[name].key)]),
        name,
        row["programme_number"],
        row["about"],
        row["reason"] or "",
        None if at_us is None else instant(at_us),
        row.get("member_id"),
        KINDS[name].cure.format(last=row[KINDS[name].key[-1]]),
    )


def _parse(letter_id: str) -> tuple[str, Kind, Sequence[int | str]]:
    """Kind and key of an id. Raises Permanent."""
    name, _, rest = letter_id.partition(":")
    kind = kind_of(name)
    parts = rest.split(":", len(kind.key) - 1)
    wrong = Permanent(f"{letter_id[:200]} is no id of a dead letter: belong dead-letters list shows them.")
    if len(parts) != len(kind.key):
        raise wrong
    return name, kind, [_value(column, part, wrong) for column, part in zip(kind.key, parts, strict=True)]


def _value(column: str, text: str, wrong: Permanent) -> int | str:
    if column not in _INTEGERS:
        if "\x00" in text:
            raise wrong
        return text
    largest = {"shard": 2**15, "connection_number": 2**31, "endpoint_number": 2**31}.get(column, 2**63)
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) < largest):
        raise wrong
    return int(text)
