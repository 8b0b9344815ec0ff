"""``POST /v1/store/handover``: a shop says which of its people opens the console, and gets an address (ADR 28)."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from connector import clock
from connector.access.console import HAND_OVER_LIVES, Role, Visitor, digest_of, new_token
from connector.errors import ConfigProblem
from connector.routes.access import NeedsStore
from connector.routes.errors import Problem
from connector.routes.operations import Call, Operation
from connector.routes.pairing import Url
from connector.routes.wallet import Word
from connector.shop_addresses import site_address
from connector.storage.atomic import atomic
from connector.storage.console_sessions import keep_hand_over
from connector.storage.session import Session

ENTRANCE = "/console/enter/"
START = "/console/home"
OWN_PAGE = r"^/console(/[A-Za-z0-9][A-Za-z0-9._~:@-]*)*(\?[A-Za-z0-9._~:@=&%+-]*)?(?!\n)$"
_ORIGIN = re.compile(r"https?://[a-z0-9._:\[\]-]+")
"""It becomes a part of a header: nothing else may stand in it."""


class HandOverBody(Struct):
    """Who opens the console, and with what role. user: as the shop knows them (``wp:12``); name: what they are called;
    language: a tag such as ``de``; page: which page of the console; admin: address of the pages that show it in a
    frame, the shop's own if left out.
    """

    user: Word
    name: Word
    role: Role
    language: Annotated[str, Meta(max_length=35)] = "en"
    page: Annotated[str, Meta(max_length=200, pattern=OWN_PAGE)] = START
    admin: Url | None = None


class HandOver(Struct):
    """Where to send them, within ``seconds``. It is good once."""

    url: str
    seconds: int


async def hand_over(call: Call) -> HandOver:
    """The shop answers for who they are and for what they may do there."""
    body: HandOverBody = call.body
    connection = call.store.connection
    visitor = Visitor(
        connection.programme_number,
        connection.number,
        body.user,
        body.name,
        body.role,
        body.language,
        origin_of(body.admin or connection.shop),
    )
    token, now = new_token(), clock.utc_now()

    async def keep(session: Session) -> None:
        await keep_hand_over(session, digest_of(token), visitor, body.page, now)

    await atomic(call.service.database, keep)
    return HandOver(f"{call.service.settings.public_url}{ENTRANCE}{token}", int(HAND_OVER_LIVES.total_seconds()))


def origin_of(address: str) -> str:
    """Scheme, host and port, as a browser compares them. Raises Problem 400."""
    try:
        parts = urlsplit(site_address(address if "://" in address else f"https://{address}"))
    except ConfigProblem as error:
        raise Problem(
            400, "Bad request", "admin: expected an address such as https://shop.example/wp-admin/."
        ) from error
    origin = f"{parts.scheme}://{parts.netloc}"
    if not _ORIGIN.fullmatch(origin):
        raise Problem(400, "Bad request", "admin: expected a plain host name.")
    return origin


OPERATIONS = (
    Operation(
        "POST",
        "/v1/store/handover",
        NeedsStore("handover"),
        "Somebody opens the console out of the shop's administration: an address that lets them in, once.",
        hand_over,
        HandOver,
        body=HandOverBody,
        acts=True,
        tag="stores",
        problems={
            404: "There is no such connection: code not-connected.",
            409: "A call with this id was taken before: code replayed.",
            410: "The store is disconnected: code not-connected.",
        },
    ),
)
