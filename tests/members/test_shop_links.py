"""Each mail leads its reader to their shop: the one it is about, else where they bought last, and to no other place."""

from __future__ import annotations

import email
import email.policy
import html
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from connector.delivering.announcing import announce
from connector.delivering.mail import FolderMailer
from connector.delivering.notices import Telling, tell_due
from connector.delivering.shop_pages import check_page, page_of
from connector.errors import ConfigProblem
from connector.ingest.pipeline import drain
from connector.platforms import Connection
from connector.storage.atomic import atomic
from connector.storage.connections import (
    create_connection,
    end_connection,
    load_connections,
    move_connection,
    set_setting,
)
from connector.storage.facts import Customer, forget_customers
from connector.storage.known_customers import know_as
from connector.storage.mail_settings import KINDS, MailSettings, save_settings
from connector.storage.notices import insert_notices
from connector.storage.people import Person, save_people
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from connector.storage.shards import member_shard
from connector.store_settings import MEMBER_PAGE, ORIGINS
from loyalty_engine.decision import Notice
from loyalty_engine.texts import LANGUAGES, Words
from tests.builders import DOCUMENT, KEYS, NOW, Shopfront
from tests.connector.ending import PUBLIC, Shop, shop_of
from tests.connector.rewarding import reward_shop
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story

FIRST, SECOND = "https://shop.example/", "https://second.example/"
PLACE = re.compile(r"https?://[^\s\"<>]+")


async def stores(front: Shopfront, member: str) -> Connection:
    """The first store gets its address, and the member is a customer of a second one, later."""

    async def body(session: Session) -> Connection:
        await move_connection(session, front.connection, FIRST.rstrip("/"), {})
        address = SECOND.rstrip("/")
        second = await create_connection(session, front.programme, "woocommerce", address, address, {}, NOW)
        await know_as(session, {Customer(front.programme, second.number, "9"): member}, front.clock())
        return second

    return await atomic(front.database, body)


async def buys_at(front: Shopfront, store: Connection, customer: int, order_id: int) -> None:
    at = front.clock().strftime("%Y-%m-%dT%H:%M:%S")
    dates = {name: at for name in ("date_created_gmt", "date_modified_gmt", "date_paid_gmt")}
    story = Story((SoldLine(1, 1, 1_000),), order_id=order_id, customer=customer)
    body = {**woocommerce_bodies.webhook_order(story), **dates}
    delivery = front.delivery("order.updated", json.dumps(body).encode())
    await front.keep(replace(delivery, connection_number=store.number))
    await drain(front.pipeline)


