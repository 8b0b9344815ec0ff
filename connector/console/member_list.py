"""The page of many members: finding one, a list by filters, and its file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from connector.console.members import PersonShown
from connector.console.pages import Frame, page
from connector.storage.member_lists import Listed
from connector.storage.saved_segments import SavedSegment
from loyalty_engine.texts import Words

FILTERS = (
    "tier",
    "tag",
    "status",
    "balance_from",
    "balance_to",
    "joined_from",
    "joined_to",
    "active_from",
    "active_to",
)
_COLUMNS = "member name email status tier balance lifetime joined last_activity customers"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One line of the list."""

    person: PersonShown
    listed: Listed


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looked for, and what was found: members, (source, name) of orders, and (shop, connection) of those
    whose customer of this number is no member yet.
    """

    asked: str
    members: Sequence[tuple[PersonShown, int]]
    orders: Sequence[tuple[str, str]]
    joinable: Sequence[tuple[str, str]]

    @property
    def found(self) -> bool:
        """Whether it was anything."""
        return bool(self.members or self.orders or self.joinable)


@dataclass(frozen=True, slots=True)
class MemberList:
    """One page of the list. asked: filters as they were typed; wrong: those that cannot be read. tiers: all of the
    programme. next_place: for the next page. reached: how far was looked, if the page is not full. saved: what people
    of the shop named.
    """

    rows: Sequence[MemberRow]
    asked: Mapping[str, str]
    wrong: Sequence[str]
    tiers: Sequence[str]
    next_place: str
    reached: datetime | None
    is_first: bool
    saved: Sequence[SavedSegment]

    @property
    def filters(self) -> dict[str, str]:
        """Those that are set."""
        return {name: text for name, text in self.asked.items() if text}

    def query(self, **more: str) -> str:
        """The address of the same filters, behind ``?``."""
        return urlencode({name: text for name, text in {**self.asked, **more}.items() if text})


def members_page(
    frame: Frame, words: Words, shown: MemberList, search: Search | None, *, names: bool, may_export: bool
) -> str:
    """The page as HTML. names: whether the reader may see who they are, and save segments. may_export: whether they
    get the file.
    """
    return page(
        "members.html",
        words.language,
        frame=frame,
        words=words,
        it=shown,
        search=search,
        names=names,
        may_export=may_export,
    )


def lines(rows: Sequence[MemberRow], zone: str, *, with_names: bool) -> str:
    """Rows as CSV, their days as the list and its filters have them: in the programme's zone. with_names: below the
    line that names the columns.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    if with_names:
        writer.writerow(_COLUMNS.split())
    for row in rows:
        person, one = row.person, row.listed
        customers = " ".join(f"{shop}:{ref}" for shop, ref in person.customers)
        told = (person.id, person.name, person.email, one.status, one.tier)
        numbers = (one.points, one.lifetime, _day(one.came_at, zone), _day(one.active_at, zone))
        writer.writerow([*map(safe, told), *numbers, safe(customers)])
    return text.getvalue()


def safe(cell: str) -> str:
    """A cell that no table program takes for a formula, whatever people call themselves."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _day(moment: datetime | None, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).date().isoformat() if moment is not None else ""
