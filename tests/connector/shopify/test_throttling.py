"""Waiting for Shopify's bucket: as long as needed and no longer, a bounded number of times."""

from __future__ import annotations

from typing import Any

import pytest

from connector.errors import Transient
from connector.shopify.cost import CostBucket, read_cost
from connector.shopify.graphql import THROTTLED_TRIES_MAX
from tests.connector.calls import FakeTime
from tests.connector.shopify.fake_admin import FakeAdmin, Whole, cost, throttled

FINE = {"shop": {"name": "Demo", "myshopifyDomain": "demo.myshopify.com"}}


def answering(*answers: Any) -> FakeAdmin:
    """Gives each answer once, the last one for ever."""
    left = list(answers)
    return FakeAdmin({"Check": lambda _: left.pop(0) if len(left) > 1 else left[0]})


def fine(requested: int, available: int, rate: int = 100) -> Whole:
    return Whole({"data": FINE, "extensions": {"cost": cost(requested, available, rate)}})


@pytest.mark.parametrize(
    ("requested", "available", "rate", "seconds"),
    [(500, 100, 100, 4.0), (500, 100, 200, 2.0), (500, 499, 100, 0.1), (500, 500, 100, 0.1), (1000, 0, 1000, 1.0)],
)
async def test_throttling_is_waited_out_for_as_long_as_the_bucket_needs(
    requested: int, available: int, rate: int, seconds: float
) -> None:
    admin = answering(Whole(throttled(requested, available, rate)), fine(requested, 1500, rate))
    await admin.client().check()
    assert admin.time.slept == [seconds]
    assert len(admin.asked) == 2


async def test_throttling_without_a_cost_block_waits_a_second() -> None:
    bare = Whole({"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]})
    admin = answering(bare, fine(10, 1000))
    await admin.client().check()
    assert admin.time.slept == [1]


async def test_endless_throttling_ends_in_another_try_later() -> None:
    admin = answering(Whole(throttled(300, 0)))
    with pytest.raises(Transient) as caught:
        await admin.client().check()
    assert len(admin.asked) == THROTTLED_TRIES_MAX
    assert caught.value.retry_after_seconds == 3
    assert admin.time.slept == [3.0] * THROTTLED_TRIES_MAX


async def test_a_bucket_known_to_be_low_is_waited_for_before_asking() -> None:
    admin = answering(fine(500, 100))
    client = admin.client()
    await client.check()
    assert admin.time.slept == []
    await client.check()
    assert admin.time.slept == [4.0]


async def test_time_that_passed_refills_the_bucket() -> None:
    admin = answering(fine(500, 100))
    client = admin.client()
    await client.check()
    admin.time.at += 3
    await client.check()
    assert admin.time.slept == [1.0]
    admin.time.at += 60
    await client.check()
    assert admin.time.slept == [1.0]


def test_questions_at_the_same_time_reckon_with_each_other() -> None:
    time = FakeTime()
    bucket = CostBucket(time.seconds)
    found = read_cost({"cost": cost(500, 1000)})
    assert found is not None
    bucket.learn("X", found)
    waits = []
    for _ in range(4):
        waits.append(bucket.seconds_to_wait("X"))
        time.at += waits[-1]
        bucket.take("X")
    assert waits == [0, 0, 5, 5]


def test_a_bucket_never_makes_anyone_wait_for_more_than_it_can_hold() -> None:
    time = FakeTime()
    bucket = CostBucket(time.seconds)
    assert bucket.seconds_to_wait("X") == 0
    found = read_cost({"cost": cost(5000, 1000)})
    assert found is not None
    bucket.learn("X", found)
    assert bucket.seconds_to_wait("X") == 10
    assert bucket.seconds_to_wait("Unknown") == 0
    bucket.take("X")
    assert bucket.seconds_to_wait("X") == 30
    time.at += 1000
    assert bucket.seconds_to_wait("X") == 0


@pytest.mark.parametrize(
    "extensions",
    [None, {}, [], "x", {"cost": None}, {"cost": {}}, {"cost": {"requestedQueryCost": "x", "throttleStatus": {}}}],
)
def test_an_odd_cost_block_is_no_cost(extensions: Any) -> None:
    assert read_cost(extensions) is None
