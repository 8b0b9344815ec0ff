"""Who joins is welcomed by a mail, also where they agree to mails only afterwards, as most do."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from connector.people.mail_choices import answer
from connector.storage.atomic import atomic
from connector.storage.mail_settings import MailSettings, save_settings
from connector.storage.people import Person, Told, note_told
from tests.builders import KEYS
from tests.connector.ending import Shop, shop_of

UNASKED = Person(email="bo@example.test", language="en")


@pytest.fixture
async def bo(prepared_database_url: str) -> AsyncIterator[Shop]:
    """Somebody who has just joined and said nothing about mails, and a programme that welcomes."""
    async with shop_of(prepared_database_url) as shop:
        front, ada = shop.front, shop.member
        greeting = MailSettings(switches={"reward-ready": False})
        await atomic(front.database, lambda session: save_settings(session, front.programme, greeting))
        await shop.buys(2, customer_id=8)
        rows = await front.rows("SELECT member_id FROM member")
        (member,) = {row["member_id"] for row in rows} - {ada}
        made = dataclasses.replace(shop, member=member)
        await made.know(UNASKED)
        await made.run_jobs()
        assert (shop.server.kept, await made.notices()) == ([], [(2, "snapshot")])
        yield made


async def says(shop: Shop, takes: bool) -> None:
    """In the shop, by a button of ours."""
    await answer(shop.front.pipeline, shop.front.programme, shop.member, takes)
    await shop.run_jobs()


async def is_told(shop: Shop, takes: bool) -> None:
    """The shop tells what they said there."""
    told = {shop.member: Told(accepts_mail=takes)}
    now = shop.front.clock()
    await atomic(shop.front.database, lambda session: note_told(session, KEYS, shop.front.programme, told, now))
    await shop.run_jobs()


Way = Callable[[Shop, bool], Awaitable[None]]
WAYS: list[Way] = [says, is_told]


@pytest.mark.parametrize("way", WAYS)
async def test_the_first_yes_within_a_week_brings_the_welcome_once(bo: Shop, way: Way) -> None:
    await way(bo, False)
    assert bo.server.kept == []
    bo.front.clock.forward(days=6)
    await way(bo, True)
    ((recipient, raw),) = bo.server.kept
    assert (recipient, b"Subject: Welcome" in raw) == ("bo@example.test", True)
    assert await bo.notices() == [(1, "mail")]
    for takes in (True, False, True):
        bo.front.clock.forward(seconds=1)
        await way(bo, takes)
    assert len(bo.server.kept) == 1


@pytest.mark.parametrize("way", WAYS)
async def test_who_agrees_later_than_that_is_not_welcomed_any_more(bo: Shop, way: Way) -> None:
    bo.front.clock.forward(days=7, seconds=1)
    await way(bo, True)
    assert (bo.server.kept, await bo.notices()) == ([], [(2, "snapshot")])
