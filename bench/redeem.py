"""``redeem``: what a redemption costs a member who has redeemed often before, against one who never has.

The earlier ones are used, each on an order of its own, as they are after years. Everything of a redemption is in it:
its key, its pace, the reward, the points, the code and the kept answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from bench.databases import Databases
from bench.measure import Case, Comparison, Row, Sample, expect, interleaved, progress, rows
from bench.sizes import Sizes
from bench.watch import run_loop, watched
from bench.world import DOCUMENT, KEYS, OPENED, Ticking, World, look, opened, prepare
from connector.ingest.moments import moment_of
from connector.ingest.pipeline import Pipeline
from connector.people.actors import Actor
from connector.people.adjusting import adjust_points
from connector.redeeming.redemptions import Wish, redeem
from connector.registry import PLATFORMS
from connector.storage.atomic import atomic
from connector.storage.database import Database
from connector.storage.ledger import Append, append
from connector.storage.ledger_load import load_members
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine import commands
from loyalty_engine.decision import Decision, Moment
from loyalty_engine.ledger import EntryKind
from loyalty_engine.member import MemberState, Posted
from loyalty_engine.programme.model import Rulebook
from loyalty_engine.rewards import Choice, Situation, redemption_for

PRICE = 10
POINTS = 500_000
REWARD = "cup"
RULES = {
    **DOCUMENT,
    "adjust": {"max": POINTS},
    "rewards": [{"id": REWARD, "kind": "amount", "points": PRICE, "value": "0.10"}],
}
BATCH = 200
PAUSE = timedelta(seconds=5)
"""Between two redemptions of one member: nobody is too fast."""


class Unhurried(Ticking):
    """A clock that moves on so far that no redemption is refused for its pace."""

    def forward(self) -> None:
        self._moment += PAUSE


def run(kinds: Sequence[Databases], sizes: Sizes) -> list[Row]:
    """Every past on every database; each is compared with none."""
    found: list[Row] = []
    for where in kinds:
        for past in sizes.past_redemptions:
            progress(f"redeem on {where.kind}: a member with {past} used redemptions")
            where.template(f"redeem_{past}", partial(_past, past=past))
        names = {past: f"after {past} {where.kind}" for past in sizes.past_redemptions}
        cases = [Case(name, partial(_measured, where, past, sizes.redemptions)) for past, name in names.items()]
        first, *others = names.values()
        compared = [Comparison(name, first) for name in others]
        found += rows("redeem", "redemptions/s", compared, interleaved(cases, sizes.rounds))
    return found


def _measured(where: Databases, past: int, count: int) -> Sample:
    with where.copy(f"redeem_{past}") as url:
        sample: Sample = run_loop(_redeemed(where, url, past, count))
    return sample


async def _redeemed(where: Databases, url: str, past: int, count: int) -> Sample:
    async with opened(url) as database:
        world, member = await look(database), await _member(database)
        clock = Unhurried()
        pipeline = Pipeline(database, KEYS, PLATFORMS, clock)
        await _redeem(pipeline, world, member, range(past, past + 1))
        sample = await watched(where, _redeem(pipeline, world, member, range(past + 1, past + 1 + count)), count)
        await _check(database, past + 1 + count)
    return sample


async def _redeem(pipeline: Pipeline, world: World, member: str, numbers: range) -> None:
    for number in numbers:
        assert isinstance(pipeline.now, Unhurried)
        pipeline.now.forward()
        wish = Wish(world.programme_number, member, REWARD, world.connection.number, f"redemption-{number}")
        await redeem(pipeline, wish)


async def _check(database: Database, count: int) -> None:
    """Each redemption took its points once."""
    session = database.reading()
    found = {
        "redemptions": await session.number("SELECT count(*) FROM redemption"),
        "debits": await session.number("SELECT count(*) FROM entry WHERE kind = 'redeem'"),
        "points": await session.number("SELECT points FROM balance"),
        "left in lots": await session.number("SELECT CAST(sum(remaining) AS BIGINT) FROM lot"),
    }
    left = POINTS - count * PRICE
    expect("after redeeming", found, {"redemptions": count, "debits": count, "points": left, "left in lots": left})


# --- the past ---------------------------------------------------------------------------------------------------------


async def _past(url: str, past: int) -> None:
    world = await prepare(url, 1, (), document=RULES)
    async with opened(url) as database:
        member = await _member(database)
        pipeline = Pipeline(database, KEYS, PLATFORMS, lambda: OPENED)
        by = Actor("bench", "command", "bench")
        await adjust_points(pipeline, world.programme_number, member, POINTS, "0" * 32, by, "to begin with")
        for start in range(0, past, BATCH):
            numbers = range(start, min(start + BATCH, past))
            await atomic(database, lambda session, numbers=numbers: _use_up(session, world, member, numbers))  # type: ignore[misc]


async def _member(database: Database) -> str:
    row = await database.reading().one("SELECT member_id FROM member")
    assert row is not None
    return str(row["member_id"])


async def _use_up(session: Session, world: World, member_id: str, numbers: range) -> None:
    """Redeemed and used, by the engine and into the ledger. Carried on is only what the next one needs."""
    books = (await load_programmes(session, lock=True))[world.programme_number]
    key = (member_shard(member_id), member_id)
    member = (await load_members(session, (), also=[key]))[member_id]
    for number in numbers:
        now = OPENED + PAUSE * (number + 1)
        moment = moment_of(books, now)
        redemption_id = hashlib.sha256(f"past {number}".encode()).hexdigest()[:32]
        bare = replace(member, asked=frozenset({f"redemption:{redemption_id}"}))
        choice = Choice(redemption_id, world.connection.number, number + 1)
        for decision in _redeemed_and_used(bare, choice, books.rulebook, moment):
            await append(session, [Append(key[0], world.programme_number, member.last_n + 1, decision, None)], now)
            lots = {lot.n: lot for lot in (*member.lots, *decision.lots)}
            member = replace(
                member,
                points=decision.points,
                lifetime=decision.lifetime,
                last_n=decision.last_n,
                last_hash=decision.last_hash,
                lots=tuple(lots.values()),
            )


def _redeemed_and_used(
    member: MemberState, choice: Choice, rulebook: Rulebook, moment: Moment
) -> tuple[Decision, Decision]:
    programme = rulebook.in_force(moment.now)
    made = redemption_for(programme.rewards[0], member, Situation(programme, moment.now), choice)
    taken = commands.redeem(member, made, rulebook, moment)
    (kept,) = taken.redemptions
    after = replace(
        member,
        points=taken.points,
        last_n=taken.last_n,
        last_hash=taken.last_hash,
        redemptions=(kept,),
        posted={kept.source_ref: Posted().after(EntryKind.REDEEM, -PRICE)},
    )
    order_ref = f"shopify:{choice.connection_number}:order:{choice.place}"
    return taken, commands.used(after, choice.redemption_id, order_ref, rulebook, moment)
