"""The console's settings: people, API keys, and what everybody sets of their own."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from connector import clock
from connector.access.auth import MOVES_POINTS
from connector.access.console import Role
from connector.commands.noted import run_noted
from connector.console.words import TABLES
from connector.delivering.mail import Mail
from connector.signing_in.second_step import half_way, who_is_half_way
from connector.storage.atomic import atomic
from connector.storage.console_people import people_of
from connector.storage.session import Session
from tests.connector.outside import Outside, client_of, outside
from tests.connector.plugin_calls import plugin_of
from tests.connector.smtp_server import smtp_server
from tests.console.console_people import ADDRESS, PASSWORD, form_of, hurried, join, joined, path_of, signs_in
from tests.console.reading import Reader
from tests.console.visiting import PUBLIC, signed_in

WORDS = TABLES["en"]
PEOPLE, KEYS, ME = "/console/settings/people", "/console/settings/keys", "/console/settings/me"
BEN = "ben@shop.example"
ANEW = "another battery of horses"


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield hurried(found)
        found.service.passwords.close()


async def send(browser: httpx.AsyncClient, page: str, path: str, **typed: str) -> httpx.Response:
    """Send a form of a page, with its token and a key of its own."""
    form = form_of((await browser.get(page)).text)
    return await browser.post(path, data={"form": form, "once": str(uuid.uuid4()), **typed})


async def id_of(service: Outside, address: str) -> str:
    rows = await service.rows("SELECT public_id FROM console_person WHERE address = $1", address)
    return str(rows[0]["public_id"])


def url_of(html: str) -> str:
    found = re.search(rf"{re.escape(PUBLIC)}/console/join/[\w-]+", html)
    assert found is not None
    return path_of(found[0])


async def test_an_owner_invites_somebody_by_an_address_that_is_shown_once(service: Outside) -> None:
    owner = await joined(service)
    form = form_of((await owner.get(PEOPLE)).text)
    sent = {"form": form, "once": str(uuid.uuid4()), "address": f" {BEN.upper()} ", "role": "support"}
    answer = await owner.post(f"{PEOPLE}/invite", data=sent)
    assert answer.status_code == 200
    path = url_of(answer.text)
    again = await owner.post(f"{PEOPLE}/invite", data=sent)
    assert (again.status_code, again.headers["location"]) == (303, f"{PEOPLE}?said=shown-once")
    assert await service.number("SELECT count(*) FROM console_ticket") == 1
    assert "/console/join/" not in (await owner.get(PEOPLE)).text
    ben = client_of(service.app)
    assert (await join(ben, path, name="<b>Ben</b>")).status_code == 303
    page = await owner.get(PEOPLE)
    assert "&lt;b&gt;Ben" in page.text and BEN.upper() in page.text and await id_of(service, BEN)
    assert (await ben.get(PEOPLE)).status_code == 403


async def test_an_invitation_is_mailed_where_mail_is_sent(prepared_database_url: str, tmp_path: Path) -> None:
    async with smtp_server() as server:
        async with outside(
            prepared_database_url,
            tmp_path,
            BELONG_PUBLIC_URL=PUBLIC,
            BELONG_MAIL_SERVER=f"smtp+plain://127.0.0.1:{server.port}",
            BELONG_MAIL_FROM="Circle <hi@shop.example>",
        ) as service:
            owner = await joined(hurried(service))
            server.kept.clear()
            page = await send(owner, PEOPLE, f"{PEOPLE}/invite", address=BEN, role="manager")
            assert WORDS["people.mailed"] in page.text
            ((recipient, message),) = server.kept
            path = url_of(page.text)
            assert recipient == BEN and path.encode() in message.replace(b"=\r\n", b"")
            server.refuses["RCPT"] = b"550 no such account"
            page = await send(owner, PEOPLE, f"{PEOPLE}/invite", address="eve@shop.example", role="manager")
            assert WORDS["people.mailed"] not in page.text and url_of(page.text) != path
            service.service.passwords.close()


async def test_an_address_is_mailed_as_it_was_typed(prepared_database_url: str, tmp_path: Path) -> None:
    """As addresses are compared it may be another domain."""
    mailed: list[str] = []

    class Post:
        delivers = True

        async def send(self, mail: Mail) -> None:
            mailed.append(mail.to)

    typed = "Anna@Gro\u00df.example"
    async with outside(
        prepared_database_url,
        tmp_path,
        BELONG_PUBLIC_URL=PUBLIC,
        BELONG_MAIL_SERVER="smtp+plain://127.0.0.1:9",
        BELONG_MAIL_FROM="Circle <hi@shop.example>",
    ) as service:
        owner = await joined(hurried(service))
        service.service.mailer = Post()
        mailed.clear()
        page = await send(owner, PEOPLE, f"{PEOPLE}/invite", address=f" {typed} ", role="support")
        assert (await join(client_of(service.app), url_of(page.text))).status_code == 303
        await send(owner, PEOPLE, f"{PEOPLE}/{await id_of(service, 'anna@gross.example')}/reset")
        assert mailed == [typed] * 2 and typed in (await owner.get(PEOPLE)).text
        assert (await signs_in(client_of(service.app), typed.lower())).status_code == 303
        service.service.passwords.close()


async def test_an_invitation_is_seen_and_withdrawn(service: Outside) -> None:
    owner = await joined(service)
    page = await send(owner, PEOPLE, f"{PEOPLE}/invite", address=BEN, role="manager")
    path = url_of(page.text)
    seen = (await owner.get(PEOPLE)).text
    assert WORDS["people.waiting"] in seen and BEN in seen and path not in seen
    found = re.search(rf"{PEOPLE}/invitations/[0-9a-f]{{64}}/withdraw", seen)
    assert found is not None
    gone = await send(owner, PEOPLE, found[0])
    assert gone.headers["location"] == f"{PEOPLE}?said=invitation-withdrawn"
    assert (await client_of(service.app).get(path)).status_code == 410
    assert (await send(owner, PEOPLE, found[0])).status_code == 404
    assert WORDS["people.waiting"] not in (await owner.get(PEOPLE)).text
    acts = [row["act"] for row in await service.rows("SELECT act FROM programme_deed")]
    assert acts.count("person-withdraw") == 1


@pytest.mark.parametrize(("deed", "typed"), [("disable", {}), ("role", {"role": "manager"})])
async def test_what_somebody_gave_as_an_owner_ends_with_that(
    service: Outside, deed: str, typed: dict[str, str]
) -> None:
    ada, ben = await joined(service), await joined(service, Role.OWNER, BEN)
    await joined(service, Role.OWNER, "eve@shop.example")
    paths = [
        url_of((await send(ben, PEOPLE, f"{PEOPLE}/invite", address="ben2@shop.example", role="owner")).text),
        url_of((await send(ben, PEOPLE, f"{PEOPLE}/{await id_of(service, 'eve@shop.example')}/reset")).text),
        url_of((await send(ada, PEOPLE, f"{PEOPLE}/invite", address="zoe@shop.example", role="owner")).text),
    ]
    assert (await send(ada, PEOPLE, f"{PEOPLE}/{await id_of(service, BEN)}/{deed}", **typed)).status_code == 303
    assert [(await client_of(service.app).get(path)).status_code for path in paths] == [410, 410, 200]


@pytest.mark.parametrize("address", ["", "no address", "a@b@c", "x" * 300 + "@y.example"])
async def test_an_invitation_needs_an_address(service: Outside, address: str) -> None:
    owner = await joined(service)
    answer = await send(owner, PEOPLE, f"{PEOPLE}/invite", address=address, role="support")
    assert WORDS["sign-in.problem-address"] in answer.text
    assert await service.number("SELECT count(*) FROM console_ticket") == 0


async def test_an_owner_changes_roles_and_lets_people_in_and_out(service: Outside) -> None:
    owner, ben = await joined(service), await joined(service, Role.SUPPORT, BEN)
    path = f"{PEOPLE}/{await id_of(service, BEN)}"
    changed = await send(owner, PEOPLE, f"{path}/role", role="owner")
    assert changed.headers["location"] == f"{PEOPLE}?said=role-changed"
    assert (await ben.get(PEOPLE)).status_code == 200
    assert (await send(owner, PEOPLE, f"{path}/role", role="god")).status_code == 404
    assert (await send(owner, PEOPLE, f"{path}/disable")).status_code == 303
    assert (await ben.get(PEOPLE)).status_code == 401
    assert (await signs_in(client_of(service.app), BEN)).status_code == 401
    assert (await send(owner, PEOPLE, f"{path}/enable")).status_code == 303
    assert (await signs_in(client_of(service.app), BEN)).status_code == 303
    acts = [row["act"] for row in await service.rows("SELECT act FROM programme_deed ORDER BY at_us, audit_id")]
    assert {"person-role", "person-disable", "person-enable"} <= set(acts)


async def test_the_last_owner_stays(service: Outside) -> None:
    owner = await joined(service)
    await joined(service, Role.MANAGER, BEN)
    path = f"{PEOPLE}/{await id_of(service, ADDRESS)}"
    for deed, typed in (("role", {"role": "manager"}), ("disable", {})):
        answer = await send(owner, PEOPLE, f"{path}/{deed}", **typed)
        assert answer.status_code == 200 and WORDS["people.last-owner"] in answer.text
    assert (await owner.get(PEOPLE)).status_code == 200
    (row,) = await service.rows("SELECT console_role, disabled_at_us FROM console_person WHERE address = $1", ADDRESS)
    assert tuple(dict(row).values()) == ("owner", None)


async def test_two_owners_cannot_lock_each_other_out_at_once(service: Outside) -> None:
    ada, ben = await joined(service), await joined(service, Role.OWNER, BEN)
    paths = [f"{PEOPLE}/{await id_of(service, one)}/role" for one in (BEN, ADDRESS)]
    await asyncio.gather(
        *(send(one, PEOPLE, path, role="support") for one, path in zip((ada, ben), paths, strict=True))
    )
    assert await service.number("SELECT count(*) FROM console_person WHERE console_role = 'owner'") == 1


async def test_an_owner_helps_somebody_who_lost_their_password(service: Outside) -> None:
    owner = await joined(service)
    await joined(service, Role.SUPPORT, BEN)
    page = await send(owner, PEOPLE, f"{PEOPLE}/{await id_of(service, BEN)}/reset")
    browser, path = client_of(service.app), url_of(page.text)
    form = form_of((await browser.get(path)).text)
    assert (await browser.post(path, data={"form": form, "password": ANEW, "again": ANEW})).status_code == 303
    assert (await signs_in(browser, BEN, ANEW)).status_code == 303


async def test_an_owners_open_page_gives_nobody_their_password(service: Outside) -> None:
    owner = await joined(service)
    path = f"{PEOPLE}/{await id_of(service, ADDRESS)}"
    assert f"{path}/reset" not in (await owner.get(PEOPLE)).text
    for deed in ("reset", "second-off"):
        answer = await send(owner, PEOPLE, f"{path}/{deed}")
        assert answer.status_code == 200 and WORDS["people.oneself"] in answer.text
    assert await service.number("SELECT count(*) FROM console_ticket") == 0
    acts = {row["act"] for row in await service.rows("SELECT act FROM programme_deed")}
    assert not acts & {"person-reset", "second-off"}


async def test_another_password_ends_what_was_given_before(service: Outside) -> None:
    """Addresses for a new password, and whoever has shown the one before and goes on with a code."""
    browser = await joined(service)
    earlier = path_of((await run_noted(service.service, "reset-person", {"address": ADDRESS}))["url"])
    (person,) = await people_of(service.service.database.reading(), service.connections["woocommerce"].programme_number)
    half = await half_way(service.service, person, clock.utc_now())
    assert await who_is_half_way(service.service, half, clock.utc_now()) is not None
    done = await send(browser, ME, f"{ME}/password", present=PASSWORD, password=ANEW, again=ANEW)
    assert done.headers["location"] == f"{ME}?said=password-changed"
    assert (await client_of(service.app).get(earlier)).status_code == 410
    assert await who_is_half_way(service.service, half, clock.utc_now()) is None


async def test_whoever_changes_their_password_is_out_everywhere_else(service: Outside) -> None:
    here, there = await joined(service), client_of(service.app)
    assert (await signs_in(there)).status_code == 303
    for typed, said in (
        ({"present": "not this one", "password": ANEW, "again": ANEW}, "problem-present"),
        ({"present": PASSWORD, "password": ANEW, "again": ANEW + "x"}, "problem-again"),
        ({"present": PASSWORD, "password": "short", "again": "short"}, "problem-short"),
    ):
        answer = await send(here, ME, f"{ME}/password", **typed)
        assert WORDS[f"sign-in.{said}"].format(least=12) in answer.text
    assert (await there.get(ME)).status_code == 200
    done = await send(here, ME, f"{ME}/password", present=PASSWORD, password=ANEW, again=ANEW)
    assert done.headers["location"] == f"{ME}?said=password-changed"
    assert WORDS["said.password-changed"] in (await here.get(done.headers["location"])).text
    assert (await there.get(ME)).status_code == 401
    assert (await signs_in(there)).status_code == 401
    assert (await signs_in(there, password=ANEW)).status_code == 303


async def test_signing_out_everywhere_ends_every_session(service: Outside) -> None:
    here, there, ben = await joined(service), client_of(service.app), await joined(service, Role.OWNER, BEN)
    assert (await signs_in(there)).status_code == 303
    assert (await here.get(ME)).text.count(WORDS["me.seen"]) == 2
    left = await send(here, ME, f"{ME}/out")
    assert left.headers["location"] == "/console/sign-in" and "Max-Age=0" in left.headers["set-cookie"]
    assert [(await one.get(ME)).status_code for one in (here, there, ben)] == [401, 401, 200]


async def test_a_person_chooses_their_name_and_language(service: Outside) -> None:
    browser = await joined(service, Role.READ_ONLY)
    assert (await send(browser, ME, ME, name="Ada L", language="de")).status_code == 303
    page = await browser.get(ME)
    assert 'lang="de"' in page.text and "Ada L (nur lesen)" in page.text.replace("(Nur lesen)", "(nur lesen)")
    assert (await send(browser, ME, ME, name=" ", language="de")).status_code == 200


async def test_whoever_comes_from_a_shop_has_no_password_here(service: Outside) -> None:
    browser = await signed_in(service, await plugin_of(service))
    assert WORDS["me.shop"] in (await browser.get(ME)).text.replace("&#39;", "'")
    form = form_of((await browser.get(ME)).text)
    for path in (ME, f"{ME}/password", f"{ME}/out"):
        assert (await browser.post(path, data={"form": form, "name": "x"})).status_code == 404


async def test_whom_the_operator_keeps_from_points_gets_them_by_no_key_and_nobody_else(service: Outside) -> None:
    plugin, ben = await plugin_of(service), await joined(service, Role.READ_ONLY, BEN)
    number = service.connections["woocommerce"].number

    async def switched_off(session: Session) -> None:
        await session.run("UPDATE connection SET settings = $1 WHERE number = $2", '{"plugin_adjusts": "no"}', number)

    await atomic(service.service.database, switched_off)
    browser, path = await signed_in(service, plugin), f"{PEOPLE}/{await id_of(service, BEN)}"
    for scope in MOVES_POINTS:
        answer = await send(browser, KEYS, f"{KEYS}/make", name="x", days="30", **{f"scope.{scope}": "yes"})
        assert WORDS["people.switched-off"] in answer.text
    for role in ("owner", "manager", "support"):
        for deed, typed in ((f"{PEOPLE}/invite", {"address": "eve@x.example"}), (f"{path}/role", {})):
            answer = await send(browser, PEOPLE, deed, role=role, **typed)
            assert answer.status_code == 200 and WORDS["people.switched-off"] in answer.text
    assert WORDS["people.switched-off"] in (await send(browser, PEOPLE, f"{path}/reset")).text
    assert await service.number("SELECT (SELECT count(*) FROM api_key) + (SELECT count(*) FROM console_ticket)") == 0
    assert (await ben.get(PEOPLE)).status_code == 403, "still read-only"
    read = await send(browser, KEYS, f"{KEYS}/make", name="x", days="30", **{"scope.books:read": "yes"})
    assert WORDS["keys.made"] in read.text
    assert url_of((await send(browser, PEOPLE, f"{PEOPLE}/invite", address="eve@x.example", role="read-only")).text)


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"name": "", "scope.books:read": "yes"}, "keys.problem-name"), ({"name": "desk"}, "keys.problem-scopes")],
)
async def test_a_key_needs_a_name_and_something_to_do(service: Outside, typed: dict[str, str], said: str) -> None:
    answer = await send(await joined(service), KEYS, f"{KEYS}/make", days="30", **typed)
    assert WORDS[said] in answer.text
    assert await service.number("SELECT count(*) FROM api_key") == 0


@pytest.mark.parametrize("language", list(TABLES))
async def test_the_settings_speak_the_languages(service: Outside, language: str) -> None:
    browser = await joined(service)
    tags = {"zh_hans": "zh-Hans", "zh_hant": "zh-Hant"}
    await send(browser, ME, ME, name="Ada", language=tags.get(language, language))
    for path in ("/console/settings", PEOPLE, KEYS, ME):
        page = await browser.get(path)
        read = Reader(page.text)
        assert read.open == [] and "script" not in read.tags and "style=" not in page.text
        assert TABLES[language]["shell.settings"] in read.said and len(page.content) < 100_000
