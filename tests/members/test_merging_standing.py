"""What persons said of members goes along in a merge, the better of both, and comes back exactly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connector.ingest.pipeline import drain
from connector.people import boards, community, membership
from connector.people.actors import Actor
from connector.people.merging import merge, unmerge
from connector.people.outlooks import preview, preview_unmerge
from connector.programmes.passing_time import review_due
from connector.storage.atomic import atomic
from connector.storage.people import Person, load_people
from connector.storage.reviews import append_reviews, load_standings
from connector.storage.shards import member_shard
from connector.verify import verify
from loyalty_engine.badges import held, latest
from loyalty_engine.decision import Review
from loyalty_engine.errors import Refused
from loyalty_engine.member import TierCause, TierChange
from tests.builders import KEYS, MIA
from tests.connector.community import Community
from tests.connector.rewarding import ALL, RewardShop, reward_shop
from tests.members.test_community import mutual, standing, town
from tests.members.test_merging import assert_clean, member_of, merged

__all__ = ["town"]
KIM = Actor("kim", "command", "Kim")
DOCUMENT: dict[str, Any] = {
    **ALL,
    "tiers": [
        {"id": "member", "name": "Member", "qualify": "join"},
        {"id": "silver", "name": "Silver", "qualify": {"spend_12m": "500.00"}},
        {"id": "gold", "name": "Gold", "qualify": {"spend_12m": "5000.00"}},
        {"id": "circle", "name": "Circle", "invite_only": True},
    ],
    "badges": [
        {"id": "friend", "name": {"en": "Friend"}, "rule": "manual"},
        {"id": "buyer", "name": {"en": "Buyer"}, "rule": "orders_12m >= 1"},
    ],
    "levels": [
        {"id": "guest", "name": {"en": "Guest"}, "unlock": ["read"]},
        {"id": "guide", "name": {"en": "Guide"}, "require": {"appointed": True, "level": "guest"}, "unlock": ["x"]},
    ],
}


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    """Customer 7 is silver by 1,000.00 of orders, customer 8 by nothing: 3.00."""
    async with reward_shop(prepared_database_url, document=DOCUMENT) as made:
        await made.order(2, 300, customer=8)
        yield made
        await drain(made.front.pipeline)
        await assert_clean(made)


async def tier(shop: RewardShop, member: str) -> tuple[str, str]:
    rows = await shop.front.rows(
        "SELECT tier, cause FROM tier_change WHERE member_id = $1 ORDER BY n DESC LIMIT 1", member
    )
    return rows[0]["tier"], rows[0]["cause"]


async def badges(shop: RewardShop, member: str) -> dict[str, str]:
    """Held ones, and whose word they are."""
    rows = await load_standings(shop.front.pipeline.database.reading(), [(member_shard(member), member)])
    return {badge: change.actor for (badge, _), change in held(rows[member].badges).items()}


async def level(shop: RewardShop, member: str) -> str:
    rows = await load_standings(shop.front.pipeline.database.reading(), [(member_shard(member), member)])
    return rows[member].levels[-1].level


async def locked(shop: RewardShop, member: str, wanted: str | None) -> None:
    await membership.hold_tier(shop.front.pipeline, shop.front.programme, member, wanted, KIM, "a good friend")


async def reviewed(shop: RewardShop) -> None:
    shop.front.clock.forward(minutes=1)
    while await review_due(shop.front.pipeline):
        pass


async def undone(shop: RewardShop, member: str) -> None:
    await unmerge(shop.front.pipeline, shop.front.programme, member, MIA)
    await drain(shop.front.pipeline)
    await reviewed(shop)


async def together(shop: RewardShop, going: str, staying: str) -> str:
    done = await merged(shop, going, staying)
    await reviewed(shop)
    await assert_clean(shop)
    return done.merge_id


async def test_a_tier_by_hand_goes_along_and_comes_back(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await locked(shop, eight, "circle")
    shown = await preview(shop.front.pipeline, shop.front.programme, eight, seven)
    assert (shown.tiers.going, shown.tiers.staying, shown.tiers.after) == ("circle", "silver", "circle")
    assert await tier(shop, seven) == ("silver", "reached"), "looking changes nothing"
    merge_id = await together(shop, eight, seven)
    assert await tier(shop, seven) == ("circle", "locked")
    [row] = await shop.front.rows("SELECT * FROM tier_change WHERE member_id = $1 AND cause = 'locked'", seven)
    assert (row["actor"], row["reason"]) == ("Kim", f"merge:{merge_id}"), "the merge is its cause"
    apart = await preview_unmerge(shop.front.pipeline, shop.front.programme, eight)
    assert (apart.tiers.going, apart.tiers.staying, apart.tiers.after) == ("circle", "circle", "silver")
    await undone(shop, eight)
    assert await tier(shop, seven) == ("silver", "unlocked")
    assert await tier(shop, eight) == ("circle", "locked")


@pytest.mark.parametrize(
    ("going", "staying", "after"),
    [
        ("gold", "circle", ("circle", "locked")),
        ("circle", "gold", ("circle", "locked")),
        ("member", None, ("silver", "reached")),
        ("silver", None, ("silver", "locked")),
        ("gold", "member", ("gold", "locked")),
        (None, "member", ("member", "locked")),
    ],
)
async def test_the_better_tier_survives_and_a_lock_of_the_survivor_gives_way_to_a_higher_one_alone(
    shop: RewardShop, going: str | None, staying: str | None, after: tuple[str, str]
) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    for member, wanted in ((eight, going), (seven, staying)):
        if wanted:
            await locked(shop, member, wanted)
    before = [await tier(shop, member) for member in (seven, eight)]
    await together(shop, eight, seven)
    assert await tier(shop, seven) == after
    await undone(shop, eight)
    assert [(await tier(shop, member))[0] for member in (seven, eight)] == [before[0][0], before[1][0]]
    assert (await tier(shop, eight)) == before[1]
    assert ((await tier(shop, seven))[1] == "locked") is (staying is not None)


async def test_facts_of_both_together_are_not_held_down_by_a_lower_lock(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await shop.order(3, 450_000, customer=8)
    await locked(shop, eight, "silver")
    shown = await preview(shop.front.pipeline, shop.front.programme, eight, seven)
    await together(shop, eight, seven)
    assert await tier(shop, seven) == ("gold", "reached") == (shown.tiers.after, "reached")


async def test_what_a_person_said_since_stays(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await locked(shop, eight, "circle")
    await together(shop, eight, seven)
    await locked(shop, seven, "gold")
    await undone(shop, eight)
    assert await tier(shop, seven) == ("gold", "locked")


async def test_of_two_merges_each_undoing_takes_only_its_own(shop: RewardShop) -> None:
    await shop.order(3, 100, customer=9)
    seven, eight, nine = shop.member, await member_of(shop, "8"), await member_of(shop, "9")
    await locked(shop, eight, "gold")
    await locked(shop, nine, "circle")
    await together(shop, eight, seven)
    await together(shop, nine, seven)
    assert await tier(shop, seven) == ("circle", "locked")
    await undone(shop, eight)
    assert await tier(shop, seven) == ("circle", "locked")
    await undone(shop, nine)
    assert (await tier(shop, seven))[0] == "silver", "not what the first one brought: it is gone"


async def give(shop: RewardShop, member: str, badge: str = "friend") -> None:
    await membership.give_badge(shop.front.pipeline, shop.front.programme, member, badge, KIM, "she helps us")


async def take(shop: RewardShop, member: str, badge: str) -> None:
    await membership.take_badge(shop.front.pipeline, shop.front.programme, member, badge, "", KIM, "abuse")


async def test_a_badge_by_hand_goes_along_and_comes_back(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await give(shop, eight)
    shown = await preview(shop.front.pipeline, shop.front.programme, eight, seven)
    assert [(move.subject, move.state) for move in shown.standing] == [("friend", "awarded")]
    merge_id = await together(shop, eight, seven)
    assert await badges(shop, seven) == {"buyer": "system", "friend": "Kim"}
    rows = await shop.front.rows("SELECT reason FROM badge_change WHERE member_id = $1 AND badge = 'friend'", seven)
    assert rows == [{"reason": f"merge:{merge_id}"}]
    apart = await preview_unmerge(shop.front.pipeline, shop.front.programme, eight)
    assert [(move.subject, move.state) for move in apart.standing] == [("friend", "revoked")]
    await undone(shop, eight)
    assert await badges(shop, seven) == {"buyer": "system"}
    assert await badges(shop, eight) == {"buyer": "system", "friend": "Kim"}
    await give(shop, seven)
    assert (await badges(shop, seven))["friend"] == "Kim", "and it can be given to them later"


async def test_what_was_taken_by_hand_is_not_shaken_off_by_a_merge_and_not_left_by_its_undoing(
    shop: RewardShop,
) -> None:
    await shop.front.receive("customer.created", b'{"id": 9, "email": "c9x@example.test"}')
    await drain(shop.front.pipeline)
    eight, nine = await member_of(shop, "8"), await member_of(shop, "9")
    await take(shop, eight, "buyer")
    await together(shop, eight, nine)
    assert await badges(shop, nine) == {}, "its orders alone do not give it back"
    await undone(shop, eight)
    assert (await badges(shop, eight), await badges(shop, nine)) == ({}, {})
    await shop.order(5, 100, customer=9)
    assert await badges(shop, nine) == {"buyer": "system"}, "nobody took it from them"


async def test_a_badge_that_the_survivor_has_outlives_that_the_other_lost_it(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await take(shop, eight, "buyer")
    await together(shop, eight, seven)
    assert await badges(shop, seven) == {"buyer": "system"}
    await undone(shop, eight)
    assert (await badges(shop, seven), await badges(shop, eight)) == ({"buyer": "system"}, {})


async def test_an_appointed_level_goes_along_and_comes_back(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await community.appoint_level(shop.front.pipeline, shop.front.programme, eight, "guide", KIM, "knows us")
    await together(shop, eight, seven)
    assert await level(shop, seven) == "guide"
    await undone(shop, eight)
    assert (await level(shop, seven), await level(shop, eight)) == ("guest", "guide")


async def on_boards(shop: RewardShop, member: str) -> tuple[bool, str]:
    person = (await load_people(shop.front.pipeline.database.reading(), KEYS, [member])).get(member, Person())
    return person.on_leaderboards, person.public_name


@pytest.mark.parametrize(
    ("going", "staying", "after"),
    [(None, True, True), (False, True, False), (True, None, False), (True, False, False), (False, None, False)],
)
async def test_the_more_private_choice_wins_and_the_survivors_own_comes_back(
    shop: RewardShop, going: bool | None, staying: bool | None, after: bool
) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    for member, choice in ((seven, staying), (eight, going)):
        if choice is not None:
            await boards.choose(shop.front.pipeline, shop.front.programme, member, choice, "Ada" if choice else "")
    before = [await on_boards(shop, member) for member in (seven, eight)]
    await together(shop, eight, seven)
    assert (await on_boards(shop, seven))[0] is after
    await undone(shop, eight)
    assert [await on_boards(shop, member) for member in (seven, eight)] == before


async def test_an_undoing_puts_nobody_on_boards_who_said_no_since(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await boards.choose(shop.front.pipeline, shop.front.programme, seven, True, "Ada")
    await boards.choose(shop.front.pipeline, shop.front.programme, eight, False, "")
    await together(shop, eight, seven)
    await boards.choose(shop.front.pipeline, shop.front.programme, seven, False, "")
    await undone(shop, eight)
    assert await on_boards(shop, seven) == (False, "")


async def test_nothing_is_said_by_hand_of_who_was_merged(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await together(shop, eight, seven)
    before = await shop.front.rows("SELECT * FROM badge_change UNION ALL SELECT * FROM badge_change")
    for attempt in (locked(shop, eight, "gold"), give(shop, eight), take(shop, eight, "buyer")):
        with pytest.raises(Refused, match="member-not-active"):
            await attempt
    assert await shop.front.rows("SELECT * FROM badge_change UNION ALL SELECT * FROM badge_change") == before


async def test_a_verdict_on_mutual_votes_goes_along_and_comes_back(town: Community) -> None:
    await mutual(town)
    await town.join(9)
    seven, nine = town.members[7], town.members[9]
    service = town.outside.service
    number = town.outside.connections["woocommerce"].programme_number
    await community.decide_held(service.pipeline, number, seven, ("voice", "", "bronze"), True, KIM, "they know it")
    assert "voice" in str((await standing(town))["badges"])
    await merge(service.pipeline, number, seven, nine, "merchant", MIA)
    await town.outside.work()
    rows = await town.outside.rows("SELECT * FROM held_award WHERE member_id = $1 AND subject = 'voice'", nine)
    assert [(row["held_state"], row["actor"]) for row in rows] == [("accepted", "Kim")]
    kept = await load_standings(service.database.reading(), [(member_shard(nine), nine)])
    assert ("voice", "") in held(kept[nine].badges)
    await unmerge(service.pipeline, number, seven, MIA)
    await town.outside.work()
    assert (
        await town.outside.rows("SELECT * FROM held_award WHERE member_id = $1 AND held_state <> 'waiting'", nine) == []
    )
    both = await load_standings(service.database.reading(), [(member_shard(one), one) for one in (seven, nine)])
    assert ("voice", "") in held(both[seven].badges)
    assert ("voice", "") not in held(both[nine].badges)
    assert latest(both[nine].badges)["voice", ""].reason == "criteria-lost"
    report = await verify(service.database, KEYS)
    assert report.ok, report.as_text()


async def test_a_row_that_names_a_merge_which_was_not_is_found(prepared_database_url: str) -> None:
    async with reward_shop(prepared_database_url, document=DOCUMENT) as shop:
        member, now = shop.member, shop.front.clock()
        path = await shop.front.rows("SELECT max(n) AS n FROM tier_change WHERE member_id = $1", member)
        row = TierChange(path[0]["n"] + 1, "circle", TierCause.LOCKED, now, 1, actor="Kim", reason="merge:" + "f" * 32)
        made = (member_shard(member), shop.front.programme, Review(member, tiers=(row,)))
        await atomic(shop.front.database, lambda session: append_reviews(session, [made], now))
        report = await verify(shop.front.database, KEYS, now=shop.front.clock)
        assert [(one.code, one.found) for one in report.differences] == [("path", "f" * 32)]


LOW_WATER = {**DOCUMENT, "tiers_policy": {"low_water_percent": 80}}


async def test_a_tier_that_both_reached_together_is_not_kept_by_who_stays(prepared_database_url: str) -> None:
    """Also where the rest is above the low-water mark: the orders of somebody else were never theirs."""
    async with reward_shop(prepared_database_url, document=LOW_WATER) as shop:
        await shop.order(3, 450_000, customer=8)
        seven, eight = shop.member, await member_of(shop, "8")
        assert await tier(shop, eight) == ("silver", "reached")
        await together(shop, seven, eight)
        assert await tier(shop, eight) == ("gold", "reached")
        shown = await preview_unmerge(shop.front.pipeline, shop.front.programme, seven)
        assert (shown.tiers.staying, shown.tiers.after) == ("gold", "silver")
        await undone(shop, seven)
        assert (await tier(shop, seven), await tier(shop, eight)) == (("silver", "reached"), ("silver", "merged"))
        await assert_clean(shop)
        shop.front.clock.forward(days=2)
        await reviewed(shop)
        assert (await tier(shop, eight))[0] == "silver"
        await shop.order(4, 60_000, customer=8)
        assert await tier(shop, eight) == ("gold", "reached"), "by orders of their own"
        await assert_clean(shop)


async def test_a_tier_that_who_stays_reached_alone_since_is_kept(prepared_database_url: str) -> None:
    async with reward_shop(prepared_database_url, document=LOW_WATER) as shop:
        await shop.order(3, 450_000, customer=8)
        seven, eight = shop.member, await member_of(shop, "8")
        await together(shop, seven, eight)
        await shop.order(4, 60_000, customer=8)
        await undone(shop, seven)
        assert await tier(shop, eight) == ("gold", "reached")
        await assert_clean(shop)
