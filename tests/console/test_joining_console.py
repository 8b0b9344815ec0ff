"""How people come to the console: the first owner of a fresh installation, invitations, and lost passwords."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from connector import clock
from connector.access.console import Role
from connector.commands.noted import run_noted
from connector.config import load_settings
from connector.console.words import TABLES
from connector.errors import Permanent
from connector.running.app import build_app
from connector.running.pruning import forget_old_keys
from connector.running.service import assemble
from connector.signing_in.inviting import FIRST_LIVES, JOIN_LIVES, first_address
from connector.signing_in.passwords import Passwords
from connector.storage.programmes import load_programmes
from tests.builders import KEYS, opened
from tests.connector.outside import Outside, client_of, outside
from tests.console.console_people import (
    ADDRESS,
    PASSWORD,
    QUICK,
    fill,
    form_of,
    hurried,
    invited,
    join,
    joined,
    opened_forms,
    path_of,
    signs_in,
)
from tests.console.visiting import PUBLIC, moved

SET_UP = {"address": ADDRESS, "programme": "Tea Friends", "currency": "gbp", "zone": "Europe/London"}


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield hurried(found)
        found.service.passwords.close()


@pytest.fixture
async def fresh(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    """An installation without programme, shop and people."""
    environment = {"BELONG_HOME": str(tmp_path), "DATABASE_URL": prepared_database_url, "BELONG_PUBLIC_URL": PUBLIC}
    async with opened(prepared_database_url) as database:
        service = assemble(load_settings(environment), KEYS, database, httpx.AsyncClient())
        service.passwords = Passwords(QUICK)
        app = build_app(service)
        async with client_of(app) as http:
            yield Outside(service, app, http)
        await service.inbox.close()
        service.passwords.close()


async def first(service: Outside) -> str:
    given = await first_address(service.service, clock.utc_now())
    assert given is not None and given.url.startswith(f"{PUBLIC}/console/join/")
    return path_of(given.url)


async def test_the_first_owner_makes_the_programme_and_is_in(fresh: Outside) -> None:
    path = await first(fresh)
    browser = client_of(fresh.app)
    page = await browser.get(path)
    assert page.status_code == 200 and TABLES["en"]["sign-in.first.title"] in page.text
    answer = await join(browser, path, **SET_UP)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    shown = await browser.get("/console/connection")
    assert shown.status_code == 200 and "Ada (owner)" in shown.text and "Tea Friends" in shown.text
    (books,) = (await load_programmes(fresh.service.database.reading())).values()
    made = books.rulebook.in_force(clock.utc_now())
    assert (made.base_currency, str(made.timezone)) == ("GBP", "Europe/London")
    assert await first_address(fresh.service, clock.utc_now()) is None
    acts = await fresh.rows("SELECT act, person, numbers_text FROM programme_deed")
    assert [row["act"] for row in acts] == ["person-join"] and acts[0]["person"] == ADDRESS


async def test_without_the_address_nobody_becomes_the_owner(fresh: Outside) -> None:
    await first(fresh)
    stranger = client_of(fresh.app)
    assert (await stranger.get("/console/join/" + "A" * 43)).status_code == 410
    door = await stranger.get("/console/sign-in")
    sent = {**SET_UP, "name": "Eve", "password": PASSWORD, "again": PASSWORD, "form": form_of(door.text)}
    answer = await stranger.post("/console/join/" + "A" * 43, data=sent)
    assert answer.status_code == 410 and TABLES["en"]["join-over.title"] in answer.text
    assert await fresh.number("SELECT count(*) FROM console_person") == 0
    kept = await fresh.rows("SELECT digest FROM console_ticket")
    assert len(kept) == 1


async def test_of_several_first_addresses_one_makes_the_owner(fresh: Outside) -> None:
    paths = [await first(fresh) for _ in range(3)]
    answers = await asyncio.gather(
        *(
            fill(browser, path, form, **{**SET_UP, "address": f"p{n}@x.example"})
            for n, (browser, path, form) in enumerate(await opened_forms(fresh, paths))
        )
    )
    assert sorted(answer.status_code for answer in answers) == [303, 410, 410]
    assert await fresh.number("SELECT count(*) FROM console_person") == 1
    assert await fresh.number("SELECT count(*) FROM programme") == 1


async def test_an_address_ends_after_a_time(fresh: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await first(fresh)
    await moved(monkeypatch, FIRST_LIVES - timedelta(seconds=5))
    assert (await client_of(fresh.app).get(path)).status_code == 200
    await moved(monkeypatch, timedelta(seconds=6))
    assert (await client_of(fresh.app).get(path)).status_code == 410
    await forget_old_keys(fresh.service)
    assert await fresh.number("SELECT count(*) FROM console_ticket") == 0
    assert (await client_of(fresh.app).get(await first(fresh))).status_code == 200


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"address": "no address"}, "address"),
        ({"password": "short", "again": "short"}, "short"),
        ({"again": "another password"}, "again"),
        ({"password": "tea friends! tea friends!", "again": "tea friends! tea friends!"}, "named"),
        ({"programme": ""}, "programme"),
        ({"currency": "???"}, "currency"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"zone": "Nowhere/Else"}, "zone"),
    ],
)
async def test_what_is_wrong_is_said_and_uses_nothing_up(fresh: Outside, typed: dict[str, str], field: str) -> None:
    path, browser = await first(fresh), client_of(fresh.app)
    answer = await join(browser, path, **{**SET_UP, **typed})
    assert answer.status_code == 422
    assert TABLES["en"][f"sign-in.problem-{field}"].format(least=12) in answer.text.replace("&#39;", "'")
    assert PASSWORD not in answer.text
    assert await fresh.number("SELECT count(*) FROM console_person") == 0
    assert (await join(browser, path, **SET_UP)).status_code == 303


async def test_an_invitation_is_good_once_and_for_its_address(service: Outside) -> None:
    path = await invited(service, Role.SUPPORT, "ben@shop.example")
    forms = await opened_forms(service, [path] * 4)
    answers = await asyncio.gather(*(fill(*one, address="eve@x.example") for one in forms))
    assert sorted(answer.status_code for answer in answers) == [303, 410, 410, 410]
    (row,) = await service.rows("SELECT address, console_role, programme_number FROM console_person")
    number = service.connections["woocommerce"].programme_number
    assert tuple(dict(row).values()) == ("ben@shop.example", "support", number)
    assert (await client_of(service.app).get(path)).status_code == 410


async def test_an_invitation_ends_after_days(service: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await invited(service)
    await moved(monkeypatch, JOIN_LIVES)
    assert (await client_of(service.app).get(path)).status_code == 410


async def test_an_address_that_is_taken_takes_nobodys_place(service: Outside) -> None:
    await joined(service)
    path = await invited(service, Role.OWNER, "")
    browser = client_of(service.app)
    answer = await join(browser, path, address=ADDRESS.upper(), name="Eve")
    assert answer.status_code == 422 and TABLES["en"]["sign-in.problem-taken"] in answer.text
    assert [row["name"] for row in await service.rows("SELECT name FROM console_person")] == ["Ada"]
    assert (await join(browser, path, address="eve@x.example", name="Eve")).status_code == 303


async def test_a_form_of_another_page_does_not_join(service: Outside) -> None:
    path = await invited(service)
    sent = {"name": "Ada", "password": PASSWORD, "again": PASSWORD, "language": "en"}
    assert (await client_of(service.app).post(path, data=sent)).status_code == 403
    assert await service.number("SELECT count(*) FROM console_person") == 0


async def test_a_lost_password_is_chosen_anew_and_ends_what_was_open(service: Outside) -> None:
    browser = await joined(service)
    told = await run_noted(service.service, "reset-person", {"address": ADDRESS})
    earlier = path_of(told["url"])
    path = path_of((await run_noted(service.service, "reset-person", {"address": ADDRESS.upper()}))["url"])
    assert (await client_of(service.app).get(earlier)).status_code == 410
    assert (await browser.get("/console/connection")).status_code == 200, "nothing changes until it is used"
    other = client_of(service.app)
    page = await other.get(path)
    assert 'name="name"' not in page.text and ADDRESS in page.text
    anew = "another battery of horses"
    sent = {"form": form_of(page.text), "password": anew, "again": anew}
    assert (await other.post(path, data=sent)).headers["location"] == "/console/sign-in"
    assert (await browser.get("/console/connection")).status_code == 401
    assert (await other.get("/console/connection")).status_code == 401
    assert (await other.post(path, data=sent)).status_code == 410
    assert (await signs_in(other)).status_code == 401
    assert (await signs_in(other, password=anew)).status_code == 303


async def test_commands_know_people_by_their_address(service: Outside) -> None:
    await joined(service)
    url = (await run_noted(service.service, "invite-person", {"role": "manager", "address": "ben@x.example"}))["url"]
    assert (await join(client_of(service.app), path_of(url), name="Ben")).status_code == 303
    for name, params in (
        ("person-role", {"address": ADDRESS, "role": "support"}),
        ("disable-person", {"address": ADDRESS}),
    ):
        with pytest.raises(Permanent, match="last owner"):
            await run_noted(service.service, name, params)
    await run_noted(service.service, "person-role", {"address": "ben@x.example", "role": "owner"})
    await run_noted(service.service, "disable-person", {"address": ADDRESS})
    with pytest.raises(Permanent, match="last owner"):
        await run_noted(service.service, "disable-person", {"address": "ben@x.example"})
    assert (await signs_in(client_of(service.app))).status_code == 401
    await run_noted(service.service, "disable-person", {"address": ADDRESS, "enable": True})
    assert (await signs_in(client_of(service.app))).status_code == 303
    with pytest.raises(Permanent, match="Nobody signs in as"):
        await run_noted(service.service, "person-role", {"address": "who@x.example", "role": "owner"})
    deeds = str([dict(row) for row in await service.rows("SELECT * FROM operator_deed")])
    assert "manager" in deeds and "ben@x.example" not in deeds and url.rpartition("/")[2] not in deeds


async def test_two_owners_cannot_take_each_others_role_at_once(service: Outside) -> None:
    await joined(service)
    await joined(service, Role.OWNER, "ben@x.example")
    outcomes = await asyncio.gather(
        *(run_noted(service.service, "disable-person", {"address": one}) for one in (ADDRESS, "ben@x.example")),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["Permanent", "dict"]
    assert await service.number("SELECT count(*) FROM console_person WHERE disabled_at_us IS NULL") == 1
