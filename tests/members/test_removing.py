"""What a store has of somebody who was erased is removed there, for certain, and comes back by nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from connector.data.erasure import erase
from connector.delivering.outbox import MAX_ATTEMPTS, OUTAGE_ATTEMPTS, PROBLEM_PAUSE, push_due
from connector.delivering.removing import remove_due
from connector.errors import ConfigProblem, Transient, Unclear
from connector.platforms import PushResult, PushState
from connector.storage.atomic import atomic
from connector.storage.dead_letters import Range, put_back
from connector.storage.push import LEASE
from connector.verify import verify
from tests.builders import KEYS, MIA
from tests.connector.rewarding import RewardShop, reward_shop


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    """Customers 7 and 8 have points, and the store shows them."""
    async with reward_shop(prepared_database_url) as made:
        await made.order(2, 30_000, customer=8)
        await push_due(made.placing.outbox)
        assert {"7", "8"} <= made.store.shown.keys()
        yield made


async def erased(shop: RewardShop) -> None:
    await erase(shop.front.pipeline, shop.front.programme, shop.member, MIA)


async def waiting(shop: RewardShop, state: int = 0) -> int:
    return await shop.front.number("SELECT count(*) FROM removal WHERE state = $1", state)


async def test_the_store_removes_its_copy_and_that_of_nobody_else(shop: RewardShop) -> None:
    await erased(shop)
    assert await remove_due(shop.placing.outbox) == 1
    assert "7" not in shop.store.shown
    assert "8" in shop.store.shown
    shop.front.clock.forward(seconds=LEASE.seconds)
    assert await remove_due(shop.placing.outbox) == 1
    assert (await waiting(shop), await remove_due(shop.placing.outbox)) == (0, 0)
    assert shop.store.removals == [["7"], ["7"]]


async def test_a_push_that_was_under_way_shows_nothing_in_the_end(shop: RewardShop) -> None:
    await shop.order(5, 5_000)

    async def erase_meanwhile() -> None:
        shop.store.meanwhile = nothing
        await erased(shop)
        await remove_due(shop.placing.outbox)
        assert "7" not in shop.store.shown

    async def nothing() -> None:
        pass

    shop.store.meanwhile = erase_meanwhile
    await push_due(shop.placing.outbox)
    assert "7" in shop.store.shown, "the push came after the first removal"
    shop.front.clock.forward(seconds=LEASE.seconds)
    await remove_due(shop.placing.outbox)
    assert "7" not in shop.store.shown
    assert await waiting(shop) == 0


async def test_later_orders_of_theirs_push_nothing(shop: RewardShop) -> None:
    await erased(shop)
    await remove_due(shop.placing.outbox)
    shop.front.clock.forward(minutes=5)
    await shop.order(6, 5_000)
    await push_due(shop.placing.outbox)
    assert "7" not in shop.store.shown
    assert await shop.front.number("SELECT count(*) FROM push WHERE customer_ref <> '8'") == 0


async def test_an_outage_and_a_wrong_secret_are_waited_for(shop: RewardShop) -> None:
    await erased(shop)

    def fails(error: Exception) -> None:
        def answer(_: Sequence[str]) -> list[PushResult]:
            raise error

        shop.store.removal_answer = answer

    fails(Transient("The shop does not answer."))
    for _ in range(MAX_ATTEMPTS + 5):
        assert await remove_due(shop.placing.outbox) == 1
        shop.front.clock.forward(hours=7)
    fails(ConfigProblem("The key was revoked."))
    assert await remove_due(shop.placing.outbox) == 1
    rows = await shop.front.rows("SELECT problem FROM connection")
    assert rows[0]["problem"] == "The key was revoked."
    assert (await waiting(shop), "7" in shop.store.shown) == (1, True)
    shop.store.removal_answer = None
    shop.front.clock.forward(seconds=PROBLEM_PAUSE.seconds)
    assert await remove_due(shop.placing.outbox) == 1
    assert (await waiting(shop), "7" in shop.store.shown) == (0, False)


async def test_what_a_store_answers_unclearly_is_no_refusal(shop: RewardShop) -> None:
    await erased(shop)

    def unclear(_: Sequence[str]) -> list[PushResult]:
        raise Unclear("The answer is too large.")

    shop.store.removal_answer = unclear
    for _ in range(MAX_ATTEMPTS - 1):
        assert await remove_due(shop.placing.outbox) == 1
        shop.front.clock.forward(hours=1)
    assert (await waiting(shop), await waiting(shop, 2)) == (1, 0)
    await remove_due(shop.placing.outbox)
    assert (await waiting(shop), await waiting(shop, 2)) == (0, 1)


async def test_what_a_store_refuses_is_given_up_visibly_and_tried_again_on_demand(shop: RewardShop) -> None:
    await erased(shop)
    shop.store.removal_answer = lambda refs: [PushResult(PushState.REFUSED, "no") for _ in refs]
    await remove_due(shop.placing.outbox)
    assert (await waiting(shop, 2), await remove_due(shop.placing.outbox)) == (1, 0)
    report = await verify(shop.front.database, KEYS)
    assert report.ok, report.as_text()
    assert report.attention_counts["removal-given-up"] == 1
    shop.store.removal_answer = None
    assert (
        await atomic(shop.front.database, lambda session: put_back(session, Range("removal"), shop.front.clock())) == 1
    )
    shop.front.clock.forward(seconds=LEASE.seconds)
    await remove_due(shop.placing.outbox)
    assert (await waiting(shop), await waiting(shop, 2), "7" in shop.store.shown) == (0, 0, False)


async def test_a_customer_whom_the_store_deleted_is_done_at_once(shop: RewardShop) -> None:
    await erased(shop)
    shop.store.removal_answer = lambda refs: [PushResult(PushState.GONE, "deleted") for _ in refs]
    assert await remove_due(shop.placing.outbox) == 1
    assert (await waiting(shop), await waiting(shop, 2)) == (0, 0)


async def test_a_tag_that_cannot_go_while_the_shop_is_down_is_never_given_up(shop: RewardShop) -> None:
    await erased(shop)
    down = Transient("The shop is down.", retry_after_seconds=7200)
    shop.store.removal_answer = lambda refs: [PushResult(PushState.RETRY, "the tag", outage=down) for _ in refs]
    for _ in range(2 * MAX_ATTEMPTS):
        assert await remove_due(shop.placing.outbox) == 1
        shop.front.clock.forward(hours=2)
    assert (await waiting(shop), await waiting(shop, 2)) == (1, 0)
    assert await shop.front.number("SELECT attempts FROM removal") == OUTAGE_ATTEMPTS
