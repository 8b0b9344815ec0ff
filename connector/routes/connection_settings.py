"""``/v1/connections``: the programme's shops, and how what they tell is read."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from connector import clock
from connector.access.auth import WRITE_CONNECTIONS
from connector.commands.settings import LETS_SHOPS_GIVE, SETTINGS, VALUE_MAX, change
from connector.people.actors import by_key
from connector.platforms import Connection
from connector.routes.access import NeedsKey
from connector.routes.changing_programme import usable
from connector.routes.errors import Problem
from connector.routes.operations import Call, Operation
from connector.routes.wallet import Word
from connector.snapshot import utc_text
from connector.storage.connections import connection_of, load_connections
from connector.storage.programmes import load_programmes
from loyalty_engine.errors import Refused

UNKNOWN = "Your programme has no such connection."


class Shop(Struct):
    """settings: those that were set. can_set: the names of all. disconnected_at: None while it is connected."""

    connection: str
    platform: str
    shop: str
    settings: dict[str, str]
    can_set: list[str]
    disconnected_at: str | None


class Shops(Struct):
    """Every shop of the programme."""

    connections: list[Shop]


class NewValue(Struct, forbid_unknown_fields=True):
    """value: empty for the default again."""

    setting: Annotated[str, Meta(min_length=1, max_length=60)]
    value: Annotated[str, Meta(max_length=VALUE_MAX)]
    actor: Word


async def show_all(call: Call) -> Shops:
    """How each is set."""
    number = call.key_scope.programme_number
    found = sorted((await load_connections(call.session)).items())
    return Shops([_shown(one) for _, one in found if one.programme_number == number])


async def set_one(call: Call) -> Shop:
    """One setting. What lets a shop's own people give points is the operator's where two people must agree."""
    number, body = call.key_scope.programme_number, call.body
    connection = await connection_of(call.session, number, call.path("connection"))
    if connection is None:
        raise Problem(404, "Not found", UNKNOWN)
    if body.setting in LETS_SHOPS_GIVE:
        await refuse_where_two_must_agree(call)
    with usable():
        await change(call.service, connection, body.setting, body.value, by_key(call.key_scope, body.actor))
    changed = await connection_of(call.service.database.reading(), number, connection.public_id)
    return _shown(changed or connection)


async def refuse_where_two_must_agree(call: Call) -> None:
    """Raises Refused ``needs-operator``: one key must not move points that two people have to agree about."""
    books = (await load_programmes(call.session))[call.key_scope.programme_number]
    if books.rulebook.in_force(clock.utc_now()).adjust.asks_for_two:
        raise Refused("needs-operator")


def _shown(one: Connection) -> Shop:
    known = SETTINGS[one.platform]
    settings = {name: value for name, value in one.settings.items() if name in known}
    over = utc_text(one.disconnected_at) if one.disconnected_at else None
    return Shop(one.public_id, one.platform, one.shop, settings, sorted(known), over)


OPERATIONS = (
    Operation(
        "GET",
        "/v1/connections",
        NeedsKey(WRITE_CONNECTIONS),
        "The programme's shops, and how what they tell is read.",
        show_all,
        Shops,
        tag="shops",
    ),
    Operation(
        "POST",
        "/v1/connections/{connection}/settings",
        NeedsKey(WRITE_CONNECTIONS),
        "Change one setting of a shop; what was decided before stays.",
        set_one,
        Shop,
        body=NewValue,
        acts=True,
        tag="shops",
        problems={
            404: UNKNOWN,
            409: "Not possible: code and numbers say why.",
            422: "Not usable: the sentence says why.",
        },
    ),
)
