"""What people of a shop ask and do in its own administration, by calls that its plugin or Shopify signed: an order's
points and why, a member, and points given or taken. Only of the calling shop's own orders and customers; what is found
is explained as everywhere (``explaining``), and what is done holds to the same limits (``adjusting``).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from connector import clock
from connector.access.shopify_visits import StaffScope
from connector.people import adjusting
from connector.people.actors import by_store
from connector.people.reasons import REASON_MAX
from connector.refusals import meaning
from connector.routes.access import NeedsStore
from connector.routes.member_acts import Points
from connector.routes.operations import Call, Operation
from connector.routes.wallet import Word
from connector.snapshot import load_shown, utc_text
from connector.snapshot.document import document
from connector.snapshot.explained import earns_nothing, explained
from connector.storage.adjust_requests import RequestState
from connector.storage.facts import knowledge_bytes, owners_of
from connector.storage.instants import instant
from connector.storage.members import (
    entries_of_source,
    find_by_customer,
    lots_of_source,
    points_of_source,
    reason_of_source,
)
from connector.storage.programmes import load_programmes
from connector.storage.redemptions import redemptions_of_order
from connector.storage.shards import member_shard, object_shard
from connector.store_settings import PLUGIN_ADJUSTS
from loyalty_engine.errors import Refused
from loyalty_engine.explain.names import words_of
from loyalty_engine.lots import NOT_YET, Lot
from loyalty_engine.pauses import seen
from loyalty_engine.programme.model import Rulebook
from loyalty_engine.texts import Words, language_of

ENTRIES_MAX = 50
SHOWN = (
    "status", "available", "pending", "held", "deficit", "lifetime", "pending_lots", "tier", "badges", "vouchers",
    "entries",
)  # fmt: skip
"""What of a member's document is told."""


class StoreOrderBody(Struct, forbid_unknown_fields=True):
    """id: of an order of the calling store. language: in which it is explained."""

    id: Word
    language: str = "en"


class OrderEntry(Struct):
    """One entry that the order made. calculation: step by step. not_fired: why, for each rule that did not."""

    at: str
    kind: str
    points: int
    why: str
    calculation: list[str]
    not_fired: list[str]


class OrderLot(Struct):
    """Points that the order gave. left: of them. matures_at: null where the moment is not known; ends_at: null where
    none is set.
    """

    points: int
    left: int
    is_available: bool
    matures_at: str | None
    ends_at: str | None


class OrderVoucher(Struct):
    """What the order was paid with, or a code that it used."""

    name: str
    kind: str
    state: str
    points: int
    value_minor: int
    currency: str
    percent_bp: int


class StoreOrder(Struct):
    """state: ``unknown`` (not told yet, or not worked on), ``guest`` (nobody's), ``nothing``, ``pending``,
    ``available``, or ``gone`` (spent, ended or taken back). why_not: why it earned nothing, or not what could be
    expected.
    """

    state: str
    language: str
    points: int = 0
    lots: list[OrderLot] = []
    entries: list[OrderEntry] = []
    why_not: list[str] = []
    vouchers: list[OrderVoucher] = []


class StoreMemberBody(Struct, forbid_unknown_fields=True):
    """customer: of the calling store."""

    customer: Word
    language: str = "en"


class StoreMember(Struct):
    """member: null where the customer is none. details: parts of the snapshot's document, in the language asked for.
    may_adjust: whether the operator lets people of the shop's administration give and take points.
    """

    member: str | None
    language: str
    points_name: list[str]
    may_adjust: bool
    details: dict[str, Any]


class StoreAdjustBody(Struct, forbid_unknown_fields=True):
    """points: given (above 0) or taken (below 0). actor: who of the shop does it. key: the same for the same deed."""

    customer: Word
    points: Points
    reason: Annotated[str, Meta(min_length=1, max_length=REASON_MAX)]
    actor: Word
    key: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{8,100}(?!\n)$")]


class StoreAdjusted(Struct):
    """state: ``done``, or ``refused``: then nothing has happened, code and numbers say why, and problem in words.
    available, pending, deficit: the member's afterwards; null where there is no member.
    """

    state: str
    code: str | None = None
    problem: str | None = None
    numbers: dict[str, Any] = {}
    available: int | None = None
    pending: int | None = None
    deficit: int | None = None


async def show_order(call: Call) -> StoreOrder:
    """Points of one order, and why."""
    connection, body, now = call.store.connection, call.body, clock.utc_now()
    rulebook = (await load_programmes(call.session))[connection.programme_number].rulebook
    words = _words(rulebook, body.language)
    source = f"{connection.store}:order:{body.id}"
    place = (object_shard(connection.number, "order", body.id), source)
    member_id = (await owners_of(call.session, [place])).get(source)
    vouchers = await _vouchers(call, source, words)
    if member_id is None:
        is_told = bool(await knowledge_bytes(call.session, [place]))
        return StoreOrder("guest" if is_told else "unknown", words.language, vouchers=vouchers)
    rows = await entries_of_source(call.session, call.store.mints, member_id, source, ENTRIES_MAX)
    lots = list(seen(tuple(await lots_of_source(call.session, member_id, source)), rulebook))
    told = [
        (row, await explained(call.session, member_id, row, _words(rulebook, body.language, row["programme_version"])))
        for row in rows
    ]
    reason = await reason_of_source(call.session, member_id, source)
    return StoreOrder(
        _state(lots, now),
        words.language,
        await points_of_source(call.session, call.store.mints, member_id, source),
        [_lot(lot, now) for lot in lots],
        [
            OrderEntry(
                utc_text(instant(row["recorded_at_us"])),
                one.kind,
                one.points,
                one.why,
                [step.text for step in one.calculation],
                one.not_fired,
            )
            for row, one in told
        ],
        earns_nothing(reason, words).sentences if reason is not None else [],
        vouchers,
    )


