"""``belong simulate``: a shop's own history under another programme. Reads, works out, reports; writes nothing.

Histories are streamed member by member, so memory does not grow with the shop. The work is shared among processes, a
few chunks at a time.
"""

from __future__ import annotations

import csv
import os
from array import array
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from connector.errors import Unreadable
from connector.ingest.merge import ACTIVITY_DECODER, ORDER_DECODER
from connector.storage.histories import MemberFacts, member_chunks
from connector.storage.session import Session
from loyalty_engine.errors import AmountError
from loyalty_engine.facts import Activity, ActivityStatus, Line, OrderState, OrderStatus
from loyalty_engine.money import minor_from_decimal
from loyalty_engine.programme import Rulebook
from loyalty_engine.simulate import Comparison, Habit, History, Totals, Walk, walk, without_reward

CHUNK = 200
"""Members handed to a process at once."""
NOON = time(12)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: histories under ``new``, beside what they are under ``old`` (None: only the new one)."""

    new: Rulebook
    old: Rulebook | None
    until: datetime
    habit: Habit


@dataclass(slots=True)
class Answer:
    """The report, growing chunk by chunk."""

    totals: Totals
    comparison: Comparison | None

    @classmethod
    def to(cls, question: Question) -> Answer:
        """Nothing yet."""
        after = Totals.of(question.new.versions[-1])
        if question.old is None:
            return cls(after, None)
        return cls(after, Comparison(Totals.of(question.old.versions[-1]), after))

    def add(self, walks: Iterable[tuple[Walk | None, Walk]]) -> None:
        """Take over the walks of a chunk."""
        for before, after in walks:
            if before is None or self.comparison is None:
                self.totals.add(after)
            else:
                self.comparison.add(before, after)

    def document(self) -> dict[str, Any]:
        """JSON-able."""
        return self.totals.document() if self.comparison is None else self.comparison.document()


class Chunk(Protocol):
    """Histories of some members: a list, or what becomes one where it is walked."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[History]: ...


def walk_chunk(question: Question, histories: Chunk) -> list[tuple[Walk | None, Walk]]:
    """Each history under both programmes."""
    return [
        (
            None if question.old is None else walk(history, question.old, question.until, question.habit),
            walk(history, question.new, question.until, question.habit),
        )
        for history in histories
    ]


async def simulate(
    question: Question, chunks: AsyncIterator[Chunk], progress: Callable[[int], None], processes: int = 0
) -> Answer:
    """Work through all chunks. progress is told how many members are done. processes: 0 for one per core."""
    answer = Answer.to(question)
    count = processes or os.cpu_count() or 1
    if count == 1:
        async for chunk in chunks:
            answer.add(walk_chunk(question, chunk))
            progress(len(chunk))
        return answer
    with ProcessPoolExecutor(count) as pool:
        waiting: list[tuple[Future[list[tuple[Walk | None, Walk]]], int]] = []
        async for chunk in chunks:
            waiting.append((pool.submit(walk_chunk, question, chunk), len(chunk)))
            # In the order in which they were asked, so that the same question gives the same answer.
            while len(waiting) > 2 * count:
                _take(answer, waiting, progress)
        while waiting:
            _take(answer, waiting, progress)
    return answer


def _take(
    answer: Answer,
    waiting: list[tuple[Future[list[tuple[Walk | None, Walk]]], int]],
    progress: Callable[[int], None],
) -> None:
    future, members = waiting.pop(0)
    answer.add(future.result())
    progress(members)


# --- from the books ---


async def own_histories(session: Session, programme_number: int) -> AsyncIterator[list[History]]:
    """Every member of a programme with all sources that ever qualified or wait, as they are known now: orders without
    what rewards took off them, activities that stand approved, and the orders on which a reward was used.
    """
    async for chunk in member_chunks(session, programme_number, CHUNK):
        yield [_history(facts) for facts in chunk]


def _history(facts: MemberFacts) -> History:
    orders = [order for fact in facts.orders if (order := ORDER_DECODER.decode(fact).effective()) is not None]
    activities = [ACTIVITY_DECODER.decode(fact) for fact in facts.activities]
    used = {ref: value for ref, (value, _) in facts.redeemed.items()}
    return History(
        facts.member_id,
        facts.enrolled_at,
        [without_reward(order, used.get(order.source_ref, 0)) for order in orders],
        [activity for activity in activities if activity.status is ActivityStatus.APPROVED],
        frozenset(facts.redeemed),
    )


