"""People of a shop who are no members, guests among them: what is kept of them is handed over, and erased.

An erased member stands in for each and holds the tombstone, so that what the shop tells later brings nobody back, in an
older copy of the database neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from connector.data.erasure import erase, stone_of
from connector.ingest.event_bodies import strip_events
from connector.ingest.merge import ACTIVITY_DECODER, ENCODER, ORDER_DECODER
from connector.ingest.pipeline import Pipeline
from connector.ingest.tombstones import stripped
from connector.people.actors import SHOP
from connector.platforms import Connection
from connector.storage.atomic import atomic
from connector.storage.erasures import save_stripped
from connector.storage.facts import Customer, enrol, load_identities
from connector.storage.inbox import strip_object
from connector.storage.session import Row, Session
from connector.storage.unowned import Named, unowned_facts
from connector.storage.waiting import give_facts

REASON = "the shop asked for somebody to be forgotten"


async def told_of_guest(pipeline: Pipeline, connection: Connection, named: Named) -> list[dict[str, Any]]:
    """Everything that is kept of somebody who is no member, as JSON values."""
    rows = await unowned_facts(pipeline.database.reading(), connection, named)
    return [
        {
            "source": row["source_ref"],
            "kind": row["kind"],
            "customer": row["customer_ref"],
            "address_hash": row["address_hash"],
            "fact": msgspec.json.decode(bytes(row["fact"])),
        }
        for row in rows
    ]


async def erase_guest(pipeline: Pipeline, connection: Connection, named: Named) -> int:
    """Nothing that is kept names them any more: amounts and days of their orders stay, with whoever stands in. Returns
    how many facts that were. Again: whatever was left.
    """
    rows = await unowned_facts(pipeline.database.reading(), connection, named)
    stones = {stone.customer_ref: stone for row in rows if (stone := _stone(pipeline, row)) is not None}
    for _, stone in sorted(stones.items()):
        await _stand_in(pipeline, stone)
    who = {name for name in (named.customer_ref, named.address_hash, *_names(rows)) if name}
    await strip_events(pipeline, {(connection.number, name) for name in who})
    return await atomic(pipeline.database, _Nameless(pipeline, connection, named))


def _names(rows: Sequence[Row]) -> list[str | None]:
    return [row[column] for row in rows for column in ("customer_ref", "address_hash")]


def _stone(pipeline: Pipeline, row: Row) -> Customer | None:
    """None: nothing in it names anybody."""
    if row["customer_ref"] is None and row["address_hash"] is None:
        return None
    return stone_of(pipeline.keys, row)


async def _stand_in(pipeline: Pipeline, stone: Customer) -> None:
    """Somebody holds the tombstone: who lies there already, or an erased member made for it."""
    now = pipeline.now()
    known = await load_identities(pipeline.database.reading(), [stone])
    if (stone.connection_number, stone.customer_ref) in known:
        return
    member_id = pipeline.keys.hash_member(stone.customer_ref)

    async def body(session: Session) -> str:
        made = await enrol(session, [(stone, member_id, now)], now)
        return made[stone.connection_number, stone.customer_ref]

    owner = await atomic(pipeline.database, body)
    if owner == member_id:
        await erase(pipeline, stone.programme_number, member_id, SHOP, REASON)


@dataclass(frozen=True, slots=True)
class _Nameless:
    """One transaction: the facts, and the bodies that the shop sent."""

    pipeline: Pipeline
    connection: Connection
    named: Named

    async def __call__(self, session: Session) -> int:
        rows = await unowned_facts(session, self.connection, self.named, lock=True)
        kept = [row for row in rows if row["kind"] != "customer"]
        for row in rows:
            number = row["source_ref"].split(":", 3)[3]
            if row["kind"] in ("order", "customer"):
                await strip_object(session, self.connection.number, row["kind"], number)
            if row["kind"] == "customer":
                place = (row["shard"], row["source_ref"])
                await session.run("DELETE FROM source_fact WHERE shard = $1 AND source_ref = $2", *place)
        stones = {row["source_ref"]: stone for row in kept if (stone := _stone(self.pipeline, row)) is not None}
        owners = await load_identities(session, list(set(stones.values())))
        await save_stripped(session, [self._of(row, stones.get(row["source_ref"])) for row in kept])
        whose = {ref: owners[stone.connection_number, stone.customer_ref] for ref, stone in stones.items()}
        await give_facts(session, [(row, whose[row["source_ref"]]) for row in kept if row["source_ref"] in whose])
        return len(rows)

    @staticmethod
    def _of(row: Row, stone: Customer | None) -> tuple[int, str, str | None, bytes]:
        ref = stone.customer_ref if stone else None
        decoder = ACTIVITY_DECODER if row["kind"] == "activity" else ORDER_DECODER
        return row["shard"], row["source_ref"], ref, ENCODER.encode(stripped(decoder.decode(bytes(row["fact"])), ref))
