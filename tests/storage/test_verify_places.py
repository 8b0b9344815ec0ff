"""`belong verify` finds two orders of one member that both say which of all their orders they are, and say the same."""

from __future__ import annotations

from collections.abc import Mapping

from connector.verify.contexts import context_seal
from tests.builders import Shopfront
from tests.storage.verify_world import change, checked, member_of, world


async def say(front: Shopfront, member_id: str, values: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Write values of contexts, sealed as if we had; what is found then."""
    for row in await front.rows("SELECT * FROM context WHERE member_id = $1", member_id):
        text = values.get(row["source_ref"], "{}")
        seal = context_seal(member_id, {**row, "values_text": text})
        sql = "UPDATE context SET values_text = $1, seal = $2 WHERE member_id = $3 AND source_ref = $4"
        await change(front, sql, text, seal, member_id, row["source_ref"])
    return [(one.code, one.source_ref) for one in (await checked(front)).differences]


async def contexts(front: Shopfront, member_id: str) -> dict[str, int]:
    rows = await front.rows("SELECT source_ref, place FROM context WHERE member_id = $1 ORDER BY place", member_id)
    return {row["source_ref"]: row["place"] for row in rows}


async def test_two_orders_are_not_the_same_one_of_all(prepared_database_url: str) -> None:
    async with world(prepared_database_url) as (_, front):
        member_id = await member_of(front, "23")
        (first, second, third) = await contexts(front, member_id)
        assert await say(front, member_id, {first: '{"nth":4}', second: '{"nth":5}', third: '{"nth":6}'}) == []
        assert await say(front, member_id, {first: '{"nth":-1}', second: '{"nth":-1}', third: '{"nth":0}'}) == []
        found = await say(front, member_id, {first: '{"nth":4}', second: '{"nth":4}', third: '{"nth":6}'})
        assert sorted(found) == sorted([("context-wrong", first), ("context-wrong", second)])


async def test_an_order_that_waited_is_not_one_that_was_decided_before(prepared_database_url: str) -> None:
    async with world(prepared_database_url) as (_, front):
        member_id = await member_of(front, "23")
        places = await contexts(front, member_id)
        first, second, _ = places
        assert await say(front, member_id, {second: f'{{"nth":{places[first]}}}'}) == [("context-wrong", second)]
        # One that was decided after it, and at once, knew nothing of it: no run that was asked for was left.
        assert await say(front, member_id, {first: f'{{"nth":{places[second]}}}'}) == []
