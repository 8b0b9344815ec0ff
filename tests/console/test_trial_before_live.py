"""What a draft would have given on the shop's own past, asked before the programme gives anything."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import timedelta
from typing import Any

from connector import clock
from connector.console.words import TABLES
from connector.programmes.drafting import pretty
from connector.storage.atomic import atomic
from connector.storage.drafts import create_draft
from connector.storage.programmes import resume
from connector.storage.trials import last_trial
from tests.builders import DOCUMENT
from tests.connector.outside import Outside, order_body
from tests.connector.plugin_calls import Plugin
from tests.console.test_console_begin import number_of, past
from tests.console.visiting import form_of, signed_in

SAID = TABLES["en"]


async def tried(service: Outside, plugin: Plugin, document: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """What came of trying a draft, and its page."""
    client, draft, now = await signed_in(service, plugin), str(uuid.uuid4()), clock.utc_now()
    form = {"form": form_of((await client.get("/console/programme")).text), "once": draft}
    kept = (number_of(service), draft, "Spring", pretty(document), 1, "ada", now)
    await atomic(service.service.database, lambda session: create_draft(session, *kept))
    asked = await client.post(f"/console/programme/drafts/{draft}/try", data=form)
    assert asked.headers["location"].endswith("said=trial-begun")
    for _ in range(1000):
        trial = await last_trial(service.service.database.reading(), number_of(service), draft)
        if trial is not None and trial.ended_at is not None:
            assert trial.found is not None, trial.problem
            page = (await client.get(f"/console/programme/drafts/{draft}")).text
            return trial.found, page
        await asyncio.sleep(0.02)
    raise AssertionError(trial)


EARN_ONLY = {**DOCUMENT, "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 14}}, "rewards": []}


async def test_a_draft_is_tried_on_the_past_of_a_shop_that_is_not_live_yet(service: Outside, plugin: Plugin) -> None:
    await past(service)
    assert await service.number("SELECT count(*) FROM entry") == 0, "it is not live"
    found, page = await tried(service, plugin, EARN_ONLY)
    # Sixty orders of 10, 20, ... 600: a point for each unit, also for those before the programme's first day.
    assert found["after"]["points"]["earned"] == sum(10 * (n + 1) for n in range(60)) == 18_300
    assert found["after"]["orders"] == 60 and found["members"] == 30
    assert SAID["editor.trial-first"] in page
    assert await service.number("SELECT count(*) FROM entry") == 0, "nothing is written"


async def test_once_it_is_live_whoever_came_later_takes_part_from_then(service: Outside, plugin: Plugin) -> None:
    await past(service)
    number, now = number_of(service), clock.utc_now()
    await atomic(service.service.database, lambda session: resume(session, number, now, "Ada", "now"))
    at = (now - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S")
    dates = {name: at for name in ("date_created_gmt", "date_modified_gmt", "date_paid_gmt")}
    body = {**json.loads(order_body("woocommerce", 999, 5000, 1)), **dates}
    assert (await service.deliver("woocommerce", json.dumps(body).encode())).status_code == 200
    await service.work()
    found, page = await tried(service, plugin, EARN_ONLY)
    assert found["members"] == 30 and found["after"]["points"]["earned"] == 50, "the others came before its first day"
    assert SAID["editor.trial-first"] not in page
