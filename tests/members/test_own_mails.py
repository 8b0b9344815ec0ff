"""A shopper says in the shop whether they take mails about their points, and nobody else says it for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from connector import clock
from connector.data.erasure import erase
from connector.people.actors import SYSTEM
from connector.storage.atomic import atomic
from connector.storage.people import Person, Told, load_people, note_told
from tests.builders import KEYS
from tests.members.storefront import Shop, storefront

CHOICE = "/v1/me/mail-choice"


@pytest.fixture
async def shop(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    async with storefront(prepared_database_url, tmp_path) as made:
        yield made


async def person(shop: Shop, token: str) -> Person:
    member = (await shop.ask("GET", "/v1/me", token)).json()["id"].replace("-", "")
    return (await load_people(shop.outside.service.database.reading(), KEYS, [member])).get(member, Person())


async def says(shop: Shop, token: str, takes: bool) -> bool:
    answer = await shop.ask("POST", CHOICE, token, json={"takes_mails": takes})
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["takes_mails"])


async def test_nobody_gets_mails_who_did_not_say_so_and_whoever_did_can_stop_them(shop: Shop) -> None:
    token = await shop.token()
    assert (await shop.ask("GET", CHOICE, token)).json()["takes_mails"] is False
    assert [await says(shop, token, True), await says(shop, token, True)] == [True, True]
    assert (await shop.ask("GET", CHOICE, token)).json()["takes_mails"] is True
    assert (await person(shop, token)).accepts_mail is True
    assert not (await person(shop, await shop.token("8"))).accepts_mail, "another shopper's answer is their own"
    assert await says(shop, token, False) is False
    assert not (await person(shop, token)).wants("welcome")
    assert await says(shop, token, True) is True
    acts = await shop.outside.rows("SELECT through FROM audit WHERE act = 'mails' ORDER BY at_us")
    assert [row["through"] for row in acts] == ["shopper"] * 3


async def test_the_page_of_single_kinds_is_where_it_says(shop: Shop) -> None:
    token = await shop.token()
    page = urlsplit((await shop.ask("GET", CHOICE, token)).json()["page"]).path
    assert "checked" not in (await shop.outside.http.get(page)).text, "nothing comes, so nothing is ticked"
    said = await shop.outside.http.post(page, data={"kind": "welcome"})
    assert said.text.count("checked") == 1
    assert (await shop.ask("GET", CHOICE, token)).json()["takes_mails"] is True
    await says(shop, token, False)
    await says(shop, token, True)
    assert (await person(shop, token)).no_mails == (), "all were stopped, so all come again"


async def test_a_token_that_may_only_read_says_nothing_and_sees_no_page(shop: Shop) -> None:
    token = await shop.token(scopes=["read"])
    assert (await shop.ask("GET", CHOICE, token)).status_code == 403
    assert (await shop.ask("POST", CHOICE, token, json={"takes_mails": True})).status_code == 403
    assert (await shop.ask("POST", CHOICE, await shop.token(), json={"takes_mails": "yes"})).status_code in (400, 422)


async def heard(shop: Shop, token: str, accepts: bool, at: datetime) -> Person:
    """A shop tells what the shopper said there."""
    database, number = shop.outside.service.database, shop.outside.connections["woocommerce"].programme_number
    member = (await shop.ask("GET", "/v1/me", token)).json()["id"].replace("-", "")
    told = {member: Told(accepts_mail=accepts, answered_at=at, mail_to="ada@example.test")}
    await atomic(database, lambda session: note_told(session, KEYS, number, told, clock.utc_now()))
    return await person(shop, token)


@pytest.mark.parametrize("first", [True, False])
async def test_the_last_word_holds_wherever_it_was_said(shop: Shop, first: bool) -> None:
    """Also a no of somebody of whom nothing else is known, and a yes that was said again."""
    token, before = await shop.token(), clock.utc_now()
    if first:
        await says(shop, token, True)
    await says(shop, token, False)
    assert not (await heard(shop, token, True, before)).accepts_mail, "an older yes"
    assert (await heard(shop, token, True, clock.utc_now())).wants("welcome"), "a newer one"
    between = clock.utc_now()
    await says(shop, token, True)
    assert (await heard(shop, token, False, between)).wants("welcome"), "an older no"
    assert not (await heard(shop, token, False, clock.utc_now())).wants("welcome")


async def test_an_old_link_writes_nothing_about_whoever_was_erased(shop: Shop) -> None:
    token = await shop.token()
    page = urlsplit((await shop.ask("GET", CHOICE, token)).json()["page"]).path
    member = (await shop.ask("GET", "/v1/me", token)).json()["id"].replace("-", "")
    service, number = shop.outside.service, shop.outside.connections["woocommerce"].programme_number
    await erase(service.pipeline, number, member, SYSTEM, "asked to be forgotten")
    said = await shop.outside.http.post(page, data={"kind": "welcome"})
    assert said.status_code == 200 and "checked" not in said.text
    assert await shop.outside.number("SELECT count(*) FROM person WHERE member_id = $1", member) == 0
