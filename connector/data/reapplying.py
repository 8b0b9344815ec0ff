"""Whoever was erased stays erased, also if an erasure stopped half-way or an older copy of the database came back.

At every start the journal of erasures is held against the database: what the database does not know is erased again,
and what the journal lacks is added to it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence

from connector.data.erasure import erase, lines_of
from connector.data.erasure_journal import Contents, ErasureJournal, Line
from connector.errors import ConfigProblem
from connector.ingest.pipeline import Pipeline
from connector.people.actors import Actor
from connector.storage.atomic import atomic
from connector.storage.connections import load_connections
from connector.storage.erasures import (
    TOMBSTONE,
    erased_everywhere,
    journals_known,
    members_after,
    note_journal,
    set_stone,
    unfinished_erasures,
)
from connector.storage.facts import Customer, enrol
from connector.storage.known_customers import by_customer, customers_after
from connector.storage.session import Row, Session

log = logging.getLogger(__name__)

_ACTOR = Actor("", "job", "erasure journal")


async def reapply_erasures(pipeline: Pipeline) -> int:
    """Erase again whoever is noted as erased, here or in the journal, and is not. Returns how many.

    Raises ConfigProblem if the journal is missing, older than the database says, or cannot be read.
    """
    unfinished = await unfinished_erasures(pipeline.database.reading())
    for programme_number, member_id, actor in unfinished:
        await erase(pipeline, programme_number, member_id, Actor("", "job", actor))
    if pipeline.journal is None:
        return len(unfinished)
    contents = await _completed(pipeline, pipeline.journal)
    again = await _apply(pipeline, contents.lines)
    if again:
        log.warning("people whom an older database did not know as erased were erased again", extra={"members": again})
    return len(unfinished) + again


async def _completed(pipeline: Pipeline, journal: ErasureJournal) -> Contents:
    """The journal, with every erasure that the database knows. The other way round than ``_apply``."""
    contents = await asyncio.to_thread(journal.read)
    known = await journals_known(pipeline.database.reading())
    _refuse_if_lost(journal, contents, known)
    lines: list[Line] = []
    for programme_number, member_id in await erased_everywhere(pipeline.database.reading()):
        lines += await lines_of(pipeline, programme_number, [member_id])
    if not lines and contents is None:
        return Contents("", ())
    written = await asyncio.to_thread(journal.append, lines)
    await atomic(pipeline.database, lambda session: note_journal(session, written.journal_id, len(written.lines)))
    return written


def _refuse_if_lost(journal: ErasureJournal, contents: Contents | None, known: dict[str, int]) -> None:
    cure = (
        f"Put the newest {journal.path.name} there, or people who were erased may come back. If it is lost for good, "
        f"or this is another machine with a journal of its own, make an empty file: Belong begins it with what the "
        f"database knows."
    )
    if contents is None:
        if any(known.values()):
            raise ConfigProblem(f"The journal of erasures {journal.path} is missing. {cure}")
        return
    if not contents.journal_id and any(known.values()):
        log.warning(
            "a new journal of erasures was begun in the place of a known one", extra={"path": str(journal.path)}
        )
    if len(contents.lines) < known.get(contents.journal_id, 0):
        raise ConfigProblem(f"The journal of erasures {journal.path} is older than the database. {cure}")


async def _apply(pipeline: Pipeline, lines: Sequence[Line]) -> int:
    session, hashed = pipeline.database.reading(), pipeline.keys.hash_member
    connections = await load_connections(session)
    programmes = {connection.programme_number for connection in connections.values()}
    known = {name for _, member in await erased_everywhere(session) for name in (member, hashed(member))}
    missing = [line for line in lines if line.member not in known and line.programme_number in programmes]
    if not missing:
        return 0
    wanted = {line.member for line in missing}
    found = await _members(session, lambda row: hashed(row["member_id"]) in wanted)
    unmet = wanted - {hashed(member_id) for _, member_id in found}
    # A tombstone that lies already: they were erased under another id.
    open_lines = await _without_stones(session, [line for line in missing if line.member in unmet], set(connections))
    stones = {(line.connection_number, line.customer) for line in open_lines}

    def is_theirs(row: Row) -> bool:
        number = row["connection_number"]
        return (number, pipeline.keys.hash_customer(number, row["customer_ref"])) in stones

    found += [owner async for owner in _owners(session, is_theirs)] if stones else []
    again = dict.fromkeys(found)
    for programme_number, member_id in again:
        await erase(pipeline, programme_number, member_id, _ACTOR)
    stood_in = 0
    for member in sorted({line.member for line in open_lines}):
        theirs = [line for line in open_lines if line.member == member]
        stood_in += await _stand_in(pipeline, await _without_stones(session, theirs, set(connections)))
    return len(again) + stood_in


async def _without_stones(session: Session, lines: Sequence[Line], connections: set[int]) -> list[Line]:
    """Lines about customers of connected stores of whom the database has no tombstone."""
    about = {_stone(line): line for line in lines if line.connection_number in connections}
    taken = await by_customer(session, list(about))
    return [line for stone, line in about.items() if (stone.connection_number, stone.customer_ref) not in taken]


def _stone(line: Line) -> Customer:
    return Customer(line.programme_number, line.connection_number, TOMBSTONE + line.customer)


async def _members(session: Session, is_wanted: Callable[[Row], bool]) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    after: Row | None = None
    while page := await members_after(session, after):
        found += [(row["programme_number"], row["member_id"]) for row in page if is_wanted(row)]
        after = page[-1]
    return found


async def _owners(session: Session, is_wanted: Callable[[Row], bool]) -> AsyncIterator[tuple[int, str]]:
    """Members under another id: an older database had not met them, and a store told of them anew."""
    after: Row | None = None
    while page := await customers_after(session, after):
        for row in page:
            if is_wanted(row):
                yield row["programme_number"], row["member_id"]
        after = page[-1]


async def _stand_in(pipeline: Pipeline, lines: Sequence[Line]) -> int:
    """Somebody whom this database has never met: an erased member holds the tombstones, so that what stores tell of
    them later brings nobody back. Returns how many were needed.
    """
    if not lines:
        return 0
    programme_number, member_id, now = lines[0].programme_number, lines[0].member, pipeline.now()

    async def body(session: Session) -> None:
        await enrol(session, [(_stone(lines[0]), member_id, now)], now)
        for line in lines[1:]:
            await set_stone(session, _stone(line), member_id, now)

    await atomic(pipeline.database, body)
    await erase(pipeline, programme_number, member_id, _ACTOR)
    return 1
