"""``/v1/keys``: the programme's API keys. A key makes only keys of its own person that may do no more than itself."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from connector import clock
from connector.access.auth import WRITE_KEYS, list_api_keys
from connector.commands.keys import DAYS_MAX, NAME_MAX, issue, withdraw
from connector.people.actors import by_key
from connector.routes.access import NeedsKey
from connector.routes.errors import Problem
from connector.routes.operations import Call, Operation
from connector.routes.wallet import Word, idempotency_key
from connector.snapshot import utc_text
from connector.storage.atomic import atomic
from connector.storage.idempotency import KeyUse, is_first
from loyalty_engine.errors import Refused


class KeyShown(Struct):
    """One key, without its secret. owner: the person whose key it is. made_with: the prefix of the key that made it."""

    prefix: str
    name: str
    owner: str
    scopes: list[str]
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    made_with: str | None


class KeyList(Struct):
    """Oldest first."""

    keys: list[KeyShown]


class NewKey(Struct, forbid_unknown_fields=True):
    """scopes: some of those of the key that asks. days: until it ends; None: never."""

    name: Annotated[str, Meta(min_length=1, max_length=NAME_MAX, pattern=r"^[^\x00-\x1f\x7f]+(?!\n)$")]
    scopes: Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(min_length=1, max_length=100)]
    actor: Word
    days: Annotated[int, Meta(ge=1, le=DAYS_MAX)] | None = None


class KeyMade(Struct):
    """key: the whole of it, told now and never again."""

    key: str


class WhoRevokes(Struct, forbid_unknown_fields=True):
    """Who does it."""

    actor: Word


class Revoked(Struct):
    """prefix: of the key that is good for nothing now."""

    prefix: str


async def show_all(call: Call) -> KeyList:
    """Every key of the programme."""
    found = await list_api_keys(call.session, call.key_scope.programme_number)
    return KeyList(
        [
            KeyShown(
                one.prefix,
                one.name,
                one.owner,
                one.scopes.split(),
                utc_text(one.created_at),
                _text(one.expires_at),
                _text(one.revoked_at),
                _text(one.last_used_at),
                one.made_with or None,
            )
            for one in found
        ]
    )


def _text(moment: datetime | None) -> str | None:
    return utc_text(moment) if moment else None


async def make(call: Call) -> KeyMade:
    """A key of the person whose key asks: with another owner, one person could be two."""
    scope, body = call.key_scope, call.body
    beyond = sorted(set(body.scopes) - scope.scopes)
    if beyond:
        raise Refused("scope-not-held", {"scopes": " ".join(beyond)})
    use = KeyUse(scope.programme_number, "make-key", idempotency_key(call), "")
    if not await atomic(call.service.database, lambda session: is_first(session, use, clock.utc_now())):
        raise Refused("key-told-once")
    actor = by_key(scope, body.actor)
    name, owner = body.name.strip(), scope.owner
    return KeyMade(
        await issue(call.service, scope.programme_number, name, body.scopes, owner, body.days, actor, scope.ends_at)
    )


async def revoke(call: Call) -> Revoked:
    """A key is good for nothing any more: the one that asks, or one that was made with it."""
    prefix, scope = call.path("prefix"), call.key_scope
    if not await withdraw(call.service, prefix, by_key(scope, call.body.actor), of=scope.programme_number):
        raise Problem(404, "No such key", "Your programme has no valid key of this prefix.")
    return Revoked(prefix)


OPERATIONS = (
    Operation(
        "GET",
        "/v1/keys",
        NeedsKey(WRITE_KEYS),
        "The programme's API keys, without their secrets.",
        show_all,
        KeyList,
        tag="operating",
    ),
    Operation(
        "POST",
        "/v1/keys",
        NeedsKey(WRITE_KEYS),
        "Make an API key of the same person, which may do no more. It is told once. Needs an Idempotency-Key.",
        make,
        KeyMade,
        body=NewKey,
        acts=True,
        tag="operating",
        problems={409: "Not possible: code and numbers say why."},
    ),
    Operation(
        "POST",
        "/v1/keys/{prefix}/revoke",
        NeedsKey(WRITE_KEYS),
        "Revoke an API key: the one that asks, or one that was made with it.",
        revoke,
        Revoked,
        body=WhoRevokes,
        acts=True,
        tag="operating",
        problems={
            404: "Your programme has no valid key of this prefix.",
            409: "Not possible: code and numbers say why.",
        },
    ),
)
