"""A browser with which somebody signed in before has a count of wrong passwords of its own: whoever knows an address
keeps nobody out of it, and may guess no more often than before.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from connector import clock
from connector.access.rates import Buckets, Rate
from connector.people.actors import SYSTEM
from connector.running.pruning import forget_old_keys
from connector.signing_in import standing
from connector.signing_in.second_step import STEP_SECONDS
from connector.storage.attempts import FREE_ATTEMPTS, KNOWN_LIVES, KNOWN_MOST, PAUSES
from tests.connector.outside import Outside, client_of, outside
from tests.console.console_people import ADDRESS, PASSWORD, form_of, hurried, invited, join, joined, signs_in
from tests.console.test_second_step import CODE, give, half_way, set_up
from tests.console.visiting import PUBLIC, moved

BEN = "ben@shop.example"
NAME = "belong_known"
GUESS = "a wrong password"


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        # This process lets somebody try as often as they like: what is looked at is what the counts do.
        found.service.rates.sign_ins = Buckets(Rate(1, 0))
        found.service.rates.unproven = Buckets(Rate(1, 0))
        yield hurried(found)
        found.service.passwords.close()


async def attacked(service: Outside, address: str = ADDRESS, times: int = FREE_ATTEMPTS) -> None:
    for _ in range(times):
        assert (await signs_in(client_of(service.app), address, GUESS)).status_code == 401


def known(browser: httpx.AsyncClient, name: str = NAME) -> str:
    return browser.cookies.get(name) or ""


async def counts(service: Outside) -> tuple[int, int]:
    """Failures of strangers, and of browsers that are known."""
    return (
        await service.number("SELECT sum(failures) FROM console_person"),
        await service.number("SELECT sum(failures) FROM console_browser"),
    )


async def test_whoever_knows_an_address_keeps_nobody_out_of_a_browser_of_their_own(
    service: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await joined(service)
    await moved(monkeypatch, timedelta(0))
    await attacked(service)
    assert (await signs_in(client_of(service.app))).status_code == 401, "strangers wait, whatever they type"
    assert (await signs_in(ada)).status_code == 303
    assert (await ada.get("/console/books")).status_code == 200
    assert (await counts(service))[0] == FREE_ATTEMPTS, "that she came sets no stranger's count back"
    assert (await signs_in(client_of(service.app))).status_code == 401


async def test_strangers_wait_as_long_as_ever_while_the_person_comes_and_goes(
    service: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await joined(service)
    await moved(monkeypatch, timedelta(0))
    await attacked(service)
    for pause in PAUSES:
        await moved(monkeypatch, pause - timedelta(seconds=2))
        assert (await signs_in(ada)).status_code == 303
        assert (await signs_in(client_of(service.app))).status_code == 401
        await moved(monkeypatch, timedelta(seconds=2))
        await attacked(service, times=1)
    assert await counts(service) == (FREE_ATTEMPTS + len(PAUSES), 0)


async def test_a_known_browser_waits_as_strangers_do_and_nobody_else_with_it(
    service: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await joined(service)
    await moved(monkeypatch, timedelta(0))
    for _ in range(FREE_ATTEMPTS):
        assert (await signs_in(ada, password=GUESS)).status_code == 401
    assert (await signs_in(ada)).status_code == 401, "it has its own count, and no other to go on with"
    assert await counts(service) == (0, FREE_ATTEMPTS)
    assert (await signs_in(client_of(service.app))).status_code == 303
    for pause in PAUSES:
        await moved(monkeypatch, pause - timedelta(seconds=2))
        assert (await signs_in(ada)).status_code == 401
        await moved(monkeypatch, timedelta(seconds=2))
        assert (await signs_in(ada, password=GUESS)).status_code == 401
    await moved(monkeypatch, PAUSES[-1])
    assert (await signs_in(ada)).status_code == 303
    assert await counts(service) == (0, 0)


async def test_a_browser_is_known_for_whom_it_signed_in_and_for_nobody_else(
    service: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = await joined(service, address=BEN)
    await joined(service)
    await moved(monkeypatch, timedelta(0))
    for _ in range(FREE_ATTEMPTS):
        assert (await signs_in(ben, ADDRESS, GUESS)).status_code == 401
    assert await counts(service) == (FREE_ATTEMPTS, 0), "with Ben's browser anybody is a stranger to Ada"
    assert (await signs_in(ben, ADDRESS)).status_code == 401
    assert (await signs_in(client_of(service.app), BEN)).status_code == 303


async def test_one_browser_is_known_for_each_who_shares_it(service: Outside) -> None:
    shared = await joined(service)
    ada = known(shared)
    ben = await joined(service, address=BEN)
    assert (await signs_in(shared, BEN)).status_code == 303
    assert known(shared).split(".")[1:] == [ada]
    await attacked(service)
    await attacked(service, BEN)
    for address in (ADDRESS, BEN):
        assert (await signs_in(shared, address)).status_code == 303
    assert len(known(shared).split(".")) == 2 and known(ben)


async def test_what_somebody_planted_never_becomes_known(service: Outside) -> None:
    """Each sign-in makes a token that nobody has seen, and keeps no more of it than its digest."""
    await joined(service)
    victim, planted = client_of(service.app), "A" * 43
    victim.cookies.set(NAME, planted)
    answer = await signs_in(victim)
    (told,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith(NAME)]
    tokens = told.partition("=")[2].partition(";")[0].split(".")
    assert answer.status_code == 303 and tokens[0] != planted
    assert f"Max-Age={int(KNOWN_LIVES.total_seconds())}; HttpOnly; SameSite=Lax" in told
    kept = str([dict(row) for row in await service.rows("SELECT * FROM console_browser")])
    assert tokens[0] not in kept
    await attacked(service)
    thief = client_of(service.app)
    thief.cookies.set(NAME, planted)
    assert (await signs_in(thief)).status_code == 401


async def test_with_https_no_other_host_can_set_it(prepared_database_url: str, tmp_path: Path) -> None:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL="https://loyalty.example.test") as service:
        browser = client_of(hurried(service).app)
        browser.base_url = httpx.URL("https://loyalty.example.test")
        answer = await join(browser, await invited(service))
        (told,) = [one for one in answer.headers.get_list("set-cookie") if "known" in one]
        assert told.startswith("__Host-belong-known=") and "Path=/; " in told and "; HttpOnly; Secure; SameSite" in told
        assert known(browser, "__Host-belong-known")
        service.service.passwords.close()


@pytest.mark.parametrize("over", ["password", "disabled", "old"])
async def test_a_browser_is_known_no_longer_than_its_person_wants(
    service: Outside, monkeypatch: pytest.MonkeyPatch, over: str
) -> None:
    ada = await joined(service)
    (row,) = await service.rows("SELECT public_id, programme_number FROM console_person")
    await joined(service, address=BEN)
    await moved(monkeypatch, timedelta(0))
    password = PASSWORD
    if over == "password":
        password, page = "another battery of horses", "/console/settings/me"
        typed = {"present": PASSWORD, "password": password, "again": password}
        form = form_of((await ada.get(page)).text)
        assert (await ada.post(f"{page}/password", data={"form": form, **typed})).status_code == 303
    elif over == "disabled":
        database, who = service.service.database, (row["programme_number"], row["public_id"])
        assert await standing.disable(database, *who, SYSTEM, clock.utc_now())
        assert await standing.enable(database, *who, SYSTEM, clock.utc_now())
    else:
        await moved(monkeypatch, KNOWN_LIVES)
        assert await service.number("SELECT count(*) FROM console_browser") == 2
        await forget_old_keys(service.service)
        assert await service.number("SELECT count(*) FROM console_browser") == 0
    await attacked(service)
    assert (await signs_in(ada, password=password)).status_code == 401


async def test_with_the_second_step_a_browser_is_known_after_the_code_alone(
    service: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, _ = await set_up(service, await joined(service))
    await moved(monkeypatch, timedelta(seconds=STEP_SECONDS))
    browser = await half_way(service)
    assert not known(browser)
    await attacked(service)
    assert (await give(browser, phone.at(clock.utc_now()))).status_code == 303
    assert known(browser)
    assert (await signs_in(browser)).headers["location"].startswith(CODE), "strangers wait, and this one does not"


async def test_of_one_person_so_many_browsers_are_known_and_no_more(service: Outside) -> None:
    await joined(service)
    for _ in range(KNOWN_MOST + 2):
        assert (await signs_in(client_of(service.app))).status_code == 303
    assert await service.number("SELECT count(*) FROM console_browser") == KNOWN_MOST


async def test_many_guesses_at_once_from_a_known_browser_are_no_more_than_one_after_another(service: Outside) -> None:
    ada = await joined(service)
    forms = [client_of(service.app) for _ in range(12)]
    for one in forms:
        one.cookies.set(NAME, known(ada))
    await asyncio.gather(*(signs_in(one, password=f"wrong {n} password") for n, one in enumerate(forms)))
    assert await counts(service) == (0, FREE_ATTEMPTS)
