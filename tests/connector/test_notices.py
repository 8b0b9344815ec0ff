"""No warning, no expiry: points end only after their member was told in time, by mail or by a store that showed it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.mail import FolderMailer, Mailer, MailServer, SmtpMailer
from connector.notices import Telling, tell_due
from connector.passing_time import pass_time
from connector.storage.atomic import atomic
from connector.storage.due_members import change_all_of
from connector.storage.instants import instant
from connector.storage.people import Person, save_people
from connector.storage.programmes import pause, publish_version, resume
from connector.storage.session import Session
from tests.builders import DOCUMENT, KEYS, NOW, Shopfront, shopfront
from tests.connector.smtp_server import SmtpServer, smtp_server
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story

ENDING: dict[str, Any] = {
    **DOCUMENT,
    "points": {
        "earn": {"rates": {"EUR": "1"}, "pending_days": 0},
        "expiry": {"mode": "fixed", "days": 100, "remind_days": [30, 7]},
    },
}
END = datetime.fromisoformat("2027-03-02T00:00:00+01:00")
"""A hundred local days after NOW."""


@dataclass
class Shop:
    """A member with 100 points that should end at END, and a mail server."""

    front: Shopfront
    server: SmtpServer
    mailer: Mailer
    member: str = ""

    async def days(self, count: int) -> None:
        """Let days go by, with every job run each day."""
        for _ in range(count):
            self.front.clock.forward(days=1)
            await self.run_jobs()

    async def run_jobs(self) -> None:
        while await pass_time(self.front.pipeline):
            pass
        while await tell_due(Telling(self.front.pipeline, self.mailer)):
            pass

    async def acknowledge(self) -> None:
        """The store took what it was told."""

        async def body(session: Session) -> None:
            await session.run("UPDATE push SET state = 1, accepted = wanted")

        await atomic(self.front.database, body)

    async def know(self, person: Person) -> None:
        await atomic(
            self.front.database,
            lambda session: save_people(session, KEYS, self.front.programme, {self.member: person}, NOW),
        )

    async def ends_at(self) -> datetime | None:
        (row,) = await self.front.rows("SELECT expires_at_us FROM lot")
        return instant(row["expires_at_us"]) if row["expires_at_us"] is not None else None

    async def notices(self) -> list[tuple[int, str | None]]:
        rows = await self.front.rows("SELECT state, told_by FROM notice ORDER BY at_us")
        return [(row["state"], row["told_by"]) for row in rows]


@asynccontextmanager
async def shop_of(url: str) -> AsyncIterator[Shop]:
    async with smtp_server() as server, shopfront(url, document=ENDING) as front:
        mailer = SmtpMailer(MailServer("smtp+plain", "127.0.0.1", server.port), "Circle <hi@shop.example>")
        shop = Shop(front, server, mailer)
        body = woocommerce_bodies.webhook_order(Story((SoldLine(1, 1, 10_000),), order_id=1, customer=7))
        at = NOW.strftime("%Y-%m-%dT%H:%M:%S")
        dates = {name: at for name in ("date_created_gmt", "date_modified_gmt", "date_paid_gmt")}
        await front.receive("order.updated", json.dumps({**body, **dates}).encode())
        (row,) = await front.rows("SELECT member_id FROM member")
        shop.member = row["member_id"]
        await shop.know(Person(email="ada@example.test", language="de", accepts_mail=True))
        yield shop


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[Shop]:
    async with shop_of(prepared_database_url) as made:
        yield made


async def test_a_mail_goes_out_once_for_each_reminder_and_arms_the_end(shop: Shop) -> None:
    await shop.days(70)
    assert (shop.server.kept, await shop.ends_at()) == ([], None)
    await shop.days(5)
    ((recipient, raw),) = shop.server.kept
    assert recipient == "ada@example.test"
    assert b"Content-Language: de" in raw
    assert await shop.ends_at() == END
    await shop.days(25)
    assert len(shop.server.kept) == 2
    assert await shop.front.points_of("7") == 100
    assert await shop.notices() == [(1, "mail"), (1, "mail")]


async def test_points_end_at_the_date_that_was_told_and_not_before(shop: Shop) -> None:
    await shop.days(100)
    assert shop.front.clock() < END
    assert await shop.front.points_of("7") == 100
    shop.front.clock.moment = END - timedelta(seconds=1)
    await shop.run_jobs()
    assert await shop.front.points_of("7") == 100
    shop.front.clock.moment = END
    await shop.run_jobs()
    assert await shop.front.points_of("7") == 0
    assert (await shop.front.entries())[-1][:2] == ("expire", -100)
    await shop.days(2)
    assert len(await shop.front.entries()) == 2


async def test_while_mail_is_down_nothing_ends(shop: Shop) -> None:
    """C12."""
    shop.server.refuses["RCPT"] = b"450 mail is down"
    await shop.days(150)
    assert await shop.front.points_of("7") == 100
    assert (shop.server.kept, await shop.ends_at()) == ([], None)
    shop.server.refuses.clear()
    await shop.days(1)
    assert len(shop.server.kept) == 1, "only the latest reminder still says something true"
    told = shop.front.clock()
    assert await shop.ends_at() == told + timedelta(days=7)
    await shop.days(6)
    assert await shop.front.points_of("7") == 100
    await shop.days(1)
    assert await shop.front.points_of("7") == 0


@pytest.mark.parametrize("refusal", [b"550 no such person", b"450 later"])
async def test_an_address_that_is_refused_for_good_leaves_it_to_the_store(shop: Shop, refusal: bytes) -> None:
    shop.server.refuses["RCPT"] = refusal
    await shop.acknowledge()
    await shop.days(71)
    await shop.acknowledge()
    await shop.days(1)
    is_for_good = refusal.startswith(b"550")
    assert await shop.ends_at() == (END if is_for_good else None)
    assert await shop.notices() == ([(1, "snapshot")] if is_for_good else [(0, None)])


@pytest.mark.parametrize(
    "person",
    [Person(), Person(email="ada@example.test"), Person(email="ada@example.test", accepts_mail=False)],
)
async def test_without_address_or_consent_a_store_that_shows_the_date_tells_it(shop: Shop, person: Person) -> None:
    await shop.know(person)
    await shop.acknowledge()
    await shop.days(71)
    assert await shop.ends_at() is None, "what was acknowledged before did not show the date"
    await shop.acknowledge()
    await shop.days(1)
    assert (shop.server.kept, await shop.ends_at()) == ([], END)
    assert await shop.notices() == [(1, "snapshot")]


async def test_without_mail_and_without_a_store_nothing_ends(shop: Shop) -> None:
    await shop.know(Person())
    await shop.front.receive("customer.deleted", b'{"id": 7}')
    await shop.days(120)
    assert (await shop.front.points_of("7"), await shop.ends_at()) == (100, None)


async def test_a_folder_sends_nothing_and_so_ends_nothing(shop: Shop, tmp_path: Path) -> None:
    shop.mailer = FolderMailer(tmp_path, "Circle <hi@shop.example>")
    await shop.days(120)
    assert len(list((tmp_path / "new").iterdir())) == 2
    assert (await shop.front.points_of("7"), await shop.ends_at()) == (100, None)


async def test_in_a_paused_programme_nobody_is_told_and_nothing_ends(shop: Shop) -> None:
    await shop.days(75)
    assert len(shop.server.kept) == 1
    number = shop.front.programme
    await atomic(shop.front.database, lambda session: pause(session, number, shop.front.clock(), "operator"))
    await shop.days(60)
    assert (len(shop.server.kept), await shop.front.points_of("7")) == (1, 100)
    await atomic(shop.front.database, lambda session: resume(session, number, shop.front.clock()))
    await shop.days(1)
    assert await shop.front.points_of("7") == 0


async def test_telling_and_passing_time_again_at_the_same_moment_changes_nothing(shop: Shop) -> None:
    await shop.days(75)
    before = (len(shop.server.kept), await shop.notices(), await shop.front.rows("SELECT * FROM lot"))
    await shop.run_jobs()
    assert (len(shop.server.kept), await shop.notices(), await shop.front.rows("SELECT * FROM lot")) == before


async def test_points_that_were_spent_meanwhile_need_no_reminder(shop: Shop) -> None:
    shop.server.refuses["RCPT"] = b"450 later"
    await shop.days(71)
    body = woocommerce_bodies.webhook_order(Story((SoldLine(1, 1, 10_000),), order_id=1, customer=7, state="cancelled"))
    at = shop.front.clock().strftime("%Y-%m-%dT%H:%M:%S")
    dates = {"date_created_gmt": at, "date_modified_gmt": at, "date_paid_gmt": NOW.strftime("%Y-%m-%dT%H:%M:%S")}
    await shop.front.receive("order.updated", json.dumps({**body, **dates}).encode())
    shop.server.refuses.clear()
    await shop.days(1)
    assert shop.server.kept == []
    assert (2, "nothing-ends") in await shop.notices()


async def test_a_version_that_reminds_earlier_reminds_at_once(shop: Shop) -> None:
    await shop.days(20)
    assert shop.server.kept == []
    expiry = {**ENDING["points"]["expiry"], "remind_days": [90, 30, 7]}
    document = {**ENDING, "points": {**ENDING["points"], "expiry": expiry}}
    now = shop.front.clock()

    async def publish(session: Session) -> None:
        await publish_version(session, shop.front.programme, document, None, now, "operator")
        await change_all_of(session, shop.front.programme, now)

    await atomic(shop.front.database, publish)
    await shop.run_jobs()
    assert len(shop.server.kept) == 1
