"""Points that people moved by hand without a second person, lately: what the next adjustment is added to.

Read from the audit, which nobody can change unnoticed, and from what an adjustment of a segment has still to do. What
two people agreed to, what was taken back and balances that were imported are not among it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.people.actors import folded
from connector.storage.instants import micros
from connector.storage.merges import merged_into
from connector.storage.pace import one_at_a_time
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard
from loyalty_engine.commands import MovedAlone

_RAN = "b.second_person IS NULL AND b.state NOT IN (0, 3, 7)"
"""Adjustments of segments that began without anybody's agreement, and were not dropped."""


@dataclass(frozen=True, slots=True)
class Lately:
    """From ``days`` before now, that moment not included."""

    now: datetime
    days: int

    @property
    def after_us(self) -> int:
        return micros(self.now - timedelta(days=self.days))


async def moved_alone(
    session: Session, programme_number: int, member_id: str, person: str, lately: Lately
) -> MovedAlone:
    """For a member who is locked, with whom they took in; and by a person, who waits until this transaction ends."""
    await take_turn(session, programme_number, person, lately.now)
    by_person = await moved_by(session, programme_number, person, lately)
    return MovedAlone(await moved_of_whole(session, member_id, lately), by_person)


async def take_turn(session: Session, programme_number: int, person: str, now: datetime) -> None:
    """Whatever else this person adjusts meanwhile waits until this transaction has ended, and counts it."""
    await one_at_a_time(session, f"adjust:{programme_number}:{folded(person)}", now)


async def moved_of_whole(session: Session, member_id: str, lately: Lately, *, with_waiting: bool = True) -> int:
    """Of a member and all who were merged into them."""
    members = [member_id, *await merged_into(session, member_id)]
    return sum((await moved_of(session, members, lately, with_waiting=with_waiting)).values())


async def moved_by(session: Session, programme_number: int, person: str, lately: Lately) -> int:
    """By one person for all members together, adjustments of segments as a whole."""
    name, after = folded(person), lately.after_us
    singly = await session.rows(
        "SELECT person, numbers_text FROM audit WHERE programme_number = $1 AND act = 'adjust' AND at_us > $2",
        programme_number,
        after,
    )
    together = await session.rows(
        "SELECT b.person, b.points * b.members AS points FROM bulk_adjust b "
        f"WHERE b.programme_number = $1 AND b.created_at_us > $2 AND {_RAN}",
        programme_number,
        after,
    )
    by_hand = sum(_points(row) for row in singly if folded(row["person"]) == name)
    return by_hand + sum(abs(int(row["points"])) for row in together if folded(row["person"]) == name)


async def moved_of(
    session: Session,
    member_ids: Sequence[str],
    lately: Lately,
    *,
    with_waiting: bool = True,
    before: tuple[int, str] | None = None,
) -> dict[str, int]:
    """Of each of these members. with_waiting: also what an adjustment of a segment has still to post. before: of these
    only such as were asked for before that moment and id.
    """
    keyset, values = session.keyset("shard member_id", [(member_shard(m), m) for m in member_ids])
    found = dict.fromkeys(member_ids, 0)
    rows = await session.rows(
        f"SELECT a.member_id, a.numbers_text FROM {keyset} CROSS JOIN audit a WHERE a.shard = k.shard "
        f"AND a.member_id = k.member_id AND a.act IN ('adjust', 'bulk-adjust') AND a.at_us > ${len(values) + 1}",
        *values,
        lately.after_us,
    )
    for row in rows:
        found[row["member_id"]] += _points(row, with_bulks=True)
    if with_waiting:
        earlier = f" AND (b.created_at_us, b.bulk_id) < (${len(values) + 1}, ${len(values) + 2})" if before else ""
        waiting = await session.rows(
            f"SELECT r.member_id, b.points FROM {keyset} CROSS JOIN bulk_member r JOIN bulk_adjust b "
            "ON b.bulk_id = r.bulk_id WHERE r.shard = k.shard AND r.member_id = k.member_id AND r.state = 0 "
            f"AND b.state = 1 AND {_RAN}{earlier}",
            *values,
            *(before or ()),
        )
        for row in waiting:
            found[row["member_id"]] += abs(row["points"])
    return found


def _points(row: Row, *, with_bulks: bool = False) -> int:
    """Either way. Of what a segment's adjustment posted only ``with_bulks``, and never what was agreed to."""
    told = json.loads(row["numbers_text"])
    if "agreed" in told or ("bulk" in told and not with_bulks):
        return 0
    return abs(int(told["points"]))
