"""Withdraws codes that stand in a store and that nothing in the books stands for, once it is decided that they go."""

from __future__ import annotations

import asyncio
import logging

from connector.delivering.reading_back import STANDS
from connector.delivering.vouchers import CALL_SECONDS, Placing
from connector.errors import ConfigProblem, ConnectorError, Permanent, Transient, Unclear
from connector.platforms import Connection, VoucherState
from connector.storage.atomic import atomic, is_outage
from connector.storage.connections import connections_within_reach, set_problem
from connector.storage.findings import Done, Finding, close_withdrawal, open_withdrawals
from connector.storage.read_back import standing_redemptions
from connector.storage.vouchers import VoucherKey, find_vouchers

log = logging.getLogger(__name__)

BATCH = 500
"""Codes that one store is asked about in one round; those that fail and stay open do not count."""


class _PutOff(Transient):
    """The store takes this one code later; it may take the others at once."""


async def withdraw_orphans(placing: Placing) -> tuple[int, list[str]]:
    """Ask stores to withdraw orphaned codes. Returns how many are withdrawn, and what failed, in words. What failed for
    now is asked again with the next call; neither a store nor a code keeps another waiting.
    """
    database = placing.outbox.database
    withdrawn, failed = 0, list[str]()
    for number, connection in (await connections_within_reach(database.reading())).items():
        done, problem = await _withdraw_of(placing, connection)
        withdrawn += done
        if problem:
            failed.append(f"connection {number} failed: {problem}")
    return withdrawn, failed


async def _withdraw_of(placing: Placing, connection: Connection) -> tuple[int, str]:
    """(how many codes of one store are withdrawn, what failed first or nothing)."""
    withdrawn, problem, told = 0, "", {"connection": connection.number}
    session, settled, last = placing.outbox.database.reading(), 0, None
    while settled < BATCH and (page := await open_withdrawals(session, connection.number, BATCH - settled, last)):
        last = page[-1]
        for one in page:
            try:
                withdrawn += await _withdraw(placing, connection, one)
                settled += 1
            except (_PutOff, Unclear) as error:
                log.warning("an orphaned code was not withdrawn", extra={**told, "why": error.detail})
                problem = problem or str(error)
            except ConnectorError as error:
                log.warning("orphaned codes were not withdrawn", extra={**told, "why": error.detail})
                if isinstance(error, ConfigProblem):
                    await _note_problem(placing, connection.number, str(error))
                return withdrawn, str(error)
            except Exception as error:
                if is_outage(error):
                    raise
                log.exception("an orphaned code was not withdrawn", extra=told)
                problem = problem or "nobody foresaw why"
    return withdrawn, problem


async def _withdraw(placing: Placing, connection: Connection, one: Finding) -> bool:
    """Whether the store was asked and the code is of no use to anybody now."""
    theirs = one.theirs or {}
    redemption_id = theirs["redemption"]
    if await _stands_again(placing, connection, one.object_id, redemption_id):
        await _close(placing, connection, one, Done.SEEN_AGAIN)
        return False
    client = await placing.outbox.shops.client(connection)
    try:
        async with asyncio.timeout(CALL_SECONDS):
            answer = await client.withdraw_voucher(one.object_id, redemption_id, theirs["token"])
    except TimeoutError as error:
        raise Transient("The shop did not answer in time.", detail="withdrawing a code took too long") from error
    except Unclear:
        raise
    except Permanent as error:
        await _refused(placing, connection, one, str(error), error.detail)
        return False
    if answer.state is VoucherState.RETRY:
        raise _PutOff(f"The shop put it off: {answer.reason}")
    if answer.state is VoucherState.REFUSED:
        await _refused(placing, connection, one, answer.reason, answer.reason)
        return False
    await _close(placing, connection, one, Done.REPAIRED)
    return True


async def _refused(placing: Placing, connection: Connection, one: Finding, why: str, detail: str) -> None:
    """The next weekly reading finds it again, if it can still be used. Left open, it would be asked for always."""
    log.error("a store refuses to withdraw a code", extra={"connection": connection.number, "why": detail})
    await _close(placing, connection, one, Done.ASKED, why)


async def _stands_again(placing: Placing, connection: Connection, code: str, redemption_id: str) -> bool:
    """Whether something stands for it by now: it was found some time ago, and may have waited for a person."""
    session = placing.outbox.database.reading()
    key = VoucherKey(connection.number, code)
    kept = (await find_vouchers(session, [key])).get(key)
    if kept is not None:
        return kept.state in STANDS
    return bool(await standing_redemptions(session, [redemption_id]))


async def _close(placing: Placing, connection: Connection, one: Finding, done: Done, why: str = "") -> None:
    await atomic(placing.outbox.database, lambda session: close_withdrawal(session, connection.number, one, done, why))


async def _note_problem(placing: Placing, number: int, problem: str) -> None:
    placing.outbox.shops.forget(number)
    await atomic(placing.outbox.database, lambda session: set_problem(session, number, problem, placing.now))