def _words(rulebook: Rulebook, language: str, version: int | None = None) -> Words:
    """Of the version that an entry was made by; of the newest without one."""
    versions = rulebook.versions
    chosen = next((one for one in versions if one.version == version), versions[-1])
    return words_of(chosen, language_of(language))


async def _vouchers(call: Call, source: str, words: Words) -> list[OrderVoucher]:
    return [
        OrderVoucher(
            words.name("reward", one.reward_id),
            one.kind,
            one.state.value,
            one.points,
            one.value_minor,
            one.currency,
            one.percent_bp,
        )
        for one in await redemptions_of_order(call.session, call.store.connection.programme_number, source)
    ]


def _state(lots: Sequence[Lot], now: datetime) -> str:
    left = [lot for lot in lots if lot.remaining and lot.is_live(now)]
    if any(lot.matures_at > now for lot in left):
        return "pending"
    if left:
        return "available"
    return "gone" if lots else "nothing"


def _lot(lot: Lot, now: datetime) -> OrderLot:
    return OrderLot(
        lot.size,
        lot.remaining if lot.is_live(now) else 0,
        lot.is_spendable(now),
        utc_text(lot.matures_at) if lot.matures_at < NOT_YET else None,
        utc_text(lot.expires_at) if lot.expires_at else None,
    )


async def show_member(call: Call) -> StoreMember:
    """One customer of the calling store as a member: their sum, also where another store has a part in it."""
    connection, now = call.store.connection, clock.utc_now()
    programme = (await load_programmes(call.session))[connection.programme_number].rulebook.in_force(now)
    words = words_of(programme, language_of(call.body.language))
    member_id = await _member_of(call, call.body.customer)
    may = may_adjust(call)
    if member_id is None:
        return StoreMember(None, words.language, list(words.points_name), may, {})
    keys = [(member_shard(member_id), member_id)]
    shown = (await load_shown(call.session, call.service.keys, keys, call.service.outbox.holders, now))[member_id]
    told = document(replace(shown, words=words), (0, 0), now)
    details = {name: told[name] for name in SHOWN}
    return StoreMember(str(uuid.UUID(member_id)), words.language, list(words.points_name), may, details)


async def _member_of(call: Call, customer: str) -> str | None:
    number = call.store.connection.number
    return await find_by_customer(
        call.session, call.store.mints, object_shard(number, "customer", customer), number, customer
    )


def may_adjust(call: Call) -> bool:
    """Whether the operator lets the shop's administration do it."""
    return call.store.connection.settings.get(PLUGIN_ADJUSTS, "").lower() != "no"


async def adjust(call: Call) -> StoreAdjusted:
    """Give or take points. A refusal is an answer: the call itself was a good one."""
    body: StoreAdjustBody = call.body
    connection = call.store.connection
    member_id = await _member_of(call, body.customer)
    if not may_adjust(call):
        return StoreAdjusted("refused", "adjusting-switched-off", meaning("adjusting-switched-off"))
    if member_id is None:
        return StoreAdjusted("refused", "member-unknown", meaning("member-unknown"))
    adjust_id = uuid.uuid5(uuid.UUID(member_id), f"store-{connection.number}:{body.key}").hex
    actor = by_store(connection.number, _name_of(call))
    programme = connection.programme_number
    code, numbers = None, {}
    try:
        state = await adjusting.adjust_points(
            call.service.pipeline, programme, member_id, body.points, adjust_id, actor, body.reason
        )
        assert state is RequestState.AGREED, "a shop is nobody who could ask for a second person"
    except Refused as error:
        code, numbers = error.code, dict(error.numbers)
        if code == "owner-unknown":
            # Above the programme's limit two people must agree, and of a shop's people none is proven to be somebody.
            code = "adjust-not-in-shop"
    call.service.wake.set()
    view = await call.service.numbers.view(call.store.mints, member_id)
    return StoreAdjusted(
        "refused" if code else "done",
        code,
        meaning(code) if code else None,
        numbers,
        view.available,
        view.pending,
        view.deficit,
    )


def _name_of(call: Call) -> str:
    """Who of the shop does it: Shopify proves a number, a plugin says a name."""
    return f"staff {call.store.user}" if isinstance(call.store, StaffScope) else str(call.body.actor)


_REFUSED = {
    404: "There is no such connection: code not-connected.",
    409: "A call with this id was taken before: code replayed.",
    410: "The store is disconnected: code not-connected.",
}

OPERATIONS = (
    Operation(
        "POST",
        "/v1/store/order",
        NeedsStore("order"),
        "Points of an order of the calling store, every entry explained, and why not where it earned nothing.",
        show_order,
        StoreOrder,
        body=StoreOrderBody,
        tag="stores",
        problems=_REFUSED,
    ),
    Operation(
        "POST",
        "/v1/store/member",
        NeedsStore("member"),
        "A customer of the calling store as a member: numbers, tier, badges, vouchers, newest entries.",
        show_member,
        StoreMember,
        body=StoreMemberBody,
        tag="stores",
        problems=_REFUSED,
    ),
    Operation(
        "POST",
        "/v1/store/adjust",
        NeedsStore("adjust"),
        "Somebody of the calling store gives or takes points by hand. The same key once more changes nothing.",
        adjust,
        StoreAdjusted,
        body=StoreAdjustBody,
        acts=True,
        tag="stores",
        problems=_REFUSED,
    ),
)
