"""The second step of signing in: set up, asked for, used once, done without when a phone is lost, and asked of all."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pyotp
import pytest

from connector import clock
from connector.access.console import Role
from connector.access.rates import Buckets, Rate
from connector.commands.noted import run_noted
from connector.console.words import TABLES
from connector.signing_in.second_step import (
    HALF_LIVES,
    RECOVERY_CODES,
    STEP_SECONDS,
    new_recovery_codes,
    recovery_digest,
    step_of,
)
from connector.storage.attempts import FADES, FREE_ATTEMPTS, PAUSES
from connector.storage.console_people import CODE_TRIES
from connector.storage.second_steps import load_secret
from tests.builders import KEYS
from tests.connector.outside import Outside, client_of, outside
from tests.console.console_people import ADDRESS, PASSWORD, form_of, hurried, joined, signs_in
from tests.console.test_console_settings import PEOPLE, id_of, send
from tests.console.visiting import PUBLIC, moved

WORDS = TABLES["en"]
SECOND, CODE = "/console/settings/me/second", "/console/sign-in/code"
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        found.service.rates.sign_ins = Buckets(Rate(1, 0))
        found.service.rates.unproven = Buckets(Rate(1, 0))
        yield hurried(found)
        found.service.passwords.close()


async def set_up(service: Outside, browser: httpx.AsyncClient) -> tuple[pyotp.TOTP, list[str]]:
    """Somebody turns it on: their authenticator, and their codes for a lost phone. Uses up the present half minute."""
    assert (await send(browser, SECOND, SECOND, present=PASSWORD)).status_code == 303
    page = (await browser.get(SECOND)).text
    found = re.search(r"<code dir=\"ltr\">([A-Z2-7 ]+)</code>", page)
    assert found is not None and "<svg" in page and "style=" not in page
    phone = pyotp.TOTP(found[1].replace(" ", ""))
    wrong = await send(browser, SECOND, f"{SECOND}/confirm", code="000000")
    assert WORDS["second.wrong"] in wrong.text
    done = await send(browser, SECOND, f"{SECOND}/confirm", code=phone.at(clock.utc_now()))
    codes = re.findall(r"<code>([a-z2-7-]{19})</code>", done.text)
    assert len(set(codes)) == RECOVERY_CODES
    assert codes[0] not in (await browser.get(SECOND)).text
    return phone, codes


async def half_way(service: Outside) -> httpx.AsyncClient:
    """A browser of somebody whose password was right."""
    browser = client_of(service.app)
    answer = await signs_in(browser, to="/console/books")
    assert answer.status_code == 303 and answer.headers["location"].startswith(CODE)
    return browser


async def give(browser: httpx.AsyncClient, code: str) -> httpx.Response:
    page = await browser.get(CODE, params={"to": "/console/books"})
    return await browser.post(CODE, data={"form": form_of(page.text), "to": "/console/books", "code": code})


async def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next half minute."""
    await moved(monkeypatch, timedelta(seconds=STEP_SECONDS))


