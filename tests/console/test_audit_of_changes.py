"""Who published, paused and corrected is told with the way that proves them, and found by it."""

from __future__ import annotations

from connector import clock
from connector.access.auth import WRITE_PROGRAMME, create_api_key
from connector.commands.programme import correct, pause_programme, resume_programme
from connector.commands.programme import publish as publish_by_command
from connector.people.actors import OPERATOR
from connector.storage.atomic import atomic
from connector.storage.deed_log import CHANGES, Asked, page_of_log
from loyalty_engine.programme import canonical_json
from tests.builders import DOCUMENT, NOW, OPENED
from tests.connector.outside import Outside
from tests.connector.plugin_calls import plugin_of
from tests.console.test_console_programme import editor, with_rate
from tests.console.visiting import form_of, page_of, signed_in


async def told(service: Outside, asked: Asked) -> list[tuple[str, str, str, str]]:
    """Changes of the programme, the oldest first: what, who is proven, through what, and their name."""
    page = await page_of_log(service.service.database.reading(), 1, asked, None, 100)
    return [(one.kind, one.person, one.through, one.name) for one in page.rows[::-1] if one.kind in CHANGES]


async def changed_by_all(service: Outside) -> str:
    """Version 2 and a pause by the console, version 3 and its end by a key, version 4 and a correction by commands.
    Returns the key's prefix.
    """
    mine = await editor(service, await plugin_of(service))
    await mine.save(with_rate(await mine.text(), 3))
    assert (await mine.send("/publish", reason="spring")).status_code == 303
    form = {"form": form_of((await mine.browser.get("/console/programme")).text), "reason": "stock-taking"}
    assert (await mine.browser.post("/console/programme/pause", data=form)).status_code == 303
    scopes = frozenset({WRITE_PROGRAMME})
    whole = await atomic(
        service.service.database, lambda session: create_api_key(session, 1, "desk", NOW, scopes, "ida@example.org")
    )
    headers, why = {"Authorization": f"Bearer {whole}"}, {"actor": "Ida", "reason": "by key"}
    resumed = await service.http.post("/v1/programme/resume", json=why, headers=headers)
    body = {"document": with_rate(DOCUMENT, 4), "after": 2, **why}
    published = await service.http.post("/v1/programme/versions", json=body, headers=headers)
    assert (resumed.status_code, published.status_code) == (200, 200), published.text
    params = {"programme": 1, OPERATOR: "root", "reason": "by command"}
    await publish_by_command(service.service, {**params, "document": canonical_json(with_rate(DOCUMENT, 5))})
    sums = {"sources": 0, "members": 0, "points": 0}
    interval = {"wrong": 1, "right": 4, "from": OPENED.isoformat(), "until": clock.utc_now().isoformat()}
    await correct(service.service, {**params, **interval, "expected": sums})
    await pause_programme(service.service, params)
    await resume_programme(service.service, params)
    return whole.partition(".")[0]


async def test_changes_are_found_by_who_made_them_and_through_what(service: Outside) -> None:
    prefix = await changed_by_all(service)
    by_store = ("", "store:1", "shop: Ada <b> (wp:12)")
    by_key = ("ida@example.org", f"key:{prefix}", "Ida")
    by_command = ("root", "command", "root")
    stored = [("publish", *by_store), ("pause", *by_store)]
    keyed = [("resume", *by_key), ("publish", *by_key)]
    commanded = [(act, *by_command) for act in ("publish", "correct", "pause", "resume")]
    found = await told(service, Asked())
    assert found[0][:3] == ("publish", "", ""), "the first version came with the programme"
    assert found[1:] == [*stored, *keyed, *commanded]
    assert await told(service, Asked(way="store")) == stored
    assert await told(service, Asked(way="key")) == keyed
    assert await told(service, Asked(way="command")) == commanded
    assert await told(service, Asked(way="console")) == []
    assert await told(service, Asked(who="IDA@")) == keyed
    assert await told(service, Asked(who="wp:12", kind="pause")) == stored[1:]
    shown = await page_of(await signed_in(service, await plugin_of(service)), "/console/audit?way=key")
    assert "Ida" in shown.said and "by key" in shown.said and "stock-taking" not in shown.said
