"""Members stop mails without signing in: by a page that every mail links to, or the mail program's own button."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from connector.access.rates import rates_for
from connector.crypto import Keys
from connector.data.erasure import erase, export_person
from connector.delivering.notices import Telling, tell_due
from connector.people.actors import SYSTEM
from connector.people.mail_choices import choice_token
from connector.routes import mail_choices
from connector.storage.atomic import atomic
from connector.storage.audit import load_deeds
from connector.storage.notices import insert_notices
from connector.storage.people import load_people
from connector.storage.shards import member_shard
from loyalty_engine.decision import Notice
from tests.builders import KEYS
from tests.connector.ending import END, PUBLIC, Shop, shop_of

SPOKEN = {"accept-language": "es-MX,es"}


@dataclass
class Mailbox:
    """A member's mails, and a browser that opens what they link to."""

    shop: Shop
    http: httpx.AsyncClient

    async def news(self, key: str, kind: str = "badge-awarded") -> None:
        shop = self.shop
        notice = Notice(kind, key, shop.front.clock(), {"badge": key, "tier": key})
        rows = [(member_shard(shop.member), shop.member, shop.front.programme, notice)]
        await atomic(shop.front.database, lambda session: insert_notices(session, rows))
        while await tell_due(Telling(shop.front.pipeline, shop.mailer, PUBLIC)):
            pass

    def last(self) -> email.message.EmailMessage:
        return email.message_from_bytes(self.shop.server.kept[-1][1], policy=email.policy.default)

    def stop(self) -> str:
        return urlsplit(str(self.last()["List-Unsubscribe"]).strip("<>")).path

    async def stopped(self) -> tuple[str, ...]:
        people = await load_people(self.shop.front.database.reading(), KEYS, [self.shop.member])
        return people[self.shop.member].no_mails


@pytest.fixture
async def ada(prepared_database_url: str) -> AsyncIterator[Mailbox]:
    async with shop_of(prepared_database_url) as shop:
        service = SimpleNamespace(pipeline=shop.front.pipeline, rates=rates_for())
        app = Starlette(routes=mail_choices.pages(service))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC) as http:
            yield Mailbox(shop, http)


async def test_every_mail_links_to_the_page_that_stops_it(ada: Mailbox) -> None:
    await ada.news("a")
    message = ada.last()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body is not None
        assert f"{PUBLIC}{ada.stop()}" in body.get_content()


async def test_looking_at_the_page_stops_nothing(ada: Mailbox) -> None:
    """Whatever opens every link of a mail does that."""
    await ada.news("a")
    page = await ada.http.get(ada.stop())
    assert page.status_code == 200
    assert 'lang="de"' in page.text
    assert page.text.count("checked") == 9, "all that the programme sends"
    assert (await ada.http.head(ada.stop())).status_code == 200
    assert await ada.stopped() == ()


@pytest.mark.parametrize("multipart", [False, True])
async def test_one_click_of_the_mail_program_stops_every_mail(ada: Mailbox, multipart: bool) -> None:
    await ada.news("a")
    ways = (
        {"files": {"List-Unsubscribe": (None, "One-Click")}}
        if multipart
        else {"data": {"List-Unsubscribe": "One-Click"}}
    )
    assert (await ada.http.post(ada.stop(), **ways)).status_code == 200
    assert await ada.stopped() == ("all",)
    ada.shop.front.clock.forward(days=2)
    await ada.news("b")
    assert len(ada.shop.server.kept) == 1


async def test_kinds_are_chosen_one_by_one_and_back_again(ada: Mailbox) -> None:
    await ada.news("a")
    page, everything = ada.stop(), re.findall(r'value="([a-z-]+)"', (await ada.http.get(ada.stop())).text)
    kept = [kind for kind in everything if kind not in ("badge-awarded", "yes")]
    await ada.http.post(page, data={"kind": kept})
    assert await ada.stopped() == ("badge-awarded",)
    ada.shop.front.clock.forward(days=2)
    await ada.news("b")
    assert len(ada.shop.server.kept) == 1
    await ada.news("gold", "tier-reached")
    assert len(ada.shop.server.kept) == 2
    await ada.http.post(page, data={"kind": [*kept, "badge-awarded", "nonsense"]})
    assert await ada.stopped() == ()
    await ada.http.post(page, data={"none": "yes", "kind": kept})
    assert await ada.stopped() == ("all",)


async def test_points_of_whoever_stops_warnings_end_only_after_the_shop_showed_it(ada: Mailbox) -> None:
    await ada.news("a")
    await ada.http.post(ada.stop(), data={"none": "yes"})
    shop = ada.shop
    await shop.days(101)
    assert len(shop.server.kept) == 1
    assert (await shop.ends_at(), await shop.front.points_of("7")) == (None, 100)
    (shown,) = await shop.look()
    assert shown[0] == 100
    ends = await shop.ends_at()
    assert ends is not None
    assert ends > END
    await shop.days(8)
    assert await shop.front.points_of("7") == 0


async def test_the_choice_is_in_the_audit_and_the_export_and_goes_with_the_person(ada: Mailbox) -> None:
    await ada.news("a")
    shop, page = ada.shop, ada.stop()
    for _ in range(2):
        await ada.http.post(page, data={"none": "yes"})
    reading = shop.front.database.reading()
    (deed,) = [
        one for one in await load_deeds(reading, shop.front.programme, shop.member, None, 50) if one.act == "mails"
    ]
    assert (deed.actor.through, dict(deed.details)) == ("shopper", {"stopped": ["all"]})
    made = await export_person(shop.front.pipeline, shop.front.programme, shop.member, SYSTEM)
    assert made["memberships"][0]["choices"]["no_mails"] == ("all",)
    await erase(shop.front.pipeline, shop.front.programme, shop.member, SYSTEM)
    assert await load_people(shop.front.database.reading(), KEYS, [shop.member]) == {}
    assert (await ada.http.post(page, data={"none": "yes"})).status_code == 200
    assert await load_people(shop.front.database.reading(), KEYS, [shop.member]) == {}


async def test_a_forged_link_leads_nowhere(ada: Mailbox) -> None:
    shop = ada.shop
    good = choice_token(KEYS, shop.front.programme, shop.member)
    others = choice_token(Keys(bytes(range(7, 71, 2))[:31] + b"\xff"), shop.front.programme, shop.member)
    for token in (good[:-1], good + "A", "1" + good, others, f"{shop.front.programme}-{shop.member}-", "x"):
        for method in ("GET", "POST"):
            answer = await ada.http.request(method, f"/mails/{token}", headers=SPOKEN)
            assert answer.status_code == 404
            assert 'lang="es"' in answer.text
            assert shop.member not in answer.text
    assert await ada.stopped() == ()


async def test_nobody_frames_the_page_and_it_is_kept_nowhere(ada: Mailbox) -> None:
    page = await ada.http.get(f"/mails/{choice_token(KEYS, ada.shop.front.programme, ada.shop.member)}")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
