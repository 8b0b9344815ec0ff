"""``/v1/programme``: the programme in force, its rules in words: for the merchant and for shoppers."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from connector import clock
from connector.access.auth import READ_PROGRAMME
from connector.access.shopper_tokens import READ
from connector.people.unknown_birthdays import birthday_warnings
from connector.routes.access import NeedsKey, NeedsShopper
from connector.routes.explaining import InLanguage
from connector.routes.operations import Call, Operation
from connector.storage.connections import load_connections
from connector.storage.programme_changes import changes_of
from connector.storage.programmes import load_programmes
from loyalty_engine.explain.names import words_of
from loyalty_engine.explain.rules_page import rules_page, ways_to_earn
from loyalty_engine.programme.earnable import earnable
from loyalty_engine.programme.model import Programme
from loyalty_engine.programme.returns import return_percent
from loyalty_engine.texts import language_of


class RulesSection(Struct):
    """One section of the rules. key: stable."""

    key: str
    title: str
    sentences: list[str]


class ProgrammeShown(Struct):
    """The version in force now. return_percent: the most that comes back of each order, an exact ratio."""

    name: str
    version: int
    currency: str
    language: str
    paused: bool
    return_percent: str
    rules: list[RulesSection]


class ProgrammeToShopper(ProgrammeShown):
    """enrolment: ``automatic`` or ``consent``. ways: one sentence for each way to earn, in the shop's currency; none
    while nothing is earned.
    """

    enrolment: str = "automatic"
    ways: list[str] = []


class Cannot(Struct):
    """Something in the document that cannot work yet, or looks mistaken."""

    path: str
    code: str
    sentence: str


class ProgrammeChange(Struct):
    """What was done to the programme, and why (empty where nobody said). act: ``publish``, ``wind-down``, ``withdraw``,
    ``correct``, ``pause`` or ``resume``. version: of publish, wind-down and withdraw; wrong, right, paid_from,
    paid_until: of correct.
    """

    at: datetime
    act: str
    actor: str
    reason: str
    version: int | None = None
    effective_from: datetime | None = None
    wrong: int | None = None
    right: int | None = None
    paid_from: datetime | None = None
    paid_until: datetime | None = None


class ProgrammeOwned(ProgrammeShown):
    """What only the merchant sees besides: warnings, and what was done to the programme, oldest first."""

    warnings: list[Cannot] = []
    changes: list[ProgrammeChange] = []


async def _in_force(call: Call, number: int) -> tuple[Programme, bool]:
    books = (await load_programmes(call.session))[number]
    return books.rulebook.in_force(clock.utc_now()), books.is_paused


async def _rules(call: Call, number: int, programme: Programme, language: str) -> list[RulesSection]:
    """As shoppers read them: without what cannot be earned yet."""
    counted = await call.service.outbox.holders.of(call.session, number, clock.utc_now())
    told = rules_page(earnable(programme, counted.reported), language)
    return [RulesSection(one.key, one.title, list(one.sentences)) for one in told]


async def shown(call: Call) -> ProgrammeOwned:
    """For the merchant's own tools."""
    number = call.key_scope.programme_number
    programme, paused = await _in_force(call, number)
    language = language_of(call.query.language)
    warnings = (*programme.warnings, *await birthday_warnings(call.session, number, programme))
    return ProgrammeOwned(
        programme.name,
        programme.version,
        programme.base_currency,
        language,
        paused,
        str(return_percent(programme)),
        await _rules(call, number, programme, language),
        [Cannot(one.path, one.code, one.sentence) for one in warnings],
        [
            ProgrammeChange(one.at, one.act, one.actor, one.reason, **one.about)
            for one in await changes_of(call.session, number)
        ],
    )


async def _ways(call: Call, told: Programme, language: str, paused: bool) -> list[str]:
    """In the currency of the shopper's shop; none while nothing is earned."""
    if paused or (told.wind_down is not None and clock.utc_now() >= told.wind_down.earn_until):
        return []
    connection = (await load_connections(call.session))[call.shopper.connection_number]
    currency = connection.settings.get("currency", "") or told.base_currency
    return list(ways_to_earn(told, words_of(told, language), currency))


async def shown_to_shopper(call: Call) -> ProgrammeToShopper:
    """For a shopper's page."""
    programme, paused = await _in_force(call, call.shopper.programme_number)
    language = language_of(call.query.language)
    counted = await call.service.outbox.holders.of(call.session, call.shopper.programme_number, clock.utc_now())
    told = earnable(programme, counted.reported)
    return ProgrammeToShopper(
        programme.name,
        programme.version,
        programme.base_currency,
        language,
        paused,
        str(return_percent(programme)),
        await _rules(call, call.shopper.programme_number, programme, language),
        programme.enrolment,
        await _ways(call, told, language, paused),
    )


OPERATIONS = (
    Operation(
        "GET",
        "/v1/programme",
        NeedsKey(READ_PROGRAMME),
        "The programme in force: its rules in words, what in it cannot work yet, and what was done to it and why.",
        shown,
        ProgrammeOwned,
        query=InLanguage,
        tag="programme",
    ),
    Operation(
        "GET",
        "/v1/me/programme",
        NeedsShopper(READ),
        "The rules of the programme in words, and the ways to earn.",
        shown_to_shopper,
        ProgrammeToShopper,
        query=InLanguage,
        tag="storefront",
    ),
)
