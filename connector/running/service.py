"""Everything that a running process needs, opened and closed in the right order."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

import httpx
from tortoise.exceptions import IntegrityError

from connector import clock
from connector.access.rates import Rates, rates_for
from connector.api_client import ApiClient, open_http
from connector.config import Settings
from connector.crypto import Keys, load_keys
from connector.data.erasure_journal import ErasureJournal
from connector.data.exporting import key_check
from connector.data.reapplying import reapply_erasures
from connector.delivering.mail import FolderMailer, Mailer, SmtpMailer
from connector.delivering.outbox import Outbox
from connector.delivering.sending import Sender
from connector.ingest.backfill import Backfiller
from connector.ingest.hook_targets import HookTargets
from connector.ingest.inbox import Inbox
from connector.ingest.pipeline import Pipeline
from connector.ingest.reconcile import Reconciler
from connector.people.boards import Boards
from connector.programmes.previews import Previews
from connector.programmes.trials import Trials
from connector.redaction import PROCESS, Redactor
from connector.registry import PLATFORMS
from connector.rehearsal.keeper import Rehearsals
from connector.rehearsal.workshop import Workshop
from connector.routes.numbers import Numbers
from connector.routes.own_numbers import Proven
from connector.running.metrics import Metrics
from connector.shops import Shops
from connector.signing_in.passwords import Passwords
from connector.storage.atomic import atomic, drain
from connector.storage.database import Database, close_database, open_database
from connector.storage.instance import ensure_instance
from connector.storage.moves import refuse_if_closed
from connector.storage.session import Session
from connector.verify.checking import Checking

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Service:
    """One process of Belong. ``wake``: set when there is something to do, so that nobody waits for the next poll."""

    settings: Settings
    keys: Keys
    database: Database
    http: httpx.AsyncClient
    metrics: Metrics
    inbox: Inbox
    targets: HookTargets
    shops: Shops
    pipeline: Pipeline
    outbox: Outbox
    reconciler: Reconciler
    backfiller: Backfiller
    sender: Sender
    wake: asyncio.Event
    mailer: Mailer
    numbers: Numbers
    checking: Checking
    trials: Trials
    previews: Previews
    test_shops: Rehearsals
    proven: Proven = field(default_factory=Proven)
    boards: Boards = field(default_factory=Boards)
    rates: Rates = field(default_factory=rates_for)
    passwords: Passwords = field(default_factory=Passwords)
    redactor: Redactor = PROCESS
    counting: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a request counts or replays what a new programme would mean: it takes long, so one at a time."""
    local_token: str | None = None
    """What commands on this machine must show; None: there is no local endpoint."""

    async def close(self) -> None:
        """Finish what is under way, then let go of the database and the network."""
        await self.backfiller.close()
        await self.checking.close()
        await self.trials.close()
        await self.previews.close()
        await self.test_shops.close()
        await self.inbox.close()
        await self.sender.close()
        self.passwords.close()
        await drain()
        await self.http.aclose()
        await close_database(self.database)


async def open_service(settings: Settings, *, redactor: Redactor = PROCESS) -> Service:
    """Open everything. Raises ConfigProblem with a sentence if something is missing. The schema must be at its head."""
    keys = load_keys(settings.key_file)
    redactor.remember(*settings.secrets)
    database = await open_database(settings.database_url)
    try:
        await _ensure_instance(database, keys)
    except BaseException:
        await close_database(database)
        raise
    service = assemble(
        settings, keys, database, open_http(settings.allow_private_hosts, ca_file=settings.ca_file), redactor
    )
    try:
        # Whoever was erased stays erased, also if it stopped half-way or an older copy of the tables came back.
        await reapply_erasures(service.pipeline)
    except BaseException:
        await service.close()
        raise
    return service


def assemble(
    settings: Settings, keys: Keys, database: Database, http: httpx.AsyncClient, redactor: Redactor = PROCESS
) -> Service:
    """Wire the parts over an open database and an HTTP client: the one place where they meet."""
    api = ApiClient(http, settings.allow_private_hosts, redactor=redactor)
    metrics = Metrics()
    api.on_notice = metrics.note_api
    wake = asyncio.Event()
    inbox = Inbox(database, keys, wake.set)
    shops = Shops(database, keys, PLATFORMS, api, settings.public_url)
    return Service(
        settings=settings,
        keys=keys,
        database=database,
        http=http,
        metrics=metrics,
        inbox=inbox,
        targets=HookTargets(database, keys),
        shops=shops,
        pipeline=Pipeline(
            database,
            keys,
            PLATFORMS,
            shards_per_claim=settings.shards_per_claim,
            journal=ErasureJournal(settings.erasure_journal, key_check(keys)),
        ),
        outbox=Outbox(database, shops),
        reconciler=Reconciler(database, inbox, shops),
        backfiller=Backfiller(database, keys, shops),
        sender=Sender(
            database, keys, settings.allow_private_hosts, redactor=redactor, ca_file=settings.ca_file, shops=shops
        ),
        wake=wake,
        mailer=_mailer(settings),
        numbers=Numbers(database),
        checking=Checking(database, keys),
        trials=Trials(database),
        previews=Previews(database),
        test_shops=Rehearsals(database, Workshop()),
        rates=rates_for(settings.key_requests_per_second),
        redactor=redactor,
    )


def _mailer(settings: Settings) -> Mailer:
    if settings.mail_server is None:
        return FolderMailer(settings.mail_folder, settings.mail_from)
    return SmtpMailer(settings.mail_server, settings.mail_from)


async def _ensure_instance(database: Database, keys: Keys) -> None:
    async def body(session: Session) -> None:
        await refuse_if_closed(session)
        await ensure_instance(session, keys, clock.utc_now())

    try:
        await atomic(database, body)
    except IntegrityError:
        # Another process made the row between our look and our commit; now there is one to look at.
        await atomic(database, body)
