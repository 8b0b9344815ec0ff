"""Whoever was written to about new rules hears that they never come: once, and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from connector.delivering.announcing import LAST_ON_THE_WAY, announce
from connector.delivering.mail import Mail
from connector.delivering.notices import LEASE, Telling, tell_due
from connector.people.actors import Actor
from connector.programmes.publishing import withdraw
from connector.storage.atomic import atomic
from connector.storage.people import Person
from connector.storage.programmes import pause, resume
from tests.connector.ending import PUBLIC, Shop, shop_of
from tests.members.test_announcing import earning, last_mail, publish, tell
from tests.storage.verify_world import change

IDA = Actor("ida@example.org", "command", "Ida")
AHEAD = timedelta(days=20)


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[Shop]:
    """A version with other rules is planned, and members are to be told of it."""
    async with shop_of(prepared_database_url) as made:
        await publish(made, earning("2"), made.front.clock() + AHEAD, tells=True)
        assert await announce(made.front.pipeline) == 1
        yield made


async def withdrawn(shop: Shop) -> None:
    await withdraw(shop.front.database, shop.front.programme, 2, IDA, "a mistake", shop.front.clock)


@dataclass
class Meanwhile:
    """A mail server that takes its time: the version is withdrawn before it answers. left: notices of that."""

    shop: Shop
    delivers: bool = True
    left: int = -1

    async def send(self, mail: Mail) -> None:
        await withdrawn(self.shop)
        self.left = await announce(self.shop.front.pipeline)
        await self.shop.mailer.send(mail)


async def is_over(shop: Shop) -> bool:
    """Whether nobody is looked for any more."""
    return await shop.front.number("SELECT count(*) FROM programme_version WHERE announced_at IS NOT NULL") == 1


async def test_whoever_got_a_mail_gets_one_that_it_does_not_come(shop: Shop) -> None:
    assert len(await tell(shop)) == 1
    await withdrawn(shop)
    assert (await announce(shop.front.pipeline), await announce(shop.front.pipeline)) == (1, 0)
    shop.front.clock.forward(days=1)
    assert len(await tell(shop)) == 1
    said = last_mail(shop)
    assert "Sie sind zurückgezogen und kommen nicht." in said and "Neu: " not in said
    assert (await announce(shop.front.pipeline), await tell(shop)) == (0, [])
    assert await is_over(shop)


async def test_whoever_got_none_hears_nothing(shop: Shop) -> None:
    await withdrawn(shop)
    assert (await announce(shop.front.pipeline), await tell(shop)) == (0, [])


async def test_whoever_takes_no_mails_was_written_nothing_and_is_not(shop: Shop) -> None:
    await shop.know(Person(email="ada@example.test", language="de", accepts_mail=False))
    assert await tell(shop) == []
    await withdrawn(shop)
    assert (await announce(shop.front.pipeline), await tell(shop)) == (0, [])


async def test_a_mail_that_was_on_its_way_is_answered_as_well(shop: Shop) -> None:
    """Somebody had taken the notice and was at the mail server when the version was withdrawn."""
    mailer = Meanwhile(shop)
    assert await tell_due(Telling(shop.front.pipeline, mailer, PUBLIC)) == 1
    assert mailer.left == 0, "nobody had got a mail yet"
    assert LEASE < LAST_ON_THE_WAY
    shop.front.clock.forward(minutes=LEASE // timedelta(minutes=1))
    assert await announce(shop.front.pipeline) == 1
    assert not await is_over(shop)
    shop.front.clock.forward(days=1)
    assert await announce(shop.front.pipeline) == 0
    assert await is_over(shop)


async def test_while_a_programme_is_paused_it_waits(shop: Shop) -> None:
    front = shop.front
    assert len(await tell(shop)) == 1
    await withdrawn(shop)
    await atomic(front.database, lambda session: pause(session, front.programme, front.clock(), "operator"))
    assert await announce(front.pipeline) == 0
    front.clock.forward(days=3)
    await atomic(front.database, lambda session: resume(session, front.programme, front.clock(), "operator"))
    assert await announce(front.pipeline) == 1


async def test_the_switch_for_changed_rules_is_heard(shop: Shop) -> None:
    assert len(await tell(shop)) == 1
    await withdrawn(shop)
    assert await announce(shop.front.pipeline) == 1
    await change(shop.front, """UPDATE programme SET mails_text = '{"switches":{"programme-changed":false}}'""")
    shop.front.clock.forward(days=1)
    assert await tell(shop) == []
