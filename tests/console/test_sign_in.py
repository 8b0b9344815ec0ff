"""Signing in by address and password: who gets in, what is said to whoever does not, and how fast one may guess."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import argon2
import pytest

from connector import clock
from connector.access.console import SESSION_IDLE, Role
from connector.access.rates import Buckets, Rate
from connector.console.words import TABLES
from connector.people.actors import SYSTEM
from connector.signing_in import passwords, standing
from connector.signing_in.passwords import HASHER, Passwords, weakness
from connector.storage.atomic import atomic
from connector.storage.attempts import FADES, FREE_ATTEMPTS, PAUSES
from connector.storage.session import Session
from tests.connector.outside import Outside, client_of, outside
from tests.console.console_people import ADDRESS, PASSWORD, QUICK, form_of, hurried, joined, signs_in
from tests.console.visiting import PUBLIC, moved

WRONG = TABLES["en"]["sign-in.wrong"].split(".")[0]


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield hurried(found)
        found.service.passwords.close()


def guesses(service: Outside) -> None:
    """This process lets somebody try as often as they like: what is looked at is what the person's own count does."""
    service.service.rates.sign_ins = Buckets(Rate(1, 0))
    service.service.rates.unproven = Buckets(Rate(1, 0))


async def test_a_password_opens_the_page_that_was_asked_for(service: Outside) -> None:
    await joined(service)
    browser = client_of(service.app)
    answer = await signs_in(browser, "  ADA@Shop.example ", to="/console/books")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/books")
    page = await browser.get("/console/books")
    assert page.status_code == 200 and "Ada (owner)" in page.text
    assert page.headers["content-security-policy"].endswith("frame-ancestors 'none'")
    assert (await browser.get("/console/connection")).status_code == 200
    (row,) = await service.rows("SELECT * FROM console_person")
    assert row["password_hash"].startswith("$argon2id$") and PASSWORD not in str(dict(row))
    assert row["seen_at_us"] is not None


async def test_nobody_learns_which_addresses_there_are(service: Outside) -> None:
    """Wrong, unknown, disabled and waiting: one answer, and the same work each time."""
    await joined(service)
    await joined(service, Role.SUPPORT, "ben@shop.example")
    guesses(service)
    (ben,) = await service.rows("SELECT * FROM console_person WHERE address = 'ben@shop.example'")
    now = clock.utc_now()
    assert await standing.disable(service.service.database, ben["programme_number"], ben["public_id"], SYSTEM, now)
    looked = counted(service)
    said = []
    for address, password in (
        (ADDRESS, "a wrong password"),
        ("nobody@shop.example", PASSWORD),
        ("ben@shop.example", PASSWORD),
        ("", ""),
    ):
        answer = await signs_in(client_of(service.app), address, password)
        said.append((answer.status_code, without(answer.text, address), len(looked)))
    assert [one[:2] for one in said] == [(401, said[0][1])] * 4 and WRONG in said[0][1]
    assert [one[2] for one in said] == [1, 2, 3, 4]
    assert {kept.split("$")[3] for kept in looked} == {looked[0].split("$")[3]}, (
        "a hash with other numbers takes another time"
    )


def counted(service: Outside) -> list[str]:
    """What every look compares with."""
    looked: list[str] = []

    class Counting(Passwords):
        def _look(self, password: str, kept: str) -> bool:
            looked.append(kept)
            return super()._look(password, kept)

    service.service.passwords = Counting(QUICK)
    return looked


def without(html: str, address: str) -> str:
    """What differs anyhow: the form's token and what was typed."""
    return re.sub(r'value="[^"]*"', "", html).replace(address, "") if address else re.sub(r'value="[^"]*"', "", html)


