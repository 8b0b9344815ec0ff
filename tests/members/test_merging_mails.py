"""Whether somebody takes mails goes along in a merge where their last word was a no, and comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.people import mail_choices
from connector.storage.people import Person, load_people
from tests.builders import KEYS
from tests.connector.rewarding import RewardShop
from tests.members.test_merging import member_of
from tests.members.test_merging_standing import shop, together, undone

__all__ = ["shop"]


async def says(shop: RewardShop, member: str, takes: bool) -> None:
    """A moment after all that was said before."""
    shop.front.clock.moment += timedelta(minutes=1)
    await mail_choices.answer(shop.front.pipeline, shop.front.programme, member, takes)


async def person(shop: RewardShop, member: str) -> Person:
    return (await load_people(shop.front.pipeline.database.reading(), KEYS, [member])).get(member, Person())


async def takes(shop: RewardShop, member: str) -> bool:
    return await mail_choices.takes_mails(shop.front.pipeline, shop.front.pipeline.database.reading(), member)


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ([("staying", True), ("going", False)], False),
        ([("going", False), ("staying", True)], True),
        ([("going", True), ("going", False)], False),
        ([("staying", False), ("going", True)], False),
    ],
)
async def test_a_no_that_is_the_last_word_holds_for_the_survivor_and_their_own_comes_back(
    shop: RewardShop, said: list[tuple[str, bool]], after: bool
) -> None:
    members = {"staying": shop.member, "going": await member_of(shop, "8")}
    for who, word in said:
        await says(shop, members[who], word)
    before = [await person(shop, member) for member in members.values()]
    await together(shop, members["going"], members["staying"])
    assert await takes(shop, members["staying"]) is after
    await undone(shop, members["going"])
    assert [await person(shop, member) for member in members.values()] == before


async def test_what_the_survivor_says_after_the_merge_outlives_its_undoing(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await says(shop, seven, True)
    await says(shop, eight, False)
    await together(shop, eight, seven)
    await says(shop, seven, True)
    assert await takes(shop, seven), "they agreed anew"
    await says(shop, seven, False)
    await undone(shop, eight)
    assert not await takes(shop, seven), "an undoing writes to nobody who said no since"
