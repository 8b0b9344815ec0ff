"""The programme's summary as it is for one store now: its version at once, its text where the store has another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from connector.platforms import Connection
from connector.programmes.budgets import stopped_caps
from connector.snapshot import Holders
from connector.snapshot.programme import Own, programme_summary, shares, summary_version
from connector.storage.programmes import ProgrammeBooks
from connector.storage.session import Session
from connector.woocommerce.settings import BIRTHDAY_META, gift_card_products, tender_meta
from loyalty_engine.programme.earnable import earnable
from loyalty_engine.programme.model import Programme


@dataclass(frozen=True, slots=True)
class Summary:
    """version: changes with whatever changes the text. programme: without what nobody can earn now."""

    version: str
    programme: Programme
    epoch: int
    now: datetime
    language: str
    rare: Mapping[str, Fraction]
    own: Own

    def text(self) -> str:
        """The summary as JSON text."""
        return programme_summary(self.programme, self.epoch, self.now, self.language, self.rare, self.own)


async def summary_of(
    session: Session,
    holders: Holders,
    books: ProgrammeBooks,
    connection: Connection,
    epoch: int,
    now: datetime,
    api: str = "",
) -> Summary:
    """For one store of a programme. api: the address under which its pages reach us."""
    programme = books.rulebook.in_force(now)
    language = connection.settings.get("language", "")
    counted = await holders.of(session, connection.programme_number, now)
    rare = shares(programme, counted.holders, counted.members)
    stopped = stopped_caps(books, now)
    own = _own(connection, api, books.is_paused)
    caps = [cap.cap_id for cap in stopped]
    version = summary_version(epoch, programme, language, rare, counted.reported, caps, own)
    return Summary(version, earnable(programme, counted.reported, stopped), epoch, now, language, rare, own)


def _own(connection: Connection, api: str, is_paused: bool) -> Own:
    """What a merchant may have set for a connection to WooCommerce (nobody can set it for another), and our address."""
    named = connection.settings
    birthday = named.get(BIRTHDAY_META, "")
    return Own(
        tuple(sorted(gift_card_products(named))),
        (birthday,) if birthday else (),
        tuple(sorted(tender_meta(named))),
        api,
        is_paused,
    )
