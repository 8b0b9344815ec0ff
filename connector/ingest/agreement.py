"""Do the books match the shop? What the last readings of a shop say, and what a person may do about it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial

from connector.errors import Permanent
from connector.ingest.sifting import wish_repairs
from connector.people.actors import Actor
from connector.platforms import Connection
from connector.storage.atomic import atomic
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.database import Database
from connector.storage.facts import owners_of
from connector.storage.findings import (
    ORDER,
    VOUCHER,
    Finding,
    Run,
    count_findings,
    count_held,
    held_findings,
    last_runs,
    newest_findings,
    settle_findings,
    unfinished_repairs,
)
from connector.storage.session import Session
from connector.storage.shards import object_shard

log = logging.getLogger(__name__)


class Verdict(StrEnum):
    """Whether the books match the shop."""

    MATCH = "match"
    """They do, as of the last reading of the whole window; what it found is repaired."""
    REPAIRING = "repairing"
    """Something is on its way through the inbox."""
    DIFFER = "differ"
    """The brake holds something, or a payload could not be read: a person must look."""
    UNKNOWN = "unknown"
    """The whole window was never read, or the last reading of it broke off."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The state of one shop. window, changes, vouchers, snapshots: the last reading of each scope. found: differences
    of these by class. held, held_since: what the brake holds. waiting: orders to be read or applied, codes to be
    withdrawn; unreadable: payloads that were set aside.
    """

    connection: Connection
    verdict: Verdict
    window: Run | None
    changes: Run | None
    vouchers: Run | None
    snapshots: Run | None
    found: Mapping[str, int]
    held: int
    held_since: datetime | None
    waiting: int
    unreadable: int


async def agreement_of(session: Session, connection: Connection) -> Agreement:
    """Whether our books and one shop agree."""
    runs = await last_runs(session, connection.number)
    window, changes = runs.get("window"), runs.get("changes")
    found = await count_findings(session, connection.number, [run.run_id for run in runs.values()])
    held, since = await count_held(session, connection.number)
    waiting, unreadable = await unfinished_repairs(session, connection.number)
    verdict = _verdict(window, held + unreadable, waiting)
    stores = (runs.get("vouchers"), runs.get("snapshots"))
    return Agreement(connection, verdict, window, changes, *stores, found, held, since, waiting, unreadable)


def _verdict(window: Run | None, open_count: int, waiting: int) -> Verdict:
    if open_count:
        return Verdict.DIFFER
    if window is None or window.problem is not None:
        return Verdict.UNKNOWN
    return Verdict.REPAIRING if waiting else Verdict.MATCH


async def repair(
    database: Database,
    connection: Connection,
    order_ids: Sequence[str] | None,
    actor: Actor,
    why: str,
    now: datetime,
) -> list[str]:
    """A person has these orders repaired, or everything that the brake holds (None): each order is asked for by its id,
    and what the shop answers holds; each code is withdrawn. Who it was and why stays with the findings, and in the
    audit of each member whose order it is.

    Returns the ids of the orders, and the codes. Raises Permanent, and nothing happens, if one of them was never found
    to differ.
    """
    repaired = await atomic(
        database,
        partial(_repair, connection=connection, order_ids=order_ids, actor=actor, why=why, now=now),
    )
    extra = {"connection": connection.number, "objects": len(repaired), "through": actor.through}
    log.info("a person let differences between books and shop be repaired", extra=extra)
    return repaired


async def _repair(
    session: Session,
    *,
    connection: Connection,
    order_ids: Sequence[str] | None,
    actor: Actor,
    why: str,
    now: datetime,
) -> list[str]:
    settled: list[Finding] = await held_findings(session, connection.number)
    if order_ids is not None:
        newest = await newest_findings(session, connection.number, order_ids)
        unknown = sorted(set(order_ids) - newest.keys())
        if unknown:
            raise Permanent(f"Books and shop were never found to differ on order {unknown[0]}.")
        held = [one for one in settled if one.kind == ORDER and one.object_id in newest]
        held_ids = {one.object_id for one in held}
        settled = held + [one for order_id, one in newest.items() if order_id not in held_ids]
    await settle_findings(session, connection.number, settled, actor, why, now)
    orders = sorted({one.object_id for one in settled if one.kind == ORDER})
    await wish_repairs(session, connection, orders, now)
    await note_deeds(session, await _deeds(session, connection, settled, actor, why, now))
    return orders + sorted({one.object_id for one in settled if one.kind == VOUCHER})


async def _deeds(
    session: Session, connection: Connection, settled: Sequence[Finding], actor: Actor, why: str, now: datetime
) -> list[Deed]:
    """For the audit of the members whose orders these are."""
    prefix = f"{connection.store}:order:"
    refs = {prefix + one.object_id: one for one in settled if one.kind == ORDER}
    owners = await owners_of(
        session, [(object_shard(connection.number, "order", refs[ref].object_id), ref) for ref in refs]
    )
    return [
        Deed(
            member_id,
            connection.programme_number,
            Act.BOOKS_FIX,
            actor,
            why,
            now,
            {"order": ref, "difference": refs[ref].difference.value},
        )
        for ref, member_id in sorted(owners.items())
    ]
