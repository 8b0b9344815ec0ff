"""What the service counts, for Prometheus. One registry per service, so that tests do not share numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from connector.storage.bulks import FAILED_ROWS
from connector.storage.findings import last_successes
from connector.storage.notices import FAILING
from connector.storage.rests import RESTS
from connector.storage.session import Session
from connector.storage.store_credits import UNCLEAR

if TYPE_CHECKING:
    from connector.ingest.arrivals import PipeState
    from connector.running.firings import JobState

ACK_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


@dataclass(slots=True)
class Metrics:
    """Counters are raised where things happen; depths are read from the database when somebody asks."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    received: Counter = field(init=False)
    ack_seconds: Histogram = field(init=False)
    signature_failures: Counter = field(init=False)
    api_notices: Counter = field(init=False)
    applied: Counter = field(init=False)
    decided: Counter = field(init=False)
    pushed: Counter = field(init=False)
    sent: Counter = field(init=False)
    depth: Gauge = field(init=False)
    entries: Gauge = field(init=False)
    silent: Gauge = field(init=False)
    missed: Gauge = field(init=False)
    last_reading: Gauge = field(init=False)
    job_problem: Gauge = field(init=False)
    job_age: Gauge = field(init=False)
    job_seconds: Gauge = field(init=False)
    oldest: Gauge = field(init=False)
    disk_free: Gauge = field(init=False)
    last_backup: Gauge = field(init=False)

    def __post_init__(self) -> None:
        r = self.registry
        self.received = Counter("loyalty_webhook_received", "Deliveries by result", ["platform", "result"], registry=r)
        self.ack_seconds = Histogram(
            "loyalty_webhook_ack_seconds", "From first byte to durable answer", buckets=ACK_BUCKETS, registry=r
        )
        self.signature_failures = Counter(
            "loyalty_signature_failures", "Deliveries refused for their signature", ["platform", "reason"], registry=r
        )
        self.api_notices = Counter(
            "loyalty_api_notices",
            "Answers of shops that say how we call them is out of date",
            ["platform", "notice"],
            registry=r,
        )
        self.applied = Counter("loyalty_inbox_applied", "Deliveries turned into facts", registry=r)
        self.decided = Counter("loyalty_work_decided", "Sources decided", registry=r)
        self.pushed = Counter("loyalty_outbox_tried", "Snapshots that were sent to stores", registry=r)
        self.sent = Counter("loyalty_webhooks_sent", "Messages that were sent to endpoints", registry=r)
        self.depth = Gauge("loyalty_depth", "Rows that wait or were set aside", ["what", "state"], registry=r)
        self.entries = Gauge("loyalty_ledger_entries", "Ledger entries by kind", ["kind"], registry=r)
        self.silent = Gauge(
            "loyalty_webhooks_silent", "1: no webhook for much longer than usual", ["connection"], registry=r
        )
        self.missed = Gauge(
            "loyalty_webhooks_missed", "Orders that only reading the shop brought lately", ["connection"], registry=r
        )
        self.last_reading = Gauge(
            "loyalty_reconcile_last_success_timestamp_seconds",
            "When a shop was last read to the end",
            ["connection", "scope"],
            registry=r,
        )
        # Prometheus has a label "job" of its own, for what it scrapes, and would call ours by another name.
        self.job_problem = Gauge(
            "loyalty_job_problem", "1: its last run failed or was lost, or it is late", ["name"], registry=r
        )
        self.job_age = Gauge("loyalty_job_age_seconds", "Since its last run began", ["name"], registry=r)
        self.job_seconds = Gauge("loyalty_job_seconds", "How long its last run took", ["name"], registry=r)
        self.oldest = Gauge("loyalty_delivery_oldest_seconds", "Age of the oldest delivery that waits", registry=r)
        self.disk_free = Gauge("loyalty_disk_free_bytes", "Free where it lies", ["place"], registry=r)
        self.last_backup = Gauge(
            "loyalty_backup_last_success_timestamp_seconds", "When the last whole backup was made; 0: none", registry=r
        )

    def note_api(self, shop_word: str, notice: str) -> None:
        """A shop says something of how we call it."""
        self.api_notices.labels(shop_word.lower(), notice).inc()

    def show_jobs(self, states: Sequence[JobState], now: datetime) -> None:
        """How each scheduled job is; of one that never ran there is no age."""
        for state in states:
            self.job_problem.labels(state.name).set(state.needs_attention)
            if state.last is not None:
                self.job_age.labels(state.name).set((now - state.last.started_at).total_seconds())
            if state.took_ms is not None:
                self.job_seconds.labels(state.name).set(state.took_ms / 1000)

    def show_pipes(self, states: Sequence[PipeState]) -> None:
        """Whether webhooks come, of each connection."""
        for state in states:
            self.silent.labels(str(state.connection.number)).set(state.silence is not None)
            self.missed.labels(str(state.connection.number)).set(state.missed)

    def show_oldest(self, received_at: datetime | None, now: datetime) -> None:
        """How long the delivery has waited that came first of those that wait; 0 if none does."""
        self.oldest.set(0 if received_at is None else max(0.0, (now - received_at).total_seconds()))

    def show_disk(self, free: Mapping[str, int], backup_at: datetime | None) -> None:
        """Bytes that are free, by what lies there, and when the last backup was made."""
        for place, number in free.items():
            self.disk_free.labels(place).set(number)
        self.last_backup.set(0 if backup_at is None else backup_at.timestamp())

    async def text(self, session: Session) -> bytes:
        """Everything in Prometheus' text format."""
        for (what, state), count in (await depths(session)).items():
            self.depth.labels(what, state).set(count)
        for row in await session.rows("SELECT kind, count(*) AS number FROM entry GROUP BY kind"):
            self.entries.labels(row["kind"]).set(row["number"])
        for (number, scope), at in (await last_successes(session)).items():
            self.last_reading.labels(str(number), scope).set(at.timestamp())
        return generate_latest(self.registry)


