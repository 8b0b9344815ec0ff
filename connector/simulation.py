"""``belong simulate``: a shop's own history under another programme. Reads, works out, reports; writes nothing.

Histories are streamed member by member, so memory does not grow with the shop. The work is shared among processes, a
few chunks at a time.
"""

from __future__ import annotations

import csv
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connector.errors import Unreadable
from connector.merge import ORDER_DECODER
from connector.storage.histories import member_chunks
from connector.storage.session import Session
from loyalty_engine.errors import AmountError
from loyalty_engine.facts import Activity, ActivityStatus, Line, OrderState, OrderStatus
from loyalty_engine.money import minor_from_decimal
from loyalty_engine.programme import Rulebook
from loyalty_engine.simulate import Comparison, Habit, History, Totals, Walk, walk

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


def walk_chunk(question: Question, histories: Sequence[History]) -> list[tuple[Walk | None, Walk]]:
    """Each history under both programmes."""
    return [
        (
            None if question.old is None else walk(history, question.old, question.until, question.habit),
            walk(history, question.new, question.until, question.habit),
        )
        for history in histories
    ]


async def simulate(
    question: Question, chunks: AsyncIterator[list[History]], progress: Callable[[int], None], processes: int = 0
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
    """Every member of a programme with all sources that ever qualified, as they are known now."""
    async for chunk in member_chunks(session, programme_number, CHUNK):
        histories = []
        for member_id, enrolled_at, facts in chunk:
            orders = [order for fact in facts if (order := ORDER_DECODER.decode(fact).effective()) is not None]
            histories.append(History(member_id, enrolled_at, orders))
        yield histories


# --- from a file ---


@dataclass(frozen=True, slots=True)
class OrdersFile:
    """A CSV of orders: one line each, in any order of lines. columns: names of customer, date and amount."""

    path: Path
    currency: str
    zone: ZoneInfo
    columns: tuple[str, str, str] = ("customer_id", "date", "amount")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a file, read: as small as possible, for all of them are held to be put together by customer."""

    number: int
    day: int
    minor: int


async def file_histories(file: OrdersFile) -> AsyncIterator[list[History]]:
    """Histories of a CSV; everybody joined with the first order. Raises Unreadable with the line."""
    lines: dict[str, list[_Line]] = {}
    for customer, line in _lines_of(file):
        lines.setdefault(customer, []).append(line)
    chunk: list[History] = []
    for customer, found in lines.items():
        orders = [_order_of(file, customer, line) for line in found]
        first = min(order.created_at for order in orders)
        chunk.append(History(customer, first, orders, _joined(customer, first)))
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _joined(customer: str, at: datetime) -> tuple[Activity, ...]:
    """Everybody joins with the first order and confirms the address at once: a file does not know better."""
    return tuple(
        Activity(f"belong:{kind}:{customer}", customer, kind, ActivityStatus.APPROVED, at, at, customer)
        for kind in ("joined", "email_confirmed")
    )


def _lines_of(file: OrdersFile) -> Iterator[tuple[str, _Line]]:
    with file.path.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.DictReader(opened)
        missing = [name for name in file.columns if name not in (reader.fieldnames or ())]
        if missing:
            known = ", ".join(reader.fieldnames or ())
            raise Unreadable(f"{file.path.name} has no column {missing[0]}; it has {known}.")
        for number, line in enumerate(reader, 2):
            customer, day, amount = (line[name] or "" for name in file.columns)
            try:
                found = _Line(
                    number, date.fromisoformat(day[:10]).toordinal(), minor_from_decimal(amount, file.currency)
                )
            except (ValueError, AmountError) as error:
                raise Unreadable(f"Line {number} of {file.path.name} cannot be read: {error}.") from error
            yield customer, found


def _order_of(file: OrdersFile, customer: str, line: _Line) -> OrderState:
    # Several orders of one day keep the order of the lines.
    noon = datetime.combine(date.fromordinal(line.day), NOON, file.zone).astimezone(UTC)
    at = noon + timedelta(microseconds=line.number)
    return OrderState(
        source_ref=f"file:0:order:{line.number}",
        order_id=str(line.number),
        customer_ref=customer,
        currency=file.currency,
        status=OrderStatus.PAID,
        shop_status="paid",
        updated_at=at,
        created_at=at,
        paid_at=at,
        total_minor=line.minor,
        lines=(Line("1", 1, line.minor),),
    )