def links_of(raw: bytes) -> tuple[list[str], list[str]]:
    """Addresses in the text and in the markup of a mail, without that at which mails are chosen."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    text, markup = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and markup is not None
    found = [PLACE.findall(html.unescape(str(part.get_content()))) for part in (text, markup)]
    return tuple([one for one in part if not one.startswith(PUBLIC)] for part in found)  # type: ignore[return-value]


async def told(shop: Shop, kind: str = "badge-awarded", key: str = "", **inputs: Any) -> str:
    """Where the mail of a notice leads; empty for nowhere."""
    front, before = shop.front, len(shop.server.kept)
    # A day later: nobody is mailed twice a day.
    front.clock.forward(days=1, minutes=1)
    notice = Notice(kind, key or f"k{before}", front.clock(), inputs or {"badge": "first_order"})
    rows = [(member_shard(shop.member), shop.member, front.programme, notice)]
    await atomic(front.database, lambda session: insert_notices(session, rows))
    while await tell_due(Telling(front.pipeline, shop.mailer, PUBLIC)):
        pass
    ((_, raw),) = shop.server.kept[before:]
    text, markup = links_of(raw)
    assert text == markup and len(text) <= 1
    return "".join(text)


async def test_a_mail_leads_to_the_shop_where_its_member_bought_last(prepared_database_url: str) -> None:
    async with shop_of(prepared_database_url) as shop:
        front = shop.front
        assert await told(shop) == "", "a shop without an address is led to by nothing"
        second = await stores(front, shop.member)
        assert await told(shop) == FIRST
        front.clock.forward(hours=1)
        await buys_at(front, second, 9, 77)
        assert await told(shop) == SECOND
        await shop.buys(78)
        assert await told(shop) == FIRST
        customer = Customer(front.programme, front.connection.number, "7")
        await atomic(front.database, lambda session: forget_customers(session, [customer], front.clock()))
        assert await told(shop) == SECOND, "no account is left in the other"
        await atomic(front.database, lambda session: end_connection(session, second.number, front.clock()))
        assert await told(shop) == ""


async def test_without_an_order_it_is_the_shop_that_they_joined_first(prepared_database_url: str) -> None:
    async with shop_of(prepared_database_url) as shop:
        await stores(shop.front, shop.member)
        await atomic(shop.front.database, lambda session: session.run("DELETE FROM context"))
        assert await told(shop) == FIRST


async def test_a_mail_about_an_order_leads_to_its_shop_also_beside_other_news(prepared_database_url: str) -> None:
    async with shop_of(prepared_database_url) as shop:
        front = shop.front
        second = await stores(front, shop.member)
        usual = MailSettings(switches={"welcome": False, "reward-ready": False, "points-earned": True})
        await atomic(front.database, lambda session: save_settings(session, front.programme, usual))
        earned = f"{second.store}:order:77:1"
        assert await told(shop, "points-earned", earned, points=10) == SECOND
        assert await told(shop) == FIRST
        front.clock.forward(days=1)
        notice = Notice("points-earned", f"{second.store}:order:78:1", front.clock(), {"points": 10})
        rows = [(member_shard(shop.member), shop.member, front.programme, notice)]
        await atomic(front.database, lambda session: insert_notices(session, rows))
        assert await told(shop) == SECOND, "told together with a badge, which is about no shop"


async def test_a_shop_of_another_programme_is_led_to_by_nothing(prepared_database_url: str) -> None:
    async with shop_of(prepared_database_url) as shop:
        front = shop.front
        await stores(front, shop.member)

        async def elsewhere(session: Session) -> Connection:
            other = await create_programme(session, DOCUMENT, NOW, NOW)
            address = "https://evil.example"
            return await create_connection(session, other, "woocommerce", address, address, {}, NOW)

        evil = await atomic(front.database, elsewhere)
        assert await told(shop, "badge-awarded", f"{evil.store}:order:1:1", badge="first_order") == FIRST


async def test_a_reminder_of_a_code_leads_to_where_it_can_be_used(prepared_database_url: str, tmp_path: Any) -> None:
    document = {
        **DOCUMENT,
        "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}},
        "rewards": [{"id": "five", "kind": "amount", "points": 100, "value": "5.00", "voucher_days": 10}],
    }
    async with reward_shop(prepared_database_url, document=document) as shop:
        front = shop.front
        await shop.redeem("five", "k1")
        await shop.settle()
        second = await stores(front, shop.member)
        person = Person(email="ada@example.test", language="en", accepts_mail=True)
        await atomic(
            front.database, lambda session: save_people(session, KEYS, front.programme, {shop.member: person}, NOW)
        )
        only = MailSettings(switches={kind: kind == "voucher-expiring" for kind in KINDS})
        await atomic(front.database, lambda session: save_settings(session, front.programme, only))
        front.clock.forward(days=8)
        await buys_at(front, second, 9, 77)
        await announce(front.pipeline)
        mailer = FolderMailer(tmp_path, "hi@shop.example")
        while await tell_due(Telling(front.pipeline, mailer, PUBLIC)):
            pass
        (file,) = (tmp_path / "new").iterdir()
        assert links_of(file.read_bytes()) == ([FIRST], [FIRST])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_kind_of_mail_has_the_link_in_every_language(prepared_database_url: str, language: str) -> None:
    """Also those that are told because a shopper must know."""
    async with shop_of(prepared_database_url) as shop:
        await stores(shop.front, shop.member)
        on = MailSettings(switches=dict.fromkeys(KINDS, True))
        await atomic(shop.front.database, lambda session: save_settings(session, shop.front.programme, on))
        await shop.know(Person(email="ada@example.test", language=language, accepts_mail=True))
        label = Words(language).text("mail.shop")
        for kind in ("welcome", "points-earned", "reward-ready", "tier-reached", "tier-at-risk", "tier-lost"):
            day = "2026-12-24"
            given = {"points": 5, "reward": "five", "tier": "gold", "metric": "orders", "day": day, "missing": 1}
            assert await told(shop, kind, f"{kind}-x", **given, value=1, threshold=2) == FIRST
        for kind in ("badge-awarded", "referral-paid", "referral-friend", "referral-ordered", "voucher-expiring"):
            given = {"points": 5, "badge": "first_order", "reward": "five", "expires_at": "2026-12-24T00:00:00+00:00"}
            assert await told(shop, kind, f"{kind}-x", **given) == FIRST
        message = email.message_from_bytes(shop.server.kept[-1][1], policy=email.policy.default)
        for part in ("plain", "html"):
            body = message.get_body((part,))
            assert body is not None and label in html.unescape(body.get_content())


async def test_a_warning_of_points_that_end_leads_to_the_shop(prepared_database_url: str) -> None:
    async with shop_of(prepared_database_url) as shop:
        await stores(shop.front, shop.member)
        await shop.days(75)
        ((_, raw),) = shop.server.kept
        assert links_of(raw) == ([FIRST], [FIRST])


async def test_what_a_shop_is_set_to_counts_while_it_is_the_shops_own(prepared_database_url: str) -> None:
    async with shop_of(prepared_database_url) as shop:
        front = shop.front
        await stores(front, shop.member)

        async def setting(name: str, value: str) -> None:
            await atomic(front.database, lambda session: set_setting(session, front.connection.number, name, value))

        await setting(ORIGINS, "https://head.example")
        await setting(MEMBER_PAGE, "https://head.example/me?tab=points")
        assert await told(shop) == "https://head.example/me?tab=points"
        await setting(ORIGINS, "")
        assert await told(shop) == FIRST, "an origin that is named no more is not the shop's"
        await setting(MEMBER_PAGE, "https://shop.example/konto/punkte/")
        assert await told(shop) == "https://shop.example/konto/punkte/"
        found = (await load_connections(front.database.reading()))[front.connection.number]
        assert page_of(found) == "https://shop.example/konto/punkte/"


def store(shop: str, platform: str = "woocommerce", **settings: str) -> Connection:
    return Connection(1, "p", 1, platform, shop, shop, settings)


@pytest.mark.parametrize(
    ("connection", "page"),
    [
        (store("https://shop.example/sub"), "https://shop.example/sub/"),
        (store("http://192.168.1.4:8080"), "http://192.168.1.4:8080/"),
        (
            store("https://shop.example", rest_url="https://shop.example/wp-json/"),
            "https://shop.example/?belong=points",
        ),
        (store("circle.myshopify.com", "shopify"), "https://circle.myshopify.com/account"),
        (store("circle.myshopify.com@evil.example", "shopify"), ""),
        (store("displaced:0f"), ""),
        (store("javascript:alert(1)//"), ""),
        (store('https://shop.example/"><script>'), ""),
    ],
)
def test_the_page_without_a_setting(connection: Connection, page: str) -> None:
    assert page_of(connection) == page


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/points",
        "https://shop.example.evil.example/sub/",
        "https://shop.example@evil.example/sub/",
        "https://shop.example/other/points",
        "https://shop.example/sub/../other",
        "https://shop.example/sub/%2e%2E/other",
        "https://shop.example/sub/%2E./other",
        "http://shop.example/sub/points",
        "//shop.example/sub/points",
        "javascript:alert(1)//https://shop.example/sub/",
        'https://shop.example/sub/"onclick=alert(1)',
        "https://shop.example/sub/\r\nBcc: all@shop.example",
        "https://shop.example\\@evil.example/sub/",
        "https://shop.example/sub/\u202epoints",
        "https://shop.example:8443/sub/points",
    ],
)
def test_an_address_that_is_not_the_shops_is_refused_and_followed_by_nothing(address: str) -> None:
    shop = store("https://shop.example/sub", origins="https://head.example", member_page=address)
    with pytest.raises(ConfigProblem, match="Write the whole address"):
        check_page(shop, address)
    assert page_of(shop) == "https://shop.example/sub/"


@pytest.mark.parametrize(
    "address",
    [
        "https://shop.example/sub/my-account/points/",
        "https://shop.example/sub/?page_id=7&x",
        "https://head.example/me#p",
    ],
)
def test_an_address_of_the_shop_is_taken(address: str) -> None:
    shop = store("https://shop.example/sub", origins="https://head.example", member_page=address)
    check_page(shop, address)
    assert page_of(shop) == address
