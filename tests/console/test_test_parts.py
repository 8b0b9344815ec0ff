"""Referrals, store credit and the books in test mode: by the tested programme's own rules."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connector.rehearsal import child
from connector.rehearsal.founding import Founding
from connector.rehearsal.stage import kept, opened
from connector.rehearsal.state import read as read_state
from connector.rehearsal.state import written
from connector.running import event_loop
from connector.storage.atomic import atomic
from tests.builders import NOW
from tests.connector.outside import outside
from tests.connector.plugin_calls import plugin_of
from tests.console.test_console_test import RULES, Desk, desk, read
from tests.console.visiting import PUBLIC, signed_in

__all__ = ["desk"]

FRIENDS: dict[str, Any] = {
    **RULES,
    "referral": {"referrer": 100, "friend": 50, "min_order": "20.00"},
    "rewards": [
        *RULES["rewards"],
        {"id": "credit", "kind": "store_credit", "points": 100, "value": "4.00", "name": {"en": "Credit"}},
    ],
}


@pytest.fixture
async def friends(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """A programme with referrals and store credit, which only the Shopify one of its two shops can give."""
    async with outside(prepared_database_url, tmp_path, FRIENDS, BELONG_PUBLIC_URL=PUBLIC) as service:
        plugin = await plugin_of(service)
        one = Desk(service, plugin, await signed_in(service, plugin, role="manager"))
        await one.begin()
        yield one


async def test_a_friend_comes_orders_and_both_are_rewarded_when_the_order_can_no_longer_go_back(friends: Desk) -> None:
    assert "Invite a friend" in read(await friends.page("/shoppers/4"))
    assert (await friends.do("refer", shopper="4", name="Eve", at="4")).status_code == 303
    assert "Dana invited Eve" in read(await friends.page()) and "has joined" in read(await friends.page("/shoppers/5"))
    await friends.do("order", shopper="5", amount="19", paid="yes")
    assert "has joined" in read(await friends.page()), "an order below the least counts for nothing"
    await friends.do("order", shopper="5", amount="30", paid="yes")
    assert "has ordered" in read(await friends.page())
    await friends.move("week")
    assert "+100" not in read(await friends.page("/shoppers/4"))
    await friends.move("week")
    assert "counted" in read(await friends.page())
    assert "+100" in read(await friends.page("/shoppers/4")) and "+50" in read(await friends.page("/shoppers/5"))


async def test_a_friend_from_the_same_home_waits_for_a_person_who_lets_one_pass_and_refuses_another(
    friends: Desk,
) -> None:
    for name, deed, state in (("Eve", "approve", "counted"), ("Finn", "decline", "refused")):
        assert (await friends.do("refer", shopper="4", name=name, alike="yes")).status_code == 303
        ref = (await friends.state()).shoppers[-1].ref
        await friends.do("order", shopper=ref, amount="30", paid="yes")
        page = read(await friends.page())
        assert "waits for a review" in page and "Both live at the same address." in page
        assert (await friends.do(deed, shopper=ref)).headers["location"].endswith(f"said=test-{deed}")
        again = await friends.do(deed, shopper=ref)
        assert again.status_code == 409, "it is decided"
        await friends.move("month")
        page = read(await friends.page(f"/shoppers/{ref}"))
        assert state in page and ("+50" in page) == (state == "counted")


async def test_nobody_is_invited_where_the_programme_has_no_referrals(desk: Desk) -> None:
    await desk.begin()
    before = await desk.state()
    assert "Invite a friend" not in await desk.page("/shoppers/4")
    answer = await desk.do("refer", shopper="4", name="Eve")
    assert answer.status_code == 409 and await desk.state() == before


async def test_store_credit_lies_in_the_account_of_the_made_up_shop(friends: Desk) -> None:
    await friends.do("order", shopper="4", amount="120", paid="yes")
    await friends.move("month")
    assert (await friends.do("redeem", shopper="4", reward="credit", at="4")).status_code == 303
    page = read(await friends.page("/shoppers/4"))
    assert "In their account in the shop: €4.00 of store credit" in page and "−100" in page
    assert [(one.ref, one.amount_minor) for one in (await friends.state()).credited] == [("4", 400)]
    assert 'name="redemption"' not in await friends.page("/shoppers/4"), "there is nothing to use"
    refused = await friends.do("redeem", shopper="4", reward="credit", at="4")
    assert refused.status_code == 409 and len((await friends.state()).credited) == 1


async def test_the_books_tell_what_was_given_spent_and_ended_and_that_it_balances(friends: Desk) -> None:
    await friends.do("order", shopper="4", amount="120", paid="yes")
    await friends.move("month")
    await friends.do("redeem", shopper="4", reward="credit")
    page = read(await friends.page())
    books = page[page.index("Books of the test") :]
    # Given: Ada 120, Ben 180, Chika 40 and 25 for her birthday, Dana 120. Ada's end.
    assert "every number follows from its reasons" in books
    for line in ("Points given 485 ", "Spent 100 ", "Ended 120 ", "Open points 265 ", "Worth at most €26.50"):
        assert line in books, books


def test_books_of_a_test_that_do_not_add_up_say_so() -> None:
    made = child.begun(Founding(RULES, "version:1", "", "en", "woocommerce", "", NOW)).kept
    assert made is not None

    async def broken() -> child.Kept:
        async with opened(made.body, read_state(made.state_text), child._folder()) as stage:
            sql = "UPDATE lot SET remaining = remaining - 1 WHERE remaining > 5"
            await atomic(stage.database, lambda session: session.run(sql))
            return child.Kept(kept(stage), written(stage.state))

    whole = child.seen(made, "en", "").books
    assert whole is not None and whole.differences == []
    found = child.seen(event_loop.run(broken()), "en", "").books
    assert found is not None and any("points left, where the entries leave" in one for one in found.differences)


@pytest.mark.parametrize("typed", ["1,500", "1.500", "1,234", "1,234.50", "many", "-5", "0", "99999999999"])
async def test_an_amount_that_can_be_read_two_ways_or_none_is_asked_again_as_it_was_typed(
    desk: Desk, typed: str
) -> None:
    """With its neighbours in the form, and with nothing in forms beside it."""
    await desk.begin()
    before = await desk.state()
    answer = await desk.do("order", shopper="4", at="4", amount=typed)
    assert answer.status_code == 409 and await desk.state() == before
    assert (
        f'name="amount" type="text" value="{typed}"' in answer.text
        and 'name="paid" type="checkbox" value="yes">' in answer.text
    )
    assert (await desk.do("order", shopper="4", at="4", amount="1500,5")).status_code == 303
    assert [one.total_minor for one in (await desk.state()).orders if one.total_minor > 100_000] == [150_050]


async def test_a_refused_refund_or_shopper_stands_there_as_it_was_typed(desk: Desk) -> None:
    await desk.begin()
    for amount in ("20", "30"):
        await desk.do("order", shopper="4", amount=amount, paid="yes")
    order = (await desk.state()).orders[-2].order_id
    again = (await desk.do("refund", shopper="4", at="4", order=order, amount="21")).text
    kept = [one for one in re.findall(r'<input id="r-\d+" name="amount" value="([^"]*)"', again) if one]
    assert kept == ["21"] and again.count('<details class="plain" open>') == 1
    new = (await desk.do("join", name="Ada & Eve", birthday="02-31")).text
    assert 'value="Ada &amp; Eve"' in new and 'value="02-31"' in new
