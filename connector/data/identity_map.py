"""``belong import identities``: customers of an old store are known in a new one as the members they are.

Old ids go on being known: what the old store still tells finds its member.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connector.data.csv_rows import cells, positions, text_of
from connector.errors import Permanent
from connector.ingest.pipeline import Pipeline
from connector.people.actors import Actor
from connector.platforms import Connection
from connector.storage.atomic import atomic
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.facts import Customer
from connector.storage.known_customers import by_customer, know_as, statuses
from connector.storage.session import Session
from connector.storage.waiting import attach_waiting
from loyalty_engine.member import MemberStatus

COLUMNS = ("old_connection", "old_customer_id", "new_connection", "new_customer_id")
PAGE = 500


@dataclass(frozen=True, slots=True)
class Pair:
    """One line: who somebody was, and who they are in the new store."""

    line: int
    old: Customer
    new: Customer


@dataclass(slots=True)
class Mapped:
    """What a file does. known: members who get a new id; already: who has it; each with line and cure:

    unknown: the old id is nobody; conflicts: the new id is another member, a merge decides; errors: unusable lines.
    """

    rows: int = 0
    known: int = 0
    already: int = 0
    unknown: list[int] = field(default_factory=list)
    conflicts: list[tuple[int, str, str]] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)


def read_pairs(raw: bytes, connections: Mapping[str, Connection], mapped: Mapped) -> list[Pair]:
    """Pairs of a file; what cannot be used is noted in ``mapped``. Raises Permanent without its four columns."""
    rows = cells(text_of(raw))
    _, header = next(rows, (1, []))
    at = positions(header, COLUMNS)
    if len(at) < len(COLUMNS):
        raise Permanent(f"The first line names the columns {', '.join(COLUMNS)}.")
    pairs: list[Pair] = []
    taken: dict[Customer, int] = {}
    for line, row in rows:
        mapped.rows += 1
        problem, pair = _pair(line, row, [at[name] for name in COLUMNS], len(header), connections)
        if pair is not None and pair.new in taken:
            problem, pair = f"the same new customer as line {taken[pair.new]}: leave one of them", None
        if pair is None:
            mapped.errors.append((line, problem))
        else:
            taken[pair.new] = line
            pairs.append(pair)
    return pairs


def _pair(
    line: int, row: Sequence[str], at: Sequence[int], width: int, connections: Mapping[str, Connection]
) -> tuple[str, Pair | None]:
    if len(row) != width:
        return f"{len(row)} cells where the first line has {width}", None
    old_id, old_ref, new_id, new_ref = (row[place] for place in at)
    old, new = connections.get(old_id), connections.get(new_id)
    if old is None or new is None:
        return "there is no such connection: belong status shows their ids", None
    if old.programme_number != new.programme_number:
        return "the two stores are of different programmes", None
    if not old_ref or not new_ref:
        return "a customer id is missing", None
    programme = old.programme_number
    return "", Pair(line, Customer(programme, old.number, old_ref), Customer(programme, new.number, new_ref))


async def map_identities(
    pipeline: Pipeline, raw: bytes, connections: Mapping[str, Connection], actor: Actor, *, apply: bool
) -> Mapped:
    """Work out a file and, with ``apply``, do it, page by page. Unusable lines stop it before anything is done."""
    mapped = Mapped()
    pairs = read_pairs(raw, connections, mapped)
    if mapped.errors and apply:
        line, cure = mapped.errors[0]
        raise Permanent(
            f"{len(mapped.errors)} lines cannot be used, the first is line {line}: {cure}. Nothing was done."
        )
    for start in range(0, len(pairs), PAGE):
        page = pairs[start : start + PAGE]
        part = await atomic(pipeline.database, _PageOf(pipeline, page, actor, apply))
        mapped.known += part.known
        mapped.already += part.already
        mapped.unknown += part.unknown
        mapped.conflicts += part.conflicts
    return mapped


@dataclass(frozen=True, slots=True)
class _PageOf:
    """One page in one transaction."""

    pipeline: Pipeline
    pairs: Sequence[Pair]
    actor: Actor
    apply: bool

    async def __call__(self, session: Session) -> Mapped:
        part = Mapped()
        owners = await by_customer(session, list({c for pair in self.pairs for c in (pair.old, pair.new)}))
        states = await statuses(session, set(owners.values()))
        new: dict[Customer, tuple[str, int]] = {}
        for pair in self.pairs:
            member, other = owners.get(_key(pair.old)), owners.get(_key(pair.new))
            if member is None or states.get(member) in (None, MemberStatus.ERASED):
                part.unknown.append(pair.line)
            elif other is None:
                new[pair.new] = member, pair.line
            elif other == member:
                part.already += 1
            else:
                part.conflicts.append((pair.line, member, other))
        if self.apply and new:
            await self._know(session, new, part)
        part.known = len(new)
        return part

    async def _know(self, session: Session, new: dict[Customer, tuple[str, int]], part: Mapped) -> None:
        """Make them known; whom a store registered this very moment becomes a conflict."""
        wanted = {customer: member for customer, (member, _) in new.items()}
        owners = await know_as(session, wanted, self.pipeline.now())
        for customer, member in wanted.items():
            if owners[_key(customer)] != member:
                part.conflicts.append((new.pop(customer)[1], member, owners[_key(customer)]))
        now = self.pipeline.now()
        await note_deeds(
            session,
            [
                Deed(
                    member,
                    customer.programme_number,
                    Act.MAP_IDENTITY,
                    self.actor,
                    "",
                    now,
                    {"connection": customer.connection_number, "line": line},
                )
                for customer, (member, line) in new.items()
            ],
        )
        await attach_waiting(session, {_key(customer): member for customer, (member, _) in new.items()}, list(new))


def _key(customer: Customer) -> tuple[int, str]:
    return (customer.connection_number, customer.customer_ref)
