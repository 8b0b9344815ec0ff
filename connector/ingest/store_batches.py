"""A batch of a shop's plugin: where it is from, and each of its items kept before anybody is told so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Raw, Struct

from connector.ingest.inbox import Inbox
from connector.ingest.store_items import Heard, Refused, delivery_of, item_of, ref_of
from connector.platforms import Connection
from connector.shop_addresses import place_of
from connector.storage.inbox import Delivery

MAX_BATCH_BYTES = 2 * 1024 * 1024

Words = Annotated[str, Meta(max_length=64)]
Count = Annotated[int, Meta(ge=0, le=2**53)]


class Queue(Struct, frozen=True):
    """What waits in the shop. oldest: since when."""

    depth: Count = 0
    oldest: Annotated[datetime, Meta(tz=True)] | None = None


class Batch(Struct):
    """What a plugin sends (docs/plugin-wire.md). collects: whether it takes what lies in an answer. shown: (customer,
    epoch, counter) of snapshots that it took of the last answer; removed: customers of whom it removed what it had;
    summary: SHA-256 of the summary's text as it keeps it.
    """

    site: Annotated[str, Meta(min_length=1, max_length=500)]
    sent_at: Annotated[datetime, Meta(tz=True)]
    items: list[Raw] = []
    collects: bool = False
    versions: Annotated[dict[Words, Words], Meta(max_length=10)] = {}
    queue: Queue = Queue()
    shown: Annotated[list[tuple[Words, Count, Count]], Meta(max_length=1000)] = []
    removed: Annotated[list[Words], Meta(max_length=1000)] = []
    summary: Words | None = None


BATCH_DECODER = msgspec.json.Decoder(Batch)


class ItemState(Struct):
    """What became of one item: ``kept`` now, ``known`` already, or ``refused`` with the problem in words."""

    ref: str
    state: Literal["kept", "known", "refused"]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """An item as the inbox takes it; without a delivery it is refused, and ``problem`` says why."""

    ref: str
    delivery: Delivery | None = None
    problem: str | None = None


def check_items(raws: Sequence[Raw], heard: Heard) -> list[CheckedItem]:
    """Every item of a batch, in order. What is wrong with one refuses that one alone."""
    return [_checked(raw, heard) for raw in raws]


def _checked(raw: Raw, heard: Heard) -> CheckedItem:
    try:
        item = item_of(raw)
        return CheckedItem(item.ref, delivery_of(item, heard))
    except Refused as error:
        return CheckedItem(ref_of(raw), problem=str(error))


async def keep_items(inbox: Inbox, checked: Sequence[CheckedItem]) -> list[ItemState]:
    """Keep what was not refused; all of it shares a commit.

    Raises Transient when the database fails: then some may have been kept, and the plugin sends all of them again.
    """
    return list(await asyncio.gather(*(_keep(inbox, each) for each in checked)))


async def _keep(inbox: Inbox, item: CheckedItem) -> ItemState:
    if item.delivery is None:
        return ItemState(item.ref, "refused", item.problem)
    return ItemState(item.ref, "kept" if await inbox.keep(item.delivery) else "known")


def is_site_of(site: str, connection: Connection) -> bool:
    """Whether a batch is from the shop that was connected, and not from a copy of it somewhere else."""
    place = place_of(site)
    return not isinstance(place, str) and place == place_of(connection.shop)
