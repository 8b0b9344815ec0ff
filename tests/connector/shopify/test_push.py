"""Pushing snapshots to Shopify: compare-and-set, one bad customer among many, and what a stale write means."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from connector.api_client import ANSWER_BYTES_MAX
from connector.errors import ConfigProblem
from connector.platforms import PushResult, PushState, SnapshotPush
from tests.connector.shopify.fake_admin import FakeAdmin

STALE = "The resource has been updated since it was loaded. Try again with an updated `compareDigest` value."


def body(counter: int, epoch: int = 1) -> str:
    return json.dumps({"schema": 1, "version": [epoch, counter], "available": counter * 10})


def push(customer: int | str, counter: int = 5, previous: str | None = None, epoch: int = 1) -> SnapshotPush:
    return SnapshotPush(str(customer), body(counter, epoch), (epoch, counter), previous)


@dataclass(slots=True)
class Metafields:
    """Customers with at most one metafield each: value and digest. Writes are atomic and compare digests."""

    customers: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    refuses: dict[str, dict[str, Any]] = field(default_factory=dict)
    writes: int = 0
    interloper: list[str] = field(default_factory=list)

    def digest(self, gid: str) -> str:
        return f"digest of {self.values[gid]}" if gid in self.values else ""

    def set(self, variables: dict[str, Any]) -> Any:
        errors = [error for at, wish in enumerate(variables["metafields"]) if (error := self.error(at, wish))]
        if errors:
            return {"metafieldsSet": {"metafields": [], "userErrors": errors}}
        for wish in variables["metafields"]:
            self.values[wish["ownerId"]] = wish["value"]
        self.writes += 1
        written = [
            {"compareDigest": self.digest(wish["ownerId"]), "owner": {"id": wish["ownerId"]}}
            for wish in variables["metafields"]
        ]
        return {"metafieldsSet": {"metafields": written, "userErrors": []}}

    def error(self, at: int, wish: dict[str, Any]) -> dict[str, Any] | None:
        assert (wish["namespace"], wish["key"], wish["type"]) == ("$app", "summary", "json")
        gid, path = wish["ownerId"], ["metafields", str(at)]
        if gid not in self.customers:
            return problem("INVALID_VALUE", "Owner does not exist.", [*path, "ownerId"])
        if gid in self.refuses:
            return {**self.refuses[gid], "field": path if self.refuses[gid].get("indexed", True) else None}
        if self.interloper and gid in self.values:
            self.values[gid] = self.interloper.pop(0)
        if "compareDigest" in wish and (wish["compareDigest"] or "") != self.digest(gid):
            return problem("STALE_OBJECT", STALE, path)
        return None

    def show(self, variables: dict[str, Any]) -> Any:
        assert (variables["namespace"], variables["key"]) == ("$app", "summary")
        return {"nodes": [self.shown(gid) for gid in variables["ids"]]}

    def shown(self, gid: str) -> dict[str, Any] | None:
        if gid not in self.customers:
            return None
        found = {"value": self.values[gid], "compareDigest": self.digest(gid)} if gid in self.values else None
        return {"id": gid, "metafield": found}

    def admin(self) -> FakeAdmin:
        return FakeAdmin({"PushSnapshots": self.set, "ShownSnapshots": self.show})


def problem(code: str, message: str, path: list[str] | None) -> dict[str, Any]:
    return {"field": path, "message": message, "code": code, "elementIndex": None}


def gid(customer: int | str) -> str:
    return f"gid://shopify/Customer/{customer}"


def shop(*customers: int) -> Metafields:
    return Metafields({gid(customer) for customer in customers})


def states(results: list[PushResult]) -> list[PushState]:
    return [result.state for result in results]


async def test_a_first_push_is_written_without_a_condition_and_gives_a_token() -> None:
    fields = shop(1, 2)
    admin = fields.admin()
    results = await admin.client().push_snapshots([push(1), push(2)])
    assert results == [PushResult(PushState.ACCEPTED, token=f"digest of {body(5)}")] * 2
    assert all("compareDigest" not in wish for wish in admin.asked[0][1]["metafields"])
    assert fields.writes == 1


async def test_the_token_of_the_last_write_is_the_condition_of_the_next() -> None:
    fields = shop(1)
    client = fields.admin().client()
    [first] = await client.push_snapshots([push(1, 5)])
    [second] = await client.push_snapshots([push(1, 6, first.token)])
    assert second == PushResult(PushState.ACCEPTED, token=f"digest of {body(6)}")
    assert json.loads(fields.values[gid(1)])["available"] == 60


async def test_a_stale_write_over_a_newer_version_is_obsolete_and_changes_nothing() -> None:
    fields = shop(1)
    fields.values[gid(1)] = body(9)
    [result] = await fields.admin().client().push_snapshots([push(1, 5, "an old digest")])
    assert (result.state, result.token) == (PushState.OBSOLETE, f"digest of {body(9)}")
    assert fields.values[gid(1)] == body(9)


async def test_a_higher_epoch_counts_more_than_a_higher_counter() -> None:
    fields = shop(1, 2)
    fields.values = {gid(1): body(9, epoch=1), gid(2): body(1, epoch=3)}
    results = await fields.admin().client().push_snapshots([push(1, 2, "old", epoch=2), push(2, 99, "old", epoch=2)])
    assert states(results) == [PushState.ACCEPTED, PushState.OBSOLETE]
    assert fields.values[gid(1)] == body(2, epoch=2)


async def test_a_stale_write_over_an_older_version_is_repeated_with_the_fresh_digest() -> None:
    fields = shop(1)
    fields.values[gid(1)] = body(4)
    admin = fields.admin()
    [result] = await admin.client().push_snapshots([push(1, 5, "an old digest")])
    assert result == PushResult(PushState.ACCEPTED, token=f"digest of {body(5)}")
    assert admin.names() == ["PushSnapshots", "ShownSnapshots", "PushSnapshots"]


async def test_a_write_whose_answer_was_lost_is_recognised() -> None:
    fields = shop(1)
    fields.values[gid(1)] = body(5)
    [result] = await fields.admin().client().push_snapshots([push(1, 5, "digest before")])
    assert (result.state, result.token) == (PushState.ACCEPTED, f"digest of {body(5)}")
    assert fields.writes == 0


@pytest.mark.parametrize("value", ["not json", "[]", '{"version":"x"}', '{"version":[1]}', '{"points":5}'])
async def test_a_value_that_is_not_ours_is_written_over(value: str) -> None:
    fields = shop(1)
    fields.values[gid(1)] = value
    [result] = await fields.admin().client().push_snapshots([push(1, 5, "old")])
    assert result.state is PushState.ACCEPTED
    assert fields.values[gid(1)] == body(5)


async def test_a_metafield_that_was_deleted_is_made_again() -> None:
    fields = shop(1)
    admin = fields.admin()
    [result] = await admin.client().push_snapshots([push(1, 5, "digest of a deleted one")])
    assert result.state is PushState.ACCEPTED
    assert admin.asked[-1][1]["metafields"][0]["compareDigest"] is None


async def test_one_who_keeps_writing_makes_us_wait_not_loop() -> None:
    fields = shop(1)
    fields.values[gid(1)] = body(1)
    fields.interloper = [json.dumps({"version": [1, 1], "x": number}) for number in range(50)]
    [result] = await fields.admin().client().push_snapshots([push(1, 5, "old")])
    assert result.state is PushState.RETRY
    assert fields.writes == 0


async def test_one_missing_customer_among_25_costs_the_others_nothing() -> None:
    fields = shop(*(number for number in range(25) if number not in (3, 17)))
    results = await fields.admin().client().push_snapshots([push(number) for number in range(25)])
    assert [at for at, result in enumerate(results) if result.state is PushState.GONE] == [3, 17]
    assert sum(result.state is PushState.ACCEPTED for result in results) == 23
    assert fields.writes == 1


async def test_stale_missing_refused_and_good_ones_each_get_their_own_result() -> None:
    fields = shop(1, 2, 3, 5)
    fields.values = {gid(2): body(9), gid(3): body(1)}
    fields.refuses = {gid(5): problem("TOO_LONG", "Value is too long.", None)}
    pushes = [push(1), push(2, 5, "old"), push(3, 5, "old"), push(4), push(5), push("x")]
    results = await fields.admin().client().push_snapshots(pushes)
    assert states(results) == [
        PushState.ACCEPTED,
        PushState.OBSOLETE,
        PushState.ACCEPTED,
        PushState.GONE,
        PushState.REFUSED,
        PushState.REFUSED,
    ]
    assert results[4].reason == "TOO_LONG: Value is too long."
    assert fields.writes == 1


async def test_an_error_that_names_nobody_is_found_by_halving() -> None:
    fields = shop(*range(8))
    fields.refuses = {gid(5): {**problem("INVALID", "Something is wrong.", None), "indexed": False}}
    results = await fields.admin().client().push_snapshots([push(number) for number in range(8)])
    assert [at for at, result in enumerate(results) if result.state is not PushState.ACCEPTED] == [5]
    assert results[5].state is PushState.REFUSED


async def test_the_element_index_counts_when_the_path_names_nobody() -> None:
    fields = shop(1, 2)
    fields.refuses = {gid(2): {**problem("INVALID", "x", None), "indexed": False, "elementIndex": 1}}
    admin = fields.admin()
    assert states(await admin.client().push_snapshots([push(1), push(2)])) == [PushState.ACCEPTED, PushState.REFUSED]
    assert admin.names() == ["PushSnapshots"] * 2


async def test_an_internal_error_of_one_is_worth_another_try() -> None:
    fields = shop(1)
    fields.refuses = {gid(1): problem("INTERNAL_ERROR", "x", None)}
    assert states(await fields.admin().client().push_snapshots([push(1)])) == [PushState.RETRY]


@pytest.mark.parametrize("answer", [{"metafieldsSet": None}, {"metafieldsSet": {"metafields": 5}}])
async def test_whom_shopify_does_not_answer_for_is_put_off_and_the_others_known(answer: Any) -> None:
    fields = shop(*range(8))

    def odd(variables: dict[str, Any]) -> Any:
        found = fields.set(variables)
        return answer if any(wish["ownerId"] == gid(5) for wish in variables["metafields"]) else found

    admin = FakeAdmin({"PushSnapshots": odd, "ShownSnapshots": fields.show})
    results = await admin.client().push_snapshots([push(number) for number in range(8)])
    assert [at for at, result in enumerate(results) if result.state is not PushState.ACCEPTED] == [5]
    assert results[5].state is PushState.RETRY


async def test_an_answer_that_is_too_large_is_no_refusal() -> None:
    huge = httpx.Response(200, content=b" " * (ANSWER_BYTES_MAX + 1))
    admin = FakeAdmin({"PushSnapshots": lambda _: huge})
    assert set(states(await admin.client().push_snapshots([push(1), push(2)]))) == {PushState.RETRY}


async def test_an_app_that_may_not_write_is_the_merchants_to_mend() -> None:
    fields = shop(1)
    for indexed in (True, False):
        fields.refuses = {gid(1): {**problem("APP_NOT_AUTHORIZED", "Access denied", None), "indexed": indexed}}
        with pytest.raises(ConfigProblem, match="Access denied"):
            await fields.admin().client().push_snapshots([push(1)])


async def test_nothing_is_asked_for_nothing_and_never_more_than_25() -> None:
    admin = FakeAdmin()
    assert await admin.client().push_snapshots([]) == []
    assert admin.asked == []
    with pytest.raises(ValueError, match="at most 25"):
        await admin.client().push_snapshots([push(number) for number in range(26)])
