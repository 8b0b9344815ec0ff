"""The page that answers: is the shop connected, does everything arrive, and what is to be done?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.console.pages import Frame, page
from connector.ingest.agreement import Agreement
from connector.ingest.arrivals import PipeState
from connector.pairing.offering import Offer
from connector.pairing.reaching import Reach
from connector.platforms import Connection
from connector.storage.backfills import BackfillRun
from connector.storage.pairings import LIVES
from connector.storage.rests import Rest
from connector.storage.store_plugins import StorePlugin
from connector.woocommerce.plugin_zip import PluginZip
from loyalty_engine.texts.formats import number_text


@dataclass(frozen=True, slots=True)
class ConnectionShown:
    """One connection. problem: what the merchant must do. late: what waits in the shop since before is told.

    rest: it does not answer and is asked now and then only. asked: what came of calling the shop just now; None: nobody
    called. here: the plugin that we hand out. lacks: what Shopify must still allow for a reward, where the reader can
    ask for it.
    """

    connection: Connection
    plugin: StorePlugin | None
    problem: str | None
    rest: Rest | None
    waiting: int
    agreement: Agreement
    run: BackfillRun | None
    pipe: PipeState | None
    asked: Reach | None
    late: datetime
    here: PluginZip | None
    lacks: tuple[str, ...] = ()

    @property
    def is_queue_late(self) -> bool:
        """Whether the shop has not told for long what it knows."""
        return bool(self.plugin and self.plugin.queue_oldest and self.plugin.queue_oldest < self.late)

    @property
    def is_outdated(self) -> bool:
        """Whether we have a newer plugin than the shop."""
        installed = self.plugin.versions.get("plugin", "") if self.plugin else ""
        return self.here is not None and self.here.is_newer_than(installed)

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to be done."""
        signs = self.pipe and (self.pipe.silence or self.pipe.missed)
        held = self.agreement.held or self.agreement.unreadable
        return not (self.problem or self.rest or signs or held or self.is_queue_late)

    @property
    def state(self) -> str:
        """In a word."""
        if self.connection.disconnected_at is not None:
            return "ended"
        return "works" if self.is_well else "broken"

    @property
    def reach(self) -> str:
        """How the shop hears of points."""
        if self.connection.collects:
            return "collect"
        return "push" if self.plugin else "api"

    @property
    def usual_hours(self) -> str:
        """The longest usual pause of its calls."""
        usual = self.pipe.silence.usual if self.pipe and self.pipe.silence else timedelta()
        return f"{usual / timedelta(hours=1):.1f}"


@dataclass(frozen=True, slots=True)
class Joining:
    """How a further shop joins. here: the plugin that we hand out, at zip_address below the address of the service.

    service: that address. offer: a code that was made just now; None: there is a button for one, if may_offer.
    """

    here: PluginZip | None
    zip_address: str
    service: str
    may_offer: bool
    offer: Offer | None = None

    @property
    def minutes(self) -> int:
        """How long a code is good."""
        return LIVES // timedelta(minutes=1)


def connection_page(
    connections: Sequence[ConnectionShown],
    programme: str,
    version: int,
    frame: Frame | None,
    language: str,
    *,
    may_ask: bool,
    joining: Joining,
) -> str:
    """The page as HTML. may_ask: whether there is a button that calls the shop."""
    return page(
        "connection.html",
        language,
        frame=frame,
        connections=connections,
        programme=programme,
        version=version,
        may_ask=may_ask,
        joining=joining,
        number=lambda count: number_text(count, language),
    )
