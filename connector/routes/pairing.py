"""Pairing: a code for the merchant, and the two calls with which the plugin of a shop uses it up (ADR 27)."""

from __future__ import annotations

import base64
import re
from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from connector import clock
from connector.access.auth import WRITE_CONNECTIONS
from connector.errors import BadSignature, ConfigProblem, Permanent, Unreadable
from connector.pairing import agreeing, offering, places, reaching
from connector.people.actors import by_key
from connector.routes.access import NeedsKey, NeedsPairing
from connector.routes.errors import Problem
from connector.routes.operations import Call, Nothing, Operation
from connector.routes.proving import count_unproven
from connector.snapshot import utc_text
from connector.storage.programmes import load_programmes

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Url = Annotated[str, Meta(min_length=8, max_length=255)]
Short = Annotated[str, Meta(max_length=60)]
Status = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,60}(?!\n)$")]
Base64 = Annotated[str, Meta(min_length=44, max_length=44)]


class PairingOffer(Struct):
    """Give the code to whoever runs the shop; it is shown once, and good until ``ends_at`` for one shop."""

    pairing: str
    code: str
    ends_at: str


async def offer(call: Call) -> PairingOffer:
    """A code for a shop that joins the programme of the key."""
    scope = call.key_scope
    made = await offering.offer(call.service, scope.programme_number, None, by_key(scope), clock.utc_now())
    return PairingOffer(made.pairing, made.code, utc_text(made.ends_at))


class Versions(Struct):
    """Of the programs in the shop."""

    plugin: Short = ""
    woocommerce: Short = ""
    wordpress: Short = ""
    php: Short = ""


class PairingProof(Struct):
    """What a shop says of itself. public: its X25519 key; proof: HMAC-SHA256 with the key of the code. language: its
    locale, such as ``de_DE``.
    """

    site: Url
    rest_url: Url
    public: Base64
    proof: Base64
    versions: Versions
    currency: Short = ""
    timezone: Short = ""
    language: Short = ""
    paid_statuses: Annotated[list[Status], Meta(max_length=40)] = []


class PairingAnswer(Struct):
    """connection: what the connection will be called. public, proof: ours."""

    connection: str
    public: str
    programme: str
    proof: str


async def prove(call: Call) -> PairingAnswer:
    """The code proves the shop, and the answer proves us."""
    body: PairingProof = call.body
    settings = agreeing.settings_of(body.currency, body.timezone, body.language, body.paid_statuses)
    shop = agreeing.Shop(body.site, body.rest_url, body.public, body.proof, settings)
    try:
        made = await agreeing.prove(call.service.pipeline, _pairing_of(call), shop, clock.utc_now())
    except (agreeing.NoPairing, agreeing.PairingTaken, BadSignature) as error:
        raise _refused(call, error) from error
    except (Unreadable, ConfigProblem, Permanent) as error:
        raise Problem(400, "Bad request", str(error)) from error
    proof = base64.b64encode(made.proof).decode()
    return PairingAnswer(made.connection, made.public, await _name(call, made.programme_number), proof)


class PairingConfirmation(Struct):
    """rest_key: a key of the shop's REST API, sealed under the key for handing over; null where it has none for us."""

    rest_key: Annotated[str, Meta(max_length=2000)] | None = None


class PairingDone(Struct):
    """reachable: whether we can call the shop; if not, problem says why, and the shop fetches what we have for it."""

    connection: str
    programme: str
    reachable: bool
    problem: str | None


async def confirm(call: Call) -> PairingDone:
    """Signed with the key that both sides know now, which proves the shop once more: it is connected."""
    body: PairingConfirmation = call.body
    service, now = call.service, clock.utc_now()
    try:
        connection = await agreeing.confirm(
            service.pipeline,
            _pairing_of(call),
            call.request.headers,
            call.raw,
            body.rest_key,
            partial(places.gives_way, service.shops),
            now,
        )
    except (agreeing.NoPairing, agreeing.PairingTaken, agreeing.ConnectedElsewhere, BadSignature) as error:
        raise _refused(call, error) from error
    except Unreadable as error:
        raise Problem(400, "Bad request", str(error)) from error
    service.targets.forget()
    service.shops.forget(connection.number)
    service.wake.set()
    found = await reaching.note_reach(service, connection, now)
    name = await _name(call, connection.programme_number)
    return PairingDone(connection.public_id, name, found.is_reachable, found.problem)


def _pairing_of(call: Call) -> str:
    """Raises Problem 404 for what no code is called, and counts it, whatever it is: somebody may be guessing."""
    found = str(call.request.path_params["id"])
    if _ID.fullmatch(found) is None:
        raise _refused(call, agreeing.NoPairing())
    return found


def _refused(call: Call, error: Exception) -> Problem:
    """Who has no code, or another one, is counted as whoever fails to prove themselves."""
    if isinstance(error, BadSignature | agreeing.NoPairing):
        count_unproven(call.service.rates, call.request)
    if isinstance(error, BadSignature):
        return Problem(401, "Not proven", str(error), more={"code": error.reason})
    if isinstance(error, agreeing.NoPairing):
        words = "There is no such code: it is over, or was used. Make a new one."
        return Problem(404, "No pairing", words, more={"code": "no-pairing"})
    if isinstance(error, agreeing.PairingTaken):
        words = "Another shop, or this one with another key, was faster. Make a new code."
        return Problem(409, "Pairing taken", words, more={"code": "pairing-taken"})
    words = "This shop belongs to another programme here, with its members. Take a code of that programme."
    return Problem(409, "Connected elsewhere", words, more={"code": "connected-elsewhere"})


async def _name(call: Call, programme_number: int) -> str:
    books = (await load_programmes(call.session))[programme_number]
    return books.rulebook.in_force(clock.utc_now()).name


_PROBLEMS = {
    404: "The code is over, was used, or never was: code no-pairing.",
    409: "Another shop was faster, or the shop belongs to another programme: code says which.",
}

OPERATIONS = (
    Operation(
        "POST",
        "/v1/pairings",
        NeedsKey(WRITE_CONNECTIONS),
        "A code with which the plugin of one WooCommerce shop joins your programme; it lives for fifteen minutes.",
        offer,
        PairingOffer,
        body=Nothing,
        status=201,
        acts=True,
        tag="stores",
    ),
    Operation(
        "POST",
        "/v1/pairings/{id}",
        NeedsPairing(),
        "The plugin proves that it has the code, and brings its key. Asking again with the same key changes nothing.",
        prove,
        PairingAnswer,
        body=PairingProof,
        status=201,
        acts=True,
        tag="stores",
        problems=_PROBLEMS,
    ),
    Operation(
        "POST",
        "/v1/pairings/{id}/confirm",
        NeedsPairing(),
        "The plugin confirms, signed with what was agreed on. From now on the shop is connected.",
        confirm,
        PairingDone,
        body=PairingConfirmation,
        acts=True,
        tag="stores",
        problems=_PROBLEMS,
    ),
)
