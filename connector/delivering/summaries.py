"""The programme's summary as it is for one store now: its version at once, its text where the store has another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from connector.delivering.outbox import Outbox
from connector.people.boards import FEWEST, USUAL, Wanted
from connector.platforms import Connection
from connector.programmes.budgets import stopped_caps
from connector.snapshot.programme import BoardTold, Own, programme_summary, shares, summary_version
from connector.storage.programmes import ProgrammeBooks
from connector.storage.session import Session
from connector.store_settings import BOARD, LANGUAGE, NO_BOARD
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
    outbox: Outbox, session: Session, books: ProgrammeBooks, connection: Connection, epoch: int, now: datetime
) -> Summary:
    """For one store of a programme."""
    programme = books.rulebook.in_force(now)
    language = connection.settings.get(LANGUAGE, "")
    counted = await outbox.holders.of(session, connection.programme_number, now)
    rare = shares(programme, counted.holders, counted.members)
    stopped = stopped_caps(books, now)
    board = await _board(outbox, session, connection, now)
    own = _own(connection, outbox.shops.public_url, books.is_paused, board)
    caps = [cap.cap_id for cap in stopped]
    version = summary_version(epoch, programme, language, rare, counted.reported, caps, own)
    return Summary(version, earnable(programme, counted.reported, stopped), epoch, now, language, rare, own)


async def _board(outbox: Outbox, session: Session, connection: Connection, now: datetime) -> BoardTold | None:
    measure = connection.settings.get(BOARD, "") or USUAL
    if measure == NO_BOARD:
        return None
    wanted = Wanted(connection.programme_number, measure)
    found = await outbox.boards.look(outbox.shops.keys, now, session, wanted)
    told = tuple((place.rank, place.name, place.value, place.badges) for place in found.places[: wanted.limit])
    return BoardTold(measure, found.period.first, told if len(told) >= FEWEST else ())


def _own(connection: Connection, api: str, is_paused: bool, board: BoardTold | None) -> Own:
    """What a merchant may have set for it, most of it for WooCommerce alone, or the shop says itself; our address."""
    named = connection.settings
    birthday = named.get(BIRTHDAY_META, "")
    return Own(
        tuple(sorted(gift_card_products(named))),
        (birthday,) if birthday else (),
        tuple(sorted(tender_meta(named))),
        api,
        named.get("currency", ""),
        is_paused,
        board,
    )
