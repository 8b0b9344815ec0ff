"""Turns a pushed snapshot into what a page shows. Reads nothing but the JSON text that the shop was given.

Snapshot, version 1: ``{"schema": 1, "version": [epoch, counter], "as_of", "points_name", "available", "pending",
"deficit", "lifetime", "pending_lots": [{"points", "matures_at"}], "entries": [{"at", "kind", "points", "source",
"order", "why"}]}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from connector.sandbox.words import KINDS, MONTHS, WORDS

SCHEMA = 1


class Lot(msgspec.Struct):
    """Points that cannot be spent yet."""

    points: int
    matures_at: datetime


class Entry(msgspec.Struct):
    """One change and its reason."""

    at: datetime
    kind: str
    points: int
    why: str
    source: str = ""
    order: str | None = None


class Snapshot(msgspec.Struct):
    """What was pushed."""

    schema: int
    version: tuple[int, int]
    as_of: datetime
    points_name: str
    available: int
    pending: int
    deficit: int
    lifetime: int
    pending_lots: list[Lot]
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class When:
    """A moment for people and for machines."""

    text: str
    machine: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list: signed points as text, what kind, the reason, when and which order."""

    points: str
    kind: str
    text: str
    when: When
    is_plus: bool = True
    order: str = ""


@dataclass(frozen=True, slots=True)
class PointsView:
    """What the points card shows. state: ``ok``, ``empty`` (nothing pushed) or ``unreadable``. version: changes with
    the content.
    """

    state: str
    version: str = ""
    name: str = ""
    available: str = "0"
    pending: str = "0"
    lifetime: str = "0"
    deficit: str = ""
    as_of: When | None = None
    lots: tuple[Row, ...] = ()
    entries: tuple[Row, ...] = ()

    @property
    def announcement(self) -> str:
        """What a screen reader says when it changes."""
        if self.state != "ok":
            return ""
        return WORDS["announce"].format(available=self.available, name=self.name, pending=self.pending)


def points_view(pushed: str | None, zone: ZoneInfo, order_numbers: Mapping[str, str]) -> PointsView:
    """The card for a pushed snapshot, or for none. order_numbers: what the shop calls its orders, by id."""
    if not pushed:
        return PointsView("empty")
    try:
        snapshot = msgspec.json.decode(pushed, type=Snapshot)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return PointsView("unreadable")
    if snapshot.schema != SCHEMA:
        return PointsView("unreadable")
    name = snapshot.points_name
    lots = tuple(_lot(lot, name, zone) for lot in snapshot.pending_lots)
    return PointsView(
        state="ok",
        version=f"{snapshot.version[0]}.{snapshot.version[1]}",
        name=name,
        available=grouped(snapshot.available),
        pending=grouped(snapshot.pending),
        lifetime=grouped(snapshot.lifetime),
        deficit=grouped(snapshot.deficit) if snapshot.deficit else "",
        as_of=when(snapshot.as_of, zone, with_time=True),
        lots=lots,
        entries=tuple(_entry(entry, zone, order_numbers) for entry in snapshot.entries),
    )


def when(moment: datetime, zone: ZoneInfo, *, with_time: bool = False) -> When:
    """``5 December 2026`` in the shop's zone, with ``, 22:54`` if asked for."""
    local = moment.astimezone(zone)
    text = f"{local.day} {MONTHS[local.month - 1]} {local.year}"
    return When(f"{text}, {local:%H:%M}" if with_time else text, local.isoformat(timespec="seconds"))


def grouped(number: int) -> str:
    """``1 234`` with a thin space that does not break, and a real minus."""
    return f"{number:,}".replace(",", "\u202f").replace("-", "\u2212")


def _lot(lot: Lot, name: str, zone: ZoneInfo) -> Row:
    moment = when(lot.matures_at, zone)
    text = WORDS["matures"].format(points=grouped(lot.points), name=name, date=moment.text)
    return Row(grouped(lot.points), "", text, moment)


def _entry(entry: Entry, zone: ZoneInfo, order_numbers: Mapping[str, str]) -> Row:
    signed = grouped(entry.points) if entry.points < 0 else f"+{grouped(entry.points)}"
    number = order_numbers.get(entry.order or "", "")
    return Row(signed, KINDS.get(entry.kind, entry.kind), entry.why, when(entry.at, zone), entry.points >= 0, number)
