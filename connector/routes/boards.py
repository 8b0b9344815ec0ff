"""Leaderboards: for the merchant's tools, and for shoppers, who see names, their own rank, and choose to take part."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from connector.access.auth import READ_MEMBERS
from connector.access.shopper_tokens import CHOOSE, READ
from connector.people import boards
from connector.people.boards import MOST_PLACES, Found, Wanted
from connector.routes.access import NeedsKey, NeedsShopper
from connector.routes.operations import Call, Operation
from connector.running.service import Service
from connector.snapshot import utc_text
from connector.storage.people import Person, load_people
from connector.storage.programmes import load_programmes
from loyalty_engine.explain import board_title, words_of
from loyalty_engine.texts import language_of

_PROBLEMS = {409: "Not possible: code and numbers say why, such as a measure that no board may be made of."}


class OfPeriod(Struct, forbid_unknown_fields=True):
    """period: ``2026``, ``2026-11`` or ``2026-W48``; empty: this month in the programme's zone. limit: of places; who
    ties with the last one is on the board too, a hundred lines at most.
    """

    period: Annotated[str, Meta(max_length=10)] = ""
    limit: Annotated[int, Meta(ge=1, le=MOST_PLACES)] = 10


class OfPage(OfPeriod):
    """language: of the title, a tag such as ``de`` or ``zh-TW``."""

    language: str = ""


class PlaceOwned(Struct):
    """One line. name: chosen by the member, or a pseudonym that is another one in each period and board. badges: held,
    of those that others may see unasked.
    """

    rank: int
    name: str
    value: int
    badges: int
    member: str


class BoardOwned(Struct):
    """first, end: local days, half open. taking_part: members on the board in all."""

    measure: str
    period: str
    first: str
    end: str
    as_of: str
    taking_part: int
    places: list[PlaceOwned]


class PlaceShown(Struct):
    """One line. is_me: the shopper's own."""

    rank: int
    name: str
    value: int
    badges: int
    is_me: bool


class OwnPlace(Struct):
    """value: the shopper's own number now. rank: None while they are not on boards, or have nothing to show."""

    takes_part: bool
    name: str
    value: int
    rank: int | None


class BoardShown(Struct):
    """A board as a shopper sees it: names, and never who is behind them. title: what is counted, since when."""

    measure: str
    period: str
    first: str
    end: str
    as_of: str
    taking_part: int
    title: str
    places: list[PlaceShown]
    me: OwnPlace


class Choice(Struct, forbid_unknown_fields=True):
    """Whether to be on leaderboards, from now on. name: shown instead of pseudonyms; empty: stay pseudonymous."""

    takes_part: bool
    name: Annotated[str, Meta(max_length=100)] = ""


class Chosen(Struct):
    """What the shopper chose. Nobody is on leaderboards who did not ask for it."""

    takes_part: bool
    name: str


async def owned(call: Call) -> BoardOwned:
    """A board with the members behind its names."""
    found, about = await _look(call, call.key_scope.programme_number)
    places = [PlaceOwned(one.rank, one.name, one.value, one.badges, one.member_id) for one in found.places]
    return BoardOwned(*about, places=places)


async def shown(call: Call) -> BoardShown:
    """A board, and where the shopper stands."""
    shopper = call.shopper
    found, about = await _look(call, shopper.programme_number)
    wanted = Wanted(shopper.programme_number, call.path("measure"), call.query.period)
    pipeline = call.service.pipeline
    own = await call.service.boards.own(pipeline.keys, pipeline.now(), call.session, wanted, shopper.member_id)
    places = [
        PlaceShown(one.rank, one.name, one.value, one.badges, one.member_id == shopper.member_id)
        for one in found.places
    ]
    programme = (await load_programmes(call.session))[shopper.programme_number].rulebook.in_force(pipeline.now())
    title = board_title(wanted.measure, found.period.first, words_of(programme, language_of(call.query.language)))
    return BoardShown(*about, title=title, places=places, me=OwnPlace(own.takes_part, own.name, own.value, own.rank))


About = tuple[str, str, str, str, str, int]
"""The fields that both kinds of boards begin with."""


async def _look(call: Call, programme_number: int) -> tuple[Found, About]:
    wanted = Wanted(programme_number, call.path("measure"), call.query.period, call.query.limit)
    pipeline = call.service.pipeline
    found = await call.service.boards.look(pipeline.keys, pipeline.now(), call.session, wanted)
    period = found.period
    days = period.first.isoformat(), period.end.isoformat()
    return found, (wanted.measure, period.key, *days, utc_text(found.as_of), found.taking_part)


async def choice(call: Call) -> Chosen:
    """What the shopper chose."""
    member_id = call.shopper.member_id
    person = (await load_people(call.session, call.service.keys, [member_id])).get(member_id, Person())
    return Chosen(person.on_leaderboards, person.public_name)


async def choose(call: Call) -> Chosen:
    """Come onto leaderboards, or leave them."""
    shopper, body = call.shopper, call.body
    name = await boards.choose(
        call.service.pipeline, shopper.programme_number, shopper.member_id, body.takes_part, body.name
    )
    await forget_boards(call.service, shopper.programme_number)
    return Chosen(body.takes_part, name)


async def forget_boards(service: Service, programme_number: int) -> None:
    """Who is on boards, or under which name, has changed: ours, and those that shops are told."""
    await service.boards.forget(programme_number)
    await service.outbox.boards.forget(programme_number)


OPERATIONS = (
    Operation(
        "GET",
        "/v1/leaderboards/{measure}",
        NeedsKey(READ_MEMBERS),
        "Who did most in a period, of those who asked to be on boards. Never of points or money.",
        owned,
        BoardOwned,
        query=OfPeriod,
        tag="community",
        problems=_PROBLEMS,
    ),
    Operation(
        "GET",
        "/v1/me/leaderboards/{measure}",
        NeedsShopper(READ),
        "A leaderboard under names that say nothing of anybody, and the shopper's own rank.",
        shown,
        BoardShown,
        query=OfPage,
        tag="storefront",
        problems=_PROBLEMS,
    ),
    Operation(
        "GET",
        "/v1/me/leaderboard-choice",
        NeedsShopper(READ),
        "Whether the shopper is on leaderboards, and under which name.",
        choice,
        Chosen,
        tag="storefront",
    ),
    Operation(
        "POST",
        "/v1/me/leaderboard-choice",
        NeedsShopper(CHOOSE),
        "Come onto leaderboards, under a name or pseudonyms, or leave them at once.",
        choose,
        Chosen,
        body=Choice,
        acts=True,
        tag="storefront",
        problems={409: "Not possible: code and numbers say why, such as a name that cannot be shown."},
    ),
)
