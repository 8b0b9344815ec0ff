"""Firings of scheduled jobs: whoever inserts the row runs the job."""

from __future__ import annotations

from datetime import datetime

from connector.storage.models import JobRun
from connector.storage.session import Session


async def claim_slot(session: Session, job: str, slot: datetime, now: datetime) -> bool:
    """True if this firing is ours."""
    _, is_new = await JobRun.get_or_create(defaults={"started_at": now}, using_db=session.client, job=job, slot=slot)
    return is_new


async def finish_slot(session: Session, job: str, slot: datetime, outcome: str, now: datetime) -> None:
    """Note how it went."""
    await JobRun.filter(job=job, slot=slot).using_db(session.client).update(finished_at=now, outcome=outcome[:2000])


async def prune_slots(session: Session, before: datetime) -> int:
    """Forget firings before a moment. Returns how many."""
    return await JobRun.filter(slot__lt=before).using_db(session.client).delete()
