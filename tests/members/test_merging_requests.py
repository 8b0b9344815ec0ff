"""Adjustments that wait for a second person go where the points are; nobody agrees to points for who is no more."""

from __future__ import annotations

from typing import Any

import pytest

from connector.data.erasure import erase
from connector.ingest.pipeline import drain
from connector.people.actors import Actor
from connector.people.adjusting import adjust_points, answer_request
from connector.people.merging import merge, unmerge
from connector.storage.adjust_requests import RequestState, waiting_requests
from loyalty_engine.errors import Refused
from tests.connector.rewarding import RewardShop
from tests.members.test_merging import assert_clean, balances, member_of, merged, shop, two

__all__ = ["shop", "two"]
KIM, LEE = Actor("kim", "key:bk_kim", "Kim"), Actor("lee", "key:bk_lee", "Lee")
MANY = 2_500


async def asked(shop: RewardShop, member: str, request: str = "r1") -> None:
    state = await adjust_points(
        shop.front.pipeline, shop.front.programme, member, MANY, request, KIM, "parcel came late"
    )
    assert state is RequestState.WAITING


async def waits(shop: RewardShop) -> list[tuple[str, str]]:
    found = await waiting_requests(
        shop.front.pipeline.database.reading(), shop.front.programme, shop.front.pipeline.now()
    )
    return [(one.request_id, one.member_id) for one in found]


async def answered(shop: RewardShop, member: str, agrees: bool = True) -> RequestState:
    return await answer_request(
        shop.front.pipeline, shop.front.programme, member, "r1", LEE, "looked at it", agrees=agrees
    )


async def states(shop: RewardShop) -> set[tuple[str, int]]:
    return {(row["member_id"], row["state"]) for row in await shop.front.rows("SELECT * FROM adjust_request")}


async def test_it_waits_at_the_survivor_and_is_agreed_to_there(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await asked(shop, eight)
    await merged(shop, eight, seven)
    assert await waits(shop) == [("r1", seven)]
    with pytest.raises(Refused) as refused:
        await answered(shop, eight)
    assert refused.value.code == "member-not-active"
    assert refused.value.numbers == {"member": eight, "status": "merged", "survivor": seven}
    assert await balances(shop) == {seven: 1_320, eight: 0}, "nothing has happened"
    await assert_clean(shop)
    assert await answered(shop, seven) is RequestState.AGREED
    assert await balances(shop) == {seven: 1_320 + MANY, eight: 0}
    assert await waits(shop) == []
    await unmerge(shop.front.pipeline, shop.front.programme, eight, KIM)
    await drain(shop.front.pipeline)
    assert await balances(shop) == {seven: 1_020, eight: 320 + MANY}, "it was asked for them"


async def test_what_still_waits_comes_back_with_an_undoing(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await asked(shop, eight)
    await asked(shop, seven, "own")
    await merged(shop, eight, seven)
    assert sorted(await waits(shop)) == [("own", seven), ("r1", seven)]
    await unmerge(shop.front.pipeline, shop.front.programme, eight, KIM)
    assert sorted(await waits(shop)) == [("own", seven), ("r1", eight)]
    await assert_clean(shop)
    await merged(shop, eight, seven)
    assert sorted(await waits(shop)) == [("own", seven), ("r1", seven)], "as often as one likes"
    await unmerge(shop.front.pipeline, shop.front.programme, eight, KIM)
    await drain(shop.front.pipeline)
    assert await answered(shop, eight) is RequestState.AGREED
    assert await balances(shop) == {seven: 1_020, eight: 320 + MANY}


async def test_what_was_refused_at_the_survivor_stays_refused(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await asked(shop, eight)
    await merged(shop, eight, seven)
    assert await answered(shop, seven, agrees=False) is RequestState.REFUSED
    await unmerge(shop.front.pipeline, shop.front.programme, eight, KIM)
    assert await waits(shop) == []
    with pytest.raises(Refused, match="request-answered"):
        await answered(shop, eight)
    assert await states(shop) == {(seven, RequestState.REFUSED), (eight, RequestState.OVER)}


@pytest.mark.parametrize("is_merged", [False, True])
async def test_nobody_agrees_to_points_for_whom_was_erased(shop: RewardShop, is_merged: bool) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await asked(shop, eight)
    at = eight
    if is_merged:
        await merge(shop.front.pipeline, shop.front.programme, eight, seven, "merchant", KIM)
        at = seven
    await erase(shop.front.pipeline, shop.front.programme, eight, LEE, "their wish")
    assert await waits(shop) == []
    with pytest.raises(Refused, match="member-not-active"):
        await answered(shop, at)
    rows: list[dict[str, Any]] = await shop.front.rows("SELECT * FROM adjust_request WHERE member_id = $1", at)
    assert [(row["state"], row["second_person"], row["reason"]) for row in rows] == [
        (RequestState.REFUSED, "lee", "")
    ], "closed, and by whom"