async def test_the_password_alone_opens_nothing(service: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    phone, _ = await set_up(service, await joined(service))
    await later(monkeypatch)
    browser = await half_way(service)
    assert (await browser.get("/console/books")).status_code == 401
    page = await browser.get(CODE)
    assert page.headers["content-security-policy"].endswith("frame-ancestors 'none'")
    assert (await give(browser, "123456")).status_code == 401
    entered = await give(browser, phone.at(clock.utc_now()))
    assert (entered.status_code, entered.headers["location"]) == (303, "/console/books")
    assert (await browser.get("/console/books")).status_code == 200
    assert await service.number("SELECT failures FROM console_person") == 0


async def test_a_code_is_good_once(service: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    phone, _ = await set_up(service, await joined(service))
    assert (await give(await half_way(service), phone.at(clock.utc_now()))).status_code == 401, "it turned it on"
    await later(monkeypatch)
    code = phone.at(clock.utc_now())
    first, second = await half_way(service), await half_way(service)
    answers = await asyncio.gather(give(first, code), give(second, code))
    assert sorted(answer.status_code for answer in answers) == [303, 401]
    earlier = phone.at(clock.utc_now() - timedelta(seconds=STEP_SECONDS))
    assert (await give(await half_way(service), earlier)).status_code == 401, "nor one of before"


async def test_a_written_code_stands_in_for_the_phone_once(service: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    _, codes = await set_up(service, await joined(service))
    kept = str([dict(row) for row in await service.rows("SELECT * FROM console_recovery")])
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    typed = codes[3].upper().replace("-", " ")
    assert (await give(await half_way(service), typed)).status_code == 303
    assert (await give(await half_way(service), codes[3])).status_code == 401
    browser = await half_way(service)
    assert (await give(browser, codes[4])).status_code == 303
    assert WORDS["second.left"].format(count=RECOVERY_CODES - 2) in (await browser.get(SECOND)).text


async def test_codes_are_guessed_no_faster_than_passwords(service: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    phone, _ = await set_up(service, await joined(service))
    await later(monkeypatch)
    browser = await half_way(service)
    for _ in range(FREE_ATTEMPTS):
        assert (await give(browser, "000000")).status_code == 401
    browser = await half_way(service)
    right = await give(browser, phone.at(clock.utc_now()))
    assert right.status_code == 401, "now they wait, and not even the right code is looked at"
    await moved(monkeypatch, PAUSES[0])
    assert (await give(browser, phone.at(clock.utc_now()))).status_code == 303
    (row,) = await service.rows("SELECT code_failures, code_paused_until_us FROM console_person")
    assert tuple(dict(row).values()) == (0, 0)


async def test_one_password_is_good_for_a_few_codes(service: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also once their pauses are over, and however many come at once."""
    phone, _ = await set_up(service, await joined(service))
    await later(monkeypatch)
    browser = await half_way(service)
    form = form_of((await browser.get(CODE)).text)
    codes = [{"form": form, "to": "/console", "code": f"{n:06}"} for n in range(3 * CODE_TRIES)]
    await asyncio.gather(*(browser.post(CODE, data=one) for one in codes))
    (row,) = await service.rows("SELECT code_failures, failures FROM console_person")
    assert tuple(dict(row).values()) == (CODE_TRIES, 0)
    await moved(monkeypatch, PAUSES[0])
    assert (await browser.get(CODE)).headers["location"] == "/console/sign-in"
    answer = await browser.post(CODE, data={"form": form, "code": phone.at(clock.utc_now())})
    assert answer.status_code == 403, "this password has had its codes"
    assert (await give(await half_way(service), phone.at(clock.utc_now()))).status_code == 303


async def test_whoever_does_not_know_the_password_keeps_nobody_from_their_code(
    service: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, _ = await set_up(service, await joined(service))
    await later(monkeypatch)
    for n in range(FREE_ATTEMPTS + len(PAUSES)):
        await signs_in(client_of(service.app), password=f"a wrong password {n}")
        await moved(monkeypatch, PAUSES[-1])
    browser = await half_way(service)
    assert await service.number("SELECT failures FROM console_person") == 0, "the right one is no failure"
    for n in range(FREE_ATTEMPTS):
        await signs_in(client_of(service.app), password=f"another wrong password {n}")
    assert await service.number("SELECT count(*) FROM console_person WHERE paused_until_us > 0") == 1
    assert (await give(browser, phone.at(clock.utc_now()))).status_code == 303


async def test_wrong_codes_are_forgotten_after_a_while(service: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    await set_up(service, await joined(service))
    await later(monkeypatch)
    browser = await half_way(service)
    for _ in range(FREE_ATTEMPTS - 1):
        await give(browser, "000000")
    await moved(monkeypatch, FADES)
    await give(await half_way(service), "000000")
    assert await service.number("SELECT code_failures FROM console_person") == 1


async def test_an_open_page_alone_begins_no_second_step(service: Outside) -> None:
    browser = await joined(service)
    refused = await send(browser, SECOND, SECOND, present="not this one")
    assert WORDS["sign-in.problem-present"] in refused.text
    assert await service.number("SELECT count(*) FROM console_person WHERE sealed IS NOT NULL") == 0


async def test_half_way_ends_and_is_of_one_browser(service: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    phone, _ = await set_up(service, await joined(service))
    await later(monkeypatch)
    stranger = client_of(service.app)
    assert (await stranger.get(CODE)).headers["location"] == "/console/sign-in"
    form = form_of((await stranger.get("/console/sign-in")).text)
    before = stranger.cookies["belong_door"]
    told = {"form": form, "code": phone.at(clock.utc_now())}
    assert (await stranger.post(CODE, data=told)).status_code == 403
    answer = await signs_in(stranger)
    assert before not in answer.headers["set-cookie"], "what was known before the password is worth nothing"
    browser = await half_way(service)
    page = await browser.get(CODE)
    await moved(monkeypatch, HALF_LIVES)
    told = {"form": form_of(page.text), "code": phone.at(clock.utc_now())}
    assert (await browser.post(CODE, data=told)).status_code == 403


async def test_turning_it_off_takes_the_password(service: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = await joined(service)
    _, codes = await set_up(service, browser)
    for path in ("codes", "off"):
        refused = await send(browser, SECOND, f"{SECOND}/{path}", present="not this one")
        assert WORDS["sign-in.problem-present"] in refused.text
    renewed = await send(browser, SECOND, f"{SECOND}/codes", present=PASSWORD)
    assert len(re.findall(r"<code>([a-z2-7-]{19})</code>", renewed.text)) == RECOVERY_CODES
    assert (await give(await half_way(service), codes[0])).status_code == 401
    assert (await send(browser, SECOND, f"{SECOND}/off", present=PASSWORD)).status_code == 303
    assert (await signs_in(client_of(service.app))).headers["location"] == "/console"
    (row,) = await service.rows("SELECT sealed, second_since_us FROM console_person")
    assert tuple(dict(row).values()) == (None, None)
    acts = [row["act"] for row in await service.rows("SELECT act FROM programme_deed ORDER BY at_us")]
    assert [act for act in acts if act.startswith("second")] == ["second-on", "second-codes", "second-off"]


async def test_turning_it_on_ends_sessions_that_were_begun_with_less(service: Outside) -> None:
    browser, other = await joined(service), client_of(service.app)
    assert (await signs_in(other)).status_code == 303
    await set_up(service, browser)
    assert [(await one.get(SECOND)).status_code for one in (browser, other)] == [200, 401]


async def test_the_secret_lies_sealed(service: Outside) -> None:
    phone, _ = await set_up(service, await joined(service))
    (row,) = await service.rows("SELECT public_id, sealed FROM console_person")
    assert phone.secret.encode() not in bytes(row["sealed"])
    session = service.service.database.reading()
    assert await load_secret(session, KEYS, row["public_id"]) == phone.secret


async def test_whoever_lost_everything_is_helped_by_an_owner_or_the_command_line(service: Outside) -> None:
    owner, ben = await joined(service), await joined(service, Role.SUPPORT, "ben@shop.example")
    await set_up(service, ben)
    await set_up(service, owner)
    done = await send(owner, PEOPLE, f"{PEOPLE}/{await id_of(service, 'ben@shop.example')}/second-off")
    assert done.headers["location"] == f"{PEOPLE}?said=second-off"
    assert (await signs_in(client_of(service.app), "ben@shop.example")).headers["location"] == "/console"
    assert (await signs_in(client_of(service.app))).headers["location"].startswith(CODE)
    await run_noted(service.service, "person-totp-off", {"address": ADDRESS})
    assert (await signs_in(client_of(service.app))).headers["location"] == "/console"


async def test_an_owner_asks_it_of_everybody(service: Outside) -> None:
    owner, ben = await joined(service), await joined(service, Role.SUPPORT, "ben@shop.example")
    number = service.connections["woocommerce"].programme_number
    await set_up(service, owner)
    assert (await send(owner, PEOPLE, f"{PEOPLE}/second", needed="yes")).status_code == 303
    for path in ("/console/books", "/console/members", "/console/settings/me"):
        assert (await ben.get(path)).headers["location"] == SECOND
    page = await ben.get(SECOND)
    assert WORDS["second.must"] in page.text
    told = {"form": form_of(page.text), "name": "Eve", "language": "en"}
    assert (await ben.post("/console/settings/me", data=told)).headers["location"] == SECOND
    assert await service.number("SELECT count(*) FROM console_person WHERE name = 'Eve'") == 0
    await set_up(service, ben)
    assert (await ben.get("/console/books")).status_code == 200
    assert (await owner.get("/console/books")).status_code == 200
    await send(owner, PEOPLE, f"{PEOPLE}/second", needed="no")
    assert await service.number("SELECT count(*) FROM console_policy WHERE second_since_us IS NULL") == 1 and number


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_rfc_6238_within_one_step(seconds: int, code: str) -> None:
    """The last six of the eight digits in the RFC's appendix B."""
    at = datetime.fromtimestamp(seconds, UTC)
    step = seconds // STEP_SECONDS
    assert step_of(RFC_SECRET, code, at) == step
    assert step_of(RFC_SECRET, f" {code[:3]} {code[3:]} ", at) == step
    for off, is_near in ((-2, False), (-1, True), (1, True), (2, False)):
        moved_at = at + timedelta(seconds=off * STEP_SECONDS)
        assert (step_of(RFC_SECRET, code, moved_at) == step) is is_near
    for wrong in ("", "0", code[:5], code + "0", "äöüäöü", str(uuid.uuid4())):
        assert step_of(RFC_SECRET, wrong, at) is None


def test_written_codes_are_known_however_they_are_typed() -> None:
    one, other = new_recovery_codes()[:2]
    assert recovery_digest(one) == recovery_digest(f" {one.upper().replace('-', '')} ") != recovery_digest(other)
