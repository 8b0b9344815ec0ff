"""Turns a pushed snapshot (docs/snapshot.md) into what a page shows. Reads nothing but the text that the shop has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from connector.sandbox.words import KINDS, MONTHS, WORDS

SCHEMA = 2


class Lot(msgspec.Struct):
    """Points that cannot be spent yet."""

    points: int
    matures_at: datetime | None


class Entry(msgspec.Struct):
    """One change and its reason."""

    at: datetime
    kind: str
    points: int
    why: str
    source: str = ""
    order: str | None = None


class Text(msgspec.Struct):
    """Something with a name and a text."""

    text: str


class NextTier(msgspec.Struct):
    """What is measured on the way to the next tier."""

    name: str
    value: int
    threshold: int


class Tier(msgspec.Struct):
    """The tier held."""

    name: str
    benefits: list[Text] = []
    next: NextTier | None = None


class Badge(msgspec.Struct):
    """A badge held."""

    id: str
    name: str
    level: Literal["bronze", "silver", "gold"]


class CountedBadge(msgspec.Struct):
    """What the programme's summary says of a badge: how rare it is, by language."""

    id: str
    rarity: dict[str, str] | None = None


class Summary(msgspec.Struct):
    """What was pushed for every page."""

    badges: list[CountedBadge] = []


class NextBadge(msgspec.Struct):
    """How far the next badge is."""

    name: str
    value: int
    needed: int


class Voucher(msgspec.Struct):
    """A code, or one that is being made."""

    name: str
    state: str
    state_text: str
    code: str | None = None
    ends_at: datetime | None = None


class Reward(msgspec.Struct):
    """Something that points buy."""

    name: str
    points: int
    available: bool
    why_not: str | None = None

    @property
    def cost(self) -> str:
        """Its price for people."""
        return grouped(self.points)


class Snapshot(msgspec.Struct):
    """What was pushed."""

    schema: int
    version: tuple[int, int]
    as_of: datetime
    points_name: tuple[str, str]
    available: int
    pending: int
    deficit: int
    lifetime: int
    pending_lots: list[Lot]
    entries: list[Entry]
    tier: Tier | None = None
    badges: list[Badge] = []
    next_badge: NextBadge | None = None
    vouchers: list[Voucher] = []
    rewards: list[Reward] = []
    texts: dict[str, str] = {}


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
    when: When | None
    is_plus: bool = True
    order: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """A way that is partly gone. percent: 0 to 100, whole."""

    text: str
    percent: int


@dataclass(frozen=True, slots=True)
class TierView:
    """The tier with what it brings and the way on."""

    name: str
    benefits: tuple[str, ...] = ()
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class VoucherView:
    """A voucher; until: of what still waits to be used."""

    name: str
    state: str
    code: str
    until: When | None


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
    expiring: str = ""
    tier: TierView | None = None
    badges: tuple[Badge, ...] = ()
    next_badge: Progress | None = None
    vouchers: tuple[VoucherView, ...] = ()
    rewards: tuple[Reward, ...] = ()

    @property
    def announcement(self) -> str:
        """What a screen reader says when it changes."""
        if self.state != "ok":
            return ""
        return WORDS["announce"].format(available=self.available, name=self.name, pending=self.pending)


def rarities(summary: str | None, language: str) -> dict[str, str]:
    """How rare each badge is, in words, by id: nothing where the shop was told nothing, or what nobody can read."""
    try:
        badges = msgspec.json.decode(summary or "{}", type=Summary).badges
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}
    return {badge.id: badge.rarity[language] for badge in badges if badge.rarity and language in badge.rarity}


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
    name = snapshot.points_name[1]
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
        expiring=snapshot.texts.get("expiring", ""),
        tier=_tier(snapshot),
        badges=tuple(snapshot.badges),
        next_badge=_next_badge(snapshot),
        vouchers=tuple(_voucher(voucher, zone) for voucher in snapshot.vouchers),
        rewards=tuple(snapshot.rewards),
    )


def when(moment: datetime, zone: ZoneInfo, *, with_time: bool = False) -> When:
    """``5 December 2026`` in the shop's zone, with ``, 22:54`` if asked for."""
    local = moment.astimezone(zone)
    text = f"{local.day} {MONTHS[local.month - 1]} {local.year}"
    return When(f"{text}, {local:%H:%M}" if with_time else text, local.isoformat(timespec="seconds"))


def grouped(number: int) -> str:
    """``1 234`` with a thin space that does not break, and a real minus."""
    return f"{number:,}".replace(",", "\u202f").replace("-", "\u2212")


def _tier(snapshot: Snapshot) -> TierView | None:
    tier = snapshot.tier
    if tier is None:
        return None
    way = tier.next
    progress = _progress(snapshot.texts.get("next_tier", ""), way.value, way.threshold) if way else None
    return TierView(tier.name, tuple(benefit.text for benefit in tier.benefits), progress)


def _next_badge(snapshot: Snapshot) -> Progress | None:
    badge = snapshot.next_badge
    return _progress(snapshot.texts.get("next_badge", badge.name), badge.value, badge.needed) if badge else None


def _progress(text: str, value: int, goal: int) -> Progress:
    return Progress(text, max(0, min(100, value * 100 // goal)) if goal > 0 else 100)


def _voucher(voucher: Voucher, zone: ZoneInfo) -> VoucherView:
    is_waiting = voucher.state in ("held", "requested", "issued")
    until = when(voucher.ends_at, zone) if voucher.ends_at and is_waiting else None
    return VoucherView(voucher.name, voucher.state_text, voucher.code or "", until)


def _lot(lot: Lot, name: str, zone: ZoneInfo) -> Row:
    if lot.matures_at is None:
        return Row(grouped(lot.points), "", WORDS["matures_later"].format(points=grouped(lot.points), name=name), None)
    moment = when(lot.matures_at, zone)
    text = WORDS["matures"].format(points=grouped(lot.points), name=name, date=moment.text)
    return Row(grouped(lot.points), "", text, moment)


def _entry(entry: Entry, zone: ZoneInfo, order_numbers: Mapping[str, str]) -> Row:
    signed = grouped(entry.points) if entry.points < 0 else f"+{grouped(entry.points)}"
    number = order_numbers.get(entry.order or "", "")
    return Row(signed, KINDS.get(entry.kind, entry.kind), entry.why, when(entry.at, zone), entry.points >= 0, number)
