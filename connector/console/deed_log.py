"""The audit log: who did what in a programme, in the reader's words; and the same words on a member's page."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from connector.console.member_list import safe
from connector.console.moments import moment_text
from connector.console.pages import Frame, page
from connector.console.words import TABLES
from connector.storage.audit import Act
from connector.storage.deed_log import BULKS, CHANGES, COMMANDS, OF_MANY, WAYS, Logged, Place
from connector.storage.instants import instant, micros
from loyalty_engine.texts import Words
from loyalty_engine.texts.formats import month_names

FILTERS = ("who", "way", "kind", "member", "from", "to")
KINDS: Mapping[str, Sequence[str]] = {
    "people": [one.value for one in Act if one not in OF_MANY],
    "programme": CHANGES,
    "many": [*BULKS, *(one.value for one in OF_MANY)],
    "commands": COMMANDS,
}
"""Every act that can be looked for, as ``act.<kind>`` has words for it."""
_COLUMNS = "at act what done who person through member reason details"
_PLACE = re.compile(r"([0-9]{1,16})_([a-z][0-9a-z-]{0,60})")
_HEX = re.compile(r"[0-9a-f]{32}")
_MEMBERS = frozenset({"member", "survivor", "referrer", "friend", "referred"})
_OF_AWARD = frozenset({"subject", "award_key", "level"})
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_VERSIONS = frozenset({"version", "wrong", "right"})
_NOT_TOLD = frozenset({"programme", "adjust", "request", "merge", "redemption", "pairing", "ids"})
"""Numbers of rows, which say nothing to people. They are in the file."""
VALUE_MAX = 200


@dataclass(frozen=True, slots=True)
class Known:
    """What acts are told with. drafts: those that are still there. members: what they are called, by id, for whoever
    may see it. orders: what shops call them, by source.
    """

    drafts: frozenset[str] = frozenset()
    members: Mapping[str, str] = field(default_factory=dict)
    orders: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """One detail. name: of the word ``detail.<name>``, or as it is kept. address: below the base; empty: no link."""

    name: str
    value: str
    address: str = ""

    def said(self, word: Callable[[str], str]) -> str:
        """Its name in words, where there are some."""
        return word(f"detail.{self.name}") if f"detail.{self.name}" in TABLES["en"] else self.name


@dataclass(frozen=True, slots=True)
class LoggedShown:
    """One act on a page. way: of the word ``way.<way>``; empty where nobody knows. member_name: of whom it was done to,
    for whoever may see it.
    """

    it: Logged
    way: str
    told: Sequence[Told]
    member_name: str = ""

    @property
    def who(self) -> str:
        """What they are called, or the address that is proven; nobody where it went by itself."""
        return self.it.name or (self.it.person if self.way != "job" else "")


@dataclass(frozen=True, slots=True)
class DeedLog:
    """One page of the log. asked: filters as they were typed; wrong: those that cannot be read. reached: how far was
    looked, if that ended before the page was full.
    """

    rows: Sequence[LoggedShown]
    asked: Mapping[str, str]
    wrong: Sequence[str]
    next_place: str
    is_first: bool
    reached: datetime | None

    def query(self, **more: str) -> str:
        """The address of the same filters, behind ``?``."""
        return urlencode({name: text for name, text in {**self.asked, **more}.items() if text})


def log_page(frame: Frame, words: Words, shown: DeedLog, *, names: bool, may_export: bool) -> str:
    """The page as HTML. names: whether the reader may see who people are, and what they wrote."""
    return page(
        "audit.html",
        words.language,
        frame,
        it=shown,
        names=names,
        may_export=may_export,
        kinds=KINDS,
        ways=list(WAYS),
    )


def shown_log(rows: Sequence[Logged], words: Words, known: Known) -> list[LoggedShown]:
    """Acts with their details in words."""
    return [
        LoggedShown(
            one, _way(one.through), list(_told(one.details, words, known)), known.members.get(one.member_id or "", "")
        )
        for one in rows
    ]


def members_in(rows: Sequence[Logged]) -> set[str]:
    """Ids of every member whom acts concern or name."""
    named = {_plain_id(one.details[name]) for one in rows for name in _MEMBERS & one.details.keys()}
    return {one for one in (*named, *(each.member_id for each in rows)) if one}


def orders_in(rows: Sequence[Logged]) -> list[str]:
    """Sources of the orders that acts name."""
    return [str(one.details["order"]) for one in rows if one.details.get("order")]


def _plain_id(value: Any) -> str:
    """An id as the books have it; empty for what is none."""
    text = str(value).replace("-", "")
    return text if _HEX.fullmatch(text) else ""


def _way(through: str) -> str:
    kind = through.partition(":")[0]
    return {"plugin": "store", "shopify": "store"}.get(kind, kind)


def _told(details: Mapping[str, Any], words: Words, known: Known) -> Iterator[Told]:
    before, after = details.get("before"), details.get("after")
    if "subject" in details:
        yield from _award(details, words)
    for name, value in details.items():
        if name in _NOT_TOLD or value is None or value == "" or value == []:
            continue
        if "subject" in details and name in _OF_AWARD:
            continue
        if name in ("before", "after") and before is not None and after is not None:
            if name == "before":
                yield from _changed(before, after, words)
            continue
        yield Told(name, _named(name, value, known) or _text(name, value, words), _address(name, value, known.drafts))


def _award(details: Mapping[str, Any], words: Words) -> Iterator[Told]:
    """What an award is of: a badge, perhaps with its grade, and for a year, month or thing; or a community level."""
    subject, key, grade = (str(details.get(name) or "")[:VALUE_MAX] for name in ("subject", "award_key", "level"))
    is_badge = bool(key or grade) or ("badge", subject) in words.names
    kind = "badge" if is_badge else "level"
    yield Told(kind, words.name(kind, subject))
    if grade:
        yield Told("grade", words.text(f"grade.{grade}") if words.has(f"grade.{grade}") else grade)
    if key:
        yield Told("for", _period(key, words))


def _period(key: str, words: Words) -> str:
    """A month by its name; a year, or what a shop calls a thing, as it is."""
    found = _MONTH.fullmatch(key)
    if found is None:
        return key
    month = month_names(words.language)[int(found[2]) - 1]
    return TABLES[words.language]["audit.month"].format(month=month, year=found[1])


def _named(name: str, value: Any, known: Known) -> str:
    """What people call a member or an order; empty where that is not known."""
    if name == "order":
        return known.orders.get(str(value), "")
    called = known.members.get(_plain_id(value), "") if name in _MEMBERS else ""
    return f"{called} ({_plain_id(value)[:8]})" if called else ""


def _changed(before: Any, after: Any, words: Words) -> Iterator[Told]:
    """What was before and what is after; of many settings those that differ."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        yield Told("changed", f"{_text('before', before, words)} → {_text('after', after, words)}")
        return
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old != new:
            yield Told(name, f"{_text(name, old, words)} → {_text(name, new, words)}")


