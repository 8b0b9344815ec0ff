"""How a test shop begins: a programme with four shoppers, each of whom shows something else of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connector.rehearsal.clockwork import deed_done, move
from connector.rehearsal.deeds import AMOUNT_MAX, buy, programme_of, register
from connector.rehearsal.stage import KEYS, Stage
from connector.rehearsal.state import State
from connector.storage.atomic import atomic
from connector.storage.connections import create_connection
from connector.storage.instance import ensure_instance
from connector.storage.mail_settings import read_settings, save_settings
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from loyalty_engine.days import local_day
from loyalty_engine.money import exponent_of
from loyalty_engine.programme.model import ExpiryMode, Programme
from loyalty_engine.programme.returns import points_per_unit

PAST = timedelta(days=1_200)
"""So long before its first day the programme of a test holds: whoever had points before has them by its rules."""
LATELY = timedelta(days=20)
SOON = timedelta(days=21)
MONTH = timedelta(days=30)
LONGEST = timedelta(days=1_000)
NAMES = {"ending": "Ada", "tier": "Ben", "birthday": "Chika", "new": "Dana"}


@dataclass(frozen=True, slots=True)
class Founding:
    """What a test shop is made from. mails_text: which mails go out, as the programme's row says it."""

    document: Mapping[str, Any]
    origin: str
    draft: str
    language: str
    platform: str
    mails_text: str
    now: datetime


def state_of(given: Founding) -> State:
    """Before anything has happened."""
    return State(
        given.now, given.now, given.now, given.origin, given.draft, language=given.language, platform=given.platform
    )


async def found(stage: Stage, given: Founding) -> None:
    """The programme, the made-up shop, and its first shoppers. Raises ProgrammeError."""
    begins = given.now - PAST

    async def body(session: Session) -> None:
        await ensure_instance(session, KEYS, begins)
        number = await create_programme(session, given.document, begins, begins)
        await save_settings(session, number, read_settings(given.mails_text))
        await create_connection(session, number, given.platform, "https://test.invalid", "", {}, begins)

    await atomic(stage.database, body)
    await _first_shoppers(stage, given.now)
    stage.state.since = given.now


async def _first_shoppers(stage: Stage, today: datetime) -> None:
    programme = await programme_of(stage)
    unit = 10 ** exponent_of(programme.base_currency)
    length = _length(programme)
    if length is not None:
        stage.state.now = today - length + SOON
        await buy(stage, await register(stage, NAMES["ending"], role="ending"), 120 * unit)
        await deed_done(stage)
    if stage.now < today - LATELY:
        await move(stage, today - LATELY, daily=False)
    else:
        stage.state.now = min(stage.now, today - LATELY)
    near = _almost(programme, unit)
    if near is not None:
        ben = await register(stage, NAMES["tier"], role="tier")
        for amount in near:
            await buy(stage, ben, amount)
            await deed_done(stage)
    day = local_day(today + timedelta(days=3), programme.timezone)
    chika = await register(stage, NAMES["birthday"], f"{day:%m-%d}", role="birthday")
    await buy(stage, chika, 40 * unit)
    await deed_done(stage)
    await move(stage, today, daily=False)
    await register(stage, NAMES["new"], role="new")
    await deed_done(stage)


def _length(programme: Programme) -> timedelta | None:
    """How long points live, where that is a length; None where nothing ends soon."""
    expiry = programme.expiry
    if expiry.mode not in (ExpiryMode.FIXED, ExpiryMode.INACTIVITY):
        return None
    length = MONTH * expiry.months + timedelta(days=expiry.days)
    return length if SOON + LATELY < length < LONGEST else None


def _almost(programme: Programme, unit: int) -> list[int] | None:
    """Orders which nearly bring the first tier that is reached by buying; None: there is none such."""
    way = next((tier.ways[0] for tier in programme.tiers if tier.ways), None)
    if way is None:
        return None
    if way.metric == "orders":
        return [30 * unit] * min(way.at_least - 1, 20)
    if way.metric == "spend":
        return [min(way.at_least * 9 // 10, AMOUNT_MAX)]
    per_unit = points_per_unit(programme)
    return [min(int(way.at_least * 9 * unit // (10 * per_unit)), AMOUNT_MAX)] if per_unit else None
