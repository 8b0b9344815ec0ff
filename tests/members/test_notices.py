"""No warning, no expiry: points end only after their member was told in time, by mail or by a store that showed it."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.delivering.dead_letters import replay_letters, skip_letters
from connector.delivering.mail import FolderMailer, Mail, Mailer
from connector.delivering.notices import Telling, tell_due
from connector.errors import Permanent
from connector.people.act import Acting, act
from connector.platforms import PushResult, PushState
from connector.programmes.passing_time import pass_time
from connector.storage.atomic import atomic
from connector.storage.dead_letters import Range, list_dead_letters
from connector.storage.instants import instant
from connector.storage.mail_settings import MailSettings, save_settings
from connector.storage.notices import insert_notices
from connector.storage.people import Person
from connector.storage.programmes import publish_version
from connector.storage.session import Session
from connector.storage.shards import member_shard
from connector.verify.run import verify
from loyalty_engine.commands import arm
from loyalty_engine.decision import Decision, Notice
from loyalty_engine.expiry import LotEnd
from tests.builders import KEYS, MIA, NOW
from tests.connector.ending import BY_STORE, END, ENDING, PUBLIC, Shop, shop_of
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[Shop]:
    async with shop_of(prepared_database_url) as made:
        yield made


@pytest.fixture
async def by_store(prepared_database_url: str) -> AsyncIterator[Shop]:
    """The same, where it counts that a store shows it."""
    async with shop_of(prepared_database_url, BY_STORE) as made:
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
    reading = shop.front.database.reading()
    letters = await list_dead_letters(reading, Range("notice", shop.front.programme))
    assert letters and {one.member_id for one in letters} == {shop.member}
    assert all(one.about.startswith("expiry ") and "mail server" in one.cure for one in letters)
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
async def test_an_address_that_is_refused_for_good_leaves_it_to_the_store(by_store: Shop, refusal: bytes) -> None:
    shop = by_store
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
async def test_without_address_or_consent_a_store_that_shows_the_date_tells_it(by_store: Shop, person: Person) -> None:
    shop = by_store
    await shop.know(person)
    await shop.acknowledge()
    await shop.days(71)
    assert await shop.ends_at() is None, "what was acknowledged before did not show the date"
    await shop.acknowledge()
    assert [one["points"] for one in shop.store.shown["7"]["ends"]] == [100]
    await shop.days(1)
    assert (shop.server.kept, await shop.ends_at()) == ([], END)
    assert await shop.notices() == [(1, "snapshot")]


async def test_a_store_alone_counts_only_where_the_programme_says_so(shop: Shop) -> None:
    await shop.know(Person())
    await shop.days(71)
    await shop.acknowledge()
    await shop.days(50)
    await shop.acknowledge()
    assert (await shop.ends_at(), await shop.front.points_of("7")) == (None, 100)


async def test_what_a_store_did_not_show_is_not_armed_by_what_it_showed(by_store: Shop) -> None:
    shop = by_store
    await shop.know(Person())
    await shop.days(1)
    await shop.buys(2, 5_000)
    await shop.days(70)
    await shop.acknowledge()
    shown = shop.store.shown["7"]
    assert [one["points"] for one in shown["ends"]] == [100], "the later end is not within the reminder's time yet"
    await shop.days(1)
    lots = await shop.front.rows("SELECT size, expires_at_us FROM lot ORDER BY n")
    assert [(row["size"], row["expires_at_us"] is not None) for row in lots] == [(100, True), (50, False)]
    await shop.acknowledge()
    assert [(one["points"], one["warned"]) for one in shop.store.shown["7"]["ends"]] == [(100, True), (50, False)]


async def test_a_store_that_refused_the_snapshot_showed_nothing(by_store: Shop) -> None:
    shop = by_store
    await shop.know(Person())
    await shop.acknowledge()
    shop.store.answer = lambda pushes: [PushResult(PushState.OBSOLETE, token="newer") for _ in pushes]
    await shop.days(72)
    await shop.acknowledge()
    await shop.days(2)
    assert await shop.ends_at() is None


async def test_a_signed_in_shopper_who_is_shown_the_end_is_warned_of_exactly_that(shop: Shop) -> None:
    await shop.know(Person())
    await shop.days(50)
    assert await shop.look() == [], "nothing is to be shown so early, and nothing is warned of"
    assert await shop.ends_at() is None
    await shop.days(25)
    assert await shop.look() == [(100, END)]
    assert await shop.ends_at() == END
    assert (1, "page") in await shop.notices()
    before = await shop.front.rows("SELECT * FROM notice ORDER BY notice_key")
    assert await shop.look() == [(100, END)]
    assert await shop.front.rows("SELECT * FROM notice ORDER BY notice_key") == before
    await shop.days(26)
    assert await shop.front.points_of("7") == 0
    assert await shop.look() == []
    report = await verify(shop.front.database, KEYS, now=shop.front.clock)
    assert report.differences == []


async def test_a_shopper_who_comes_after_the_end_has_a_week_left(shop: Shop) -> None:
    await shop.know(Person())
    await shop.days(110)
    now = shop.front.clock()
    assert await shop.look() == [(100, now + timedelta(days=7))]
    assert await shop.ends_at() == now + timedelta(days=7)


async def test_an_end_that_moves_while_its_mail_is_under_way_is_not_armed(prepared_database_url: str) -> None:
    expiry = {"mode": "inactivity", "days": 100, "remind_days": [30, 7]}
    async with shop_of(prepared_database_url, {**ENDING, "points": {**ENDING["points"], "expiry": expiry}}) as shop:
        await shop.days(69)
        shop.front.clock.forward(days=2)
        while await pass_time(shop.front.pipeline):
            pass

        class Meanwhile(Mailer):
            """The member buys something while the mail is accepted."""

            delivers = True

            async def send(self, mail: Mail) -> None:
                await shop.mailer.send(mail)
                await shop.buys(2, 5_000)

        while await tell_due(Telling(shop.front.pipeline, Meanwhile(), PUBLIC)):
            pass
        assert len(shop.server.kept) == 1
        rows = await shop.front.rows("SELECT expires_at_us FROM lot")
        assert [row["expires_at_us"] for row in rows] == [None, None]
        await shop.days(60)
        assert await shop.front.points_of("7") == 150


async def test_points_that_come_back_while_the_mail_is_under_way_were_not_told_of(shop: Shop) -> None:
    """More than was named is not armed; the next reminder names it."""
    shop.server.refuses["RCPT"] = b"450 later"
    await shop.days(71)
    (lot,) = await shop.front.rows("SELECT n, nominal_at_us FROM lot")
    told = [LotEnd(lot["n"], instant(lot["nominal_at_us"]), 99)]

    async def command(acting: Acting) -> Decision:
        return arm(acting.member, told, acting.moment.now, acting.rulebook, acting.moment)

    await act(shop.front.pipeline, shop.front.programme, shop.member, command)
    assert await shop.ends_at() is None


async def test_without_mail_and_without_a_store_nothing_ends(shop: Shop) -> None:
    await shop.know(Person())
    await shop.front.receive("customer.deleted", b'{"id": 7}')
    await shop.days(120)
    assert (await shop.front.points_of("7"), await shop.ends_at()) == (100, None)


async def test_a_folder_sends_nothing_and_so_ends_nothing(shop: Shop, tmp_path: Path) -> None:
    shop.mailer = FolderMailer(tmp_path, "Circle <hi@shop.example>")
    await shop.days(120)
    assert len(list((tmp_path / "new").iterdir())) == 3
    assert (await shop.front.points_of("7"), await shop.ends_at()) == (100, None)


async def test_telling_and_passing_time_again_at_the_same_moment_changes_nothing(shop: Shop) -> None:
    await shop.days(75)
    before = (len(shop.server.kept), await shop.notices(), await shop.front.rows("SELECT * FROM lot"))
    await shop.run_jobs()
    assert (len(shop.server.kept), await shop.notices(), await shop.front.rows("SELECT * FROM lot")) == before


async def test_a_notice_whose_mail_fails_is_tried_at_once_when_somebody_says_so(shop: Shop) -> None:
    shop.server.refuses["RCPT"] = b"450 later"
    await shop.days(78)
    reading = shop.front.database.reading()
    [letter] = await list_dead_letters(reading, Range("notice"))
    shop.server.refuses.clear()
    await shop.run_jobs()
    assert shop.server.kept == [], "its pause is not over"
    with pytest.raises(Permanent, match="cannot be skipped"):
        await skip_letters(shop.front.database, [letter.letter_id], None, MIA, "Enough.", shop.front.clock())
    assert await replay_letters(shop.front.database, [letter.letter_id], None, MIA, shop.front.clock()) == 1
    await shop.run_jobs()
    assert len(shop.server.kept) == 1 and await list_dead_letters(reading, Range("notice")) == []


async def test_a_notice_that_waits_for_the_shopper_is_no_failure(by_store: Shop) -> None:
    await by_store.know(Person())
    await by_store.days(80)
    assert (0, None) in await by_store.notices()
    assert await list_dead_letters(by_store.front.database.reading(), Range("notice")) == []


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

    await atomic(shop.front.database, publish)
    await shop.run_jobs()
    assert len(shop.server.kept) == 1


def news(shop: Shop, kind: str, key: str, **inputs: str) -> list[tuple[int, str, int, Notice]]:
    shard = member_shard(shop.member)
    return [(shard, shop.member, shop.front.programme, Notice(kind, key, shop.front.clock(), dict(inputs)))]


async def leave(shop: Shop, kind: str, key: str, **inputs: str) -> None:
    await atomic(shop.front.database, lambda session: insert_notices(session, news(shop, kind, key, **inputs)))


async def tell(shop: Shop) -> list[str]:
    """Subjects of the mails that go out now."""
    before = len(shop.server.kept)
    while await tell_due(Telling(shop.front.pipeline, shop.mailer, PUBLIC)):
        pass
    return [
        str(email.message_from_bytes(raw, policy=email.policy.default)["Subject"])
        for _, raw in shop.server.kept[before:]
    ]


async def mails(shop: Shop, **settings: Any) -> None:
    await atomic(
        shop.front.database, lambda session: save_settings(session, shop.front.programme, MailSettings(**settings))
    )


async def test_more_than_one_mail_a_day_waits_and_is_told_together(shop: Shop) -> None:
    await leave(shop, "badge-awarded", "a", badge="first_order")
    assert await tell(shop) == ["Ein Abzeichen für dich: first_order"]
    shop.front.clock.forward(hours=1)
    await leave(shop, "badge-awarded", "b", badge="reviewer")
    await leave(shop, "tier-reached", "t", tier="gold")
    assert await tell(shop) == []
    shop.front.clock.forward(hours=22)
    assert await tell(shop) == []
    shop.front.clock.forward(hours=1)
    assert await tell(shop) == ["Neues zu: Punkte bei Circle"]
    text = shop.server.kept[-1][1].decode()
    assert "reviewer" in text
    assert "gold" in text
    assert await shop.notices() == [(1, "mail")] * 3


async def test_a_programme_says_how_many_a_day(shop: Shop) -> None:
    await mails(shop, per_day=2)
    for key in "abc":
        await leave(shop, "badge-awarded", key, badge=key)
        shop.front.clock.forward(hours=1)
        await tell(shop)
    assert len(shop.server.kept) == 2


async def test_what_arms_an_end_waits_behind_no_other_mail(shop: Shop) -> None:
    await shop.days(70)
    await leave(shop, "badge-awarded", "a", badge="first_order")
    await leave(shop, "badge-awarded", "b", badge="reviewer")
    assert len(await tell(shop)) == 1
    await shop.days(1)
    assert len(shop.server.kept) == 2
    assert await shop.ends_at() == END


async def test_what_is_switched_off_is_not_mailed_but_what_arms_an_end_is(shop: Shop) -> None:
    await mails(shop, switches={"badge-awarded": False, "expiry": False}, sender_name="Ōkami Tea")
    await leave(shop, "badge-awarded", "a", badge="first_order")
    assert await tell(shop) == []
    await shop.days(71)
    ((_, raw),) = shop.server.kept
    sender = email.message_from_bytes(raw, policy=email.policy.default)["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == ("Ōkami Tea", "hi@shop.example")
    assert await shop.ends_at() == END


async def test_a_folder_keeps_to_the_limit_of_a_day(shop: Shop, tmp_path: Path) -> None:
    shop.mailer = FolderMailer(tmp_path, "Circle <hi@shop.example>")
    for key in "ab":
        await leave(shop, "badge-awarded", key, badge=key)
        await tell(shop)
    assert len(list((tmp_path / "new").iterdir())) == 1
    assert await shop.notices() == [(2, "folder"), (0, None)]
