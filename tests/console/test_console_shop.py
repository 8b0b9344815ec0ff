"""The page of one shop: its past is read by role, in words, once; secrets are replaced and never shown."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from connector import clock
from connector.commands.settings import SETTINGS
from connector.console.shop import SETTINGS_IN_ORDER
from connector.console.words import TABLES
from connector.storage.atomic import atomic
from connector.storage.backfills import Progress, RunState, claim_runs, end_run, last_run, move_run
from connector.storage.connections import load_connections, load_credentials
from tests.builders import KEYS
from tests.connector.other_merchant import stranger_of
from tests.connector.outside import Outside, outside
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.console_people import hurried, joined
from tests.console.reading import Reader
from tests.console.visiting import PUBLIC, form_of, signed_in

SAID = TABLES["en"]
LEASE = timedelta(minutes=5)


@dataclass
class Shop:
    service: Outside
    plugin: Plugin
    platform: str = "woocommerce"

    @property
    def path(self) -> str:
        return f"/console/connection/{self.service.connections[self.platform].public_id}"

    @property
    def number(self) -> int:
        return self.service.connections[self.platform].number

    async def browser(self, role: str = "owner") -> httpx.AsyncClient:
        return await signed_in(self.service, self.plugin, role=role)

    async def send(self, browser: httpx.AsyncClient, deed: str, **fields: str) -> httpx.Response:
        form = form_of((await browser.get("/console/connection")).text)
        return await browser.post(f"{self.path}/{deed}", data={"form": form, **fields})

    async def states(self) -> list[tuple[str, int]]:
        rows = await self.service.rows("SELECT run_state, is_dry FROM backfill_run ORDER BY run_n")
        return [(row["run_state"], int(row["is_dry"])) for row in rows]

    async def acts(self) -> list[str]:
        rows = await self.service.rows("SELECT act FROM programme_deed ORDER BY at_us, act")
        return [row["act"] for row in rows]

    async def moved(self, read: int, left: int) -> None:
        """A worker has read so many orders of the run."""
        database, now = self.service.service.database, clock.utc_now()
        (run,) = await atomic(database, lambda session: claim_runs(session, "worker", now, LEASE, is_alone=True))
        step = Progress("x", read, read, 0, 0, left, now - timedelta(days=30), now - timedelta(days=1))
        assert await atomic(database, lambda session: move_run(session, run, "worker", step, now, LEASE))

    async def ended(self) -> None:
        database, now = self.service.service.database, clock.utc_now()
        await atomic(database, lambda session: claim_runs(session, "worker", now, LEASE, is_alone=True))
        run = await last_run(database.reading(), self.number)
        assert run is not None
        await atomic(database, lambda session: end_run(session, run, "worker", now))


@pytest.fixture
async def shop(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as service:
        yield Shop(service, await plugin_of(service))


async def test_a_past_is_tried_then_read_paused_and_gone_on_with(shop: Shop) -> None:
    browser = await shop.browser()
    first = Reader((await browser.get(shop.path)).text)
    assert SAID["shop.never-read"] in first.said and SAID["shop.pause"] not in first.said
    answer = await shop.send(browser, "past/look")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{shop.path}?said=past-begun")
    await shop.ended()
    assert (await shop.send(browser, "past/read", since="2026-01-31")).status_code == 303
    (row,) = await shop.service.rows("SELECT since_us FROM backfill_run WHERE is_dry = 0")
    assert row["since_us"] is not None
    assert (await shop.send(browser, "past/pause")).headers["location"].endswith("said=past-paused")
    assert SAID["shop.resume"] in Reader((await browser.get(shop.path)).text).said
    assert (await shop.send(browser, "past/resume")).status_code == 303
    assert await shop.states() == [("done", 1), ("running", 0)]
    assert await shop.acts() == ["past-begin", "past-begin", "past-pause", "past-resume"]


async def test_how_far_it_is_is_told_and_looked_at_again_until_it_has_ended(shop: Shop) -> None:
    browser = await shop.browser("manager")
    await shop.send(browser, "past/look")
    await shop.moved(250, 750)
    page = (await browser.get(shop.path)).text
    read = Reader(page)
    assert "data-live" in page and "script" in read.tags
    assert SAID["connection.read-of"].format(read="250", total="1,000") in read.said
    assert SAID["shop.about"].format(percent=20) in read.said
    await shop.ended()
    page = (await browser.get(shop.path)).text
    assert " data-live" not in page.partition("<main")[2] and "script" not in Reader(page).tags


async def test_sent_twice_it_runs_once_and_a_try_takes_no_run_that_stands_still(shop: Shop) -> None:
    browser = await shop.browser()
    await shop.send(browser, "past/read")
    again = await shop.send(browser, "past/read")
    assert (again.status_code, again.headers["location"].endswith("said=past-runs")) == (303, True)
    await shop.send(browser, "past/pause")
    tried = await shop.send(browser, "past/look")
    assert tried.status_code == 422 and SAID["shop.stands"] in Reader(tried.text).said
    assert await shop.states() == [(RunState.PAUSED.value, 0)]
    idle = await shop.send(browser, "past/pause")
    assert idle.status_code == 422 and SAID["shop.idle"] in Reader(idle.text).said


@pytest.mark.parametrize(
    ("since", "word"),
    [
        ("tomorrow", "shop.no-day"),
        ("2026-13-01", "shop.no-day"),
        ("0001-01-01", "shop.before-all"),
        ("+1", "shop.ahead"),
    ],
)
async def test_a_day_that_cannot_be_begins_nothing(shop: Shop, since: str, word: str) -> None:
    if since == "+1":
        since = (date.fromisoformat(clock.utc_now().date().isoformat()) + timedelta(days=3)).isoformat()
    answer = await shop.send(await shop.browser(), "past/look", since=since)
    assert answer.status_code == 422 and SAID[word] in Reader(answer.text).said
    assert await shop.states() == []


async def test_a_page_for_members_is_of_the_shop_or_of_an_origin_that_is_named_with_it(shop: Shop) -> None:
    browser, page = await shop.browser(), "https://head.example/me"
    alone = await shop.send(browser, "settings", member_page=page)
    assert alone.status_code == 422 and 'value="https://head.example/me"' in alone.text
    both = await shop.send(browser, "settings", member_page=page, origins="https://head.example")
    assert both.status_code == 303
    assert {name: (await kept(shop))[name] for name in ("member_page", "origins")} == {
        "member_page": page,
        "origins": "https://head.example",
    }


@pytest.mark.parametrize(("role", "may"), [("read-only", 403), ("support", 403), ("manager", 403), ("owner", 303)])
async def test_only_an_owner_has_the_past_read_into_the_books(shop: Shop, role: str, may: int) -> None:
    browser = await shop.browser(role)
    page = Reader((await browser.get(shop.path)).text)
    assert (SAID["shop.begin"] in page.said) is (role == "owner")
    assert (await shop.send(browser, "past/read")).status_code == may


async def test_secrets_are_replaced_tried_and_never_shown(shop: Shop) -> None:
    keyed = Shop(shop.service, shop.plugin, "shopify")
    browser = await keyed.browser()
    form = (await browser.get(keyed.path)).text
    assert 'name="client_secret"' in form and SAID["secret.webhook"] in form
    answer = await keyed.send(browser, "secrets", client_secret=" shpss_new-one ", client_id="")
    # No shop answers in this test; that is said, and the new secret is kept.
    assert answer.status_code == 200 and SAID["shop.kept"] in Reader(answer.text).said
    page = (await browser.get(keyed.path)).text
    assert "shpss_new-one" not in answer.text + page
    reading = keyed.service.service.database.reading()
    kept = await load_credentials(reading, KEYS, keyed.service.connections["shopify"])
    assert kept.api["client_secret"] == "shpss_new-one" and kept.webhook[0] == b"shpss_new-one"
    (deed,) = await shop.service.rows("SELECT act, numbers_text FROM programme_deed")
    assert deed["act"] == "store-secrets" and "shpss" not in deed["numbers_text"]
    assert json.loads(deed["numbers_text"])["secrets"] == ["client_secret"]


@pytest.mark.parametrize(
    ("typed", "word"),
    [({}, "shop.secrets-none"), ({"client_secret": "é" * 20}, ""), ({"webhook": "x"}, "shop.secrets-none")],
)
async def test_what_is_no_secret_replaces_none(shop: Shop, typed: dict[str, str], word: str) -> None:
    keyed = Shop(shop.service, shop.plugin, "shopify")
    answer = await keyed.send(await keyed.browser(), "secrets", **typed)
    assert answer.status_code == 422
    assert SAID[word] in Reader(answer.text).said if word else "paste it again" in answer.text
    assert await shop.acts() == []


async def test_a_shop_with_our_plugin_has_no_secret_to_type(shop: Shop) -> None:
    browser = await shop.browser()
    page = (await browser.get(shop.path)).text
    assert SAID["shop.secrets-plugin"] in Reader(page).said and 'type="password"' not in page
    assert (await shop.send(browser, "secrets", consumer_key="ck_1")).status_code == 422


async def kept(shop: Shop) -> dict[str, str]:
    number = shop.number
    return dict((await load_connections(shop.service.service.database.reading()))[number].settings)


@pytest.mark.parametrize("platform", ["woocommerce", "shopify"])
async def test_an_owner_changes_what_differs_and_that_stands_in_the_audit(shop: Shop, platform: str) -> None:
    keyed, browser = replace(shop, platform=platform), await shop.browser()
    before = await kept(keyed)
    typed = {
        "language": "de",
        "origins": " https://www.shop.example ",
        "was-origins": "",
        "tier_tags": "",
        "was-auth": "x",
    }
    answer = await keyed.send(browser, "settings", **typed)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{keyed.path}?said=settings-kept")
    assert await kept(keyed) == {**before, "language": "de", "origins": "https://www.shop.example"}
    rows = await shop.service.rows("SELECT act, numbers_text FROM programme_deed")
    assert {row["act"] for row in rows} == {"setting-change"}
    assert {json.loads(row["numbers_text"])["setting"] for row in rows} == {"language", "origins"}
    page = Reader((await browser.get(keyed.path)).text)
    assert SAID["setting.referral_link"] in page.said and SAID["language.de"] in page.said
    again = await keyed.send(browser, "settings", **{"language": "de", "was-language": "de"})
    assert again.headers["location"].endswith("said=settings-same")
    assert len(await shop.service.rows("SELECT act FROM programme_deed")) == 2


async def test_one_value_that_cannot_be_changes_none_and_stays_in_the_form(shop: Shop) -> None:
    before = await kept(shop)
    typed = {"language": "de", "origins": "https://shop.example/page", "plugin_imports": "maybe"}
    browser = await joined(hurried(shop.service))
    answer = await shop.send(browser, "settings", **typed)
    page = answer.text
    assert answer.status_code == 422 and SAID["setting.wrong"] in Reader(page).said
    assert 'value="https://shop.example/page"' in page and page.count('aria-invalid="true"') == 2
    assert await kept(shop) == before and "setting-change" not in await shop.acts()
    # Whoever has a sign-in of their own may say what people of the shop may.
    assert (await shop.send(browser, "settings", plugin_imports="no")).status_code == 303
    assert await kept(shop) == {**before, "plugin_imports": "no"}


@pytest.mark.parametrize(("role", "may"), [("read-only", 403), ("support", 403), ("manager", 403), ("owner", 303)])
async def test_only_an_owner_changes_settings(shop: Shop, role: str, may: int) -> None:
    browser = await shop.browser(role)
    assert (SAID["shop.settings-button"] in Reader((await browser.get(shop.path)).text).said) is (role == "owner")
    assert (await shop.send(browser, "settings", language="de")).status_code == may


async def test_whom_only_the_shop_names_lets_nobody_of_it_give_points(shop: Shop) -> None:
    browser = await shop.browser()
    page = (await browser.get(shop.path)).text
    assert SAID["setting.operator"] in Reader(page).said and 'name="plugin_adjusts"' not in page
    for name in ("plugin_adjusts", "plugin_imports"):
        answer = await shop.send(browser, "settings", **{name: "yes", "language": "de"})
        assert answer.status_code == 403 and SAID["setting.operator"] in Reader(answer.text).said
    assert await shop.acts() == [] and "language" not in await kept(shop)


def test_every_setting_has_a_place_on_the_page() -> None:
    assert set(SETTINGS_IN_ORDER) == set().union(*SETTINGS.values())
    assert len(SETTINGS_IN_ORDER) == len(set(SETTINGS_IN_ORDER))


async def test_letting_go_what_is_held_needs_a_reason(shop: Shop) -> None:
    browser = await shop.browser()
    assert (await shop.send(browser, "held", reason=" ")).status_code == 422
    assert (await shop.send(browser, "held", reason="restored by us")).headers["location"].endswith("said=held-let-go")


async def test_a_shop_of_another_merchant_is_nobodys(shop: Shop) -> None:
    browser = await stranger_of(shop.service)
    assert (await browser.get(shop.path)).status_code == 404
    for deed in ("past/look", "past/read", "past/pause", "past/resume", "held", "settings", "secrets"):
        assert (await shop.send(browser, deed, reason="x")).status_code == 404, deed
    assert (await browser.get(f"/console/connection/{uuid.uuid4()}")).status_code == 404
    assert await shop.states() == []
