"""The storefront API for headless shops: a store's server mints a token for its signed-in customer, whose page then
reads, examines and redeems with it. Nobody can name another member: the token alone says who asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from connector import clock
from connector.access.auth import MINT_TOKENS, ProgrammeScope
from connector.access.shopper_tokens import EXAMINE, LONGEST, READ, REDEEM, SHOPPER_SCOPES, mint_token
from connector.delivering.showing import show_ends
from connector.redeeming import perks, redemptions
from connector.routes.access import NeedsKey, NeedsShopper
from connector.routes.errors import Problem
from connector.routes.explaining import InLanguage
from connector.routes.members import Entries, Page, entries_page, numbers_answer
from connector.routes.numbers import Member, no_such_member
from connector.routes.operations import Call, Operation
from connector.routes.wallet import (
    ExamineBody,
    Examined,
    RedeemBody,
    Redeemed,
    RedemptionList,
    Word,
    examined,
    redeemed,
    redemption_id_of,
    redemption_list,
)
from connector.snapshot import utc_text
from connector.storage.connections import connection_of
from connector.storage.members import find_by_customer
from connector.storage.programmes import load_programmes
from connector.storage.shards import object_shard
from loyalty_engine.explain import words_of
from loyalty_engine.texts import language_of

MAX_SECONDS = LONGEST // timedelta(seconds=1)
_NOT_NOW = {409: "Not possible now: code and numbers say why."}


class TokenBody(Struct, forbid_unknown_fields=True):
    """For which customer of which store. scopes: of read, examine, redeem, choose, link; the
    last only if asked for.
    """

    connection: Word
    customer: Word
    scopes: Annotated[list[str], Meta(min_length=1, max_length=5)] = field(
        default_factory=lambda: ["read", "examine", "redeem", "choose"]
    )
    seconds: Annotated[int, Meta(ge=1, le=MAX_SECONDS)] = 300


class Token(Struct):
    """Send it as a bearer token from the shopper's page; it ends by itself."""

    token: str
    expires_at: str
    member: str


async def mint(call: Call) -> Token:
    """A token for a customer whom the store's server knows to be signed in."""
    body: TokenBody = call.body
    connection = await connection_of(call.session, call.key_scope.programme_number, body.connection)
    if connection is None:
        _must_be_scopes(body.scopes)
        raise no_such_member()
    return await minted(call, call.key_scope, connection.number, body.customer, body.scopes, body.seconds)


async def minted(
    call: Call, scope: ProgrammeScope, number: int, customer: str, wanted: Sequence[str], seconds: int
) -> Token:
    """A token for a customer of the connection of this number, which is the scope's. Raises Problem."""
    scopes = _must_be_scopes(wanted)
    shard = object_shard(number, "customer", customer)
    member_id = await find_by_customer(call.session, scope, shard, number, customer)
    if member_id is None:
        raise no_such_member()
    token, ends = mint_token(
        call.service.keys,
        scope.programme_number,
        number,
        member_id,
        scopes,
        clock.utc_now(),
        timedelta(seconds=seconds),
    )
    return Token(token, utc_text(ends), member_id)


def _must_be_scopes(wanted: Sequence[str]) -> frozenset[str]:
    scopes = frozenset(wanted)
    if scopes - SHOPPER_SCOPES:
        raise Problem(400, "Bad request", f"scopes may be: {', '.join(sorted(SHOPPER_SCOPES))}.")
    return scopes


def _own(call: Call) -> ProgrammeScope:
    """What a shopper may see of tenants' tables: their programme, and only by their own member id."""
    return ProgrammeScope(call.shopper.programme_number, frozenset())


async def me(call: Call) -> Any:
    """The shopper's own numbers. Who has proven who they are is answered without the router for a while."""
    answer = await numbers_answer(call, call.shopper.programme_number, call.shopper.member_id)
    call.service.proven.remember(call.request.headers, call.shopper, call.request.state.cors)
    return answer


async def my_entries(call: Call) -> Entries:
    """The shopper's own history."""
    return await entries_page(call.session, _own(call), call.shopper.member_id, call.query)


async def my_examination(call: Call) -> Any:
    """What the shopper can earn and redeem now."""
    shopper = call.shopper
    return await examined(call, shopper.programme_number, shopper.member_id, shopper.connection_number)


async def my_redemption(call: Call) -> Any:
    """Redeem, or hold points for the cart."""
    shopper = call.shopper
    return await redeemed(call, shopper.programme_number, shopper.member_id, shopper.connection_number, "shopper")


async def my_release(call: Call) -> Any:
    """Let an own hold go."""
    shopper = call.shopper
    redemption_id = redemption_id_of(call.path("redemption"))
    return await redemptions.release(
        call.service.pipeline, shopper.programme_number, shopper.member_id, redemption_id, "released"
    )


