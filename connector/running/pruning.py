"""Jobs that delete what nobody needs any more, each thing after its own time."""

from __future__ import annotations

from datetime import timedelta

from connector import clock
from connector.running.service import Service
from connector.storage import shop_privacy
from connector.storage.atomic import atomic
from connector.storage.attempts import prune_browsers
from connector.storage.console_people import prune_tickets
from connector.storage.console_sessions import prune_console_sessions
from connector.storage.endpoints import prune_signing_secrets
from connector.storage.findings import prune_findings
from connector.storage.idempotency import prune_keys
from connector.storage.inbox import prune_bodies, prune_deliveries
from connector.storage.jobs import prune_slots
from connector.storage.links import prune_requests
from connector.storage.messages import prune_messages
from connector.storage.pace import prune_paces
from connector.storage.pairings import prune_pairings
from connector.storage.previews import prune_previews
from connector.storage.referrals import prune_signs
from connector.storage.store_calls import prune_calls
from connector.storage.test_shops import prune_test_shops

KEEP_FETCHED = timedelta(days=3)
"""What we read ourselves is read again every night and never sent again: its deliveries only show what happened."""
KEEP_FINDINGS = timedelta(days=90)
KEEP_FIRINGS = timedelta(days=21)
"""Of a weekly job the last runs are seen, however soon payloads are stripped."""
KEEP_LINKS = timedelta(days=2)
"""Longer than the time over which requests are counted against their limits."""
KEEP_TESTS = timedelta(days=30)
"""A test shop that nobody touches any more."""
KEEP_PREVIEWS = timedelta(days=7)
"""Its page says for so long that a preview was of something else."""
KEEP_MESSAGES = timedelta(days=30)
"""For so long endpoints can be told again what they were told, or missed."""
KEEP_REPETITIONS = timedelta(days=90)
"""The row of a webhook recognises its repetition for at least so long, however soon payloads are stripped."""


async def prune(service: Service) -> str:
    """Strip payloads that nobody needs any more, and delete old rows of deliveries and firings."""
    now, keep = clock.utc_now(), timedelta(days=service.settings.keep_payloads_days)
    before, rows_before, fetched_before = now - keep, now - max(2 * keep, KEEP_REPETITIONS), now - KEEP_FETCHED
    deleted = 0
    while count := await atomic(
        service.database, lambda session: prune_deliveries(session, rows_before, fetched_before)
    ):
        deleted += count
    total = 0
    while count := await atomic(service.database, lambda session: prune_bodies(session, before)):
        total += count
    await atomic(service.database, lambda session: prune_slots(session, now - max(keep, KEEP_FIRINGS)))
    await atomic(service.database, lambda session: prune_findings(session, now - KEEP_FINDINGS, now - KEEP_FETCHED))
    return f"{total} payloads, {deleted} deliveries"


async def prune_webhooks(service: Service) -> str:
    """Delete what endpoints were told, or could not be told, long ago, and secrets that sign nothing any more."""
    now, total = clock.utc_now(), 0
    await atomic(service.database, lambda session: prune_signing_secrets(session, now))
    while count := await atomic(service.database, lambda session: prune_messages(session, now - KEEP_MESSAGES)):
        total += count
    return f"{total} messages"


async def forget_old_keys(service: Service) -> str:
    """Forget answers that nobody asks for again, ids of calls that are over, what people showed long ago, previews of
    last week, and tests that nobody goes on with.
    """
    now, total = clock.utc_now(), 0
    while count := await atomic(service.database, lambda session: prune_keys(session, now)):
        total += count
    await atomic(service.database, lambda session: prune_signs(session, now))
    await atomic(service.database, lambda session: prune_requests(session, now - KEEP_LINKS))
    while await atomic(service.database, lambda session: prune_paces(session, now)):
        pass
    while await atomic(service.database, lambda session: prune_calls(session, now)):
        pass
    await atomic(service.database, lambda session: prune_pairings(session, now))
    await atomic(service.database, lambda session: prune_console_sessions(session, now))
    await atomic(service.database, lambda session: prune_tickets(session, now))
    await atomic(service.database, lambda session: prune_browsers(session, now))
    await atomic(service.database, lambda session: prune_previews(session, now - KEEP_PREVIEWS))
    await atomic(service.database, lambda session: prune_test_shops(session, now - KEEP_TESTS))
    await atomic(service.database, lambda session: shop_privacy.prune_requests(session, now))
    return f"{total} keys"
