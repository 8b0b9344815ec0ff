"""Reads back what stores have of us, weekly: codes and pushed snapshots, beside what our books say of them.

A code that a member paid for and the store lacks is made again, a snapshot that the store lost or changed is pushed
again, both through the outbox. A code that can be used and that no redemption stands for takes something away when it
is withdrawn, so the brake of reconcile holds it where there are many. Only codes that our own key makes of their mark
are ours: whatever else an app or a person wrote into a store is left alone.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from connector.delivering.vouchers import Placing
from connector.errors import ConfigProblem, ConnectorError, Permanent
from connector.ingest.reconcile import UNFORESEEN
from connector.ingest.sifting import ON_ITS_WAY, under_brake
from connector.platforms import Connection, ShopClient
from connector.shops import at_each
from connector.storage.atomic import atomic, is_outage
from connector.storage.connections import connections_within_reach, set_problem
from connector.storage.findings import SNAPSHOT, VOUCHER, Difference, Done, Finding, Run, note_run
from connector.storage.instance import load_epoch
from connector.storage.read_back import (
    PlacedCode,
    TakenSnapshot,
    issue_again,
    placed_codes,
    push_again,
    standing_redemptions,
    taken_snapshots,
)
from connector.storage.session import Session
from connector.storage.vouchers import KeptVoucher, VoucherKey, VoucherRow, find_vouchers
from connector.stores_show import MarkedVoucher, ShownSnapshot
from loyalty_engine.codes import folded_code, voucher_code

log = logging.getLogger(__name__)

STANDS = frozenset({VoucherRow.TO_ISSUE, VoucherRow.PLACED, VoucherRow.TO_WITHDRAW})
"""States of a kept code in which the store may have it."""

COUNTERS_BELIEVED = 1_000_000
"""A shown counter so far above ours was written by somebody else, and is not followed."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """How many of our codes and snapshots a store showed, how many of them differed from the books, and how many of
    those the brake holds.
    """

    vouchers: int
    snapshots: int
    found: int = 0
    held: int = 0


@dataclass(slots=True)
class _Codes:
    """What one reading finds of codes. seen: folded, those that stand in the store, usable or not."""

    seen: set[str] = field(default_factory=set)
    known: int = 0
    lost: list[PlacedCode] = field(default_factory=list)
    orphans: list[Finding] = field(default_factory=list)


async def read_back_all(placing: Placing) -> dict[int, ReadBack | ConnectorError]:
    """Read every store back that we can call; one store's failure keeps no other waiting. What the merchant must cure
    is noted.
    """
    connections = await connections_within_reach(placing.outbox.database.reading())
    return await at_each(connections, lambda connection: _read_one_back(placing, connection))


async def _read_one_back(placing: Placing, connection: Connection) -> ReadBack | ConnectorError:
    try:
        return await read_back(placing, connection)
    except ConnectorError as error:
        log.error("a store could not be read back", extra={"connection": connection.number, "why": error.detail})
        await _note_failure(placing, connection, error)
        return error
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("a store could not be read back", extra={"connection": connection.number})
        unforeseen = Permanent(UNFORESEEN, detail=repr(error))
        await _note_failure(placing, connection, unforeseen)
        return unforeseen


async def read_back(placing: Placing, connection: Connection) -> ReadBack:
    """Hold one store's codes and snapshots against the books. Raises the shop client's errors."""
    client = await placing.outbox.shops.client(connection)
    codes, held = await _read_codes(placing, connection, client)
    read, differing = await _read_snapshots(placing, connection, client)
    return ReadBack(len(codes.seen), read, len(codes.lost) + len(codes.orphans) + differing, held)


# --- codes ------------------------------------------------------------------------------------------------------------


async def _read_codes(placing: Placing, connection: Connection, client: ShopClient) -> tuple[_Codes, int]:
    started, codes = placing.now, _Codes()
    async for page in client.marked_vouchers():
        ours = [one for one in page if _is_ours(placing, one)]
        codes.seen.update(folded_code(one.code) for one in ours)
        codes.orphans += await _orphans(placing, connection, [one for one in ours if one.is_usable], started)
    await _find_lost(placing, connection, codes, started)

    async def body(session: Session) -> int:
        again = [one for one in codes.lost if await issue_again(session, one, placing.now)]
        run = _run(placing, connection, "vouchers", started, len(codes.seen), codes.known)
        orphans, is_held = await under_brake(session, run, VOUCHER, codes.orphans)
        await note_run(session, run, [*orphans, *(_lost(one, started) for one in again)])
        return len(orphans) if is_held else 0

    return codes, await atomic(placing.outbox.database, body)


def _is_ours(placing: Placing, one: MarkedVoucher) -> bool:
    return voucher_code(placing.pipeline.keys.voucher_key, one.mark) == folded_code(one.code)


async def _orphans(
    placing: Placing, connection: Connection, usable: Sequence[MarkedVoucher], started: datetime
) -> list[Finding]:
    """Of codes that can be used, those that nothing in the books stands for."""
    if not usable:
        return []
    session = placing.outbox.database.reading()
    keys = {one.mark: VoucherKey(connection.number, folded_code(one.code)) for one in usable}
    kept = await find_vouchers(session, list(keys.values()))
    doubtful = [one for one in usable if not _stands(kept.get(keys[one.mark]))]
    # Of another store's books, or moved with a member: whatever waits to be used anywhere is none.
    unknown = [one.mark for one in doubtful if keys[one.mark] not in kept]
    standing = await standing_redemptions(session, unknown) if unknown else set()
    return [
        _orphan(keys[one.mark], one, kept.get(keys[one.mark]), started) for one in doubtful if one.mark not in standing
    ]


def _stands(kept: KeptVoucher | None) -> bool:
    return kept is not None and kept.state in STANDS


def _orphan(key: VoucherKey, one: MarkedVoucher, kept: KeptVoucher | None, started: datetime) -> Finding:
    return Finding(
        key.code,
        Difference.ORPHAN_VOUCHER,
        key.code,
        {"state": kept.state.name.lower(), "reason": kept.reason} if kept is not None else None,
        {"redemption": one.mark, "token": one.token},
        Done.ASKED,
        started,
        VOUCHER,
        takes=True,
        is_open=True,
    )


async def _find_lost(placing: Placing, connection: Connection, codes: _Codes, started: datetime) -> None:
    """Codes that the store must have and did not show. What was placed while it was read is left out."""
    session = placing.outbox.database.reading()
    async for page in placed_codes(session, connection.number, started - ON_ITS_WAY):
        codes.known += len(page)
        codes.lost += [one for one in page if one.key.code not in codes.seen]


def _lost(one: PlacedCode, started: datetime) -> Finding:
    ours = {"state": "issued", "redemption": one.redemption_id}
    code = one.key.code
    return Finding(code, Difference.ORPHAN_VOUCHER, code, ours, None, Done.REPAIRED, started, VOUCHER)


# --- snapshots --------------------------------------------------------------------------------------------------------


async def _read_snapshots(placing: Placing, connection: Connection, client: ShopClient) -> tuple[int, int]:
    """How many snapshots the store showed, and how many were pushed again."""
    outbox, started = placing.outbox, placing.now
    size, session = outbox.shops.platform(connection).push_batch_size, outbox.database.reading()
    epoch, read, known = await load_epoch(session), 0, 0
    found: dict[str, Finding] = {}
    async for page in taken_snapshots(session, connection.number, size):
        shown = await client.read_snapshots([one.customer_ref for one in page])
        known, read = known + len(page), read + sum(one.version is not None for one in shown)
        differing = [
            (one, there, difference)
            for one, there in zip(page, shown, strict=True)
            if (difference := _differs(one, there, epoch)) is not None
        ]
        await atomic(
            outbox.database, partial(_push_again, placing=placing, differing=differing, epoch=epoch, into=found)
        )
    run = _run(placing, connection, "snapshots", started, read, known)
    await atomic(outbox.database, lambda session: note_run(session, run, list(found.values())))
    return read, len(found)


def _differs(one: TakenSnapshot, there: ShownSnapshot, epoch: int) -> Difference | None:
    """None, too, where the store has no such customer any more: then nobody is shown anything."""
    if not there.is_there:
        return None
    if there.version is None:
        return Difference.MISSING_SNAPSHOT
    is_same = there.version == (epoch, one.accepted) and (one.token is None or one.token == there.token)
    return None if is_same else Difference.STALE_SNAPSHOT


async def _push_again(
    session: Session,
    *,
    placing: Placing,
    differing: Sequence[tuple[TakenSnapshot, ShownSnapshot, Difference]],
    epoch: int,
    into: dict[str, Finding],
) -> None:
    for one, there, difference in differing:
        above = there.version[1] if there.version is not None and there.version[0] == epoch else 0
        above = above if above < one.accepted + COUNTERS_BELIEVED else 0
        if await push_again(session, one, above, placing.now):
            ours = {"version": [epoch, one.accepted]}
            theirs = {"version": list(there.version)} if there.version is not None else None
            member = one.member_id
            into[member] = Finding(member, difference, member, ours, theirs, Done.REPAIRED, placing.now, SNAPSHOT)


# --- what is written down ---------------------------------------------------------------------------------------------


def _run(
    placing: Placing,
    connection: Connection,
    scope: str,
    started: datetime,
    read: int = 0,
    known: int = 0,
    problem: str | None = None,
) -> Run:
    numbers = (connection.number, connection.programme_number)
    return Run(*numbers, scope, started, placing.now, read, known, problem)


async def _note_failure(placing: Placing, connection: Connection, error: ConnectorError) -> None:
    now = placing.now

    async def body(session: Session) -> None:
        for scope in ("vouchers", "snapshots"):
            await note_run(session, _run(placing, connection, scope, now, problem=str(error)), [])
        if isinstance(error, ConfigProblem):
            await set_problem(session, connection.number, str(error), now)

    if isinstance(error, ConfigProblem):
        # Another process may have stored a new secret.
        placing.outbox.shops.forget(connection.number)
    await atomic(placing.outbox.database, body)