# --- from a file ---


@dataclass(frozen=True, slots=True)
class OrdersFile:
    """A CSV of orders: one line each, in any order of lines. columns: names of customer, date and amount."""

    path: Path
    currency: str
    zone: ZoneInfo
    columns: tuple[str, str, str] = ("customer_id", "date", "amount")


@dataclass(frozen=True, slots=True)
class OrdersRead:
    """A file that was read, as small as possible, for all of it is held to be put together by customer: of each the
    number, the day and the minor units of one line after another. last_day: of all; 1 for a file without orders.
    """

    file: OrdersFile
    lines: dict[str, array[int]]
    last_day: int

    @property
    def last(self) -> datetime:
        """When the last order was paid, or a little later."""
        return _noon(self.last_day, self.file.zone) + timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class FileChunk:
    """Some customers of a file. Their histories are made where they are walked: lines cross to another process in a
    tenth of the time.
    """

    file: OrdersFile
    customers: list[tuple[str, array[int]]]

    def __len__(self) -> int:
        return len(self.customers)

    def __iter__(self) -> Iterator[History]:
        for customer, lines in self.customers:
            orders = [_order_of(self.file, customer, *lines[at : at + 3]) for at in range(0, len(lines), 3)]
            first = min(order.created_at for order in orders)
            yield History(customer, first, orders, _joined(customer, first))


def read_orders(file: OrdersFile) -> OrdersRead:
    """Read a whole file once. Raises Unreadable with the line."""
    lines: dict[str, array[int]] = {}
    last_day = 1
    for customer, number, day, minor in _lines_of(file):
        known = lines.get(customer)
        if known is None:
            known = lines[customer] = array("q")
        known.extend((number, day, minor))
        last_day = max(last_day, day)
    return OrdersRead(file, lines, last_day)


async def file_histories(orders: OrdersRead) -> AsyncIterator[FileChunk]:
    """Histories of a CSV; everybody joined with the first order."""
    customers = iter(orders.lines.items())
    while chunk := list(islice(customers, CHUNK)):
        yield FileChunk(orders.file, chunk)


def _joined(customer: str, at: datetime) -> tuple[Activity, ...]:
    """Everybody joins with the first order and confirms the address at once: a file does not know better."""
    return tuple(
        Activity(f"belong:{kind}:{customer}", customer, kind, ActivityStatus.APPROVED, at, at, customer)
        for kind in ("joined", "email_confirmed")
    )


def _lines_of(file: OrdersFile) -> Iterator[tuple[str, int, int, int]]:
    """Customer, number of the line, day and minor units of every order."""
    with file.path.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.reader(opened)
        header = next(reader, [])
        missing = [name for name in file.columns if name not in header]
        if missing:
            raise Unreadable(f"{file.path.name} has no column {missing[0]}; it has {', '.join(header)}.")
        places = [header.index(name) for name in file.columns]
        for number, line in enumerate(reader, 2):
            if not line:
                continue
            customer, day, amount = (line[place] if place < len(line) else "" for place in places)
            try:
                yield customer, number, _day(day[:10]), minor_from_decimal(amount, file.currency)
            except (ValueError, AmountError) as error:
                raise Unreadable(f"Line {number} of {file.path.name} cannot be read: {error}.") from error


@lru_cache(maxsize=4096)
def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


@lru_cache(maxsize=4096)
def _noon(day: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(date.fromordinal(day), NOON, zone).astimezone(UTC)


def _order_of(file: OrdersFile, customer: str, number: int, day: int, minor: int) -> OrderState:
    # Several orders of one day keep the order of the lines.
    at = _noon(day, file.zone) + timedelta(microseconds=number)
    return paid_order(f"file:0:order:{number}", customer, file.currency, minor, at)


def paid_order(source_ref: str, customer: str, currency: str, minor: int, at: datetime) -> OrderState:
    """One line, paid at once: all that is known of an order of which somebody knows no more than day and value."""
    return OrderState(
        source_ref=source_ref,
        order_id=source_ref.rpartition(":")[2],
        customer_ref=customer,
        currency=currency,
        status=OrderStatus.PAID,
        shop_status="paid",
        updated_at=at,
        created_at=at,
        paid_at=at,
        total_minor=minor,
        lines=(Line("1", 1, minor),),
    )