async def test_whoever_guesses_one_persons_password_waits_longer_each_time(
    service: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    await joined(service)
    guesses(service)
    await moved(monkeypatch, timedelta(0))
    for _ in range(FREE_ATTEMPTS):
        assert (await signs_in(client_of(service.app), password="a wrong password")).status_code == 401
    right = await signs_in(client_of(service.app))
    assert right.status_code == 401 and WRONG in right.text, "while they wait not even the right one is looked at"
    for pause in PAUSES:
        await moved(monkeypatch, pause - timedelta(seconds=2))
        assert (await signs_in(client_of(service.app))).status_code == 401
        await moved(monkeypatch, timedelta(seconds=2))
        assert (await signs_in(client_of(service.app), password="a wrong password")).status_code == 401
    await moved(monkeypatch, PAUSES[-1])
    assert (await signs_in(client_of(service.app))).status_code == 303
    (row,) = await service.rows("SELECT failures, paused_until_us FROM console_person")
    assert (row["failures"], row["paused_until_us"]) == (0, 0)


async def test_wrong_passwords_are_forgotten_after_a_while(service: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    await joined(service)
    guesses(service)
    await moved(monkeypatch, timedelta(0))
    for wait, failures in ((timedelta(0), 4), (FADES - timedelta(minutes=1), 5), (FADES, 1)):
        await moved(monkeypatch, wait)
        for _ in range(4 if not wait else 1):
            await signs_in(client_of(service.app), password="a wrong password")
        assert await service.number("SELECT failures FROM console_person") == failures
    assert (await signs_in(client_of(service.app))).status_code == 303


async def test_many_guesses_at_once_are_no_more_than_one_after_another(service: Outside) -> None:
    await joined(service)
    guesses(service)
    looked = counted(service)
    await asyncio.gather(*(signs_in(client_of(service.app), password=f"wrong {n} password") for n in range(12)))
    (row,) = await service.rows("SELECT failures, password_hash FROM console_person")
    assert row["failures"] == FREE_ATTEMPTS and looked.count(row["password_hash"]) == FREE_ATTEMPTS


async def test_whoever_guesses_at_many_people_is_slowed_down_where_they_are(service: Outside) -> None:
    await joined(service)
    service.service.rates.sign_ins = Buckets(Rate(3, Fraction(1, 60)))
    guesser = client_of(service.app, ("203.0.113.7", 50000))
    codes = [(await signs_in(guesser, f"p{n}@shop.example", "x" * 12)).status_code for n in range(5)]
    assert codes[:3] == [401] * 3 and 429 in codes[3:]
    assert (await signs_in(client_of(service.app, ("198.51.100.9", 50000)))).status_code == 303


async def test_no_token_that_somebody_planted_becomes_a_session(service: Outside) -> None:
    """A session that was there before ends, and the new one has a token that nobody has seen."""
    browser = await joined(service)
    old = browser.cookies["belong_console"]
    for planted in ("A" * 43, old):
        victim = client_of(service.app)
        victim.cookies.set("belong_console", planted)
        answer = await signs_in(victim)
        given = [one for one in answer.headers.get_list("set-cookie") if one.startswith("belong_console=")]
        assert answer.status_code == 303 and len(given) == 1 and planted not in given[0]
    thief = client_of(service.app)
    thief.cookies.set("belong_console", old)
    assert (await thief.get("/console/books")).status_code == 401


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_form_of_another_site_signs_nobody_in(service: Outside, site: str) -> None:
    await joined(service)
    told = {"address": ADDRESS, "password": PASSWORD, "to": "/console"}
    bare = await client_of(service.app).post("/console/sign-in", data=told)
    assert bare.status_code == 403 and TABLES["en"]["sign-in.old"] in bare.text
    browser, other = client_of(service.app), client_of(service.app)
    theirs = form_of((await other.get("/console/sign-in")).text)
    own = form_of((await browser.get("/console/sign-in")).text)
    assert theirs != own
    assert (await browser.post("/console/sign-in", data={**told, "form": theirs})).status_code == 403
    sent = await browser.post("/console/sign-in", data={**told, "form": own}, headers={"Sec-Fetch-Site": site})
    assert sent.status_code == 403
    assert "belong_console" not in browser.cookies
    assert (await service.number("SELECT failures FROM console_person")) == 0


@pytest.mark.parametrize(
    "to", ["https://evil.example/console", "//evil.example", "/v1/members", "/console\r\nX: y", "/console/sign-in", ""]
)
async def test_signing_in_leads_only_to_pages_of_ours(service: Outside, to: str) -> None:
    await joined(service)
    answer = await signs_in(client_of(service.app), to=to)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")


async def test_a_page_that_is_opened_alone_leads_to_signing_in(service: Outside) -> None:
    browser = client_of(service.app)
    for place, path, status in (
        ("document", "/console/members?before=3", 303),
        ("iframe", "/console/members", 401),
        ("", "/console/members", 401),
        ("", "/console", 303),
        ("iframe", "/console", 401),
    ):
        answer = await browser.get(path, headers={"Sec-Fetch-Dest": place} if place else {})
        assert answer.status_code == status, (place, path)
        if status == 303:
            page = await browser.get(answer.headers["location"])
            asked = re.search(r'name="to" value="([^"]*)"', page.text)
            assert asked is not None and asked[1] == path
            assert TABLES["en"]["sign-in.shop-text"] in page.text.replace("&#39;", "'")
            assert page.headers["content-security-policy"].endswith("frame-ancestors 'none'")


async def test_a_role_holds_from_the_next_page_on(service: Outside) -> None:
    owner, other = await joined(service), await joined(service, Role.OWNER, "ben@shop.example")
    (ben,) = await service.rows("SELECT * FROM console_person WHERE address = 'ben@shop.example'")
    number, now = ben["programme_number"], clock.utc_now()
    form = {"form": form_of((await other.get("/console/connection")).text)}
    await standing.change_role(service.service.database, number, ben["public_id"], Role.READ_ONLY, SYSTEM, now)
    assert (await other.post("/console/connection/pair", data=form)).status_code == 403
    assert "(read only)" in (await other.get("/console/connection")).text
    await standing.disable(service.service.database, number, ben["public_id"], SYSTEM, now)
    assert (await other.get("/console/connection")).status_code == 401
    assert await service.number("SELECT count(*) FROM console_session") == 1
    assert (await owner.get("/console/connection")).status_code == 200


async def test_a_disabled_person_is_out_whatever_sessions_were_written(service: Outside) -> None:
    browser = await joined(service)

    async def disabled(session: Session) -> None:
        await session.run("UPDATE console_person SET disabled_at_us = 1")

    await atomic(service.service.database, disabled)
    assert await service.number("SELECT count(*) FROM console_session") == 1
    assert (await browser.get("/console/connection")).status_code == 401


async def test_a_session_of_somebody_who_signed_in_ends_as_others_do(
    service: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await joined(service)
    await moved(monkeypatch, SESSION_IDLE)
    assert (await browser.get("/console/connection")).status_code == 401


async def test_what_they_do_is_in_the_audit_under_their_address(service: Outside) -> None:
    browser = await joined(service)
    form = {"form": form_of((await browser.get("/console/connection")).text)}
    assert (await browser.post("/console/connection/pair", data=form)).status_code == 200
    rows = await service.rows("SELECT act, person, through, actor FROM programme_deed WHERE act = 'pairing-offer'")
    assert [tuple(dict(row).values()) for row in rows] == [("pairing-offer", ADDRESS, "console", "Ada")]


async def test_a_password_is_kept_anew_when_the_numbers_change(service: Outside) -> None:
    await joined(service)
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=32, parallelism=1)

    async def old(session: Session) -> None:
        await session.run("UPDATE console_person SET password_hash = $1", weak.hash(PASSWORD))

    await atomic(service.service.database, old)
    assert (await signs_in(client_of(service.app))).status_code == 303
    (row,) = await service.rows("SELECT password_hash FROM console_person")
    assert not QUICK.check_needs_rehash(row["password_hash"])
    assert (await signs_in(client_of(service.app))).status_code == 303


async def test_passwords_are_looked_at_two_at_a_time_and_a_crowd_is_sent_away(
    service: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    await joined(service)
    guesses(service)
    monkeypatch.setattr(passwords, "WAITING_MAX", 2)

    class Slow(Passwords):
        def _look(self, password: str, kept: str) -> bool:
            time.sleep(0.3)
            return super()._look(password, kept)

    service.service.passwords = Slow(QUICK)
    answers = await asyncio.gather(*(signs_in(client_of(service.app), f"p{n}@x.example") for n in range(8)))
    codes = [answer.status_code for answer in answers]
    assert set(codes) == {401, 503} and codes.count(401) >= 4
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 503)


@pytest.mark.parametrize(
    ("password", "names", "why"),
    [
        ("short", [], "short"),
        ("elevenchars", [], "short"),
        ("twelve chars", [], ""),
        ("aaaaaaaaaaaaaaaa", [], "plain"),
        ("Circle Circle Ada", ["Circle", "Ada"], "named"),
        ("ada.lovelace1815", ["Ada Lovelace", "ada.lovelace@x.example"], "named"),
        ("my circle of seven friends", ["Circle"], ""),
        ("x" * 501, [], "long"),
        ("密码密码密码密码密码密码", [], "plain"),
        ("一二三四五六七八九十百千", [], ""),
    ],
)
def test_a_password_is_judged_by_its_length_and_names(password: str, names: list[str], why: str) -> None:
    assert weakness(password, names) == why


def test_a_look_costs_what_rfc_9106_asks_for() -> None:
    assert Passwords().hasher is HASHER and HASHER.type is argon2.Type.ID
    assert (HASHER.memory_cost, HASHER.time_cost, HASHER.salt_len) == (64 * 1024, 3, 16)


async def test_the_frame_is_refused_to_everybody(service: Outside) -> None:
    answer = await client_of(service.app).get("/console/sign-in", headers={"Accept-Language": "de"})
    assert 'lang="de"' in answer.text and "http: https:" not in answer.headers["content-security-policy"]
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


async def test_a_form_that_came_too_late_leads_to_signing_in_and_back_to_its_page(service: Outside) -> None:
    """Where it stood in a tab of its own: no page for signing in opens in a shop's frame."""
    await joined(service)
    browser, path = client_of(service.app), "/console/settings/keys/make"
    for place, leads in (("document", True), ("", True), ("iframe", False)):
        headers = {"Sec-Fetch-Dest": place} if place else {}
        answer = await browser.post(path, data={"form": "x", "name": "till"}, headers=headers)
        assert answer.status_code == 401 and TABLES["en"]["out.title"] in answer.text
        assert ('href="/console/sign-in?to=%2Fconsole%2Fsettings%2Fkeys"' in answer.text) is leads, place
    assert (await signs_in(browser, to="/console/settings/keys")).headers["location"] == "/console/settings/keys"
