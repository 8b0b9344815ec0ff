"""Our plugin in a simulated WooCommerce: an outbox of marks, and batches that tell how what is marked stands now.

One row for each changed thing, however often it changed; a row goes when the service has kept the version that was
sent. What can be read no more leaves a tombstone. It hears what core webhooks never tell: refunds and orders deleted
for good.
Signatures are worked out here and by no code of the service, so that a fault in that code is not met by its twin.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.sandbox.courier import Attempt, Courier, Parcel
from connector.sandbox.json_text import php_json

MOST_ITEMS = 50
FIRST_PAUSE_SECONDS = 30
LONGEST_PAUSE_SECONDS = 6 * 3600
VERSIONS = {"plugin": "0.2.0", "woocommerce": "11.0.1", "wordpress": "7.1.4", "php": "8.2.1"}

State = dict[str, Any]


@dataclass(slots=True)
class Pair:
    """What a shop knows of the service it was connected to. site: the address that it was connected under."""

    service: str
    connection: str
    to_service: bytes
    to_shop: bytes
    site: str


@dataclass(slots=True)
class Row:
    """One mark. gone: what is still known of what was deleted, and when that was. waits: refused, tried much later."""

    number: int
    kind: str
    object_id: int
    version: int = 1
    gone: State | None = None
    gone_at: datetime | None = None
    waits: bool = False
    problem: str | None = None


def signed(secret: bytes, call_id: str, now: datetime, raw: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks."""
    seconds = str(int(now.timestamp()))
    digest = hmac.new(secret, b".".join([call_id.encode(), seconds.encode(), raw]), hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": call_id, "webhook-timestamp": seconds, "webhook-signature": signature}


@dataclass(slots=True)
class BatchOnItsWay:
    """One drain of the outbox. It is read when it leaves, and anew for every attempt."""

    plugin: Plugin
    topic: str = "plugin/batch"
    about: str = "batch/"
    sent: dict[tuple[str, int], int] = field(default_factory=dict)
    _parcel: Parcel | None = None

    def parcel(self) -> Parcel | None:
        """A copy of a doubled pair carries the same bytes."""
        if self._parcel is None and self.plugin.pair is not None and self.plugin.stopped is None:
            self._parcel, self.sent = self.plugin.build()
        return self._parcel

    def settled(self, attempt: Attempt) -> float | None:
        """What the answer says; seconds until it is tried again."""
        pause = self.plugin.hear(attempt.status, attempt.answer, self.sent)
        if attempt.copy:
            return None
        if pause is not None:
            self._parcel = None
            return min(FIRST_PAUSE_SECONDS * 2.0 ** (attempt.try_number - 1), LONGEST_PAUSE_SECONDS)
        self.plugin.on_its_way = False
        return None

    def lost(self) -> None:
        """Its process died: the net finds the rows."""
        self.plugin.on_its_way = False


class Plugin:
    """The plugin of one shop. ``state_of`` reads a thing as it is now: ("order", 28) -> state, None if it is gone.

    snapshots: by customer, the text that it keeps. told: answers in words. site: where the shop is now, which a copy of
    it does not notice here: noticing is the real plugin's part.
    """

    def __init__(
        self, courier: Courier, state_of: Callable[[str, int], State | None], clock: Callable[[], datetime]
    ) -> None:
        self.courier = courier
        self.state_of = state_of
        self.clock = clock
        self.pair: Pair | None = None
        self.site = ""
        self.rows: dict[tuple[str, int], Row] = {}
        self.snapshots: dict[int, str] = {}
        self.programme: str | None = None
        self.shown: dict[int, list[int]] = {}
        self.removed: set[int] = set()
        self.collects = False
        self.on_its_way = False
        self.stopped: str | None = None
        self.most = MOST_ITEMS
        self.calls = 0
        self.used: set[str] = set()
        self.keeps_snapshots = True
        self._rows = 0

    def connect(self, pair: Pair) -> None:
        """From now on the service hears of what changes, and of what was marked before."""
        self.pair, self.site = pair, pair.site
        self.wake()

    # The outbox

    def mark(self, kind: str, object_id: int, gone: State | None = None) -> None:
        """Something changed; with ``gone`` it is there no more."""
        row = self.rows.get((kind, object_id))
        if row is None:
            self._rows += 1
            row = self.rows[kind, object_id] = Row(self._rows, kind, object_id)
        else:
            row.version += 1
            row.waits = False
        if gone is not None:
            row.gone, row.gone_at = gone, self.clock()
        self.wake()

    def wake(self) -> None:
        """Send what is marked, unless somebody is about to."""
        if self.pair is not None and not self.on_its_way and self.due():
            self._post()

    def tick(self) -> bool:
        """The net of each minute. Returns whether something is on its way."""
        if self.pair is not None and not self.on_its_way and self.stopped is None and (self.due() or self.collects):
            self._post()
        return self.on_its_way

    def due(self) -> list[Row]:
        """Rows that may be sent, oldest mark first."""
        return [row for row in sorted(self.rows.values(), key=lambda row: row.number) if not row.waits]

    def _post(self) -> None:
        self.on_its_way = True
        self.courier.post(BatchOnItsWay(self))

    def build(self) -> tuple[Parcel, dict[tuple[str, int], int]]:
        """One signed batch, and which version of each row it tells."""
        assert self.pair is not None
        rows = self.due()[: self.most]
        items = [item for row in rows if (item := self._item(row)) is not None]
        body = {
            "site": self.site,
            "sent_at": _moment(self.clock()),
            "collects": True,
            "versions": VERSIONS,
            "queue": {"depth": len(self.rows), "oldest": None},
            "shown": [[str(number), *version] for number, version in self.shown.items()],
            "removed": [str(number) for number in sorted(self.removed)],
            "summary": hashlib.sha256(self.programme.encode()).hexdigest() if self.programme else None,
            "items": items,
        }
        raw = php_json(body)
        headers = signed(self.pair.to_service, self._call_id("batch"), self.clock(), raw)
        headers |= {"Content-Type": "application/json", "belong-connection": self.pair.connection}
        sent = {(row.kind, row.object_id): row.version for row in rows}
        return Parcel(f"{self.pair.service}/v1/store/batch", headers, raw), sent

    def _item(self, row: Row) -> State | None:
        about: State = {"ref": f"{row.number}:{row.version}", "kind": row.kind, "id": str(row.object_id)}
        if row.gone is not None and row.gone_at is not None:
            return {**about, "read_at": _moment(row.gone_at), "gone": row.gone}
        state = {"request": "erase"} if row.kind == "privacy" else self.state_of(row.kind, row.object_id)
        read_at = _moment(self.clock())
        return {**about, "read_at": read_at, **({"gone": {}} if state is None else {"state": state})}

    def hear(self, status: int, raw: bytes, sent: dict[tuple[str, int], int]) -> float | None:
        """Take an answer. None: done with this batch; 0: try again."""
        answer = _json(raw)
        if status == 200 and answer is not None:
            self._take(answer, sent)
            if self.due() and self.pair is not None:
                return 0
            return None
        code = (answer or {}).get("code", "")
        if status == 413:
            self.most = max(1, self.most // 2)
        elif status in (404, 410) or (status == 401 and code != "stale-timestamp") or code == "other-site":
            self.stopped = code or str(status)
            return None
        return 0

    def _take(self, answer: State, sent: dict[tuple[str, int], int]) -> None:
        by_ref = {f"{row.number}:{sent[key]}": key for key, row in self.rows.items() if key in sent}
        for item in answer["items"]:
            key = by_ref.get(item["ref"])
            row = self.rows[key] if key else None
            if row is None or key is None:
                continue
            if item["state"] == "refused":
                row.waits, row.problem = row.version == sent[key], item["problem"]
            elif row.version == sent[key]:
                del self.rows[key]
        self.shown, self.removed = {}, set()
        for snapshot in answer["snapshots"]:
            self.keep(int(snapshot["customer"]), snapshot["body"])
        for number in answer.get("removals", []):
            self.snapshots.pop(int(number), None)
            self.removed.add(int(number))
        if answer["programme"] is not None:
            self.programme = answer["programme"]
        self.collects = answer["collect"]
        for number in answer["wanted"]["orders"]:
            self.mark("order", int(number))

    def keep(self, customer_id: int, body: str) -> str:
        """Write a snapshot where it is newer, and say what became of it."""
        version = json.loads(body)["version"]
        known = self.snapshots.get(customer_id)
        if known is not None and json.loads(known)["version"] >= version:
            self.shown[customer_id] = json.loads(known)["version"]
            return "obsolete"
        self.snapshots[customer_id] = body
        self.shown[customer_id] = version
        return "accepted"

    def _call_id(self, purpose: str) -> str:
        self.calls += 1
        return f"{purpose}_{hashlib.sha256(f'{self.site}{self.calls}{id(self)}'.encode()).hexdigest()[:32]}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _json(raw: bytes) -> State | None:
    try:
        found = json.loads(raw)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