async def my_redemptions(call: Call) -> Any:
    """What the shopper redeemed."""
    return await redemption_list(call, call.shopper.programme_number, call.shopper.member_id)


async def take_back(call: Call) -> Any:
    """The shopper no longer wants a perk that nobody has given yet."""
    shopper = call.shopper
    redemption_id = redemption_id_of(call.path("redemption"))
    made = await perks.take_back(call.service.pipeline, shopper.programme_number, shopper.member_id, redemption_id)
    call.service.wake.set()
    return made


class EndOnPage(Struct, forbid_unknown_fields=True):
    """What a page said: so many points end then."""

    points: Annotated[int, Meta(ge=0)]
    ends_at: Annotated[datetime, Meta(tz=True)]


class EndsBody(Struct, forbid_unknown_fields=True):
    """shown: what a page that was made from the pushed snapshot has shown; without it the answer is what will be."""

    shown: Annotated[list[EndOnPage], Meta(max_length=50)] | None = None


class EndingPoints(Struct):
    """Points that end at a moment, with a sentence that says so."""

    points: int
    ends_at: str
    text: str


class Ends(Struct):
    """Soonest first; empty: nothing ends soon."""

    ends: list[EndingPoints]


async def my_ends(call: Call) -> Ends:
    """What ends, for a page that shows it now."""
    shopper = call.shopper
    body: EndsBody = call.body or EndsBody()
    on_page = None if body.shown is None else [(one.points, one.ends_at) for one in body.shown]
    found = await show_ends(call.service.pipeline, shopper.programme_number, shopper.member_id, on_page)
    books = (await load_programmes(call.session))[shopper.programme_number]
    words = words_of(books.rulebook.in_force(clock.utc_now()), language_of(call.query.language))
    call.service.wake.set()
    return Ends(
        [
            EndingPoints(
                one.points,
                utc_text(one.ends_at),
                words.text(
                    "shown.expiring",
                    points=words.points(one.points),
                    date=words.last_day(one.ends_at.isoformat()),
                ),
            )
            for one in found
        ]
    )


OPERATIONS = (
    Operation(
        "POST",
        "/v1/shopper-tokens",
        NeedsKey(MINT_TOKENS),
        "A short-lived token for a signed-in customer of a store; for its server, never for a page.",
        mint,
        Token,
        body=TokenBody,
        status=201,
        tag="storefront",
        problems={404: "There is no such member in your programme."},
    ),
    Operation("GET", "/v1/me", NeedsShopper(READ), "The shopper's numbers.", me, Member, acts=True, tag="storefront"),
    Operation(
        "POST",
        "/v1/me/ends",
        NeedsShopper(READ),
        "What of the shopper's points ends soon, for a page that shows it now: the answer counts as their notice.",
        my_ends,
        Ends,
        query=InLanguage,
        body=EndsBody,
        may_lack_body=True,
        acts=True,
        tag="storefront",
    ),
    Operation(
        "GET",
        "/v1/me/entries",
        NeedsShopper(READ),
        "The shopper's history, every entry explained.",
        my_entries,
        Entries,
        query=Page,
        tag="storefront",
    ),
    Operation(
        "POST",
        "/v1/me/examine",
        NeedsShopper(EXAMINE),
        "What the shopper can earn and redeem now; asking changes nothing.",
        my_examination,
        Examined,
        body=ExamineBody,
        acts=True,
        tag="storefront",
    ),
    Operation(
        "POST",
        "/v1/me/redemptions",
        NeedsShopper(REDEEM),
        "Redeem, or hold points for the cart. Needs an Idempotency-Key.",
        my_redemption,
        Redeemed,
        body=RedeemBody,
        status=201,
        acts=True,
        tag="storefront",
        problems={**_NOT_NOW, 422: "The key was used for something else."},
    ),
    Operation(
        "POST",
        "/v1/me/redemptions/{redemption}/release",
        NeedsShopper(REDEEM),
        "Let a hold of the shopper go.",
        my_release,
        Redeemed,
        acts=True,
        tag="storefront",
        problems={**_NOT_NOW, 404: "There is no such redemption of this shopper."},
    ),
    Operation(
        "GET",
        "/v1/me/redemptions",
        NeedsShopper(READ),
        "What the shopper redeemed, with codes and states: also whether a perk was given.",
        my_redemptions,
        RedemptionList,
        tag="storefront",
    ),
    Operation(
        "POST",
        "/v1/me/redemptions/{redemption}/take-back",
        NeedsShopper(REDEEM),
        "The shopper no longer wants a perk that nobody has given yet; its points come back.",
        take_back,
        Redeemed,
        acts=True,
        tag="storefront",
        problems={**_NOT_NOW, 404: "There is no such redemption of this shopper."},
    ),
)
