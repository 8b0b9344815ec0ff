"""Batches that survive a bad row: what stands beside it goes on, and it is set aside with the reason."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from connector.storage.atomic import atomic, is_outage
from connector.storage.database import Database
from connector.storage.session import Session

log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_REASON_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Step(Generic[T]):
    """One of the two steps: how to claim rows, what to do with them, and how to set some aside."""

    claim: Callable[[Session, int], Awaitable[list[T]]]
    process: Callable[[Session, Sequence[T]], Awaitable[None]]
    park: Callable[[Session, Sequence[T], str], Awaitable[None]]


async def batch_or_one_by_one(database: Database, step: Step[T], limit: int) -> int:
    """Run a batch. If something in it fails, run its rows alone until the bad one stands alone; set that one aside."""
    claimed: list[T] = []

    async def body(session: Session) -> None:
        claimed[:] = await step.claim(session, limit)
        if claimed:
            await step.process(session, claimed)

    try:
        await atomic(database, body)
        return len(claimed)
    except Exception as error:
        if is_outage(error) or not claimed:
            raise
        if limit == 1:
            log.exception("set aside what could not be processed")
            await _park(database, step, claimed, reason_text(f"{type(error).__name__}: {error}"))
            return 1
        log.warning("a batch failed; trying its rows one by one", exc_info=error)
    done = 0
    while done < limit and await batch_or_one_by_one(database, step, 1):
        done += 1
    return done


async def _park(database: Database, step: Step[T], failed: Sequence[T], reason: str) -> None:
    async def body(session: Session) -> None:
        # By its own key: what waits first may be another row by now.
        await step.park(session, failed, reason)

    await atomic(database, body)


def reason_text(reason: str) -> str:
    """A reason that every database can store, whatever a payload put into it."""
    return reason.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()[:MAX_REASON_CHARACTERS]
