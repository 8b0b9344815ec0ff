"""What a shopper's page shows of its own member, as stores are told it (docs/snapshot.md), and taking part or not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from msgspec import Struct

from connector import clock
from connector.access.shopper_tokens import CHOOSE, READ
from connector.people import membership
from connector.people.actors import SHOPPER
from connector.routes.access import NeedsShopper
from connector.routes.numbers import no_such_member
from connector.routes.operations import Call, Operation
from connector.snapshot import load_shown
from connector.snapshot.document import document
from connector.snapshot.programme import rarities
from connector.storage.connections import load_connections
from connector.storage.shards import member_shard
from connector.store_settings import LANGUAGE, REFERRAL_LINK
from loyalty_engine.explain import words_of
from loyalty_engine.member import MemberStatus
from loyalty_engine.texts import language_of


class ForPage(Struct, forbid_unknown_fields=True):
    """language: a tag such as ``de`` or ``zh-TW``; without one the member's own, else the store's."""

    language: str = ""


class OwnDocument(Struct):
    """document: the member's snapshot as of now, whole, without a version. rarity: by badge, in words. timezone: in
    which the programme counts days, so that a page names the same days as the sentences do.
    """

    document: dict[str, Any]
    rarity: dict[str, str]
    timezone: str


class Membership(Struct, forbid_unknown_fields=True):
    """takes_part: false: orders earn nothing from now on, and what is there stays."""

    takes_part: bool


async def show(call: Call) -> OwnDocument:
    """The shopper's document, made now."""
    shopper, now = call.shopper, clock.utc_now()
    connection = (await load_connections(call.session))[shopper.connection_number]
    keys = [(member_shard(shopper.member_id), shopper.member_id)]
    language, link = connection.settings.get(LANGUAGE, ""), connection.settings.get(REFERRAL_LINK)
    outbox = call.service.outbox
    found = await load_shown(call.session, call.service.keys, keys, outbox.holders, now, language)
    if shopper.member_id not in found:
        raise no_such_member()
    shown = found[shopper.member_id]
    if call.query.language:
        shown = replace(shown, words=words_of(shown.programme, language_of(call.query.language)))
    kinds = outbox.shops.platform(connection).voucher_kinds
    made = document(shown, (0, 0), now, kinds, link, connection.store)
    # It is nobody's copy that could be older than another one.
    del made["version"]
    rare = rarities(shown.programme, shown.holders, shown.members, shown.words)
    return OwnDocument(made, rare, shown.programme.timezone)


async def choose_membership(call: Call) -> Membership:
    """Leave, or come back."""
    shopper, takes_part = call.shopper, call.body.takes_part
    status = MemberStatus.ACTIVE if takes_part else MemberStatus.LEFT
    who = call.service.pipeline, shopper.programme_number, shopper.member_id
    await membership.set_status(*who, status, SHOPPER, "", by_member=True)
    call.service.wake.set()
    return Membership(takes_part)


OPERATIONS = (
    Operation(
        "GET",
        "/v1/me/snapshot",
        NeedsShopper(READ),
        "Everything that a page shows of the shopper, as of now, with sentences in the page's language.",
        show,
        OwnDocument,
        query=ForPage,
        tag="storefront",
        problems={404: "There is no such member any more."},
    ),
    Operation(
        "POST",
        "/v1/me/membership",
        NeedsShopper(CHOOSE),
        "The shopper leaves the programme, or comes back. The same once more changes nothing.",
        choose_membership,
        Membership,
        body=Membership,
        acts=True,
        tag="storefront",
        problems={409: "Not possible: code says why, such as member-blocked."},
    ),
)