def _text(name: str, value: Any, words: Words) -> str:
    said = TABLES[words.language]
    if isinstance(value, bool):
        return said["member.yes" if value else "member.no"]
    if isinstance(value, int):
        return words.number(value)
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return moment_text(value, words.zone)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(key, one, words)}" for key, one in value.items())[:VALUE_MAX]
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(name, one, words) for one in value)[:VALUE_MAX]
    text = str(value)
    if name in ("tier", "badge"):
        return words.name(name, text)
    if name in ("before", "after") and f"status.{text}" in said:
        return said[f"status.{text}"]
    if name in ("role", "file") and f"{name}.{text}" in said:
        return said[f"{name}.{text}"]
    return text[:8] if _HEX.fullmatch(text.replace("-", "")) else text[:VALUE_MAX]


def _address(name: str, value: Any, drafts: frozenset[str]) -> str:
    text = str(value)
    if name in _MEMBERS and _HEX.fullmatch(text.replace("-", "")):
        return f"/console/members/{text}"
    if name in _VERSIONS and isinstance(value, int):
        return f"/console/programme/versions/{value}"
    if name == "draft" and text in drafts:
        return f"/console/programme/drafts/{text}"
    if name == "bulk":
        return f"/console/segments/{text}"
    if name == "order":
        return f"/console/orders/{quote(text, safe='')}"
    return "/console/connection" if name == "connection" else ""


def place_of(text: str) -> Place | None:
    """Where a page begins; None: with the newest."""
    found = _PLACE.fullmatch(text)
    return (instant(int(found[1])), found[2]) if found else None


def text_of_place(place: Place | None) -> str:
    """The same for an address."""
    return f"{micros(place[0])}_{place[1]}" if place else ""


def log_lines(rows: Sequence[Logged], language: str, *, with_names: bool) -> str:
    """Acts as CSV; with_names: below the line that names the columns."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    if with_names:
        writer.writerow(_COLUMNS.split())
    for one in rows:
        details = "; ".join(f"{name}: {_plain(value)}" for name, value in one.details.items())
        done = {True: "yes", False: "no", None: ""}[one.is_done]
        what = TABLES[language][f"act.{one.kind}"]
        told = (one.kind, what, done, one.name, one.person, one.through, one.member_id or "", one.reason, details)
        writer.writerow([one.at.isoformat(), *map(safe, told)])
    return text.getvalue()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    return ", ".join(map(_plain, value)) if isinstance(value, (list, tuple)) else str(value)
