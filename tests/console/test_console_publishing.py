"""A draft becomes a version when its owner has seen who would lose by it, however long looking at members takes."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from connector import clock
from connector.programmes import previews
from connector.programmes.publishing import publish
from connector.running.scheduler import review_members
from connector.storage.atomic import atomic
from tests.connector.outside import Outside, order_body
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.test_console_programme import BEN, SAID, Editor, editor, in_force, with_rate


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    plugin = await plugin_of(service)
    assert (await service.deliver("woocommerce", order_body("woocommerce", 5123, 1000))).status_code == 200
    await service.work()
    return plugin


async def harder_tiers(service: Outside, plugin: Plugin) -> Editor:
    """A draft by which the one member loses a tier."""
    mine = await editor(service, plugin)
    tiers: list[dict[str, Any]] = [{"id": "member"}, {"id": "silver", "qualify": {"spend_12m": 1}}]
    await mine.save(await mine.text() | {"tiers": tiers})
    assert (await mine.send("/publish")).status_code == 303
    await service.work()
    await review_members(service.service)
    harder = await editor(service, plugin, origin="version:2")
    await harder.save(await harder.text() | {"tiers": [tiers[0], {"id": "silver", "qualify": {"spend_12m": 100000}}]})
    return harder


async def test_a_big_shop_is_looked_at_in_the_background_and_nothing_is_published_before(
    service: Outside, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = await harder_tiers(service, plugin)
    assert SAID["editor.effect-button"] in await mine.html()
    monkeypatch.setattr(previews, "PATIENCE_SECONDS", 0)
    stopped = await mine.send("/publish", reason="harder", sure="yes")
    assert stopped.status_code == 200 and SAID["editor.stop-runs"] in stopped.text and "harder" in stopped.text
    assert f'id="looking" aria-labelledby="effect" data-live="{mine.path}"' in stopped.text
    assert '<progress id="looked"' in stopped.text and "<script>" in stopped.text
    await service.service.previews.go_on()
    html = await mine.html()
    assert SAID["editor.tiers-move"].format(up=0, down=1, locked=0) in html and "data-live" not in html
    assert SAID["editor.sure"] in html and await in_force(service) == 2
    assert (await mine.send("/publish", html, sure="yes")).status_code == 303 and await in_force(service) == 3


async def test_being_sure_speaks_of_the_numbers_that_were_seen(service: Outside, plugin: Plugin) -> None:
    mine = await harder_tiers(service, plugin)
    seen = (await mine.send("/effect")).text
    database = service.service.database
    # A day later nobody loses anything any more, and the day after that somebody does again.
    await atomic(database, lambda session: session.run("DELETE FROM programme_preview"))
    await atomic(database, lambda session: session.run("UPDATE member SET status = 'left'"))
    await service.deliver("woocommerce", order_body("woocommerce", 6001, 1000, 8))
    await service.deliver("woocommerce", order_body("woocommerce", 6002, 1000, 9))
    await service.work()
    asked = await mine.send("/publish", seen, sure="yes")
    assert asked.status_code == 200 and SAID["editor.stop-sure"] in asked.text and await in_force(service) == 2
    assert SAID["editor.tiers-move"].format(up=0, down=2, locked=0) in asked.text
    # A start of its own is a question of its own.
    begins = f"{clock.utc_now() + timedelta(days=3):%Y-%m-%d}T00:00"
    later = await mine.send("/publish", asked.text, sure="yes", begins=begins)
    assert later.status_code == 200 and SAID["editor.stop-sure"] in later.text and await in_force(service) == 2
    assert (await mine.send("/publish", later.text, sure="yes", begins=begins)).status_code == 303


async def test_what_was_found_is_old_when_the_draft_or_the_programme_changes(service: Outside, plugin: Plugin) -> None:
    mine = await harder_tiers(service, plugin)
    assert SAID["editor.effect-old"] not in await mine.html()
    assert SAID["editor.sure"] in (await mine.send("/effect")).text
    await mine.save(await mine.text() | {"badges": [{"id": "one", "rule": "orders >= 1"}]})
    html = await mine.html()
    assert SAID["editor.effect-old"] in html and SAID["editor.sure"] not in html
    assert SAID["editor.badge-moves"].format(earned=1, lost=0, waiting=0) in (await mine.send("/effect")).text
    document = json.loads(json.dumps(with_rate(await mine.text(), 4) | {"tiers": [], "badges": []}))
    await publish(service.service.database, 1, document, None, BEN, "meanwhile", tells=False)
    assert SAID["editor.effect-old"] in await mine.html()


async def test_what_breaks_off_is_said_and_asked_again(service: Outside, plugin: Plugin) -> None:
    mine = await harder_tiers(service, plugin)
    await mine.send("/effect")
    database = service.service.database
    broken = "UPDATE programme_preview SET found_text = NULL, problem = 'OSError'"
    await atomic(database, lambda session: session.run(broken))
    assert SAID["editor.trial-broke"] in await mine.html()
    assert SAID["editor.sure"] in (await mine.send("/publish")).text and await in_force(service) == 2


async def test_what_books_are_kept_in_stays_and_the_draft_says_so(service: Outside, plugin: Plugin) -> None:
    mine = await editor(service, plugin)
    document = await mine.text()
    await mine.save(document | {"programme": {**document["programme"], "timezone": "Asia/Tokyo"}})
    html = await mine.html()
    assert (
        SAID["complaint.cannot-change"].format(before="Europe/Berlin") in html and SAID["editor.is-usable"] not in html
    )
    assert f'href="{mine.path}/general/form?of=programme' in html
