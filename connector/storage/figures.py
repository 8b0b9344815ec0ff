"""What a programme is in numbers, counted now and then so that no page counts it, and what it is counted from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from connector.storage.console_models import ProgrammeFigures
from connector.storage.instants import instant, micros
from connector.storage.session import Row, Session
from connector.storage.shards import SHARDS

PAGE = 1_000
_JSON = msgspec.json.Encoder()


class Buyers(Struct):
    """Of people who paid for an order in the last year: how many, and how many for more than one."""

    people: int = 0
    again: int = 0


class AgeSum(Struct):
    """Points by the age of what earned them, as in ``loyalty_engine.books.Outstanding``."""

    youngest_days: int
    oldest_days: int | None
    pending: int
    available: int
    held: int


class Bought(Struct):
    """What was bought in a year, told in one currency: goods kept of orders that were paid. people: who bought; orders
    of nobody known count for none of them, and ``known_minor`` leaves them out. elsewhere: orders in currencies without
    a rate. days: how far back the oldest lies. order_minor, spent_minor, times: percentiles 1 to 99 of an order's
    value, and of what one of the people spent and how often they bought; empty where there are too few. sample: some
    people, drawn by chance and not named: of each order how many days ago, and its value.
    """

    currency: str
    orders: int
    people: int
    minor: int
    known_minor: int
    elsewhere: int
    days: int
    order_minor: list[int]
    spent_minor: list[int]
    times: list[int]
    sample: list[list[tuple[int, int]]]


class RewardSums(Struct):
    """How often a reward was taken: in all, in the last 30 and 90 days, and how many of all were used. value_minor: of
    those that were used, by currency.
    """

    taken: int = 0
    taken_30: int = 0
    taken_90: int = 0
    used: int = 0
    value_minor: dict[str, int] = {}


class BadgeSums(Struct):
    """Members who hold a badge, in all and by level, and who got it or its level in the last 30 days."""

    holders: int = 0
    levels: dict[str, int] = {}
    lately: dict[str, int] = {}


class ReferralSums(Struct):
    """codes: members who have asked for their code. months: of a local month (``2026-11``), of friends who came in it,
    how many came how far: keys of ``STAGES``. signs: of a sign or reason, how many referrals in which state have it.
    """

    codes: int = 0
    months: dict[str, dict[str, int]] = {}
    signs: dict[str, dict[str, int]] = {}


STAGES = ("joined", "qualified", "completed", "review", "refused", "void")
"""How far a referral came. Who has qualified, has ordered enough, whatever became of it."""


class Figures(Struct):
    """members: who take part now. joined: of a local day (ISO), how many members of today joined on it; days without
    any are left out. buying, others: members and everybody else. owed: what members owe. ended: points whose end has
    come and which nothing has expired yet. value_minor, currency: of all points. rewards, badges: by id. bought and
    what follows it: None as counted by an older Belong.
    """

    members: int
    joined: dict[str, int]
    buying: Buyers
    others: Buyers
    points: int
    value_minor: int
    currency: str
    owed: int
    ended: int
    ages: list[AgeSum]
    bought: Bought | None = None
    rewards: dict[str, RewardSums] | None = None
    badges: dict[str, BadgeSums] | None = None
    referrals: ReferralSums | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """Figures as of a moment. took: how long counting them took."""

    at: datetime
    took: timedelta
    figures: Figures


async def load_figures(session: Session, programme_number: int) -> Counted | None:
    """What was counted last; None before anything was."""
    row = await ProgrammeFigures.get_or_none(programme_number=programme_number, using_db=session.client)
    if row is None:
        return None
    figures = msgspec.json.decode(row.figures_text, type=Figures)
    return Counted(instant(row.counted_at_us), timedelta(milliseconds=row.took_ms), figures)


async def save_figures(session: Session, programme_number: int, counted: Counted) -> None:
    """From now on these are shown."""
    values = {
        "counted_at_us": micros(counted.at),
        "took_ms": counted.took // timedelta(milliseconds=1),
        "figures_text": _JSON.encode(counted.figures).decode(),
    }
    await ProgrammeFigures.update_or_create(values, programme_number=programme_number, using_db=session.client)


async def joining_moments(session: Session, programme_number: int) -> AsyncIterator[list[datetime]]:
    """When each member who takes part joined, shard by shard."""
    for shard in range(SHARDS):
        rows = await session.rows(
            "SELECT created_at_us FROM member WHERE shard = $1 AND programme_number = $2 AND status = 'active'",
            shard,
            programme_number,
        )
        yield [instant(row["created_at_us"]) for row in rows]


async def order_pages(session: Session, programme_number: int) -> AsyncIterator[list[Row]]:
    """Every order that is known: source_ref, connection_number, customer_ref, member_id, address_hash, fact."""
    for shard in range(SHARDS):
        after = ""
        while page := await session.rows(
            "SELECT source_ref, connection_number, customer_ref, member_id, address_hash, fact FROM source_fact "
            "WHERE shard = $1 AND source_ref > $2 AND programme_number = $3 AND kind = 'order' "
            f"ORDER BY source_ref LIMIT {PAGE:d}",
            shard,
            after,
            programme_number,
        ):
            after = page[-1]["source_ref"]
            yield page
