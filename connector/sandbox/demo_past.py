"""The three months before the demo: what its shops told, booked on the days on which it would have been."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import click

from connector import clock
from connector.running.service import Service
from connector.sandbox.shop import Shop
from connector.sandbox.world import SPAN, Action, Plan, live, schedule
from connector.storage.models import StoreConnection
from connector.storage.session import Session

BURST = 8


async def connected_since(session: Session, since: datetime) -> None:
    """As if the shops had been there from the beginning: whoever bought then is a member since then."""
    await StoreConnection.all().using_db(session.client).update(created_at=since)


async def three_months(service: Service, shops: Mapping[str, Shop], seed: int, shoppers: int) -> None:
    """Everything that shoppers and merchants did until now, told by webhooks as it happened, with a bar."""
    until = clock.utc_now()
    plans = {name: schedule(seed, Plan(name, shoppers // 2), until) for name in shops}
    passing = _Passing(plans, until - SPAN)
    for name in plans:
        passing.reach(name, 0)
    total = sum(len(plan) for plan in plans.values())
    with (
        _booked_by(service, passing),
        click.progressbar(
            length=total, label=f"Three months of {shoppers} shoppers", file=sys.stderr, update_min_steps=20
        ) as bar,
    ):

        async def one(name: str) -> None:
            done = 0

            def note(count: int) -> None:
                nonlocal done
                passing.reach(name, count)
                bar.update(count - done)
                done = count

            await live(shops[name], plans[name], burst=BURST, progress=note)

        await asyncio.gather(*[one(name) for name in plans])


@dataclass(slots=True)
class _Passing:
    """The time at which points are booked. It never goes back, and is never before what a shop tells."""

    plans: Mapping[str, Sequence[Action]]
    moment: datetime

    def reach(self, name: str, done: int) -> None:
        """A shop is about to do its next deeds."""
        coming = self.plans[name][done : done + BURST]
        if coming:
            self.moment = max(self.moment, coming[-1].at)


@contextmanager
def _booked_by(service: Service, passing: _Passing) -> Iterator[None]:
    service.pipeline.now = lambda: passing.moment
    try:
        yield
    finally:
        service.pipeline.now = clock.utc_now
