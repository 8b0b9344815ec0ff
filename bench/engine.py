"""``engine``: the pure engine in one process. Deciding beside the same loop without rules, replaying beside walking.

decide: orders of many members under three rules and a tier, one decision each, sealed entries and lots included; its
floor seals the very same entries and opens the very same lots, the points known beforehand. replay: whole histories
through decide and review as ``belong simulate`` does it, streamed; its floor makes and walks the same states, deciding
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psutil

from bench.databases import Databases
from bench.measure import Case, Comparison, Row, Sample, expect, interleaved, progress, rows
from bench.sizes import Sizes
from bench.watch import Stopwatch
from loyalty_engine.decide import decide
from loyalty_engine.decision import Moment
from loyalty_engine.facts import Line, OrderState, OrderStatus
from loyalty_engine.ledger import GENESIS, EntryDraft, EntryKind, seal_entry
from loyalty_engine.lots import Lot, LotBook
from loyalty_engine.member import MemberState, SourceState, TierCause, TierChange
from loyalty_engine.programme import Rulebook, parse_programme
from loyalty_engine.simulate import Habit, History, Totals, walk
from loyalty_engine.simulate.phases import phases

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = OPENED + timedelta(days=400)
SALT = bytes(16)
MUST_MEGABYTES = 500
DOCUMENT: dict[str, Any] = {
    "schema": 2,
    "programme": {"name": "Bench", "timezone": "Europe/Berlin", "currency": "EUR"},
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 14}},
    "rules": [
        {"id": "tea", "on": "order", "per_item": 2, "when": {"product": ["3", "5"]}},
        {"id": "weekend", "on": "order", "factor": "1.5", "when": {"weekday": ["sat", "sun"]}},
    ],
    "tiers": [
        {"id": "member", "name": "Member", "qualify": "join"},
        {"id": "silver", "name": "Silver", "qualify": {"spend_12m": "300.00"}, "multiplier": "1.25"},
    ],
}
"""Three rules (the base rate, points per item of two products, a factor at weekends) and two tiers."""


@dataclass(frozen=True, slots=True)
class Work:
    """The same orders for every case. floor_points: what deciding gave for each."""

    rulebook: Rulebook
    histories: Sequence[History]
    orders: Sequence[OrderState]


def run(kinds: Sequence[Databases], sizes: Sizes) -> list[Row]:
    """Both pairs. Databases are not touched."""
    progress(f"preparing {sizes.engine_orders} orders of {sizes.engine_orders // 10} members")
    work = prepared(sizes.engine_orders)
    points = [_decided(work.rulebook, order) for order in work.orders]
    cases = [
        Case("seal and lots", partial(_floor, work, points)),
        Case("decide", partial(_decide, work, points)),
        Case("walk only", partial(_walk_only, work)),
        Case("replay", partial(_replay, work)),
    ]
    samples = interleaved(cases, sizes.rounds)
    return rows(
        "engine", "orders/s", [Comparison("decide", "seal and lots"), Comparison("replay", "walk only")], samples
    )


def prepared(count: int) -> Work:
    """``count`` orders of a tenth as many members, over a year, the same every time."""
    programme = parse_programme(DOCUMENT, 1, OPENED)
    histories = [History(f"{number:032x}", OPENED, list(_orders(number, 10))) for number in range(count // 10)]
    return Work(Rulebook((programme,)), histories, [order for history in histories for order in history.orders])


def _orders(member: int, count: int) -> Iterator[OrderState]:
    for place in range(count):
        number = member * count + place
        paid_at = OPENED + timedelta(days=(member * 7 + place * 31) % 365, minutes=number % 1440)
        lines = tuple(
            Line(str(line), 1 + (number + line) % 3, 500 + (number * 37 + line * 411) % 6000, str((number + line) % 9))
            for line in range(2 + number % 3)
        )
        yield OrderState(
            source_ref=f"shopify:1:order:{number}",
            order_id=str(number),
            customer_ref=str(member),
            currency="EUR",
            status=OrderStatus.PAID,
            shop_status="paid",
            updated_at=paid_at,
            created_at=paid_at,
            paid_at=paid_at,
            total_minor=sum(line.net_minor for line in lines),
            lines=lines,
        )


def _member(order: OrderState) -> MemberState:
    number = int(order.order_id)
    tier = "silver" if number % 3 == 0 else "member"
    path = (TierChange(1, tier, TierCause.JOINED, OPENED, 1),)
    return MemberState(f"{number:032x}", OPENED, tiers=path)


def _decided(rulebook: Rulebook, order: OrderState) -> int:
    decision = decide(_member(order), [SourceState(order.source_ref, order, True)], rulebook, _moment(order))
    return decision.points


def _moment(order: OrderState) -> Moment:
    assert order.paid_at is not None
    return Moment(order.paid_at, order.paid_at.date(), _salt)


def _salt() -> bytes:
    return SALT


def _decide(work: Work, points: Sequence[int]) -> Sample:
    watch = Stopwatch()
    total = 0
    for order in work.orders:
        decision = decide(_member(order), [SourceState(order.source_ref, order, True)], work.rulebook, _moment(order))
        total += decision.points
    sample = watch.sample(len(work.orders))
    expect("points decided", total, sum(points))
    return sample


def _floor(work: Work, points: Sequence[int]) -> Sample:
    watch = Stopwatch()
    total = 0
    for order, known in zip(work.orders, points, strict=True):
        member, moment = _member(order), _moment(order)
        book = LotBook(member.lots, member.debts)
        if known:
            draft = EntryDraft(EntryKind.EARN, known, order.source_ref, 1, 1, {"due": known, "posted": 0})
            entry = seal_entry(draft, member.member_id, 1, GENESIS, moment.book_date, moment.now, moment.new_salt())
            book.open(Lot(1, order.source_ref, known, known, moment.now + timedelta(days=14)))
            total += entry.points
    sample = watch.sample(len(work.orders))
    expect("points sealed", total, sum(points))
    return sample


def _replay(work: Work) -> Sample:
    watch = Stopwatch()
    totals = Totals.of(work.rulebook.versions[-1])
    for history in work.histories:
        totals.add(walk(history, work.rulebook, UNTIL, Habit.NEVER))
    sample = watch.sample(len(work.orders), {"megabytes": megabytes()})
    expect("orders replayed", totals.orders, len(work.orders))
    expect("points left", totals.points, totals.earned - totals.expired)
    return sample


def _walk_only(work: Work) -> Sample:
    watch = Stopwatch()
    states = 0
    for history in work.histories:
        moments = sorted((phase for order in history.orders for phase in phases(order)), key=lambda phase: phase[0])
        states += len(moments)
    sample = watch.sample(len(work.orders))
    expect("states walked", states, len(work.orders))
    return sample


def megabytes() -> float:
    """Resident memory of this process."""
    return psutil.Process().memory_info().rss / 1e6
