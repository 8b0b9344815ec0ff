"""Drafts of a programme in the console: what they change is said before, and nothing changes until one is published."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from connector import clock
from connector.console.words import TABLES
from connector.people.actors import by_console
from connector.programmes.publishing import publish
from connector.running.scheduler import review_members
from connector.storage.atomic import atomic
from connector.storage.programmes import create_programme, document_of_version, load_programmes
from connector.storage.trials import DEAD_AFTER, begin_trial, last_trial
from loyalty_engine.programme import canonical_json
from loyalty_engine.texts import TAGS
from tests.builders import DOCUMENT, OPENED
from tests.connector.outside import Outside, order_body
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.reading import Reader
from tests.console.visiting import HOSTILE, form_of, page_of, signed_in

SAID = TABLES["en"]
BEN = by_console("ben@example.org", "Ben")


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    plugin = await plugin_of(service)
    for order_id in (5123, 5124):
        assert (await service.deliver("woocommerce", order_body("woocommerce", order_id, 1000))).status_code == 200
    await service.work()
    return plugin


@dataclass
class Editor:
    """Somebody who edits a draft."""

    service: Outside
    browser: httpx.AsyncClient
    path: str

    async def html(self) -> str:
        return (await self.browser.get(self.path)).text

    async def text(self) -> Any:
        found = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", await self.html(), re.DOTALL)
        assert found is not None
        return json.loads(found[1].replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&"))

    async def send(self, deed: str, html: str = "", **fields: str) -> httpx.Response:
        html = html or await self.html()
        edits = re.search(r'name="edits" value="(\d+)"', html)
        assert edits is not None
        latest = re.search(r'name="latest" value="(\d+)"', html)
        seen = re.search(r'name="seen" value="(\w+)"', html)
        hidden = {"latest": latest[1] if latest else "", "seen": seen[1] if seen else ""}
        form = {"form": form_of(html), "edits": edits[1], **hidden, **fields}
        return await self.browser.post(self.path + deed, data=form)

    async def save(self, document: Any, html: str = "", name: str = "Spring") -> httpx.Response:
        text = document if isinstance(document, str) else json.dumps(document)
        return await self.send("", html, text=text, name=name)


async def editor(service: Outside, plugin: Plugin, role: str = "owner", origin: str = "version:1") -> Editor:
    browser = await signed_in(service, plugin, role=role)
    html = (await browser.get("/console/programme")).text
    once = re.search(r'name="once" value="([^"]+)"', html)
    assert once is not None
    form = {"form": form_of(html), "once": once[1], "origin": origin, "name": "Spring"}
    begun = await browser.post("/console/programme/drafts", data=form)
    assert begun.status_code == 303, begun.text
    # Once more: a double click makes no second draft.
    assert (await browser.post("/console/programme/drafts", data=form)).headers["location"] == begun.headers["location"]
    assert await service.number("SELECT count(*) FROM programme_draft") == 1
    return Editor(service, browser, begun.headers["location"].partition("?")[0])


def with_rate(document: Any, rate: int) -> Any:
    changed: dict[str, Any] = json.loads(json.dumps(document))
    changed["points"]["earn"]["rates"] = {"EUR": rate}
    return changed


async def in_force(service: Outside) -> int:
    number = service.connections["woocommerce"].programme_number
    programmes = await load_programmes(service.service.database.reading())
    return programmes[number].rulebook.in_force(clock.utc_now()).version


async def test_a_draft_changes_nothing_until_the_owner_publishes_it(service: Outside, plugin: Plugin) -> None:
    mine = await editor(service, plugin)
    assert SAID["editor.no-change"] in await mine.html()
    document = await mine.text()
    assert (await mine.save(with_rate(document, 3))).status_code == 303
    html = await mine.html()
    assert "points.earn.rates.EUR: 1 -&gt; 3" in html and "brings 300 points" in html
    assert await in_force(service) == 1
    sent = await mine.send("/publish", reason="A better spring", begins="")
    assert sent.status_code == 303 and sent.headers["location"].endswith("said=published")
    assert await in_force(service) == 2
    assert await service.number("SELECT count(*) FROM programme_draft") == 0
    shown = await page_of(mine.browser, "/console/programme")
    assert (
        "A better spring" in shown.said
        and "Ada" in shown.said
        and SAID["editor.in-force"].format(version=2) in shown.said
    )
    version = await page_of(mine.browser, "/console/programme/versions/2")
    assert "points.earn.rates.EUR: 1 -> 3" in version.said


async def test_going_back_is_a_new_version(service: Outside, plugin: Plugin) -> None:
    mine = await editor(service, plugin)
    first = await mine.text()
    await mine.save(with_rate(first, 3))
    await mine.send("/publish")
    back = await editor(service, plugin, origin="version:1")
    assert await back.text() == first
    await back.send("/publish", reason="Back again")
    number = service.connections["woocommerce"].programme_number
    session = service.service.database.reading()
    documents = [await document_of_version(session, number, version) for version in (1, 3)]
    assert documents[0] is not None and documents[1] is not None
    assert canonical_json(documents[0]) == canonical_json(documents[1]) and await in_force(service) == 3


async def test_what_cannot_be_used_is_kept_and_said_in_words(service: Outside, plugin: Plugin) -> None:
    mine = await editor(service, plugin)
    document = await mine.text()
    unread = SAID["complaint.not-readable-at"].partition(":")[0].format(form="JSON")
    rate = f"{SAID['forms.earn']}, {SAID['field.per_unit']}"
    for broken, said, mended in (
        (json.dumps(document)[:-1], unread, "#document"),
        (json.dumps(document | {"tires": 1}), "“tires” is not known here. Did you mean “tiers”?", "#document"),
        (json.dumps(with_rate(document, -1)), rate, "/earning/form?of=earn"),
        (HOSTILE, SAID["complaint.not-readable"].partition(".")[0].format(form="TOML"), "#document"),
    ):
        assert (await mine.save(broken)).status_code == 303
        html = await mine.html()
        assert SAID["editor.not-usable"] in html and said in html and f'href="{mine.path}{mended}' in html
        assert "points.earn" not in html.partition('id="document"')[0]
        assert "<script>alert" not in html
        kept = (await service.rows("SELECT document_text FROM programme_draft"))[0]["document_text"]
        assert kept == broken
        assert (
            await mine.browser.post(mine.path + "/publish", data={"form": form_of(html), "edits": "9"})
        ).status_code == 200
    assert await in_force(service) == 1


async def test_two_who_edit_at_once_notice_each_other(service: Outside, plugin: Plugin) -> None:
    mine = await editor(service, plugin)
    theirs = Editor(service, await signed_in(service, plugin, name="Ben", user="wp:13"), mine.path)
    document = await mine.text()
    seen = await theirs.html()
    assert (await mine.save(with_rate(document, 2))).status_code == 303
    late = await theirs.save(with_rate(document, 7), seen)
    assert late.status_code == 200 and "Ada" in late.text and SAID["editor.theirs"] in late.text
    assert "{&#34;EUR&#34;: 7}" in late.text and (await mine.text())["points"]["earn"]["rates"]["EUR"] == 2
    # Whoever looked before the other saved publishes nothing unseen.
    assert (await theirs.send("/publish", seen)).status_code == 200 and await in_force(service) == 1
    assert (await theirs.save(with_rate(document, 7), late.text)).status_code == 303
    assert (await mine.text())["points"]["earn"]["rates"]["EUR"] == 7


async def test_a_start_of_the_past_is_refused_in_words(service: Outside, plugin: Plugin) -> None:
    mine = await editor(service, plugin)
    await mine.save(with_rate(await mine.text(), 2))
    refused = await mine.send("/publish", begins="2020-01-01T00:00", reason="too late")
    assert refused.status_code == 200 and SAID["editor.start-past"] in refused.text and "too late" in refused.text
    nonsense = await mine.send("/publish", begins="soon")
    assert nonsense.status_code == 200 and SAID["complaint.moment"] in nonsense.text and await in_force(service) == 1
    far = await mine.send("/publish", begins="2999-01-01T00:00")
    assert SAID["editor.start-far"].format(days=400) in far.text
    day = f"{clock.utc_now() + timedelta(days=3):%Y-%m-%d}T00:00"
    assert (await mine.send("/publish", begins=day)).status_code == 303
    assert await in_force(service) == 1
    assert SAID["editor.planned"].format(version=2) in (await page_of(mine.browser, "/console/programme")).said


async def test_who_would_lose_is_seen_before_it_is_published(service: Outside, plugin: Plugin) -> None:
    mine = await editor(service, plugin)
    tiers: list[dict[str, Any]] = [
        {"id": "member", "name": "Member"},
        {"id": "silver", "name": "Silver", "qualify": {"spend_12m": 1}},
    ]
    await mine.save(await mine.text() | {"tiers": tiers})
    assert SAID["editor.tiers-move"].format(up=1, down=0, locked=0) in (await mine.send("/effect")).text
    assert (await mine.send("/publish")).status_code == 303
    await service.work()
    await review_members(service.service)
    harder = await editor(service, plugin, origin="version:2")
    tiers[1]["qualify"] = {"spend_12m": 100000}
    await harder.save(await harder.text() | {"tiers": tiers})
    asked = await harder.send("/publish")
    assert asked.status_code == 200 and SAID["editor.sure"] in asked.text and await in_force(service) == 2
    assert (await harder.send("/publish", sure="yes")).status_code == 303 and await in_force(service) == 3


async def test_roles_hold_for_drafts(service: Outside, plugin: Plugin) -> None:
    mine = await editor(service, plugin, "manager")
    html = await mine.html()
    assert SAID["editor.owner-publishes"] in html
    assert (
        await mine.browser.post(mine.path + "/publish", data={"form": form_of(html), "edits": "0"})
    ).status_code == 403
    reader = await signed_in(service, plugin, role="read-only")
    shown = (await reader.get("/console/programme")).text
    assert SAID["editor.begin"] not in shown
    for path in (mine.path, mine.path + "/try", mine.path + "/drop", "/console/programme/pause"):
        assert (await reader.post(path, data={"form": form_of(shown)})).status_code == 403
    assert await in_force(service) == 1


async def test_drafts_of_another_programme_are_not_there(service: Outside, plugin: Plugin) -> None:
    mine = await editor(service, plugin)
    database = service.service.database
    other = await atomic(database, lambda session: create_programme(session, DOCUMENT, OPENED, OPENED))
    await atomic(database, lambda session: session.run("UPDATE programme_draft SET programme_number = $1", other))
    html = (await mine.browser.get("/console/programme")).text
    for deed in ("", "/effect", "/try", "/publish", "/drop"):
        answer = await mine.browser.post(mine.path + deed, data={"form": form_of(html), "edits": "0", "text": "{}"})
        # It was begun here, so publishing says that it was published or deleted.
        assert answer.status_code == (303 if deed == "/publish" else 404), deed
    assert (await mine.browser.get(mine.path)).status_code == 404
    assert await service.number("SELECT count(*) FROM programme_draft") == 1


async def tried(service: Outside, mine: Editor) -> str:
    for _ in range(1000):
        html = await mine.html()
        if SAID["editor.trial-look"] not in html:
            return html
        await asyncio.sleep(0.02)
    raise AssertionError("it never ended")


async def test_the_past_is_replayed_under_both(service: Outside, plugin: Plugin) -> None:
    mine = await editor(service, plugin)
    await mine.save(with_rate(await mine.text(), 3))
    begun = await mine.send("/try")
    assert begun.headers["location"].endswith("said=trial-begun")
    html = await tried(service, mine)
    given = await service.number("SELECT sum(points) FROM entry")
    assert SAID["editor.trial-whole.one"].format(n=1) in html
    assert SAID["editor.trial-more.one"].format(n=1, points=SAID["count.points.other"].format(n=2 * given)) in html
    assert f'<td class="amount">{given}</td><td class="amount">{3 * given}</td>' in html
    assert SAID["editor.trial-old"] not in html
    await mine.save(with_rate(await mine.text(), 4))
    assert SAID["editor.trial-old"] in await mine.html()
    assert await service.number("SELECT sum(points) FROM entry") == given and await in_force(service) == 1


async def test_one_what_if_at_a_time_and_a_dead_one_is_replaced(service: Outside, plugin: Plugin) -> None:
    mine = await editor(service, plugin)
    database, number = service.service.database, service.connections["woocommerce"].programme_number
    draft, now = mine.path.rpartition("/")[2], clock.utc_now()
    assert await atomic(database, lambda session: begin_trial(session, number, draft, "0" * 64, 1, now))
    assert (await mine.send("/try")).headers["location"].endswith("said=trial-busy")
    assert SAID["editor.trial-runs.one"].format(done=0, n=1) in await mine.html()
    long_ago = now - DEAD_AFTER
    await atomic(
        database,
        lambda session: session.run(
            "UPDATE programme_draft SET trial_alive_at_us = trial_alive_at_us - $1",
            DEAD_AFTER // timedelta(microseconds=1),
        ),
    )
    assert long_ago < now and SAID["editor.trial-broke"] in await mine.html()
    assert (await mine.send("/try")).headers["location"].endswith("said=trial-begun")
    await tried(service, mine)
    found = await last_trial(database.reading(), number, draft)
    assert found is not None and found.found is not None and found.problem is None


async def test_a_pause_needs_a_reason_and_is_ended_again(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin)
    html = (await browser.get("/console/programme")).text
    nothing = await browser.post("/console/programme/pause", data={"form": form_of(html), "reason": " "})
    assert nothing.headers["location"].endswith("said=needs-reason")
    await browser.post("/console/programme/pause", data={"form": form_of(html), "reason": "stock-taking"})
    shown = (await page_of(browser, "/console/programme")).said
    assert SAID["editor.paused"] in shown and "stock-taking" in shown
    await browser.post("/console/programme/resume", data={"form": form_of(html), "reason": ""})
    assert SAID["editor.live"] in (await page_of(browser, "/console/programme")).said


async def test_a_template_takes_what_it_leaves_open_from_the_shop(service: Outside, plugin: Plugin) -> None:
    mine = await editor(service, plugin, origin="template:circle")
    document = await mine.text()
    assert document["programme"]["currency"] == DOCUMENT["programme"]["currency"]
    assert "p80" not in json.dumps(document) and SAID["editor.is-usable"] in await mine.html()


@pytest.mark.parametrize("language", list(TABLES))
async def test_the_editor_speaks_every_language(service: Outside, plugin: Plugin, language: str) -> None:
    first = await editor(service, plugin)
    old = {"id": "easter", "name": {"en": "Easter"}, "points": 5, "until": "2020-01-01"}
    await first.save(await first.text() | {"rules": [old]})
    await first.send("/publish")
    mine = await editor(service, plugin, origin="version:2")
    browser = await signed_in(service, plugin, language=TAGS[language])
    for path, key in (
        ("/console/programme", "editor.drafts"),
        (mine.path, "editor.usable"),
        ("/console/programme/versions/1", "editor.rules"),
    ):
        read = await page_of(browser, path)
        assert read.attributes["html.lang"] == TAGS[language] and TABLES[language][key] in read.said
        if "versions" not in path:
            assert TABLES[language]["warning.rule-over"] in read.said and "rules.easter" not in read.said


async def test_pressed_twice_it_is_one_version(service: Outside, plugin: Plugin) -> None:
    mine = await editor(service, plugin)
    await mine.save(with_rate(await mine.text(), 3))
    html = await mine.html()
    first, second = await asyncio.gather(mine.send("/publish", html), mine.send("/publish", html))
    said = sorted(one.headers["location"].rpartition("=")[2] for one in (first, second))
    assert said == ["publish-over", "published"]
    assert (await mine.send("/publish", html)).headers["location"].endswith("said=publish-over")
    assert await service.number("SELECT count(*) FROM programme_version") == 2


async def test_a_version_that_came_meanwhile_is_not_undone_unseen(service: Outside, plugin: Plugin) -> None:
    mine = await editor(service, plugin)
    await mine.save(with_rate(await mine.text(), 3))
    seen = await mine.html()
    document = json.loads(json.dumps(with_rate(await mine.text(), 4)))
    await publish(service.service.database, 1, document, None, BEN, "meanwhile", tells=False)
    refused = await mine.send("/publish", seen)
    assert refused.status_code == 200 and SAID["editor.overtaken"].format(latest=2) in Reader(refused.text).said
    assert await service.number("SELECT count(*) FROM programme_version") == 2
    assert (await mine.send("/publish", refused.text)).status_code == 303
    assert await service.number("SELECT count(*) FROM programme_version") == 3


async def test_what_is_planned_is_said_and_not_for_ever(service: Outside, plugin: Plugin) -> None:
    mine = await editor(service, plugin)
    document = await mine.text()
    await mine.save(with_rate(document, 3))
    for begins in ("9999-12-31T00:00", "0001-01-01T00:00", "2090-01-01T00:00"):
        assert (await mine.send("/publish", begins=begins)).status_code == 200, begins
    later = (clock.utc_now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
    assert (await mine.send("/publish", begins=later)).headers["location"].endswith("said=published-later")
    await publish_again(service, plugin)


async def publish_again(service: Outside, plugin: Plugin) -> None:
    """With an empty start, while another version waits."""
    mine = await editor(service, plugin, origin="version:2")
    await mine.save(with_rate(await mine.text(), 5))
    assert SAID["editor.planned-first"].partition(" ")[0] in await mine.html()
    assert (await mine.send("/publish")).headers["location"].endswith("said=published-later")
    assert await in_force(service) == 1


async def test_no_keyboard_has_a_nul(service: Outside, plugin: Plugin) -> None:
    mine = await editor(service, plugin)
    assert (await mine.save(await mine.text(), name="Spr\x00ing")).status_code == 303
    assert await service.rows("SELECT name FROM programme_draft") == [{"name": "Spr\ufffding"}]
    assert (await mine.browser.get("/console/members?tier=%00")).status_code == 200


async def test_whoever_wrote_for_long_does_not_lose_it(
    service: Outside, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session ends after half an hour without a request; what comes then is shown again, to be copied."""
    mine = await editor(service, plugin)
    html, document = await mine.html(), await mine.text()
    document["programme"]["name"] = "Half an hour of work"
    later = clock.utc_now() + timedelta(minutes=31)
    monkeypatch.setattr(clock, "utc_now", lambda: later)
    lost = await mine.save(document, html)
    assert lost.status_code == 401 and "Half an hour of work" in Reader(lost.text).said
    assert SAID["shell.typed"] in Reader(lost.text).said and await in_force(service) == 1
    # Another site's page has nothing shown in our name.
    form = {"text": "Half an hour of work" * 50}
    foreign = await mine.browser.post(mine.path, data=form, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 401 and "Half an hour" not in foreign.text