_DEPTHS = {
    ("delivery", "waiting"): "SELECT count(*) FROM delivery WHERE state = 0",
    ("delivery", "parked"): "SELECT count(*) FROM delivery WHERE state = 2",
    ("work", "waiting"): "SELECT count(*) FROM work WHERE state = 0",
    ("work", "held"): "SELECT count(*) FROM work WHERE state = 1",
    ("work", "parked"): "SELECT count(*) FROM work WHERE state = 2",
    ("push", "waiting"): "SELECT count(*) FROM push WHERE state = 0",
    ("push", "given-up"): "SELECT count(*) FROM push WHERE state = 2",
    ("removal", "waiting"): "SELECT count(*) FROM removal WHERE state = 0",
    ("removal", "given-up"): "SELECT count(*) FROM removal WHERE state = 2",
    ("union", "waiting"): "SELECT count(*) FROM customer_union WHERE state = 0",
    ("union", "parked"): "SELECT count(*) FROM customer_union WHERE state = 2",
    ("notice", "failing"): f"SELECT count(*) FROM notice WHERE {FAILING}",
    ("segment-member", "parked"): f"SELECT count(*) FROM bulk_member WHERE {FAILED_ROWS}",
    ("store-credit", "parked"): f"SELECT count(*) FROM store_credit WHERE {UNCLEAR}",
    ("webhook", "waiting"): "SELECT count(*) FROM webhook_message WHERE state = 0",
    ("webhook", "given-up"): "SELECT count(*) FROM webhook_message WHERE state = 2",
    ("endpoint", "failing"): (
        "SELECT count(*) FROM webhook_endpoint WHERE failing_since_us IS NOT NULL AND disabled_at_us IS NULL"
    ),
    ("endpoint", "disabled"): "SELECT count(*) FROM webhook_endpoint WHERE disabled_at_us IS NOT NULL",
    ("connection", "failing"): (
        "SELECT count(*) FROM connection WHERE problem IS NOT NULL AND disconnected_at IS NULL"
    ),
    ("connection", "resting"): f"SELECT count(*) FROM connection WHERE {RESTS}",
    ("reconcile", "held"): "SELECT count(*) FROM reconcile_finding WHERE done = 'held'",
    ("read-wish", "waiting"): "SELECT count(*) FROM read_wish",
    ("product-wish", "waiting"): "SELECT count(*) FROM product_wish",
}


async def depths(session: Session) -> dict[tuple[str, str], int]:
    """How much waits, and how much was set aside, over the whole installation."""
    return {key: await session.number(sql) for key, sql in _DEPTHS.items()}
