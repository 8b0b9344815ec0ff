"""What is found of many redemptions in SQL is what picking among all of them would give."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from connector.storage.atomic import atomic
from connector.storage.database import Database
from connector.storage.ledger_rows import REDEMPTION_COLUMNS, redemption_values
from connector.storage.redemptions import ToTell, count_had, count_had_by, load_told
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.limits import COUNTS, Limit
from loyalty_engine.member import Redemption, RedemptionState
from tests.builders import opened

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MEMBERS = ("a" * 32, "b" * 32, "c" * 32)
KEYS = [(member_shard(member), member) for member in MEMBERS]
TELL = ToTell(waiting=4, used=3, since=NOW - timedelta(days=10))
WAITING = (RedemptionState.HELD, RedemptionState.REQUESTED, RedemptionState.ISSUED)
GIVEN_BACK = (RedemptionState.EXPIRED, RedemptionState.CANCELLED)


def one(chance: random.Random, number: int) -> Redemption:
    made = NOW - timedelta(minutes=chance.randrange(60 * 24 * 40))
    return Redemption(
        redemption_id=f"{chance.getrandbits(128):032x}",
        reward_id=chance.choice(["cup", "mug"]),
        kind=chance.choice(["amount", "amount", "store_credit"]),
        state=chance.choice(list(RedemptionState)),
        points=10,
        programme_version=1,
        created_at=made,
        updated_at=made + timedelta(minutes=number),
        expires_at=chance.choice([None, made + timedelta(days=chance.randrange(1, 60))]),
        place=number,
    )


@pytest.fixture
async def database(prepared_database_url: str) -> AsyncIterator[Database]:
    async with opened(prepared_database_url) as found:
        yield found


@pytest.fixture
async def kept(database: Database) -> dict[str, list[Redemption]]:
    """The third member has none."""
    chance = random.Random(20261128)
    made = {member: [one(chance, number) for number in range(1, 61)] for member in MEMBERS[:2]} | {MEMBERS[2]: []}
    rows = [(*key, 1, *redemption_values(each)) for key in KEYS for each in made[key[1]]]

    async def body(session: Session) -> None:
        await session.insert("redemption", f"shard member_id programme_number {REDEMPTION_COLUMNS}", rows)

    await atomic(database, body)
    return made


def is_over(each: Redemption) -> bool:
    return each.kind == "store_credit" and each.state is RedemptionState.ISSUED


def told_of(redemptions: list[Redemption]) -> list[str]:
    """What waits by its end, then the newest of the rest, as a page shows it."""
    waiting = [each for each in redemptions if each.state in WAITING and not is_over(each)]
    waiting.sort(key=lambda each: (each.expires_at is None, each.expires_at or each.created_at, each.redemption_id))
    rest = [
        each
        for each in redemptions
        if each.state is RedemptionState.USED
        or is_over(each)
        or (each.state in GIVEN_BACK and each.updated_at >= TELL.since)
    ]
    rest.sort(key=lambda each: each.updated_at, reverse=True)
    return [each.redemption_id for each in [*waiting[: TELL.waiting], *rest[: TELL.used]]]


async def test_what_members_are_told_of_is_what_a_page_would_pick(
    database: Database, kept: dict[str, list[Redemption]]
) -> None:
    found = await load_told(database.reading(), KEYS, TELL)
    assert set(found) == set(MEMBERS[:2])
    for member in MEMBERS[:2]:
        assert told_of(found[member]) == told_of(kept[member])
        assert len(found[member]) < len(kept[member]) / 2
        assert found[member] == sorted(found[member], key=lambda each: (each.created_at, each.redemption_id))
        used = sum(each.state is RedemptionState.USED for each in found[member])
        assert used == TELL.used, "the others stay where they are"


async def test_what_counts_towards_a_limit_is_counted_exactly(
    database: Database, kept: dict[str, list[Redemption]]
) -> None:
    session, some = database.reading(), kept[MEMBERS[0]][7]
    spans = [(None, None), (some.created_at, NOW), (NOW - timedelta(days=30), some.created_at)]
    for since, until in spans:
        limits = [Limit("cup", since, until), Limit("mug", since, until), Limit("none", since, until)]
        wanted = {
            member: {
                limit.reward_id: sum(
                    each.reward_id == limit.reward_id
                    and each.state in COUNTS
                    and (since is None or each.created_at >= since)
                    and (until is None or each.created_at < until)
                    for each in kept[member]
                )
                for limit in limits
            }
            for member in MEMBERS
        }
        assert await count_had_by(session, dict.fromkeys(KEYS, limits)) == wanted
        assert await count_had(session, MEMBERS[1], limits) == wanted[MEMBERS[1]]
        assert wanted[MEMBERS[1]]["cup"] > 0 and wanted[MEMBERS[2]] == {"cup": 0, "mug": 0, "none": 0}
    assert await count_had(session, MEMBERS[1], []) == {}
