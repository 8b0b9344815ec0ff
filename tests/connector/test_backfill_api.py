"""Reading a shop's past, asked for by route and by command."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from connector.access.auth import READ_BOOKS, WRITE_HISTORY, create_api_key
from connector.commands.run import COMMANDS
from connector.errors import Permanent
from connector.storage.atomic import atomic
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from tests.builders import DOCUMENT, NOW, OPENED
from tests.connector.outside import Outside

PATH = "/v1/backfill"


async def key(made: Outside, scope: str, programme: int | None = None) -> dict[str, str]:
    number = programme or made.connections["woocommerce"].programme_number

    async def make(session: Session) -> str:
        return await create_api_key(session, number, "desk", NOW, frozenset({scope}), "ida")

    return {"Authorization": f"Bearer {await atomic(made.service.database, make)}"}


async def ask(made: Outside, do: str, headers: dict[str, str], **more: Any) -> httpx.Response:
    body = {"connection": made.connections["woocommerce"].public_id, "do": do, "actor": "Ida", **more}
    return await made.http.post(PATH, json=body, headers=headers)


async def test_a_run_is_begun_paused_and_gone_on_with_and_everybody_sees_how_far_it_is(service: Outside) -> None:
    reader, writer = await key(service, READ_BOOKS), await key(service, WRITE_HISTORY)
    shops = (await service.http.get(PATH, headers=reader)).json()["shops"]
    assert [(shop["platform"], shop["backfill"]) for shop in shops] == [("woocommerce", None), ("shopify", None)]
    answer = await ask(service, "start", writer, since="2025-01-01T00:00:00+01:00")
    assert answer.status_code == 200, answer.text
    assert [answer.json()[name] for name in ("run", "state", "since", "orders_read", "asked_by")] == [
        1,
        "running",
        "2024-12-31T23:00:00Z",
        0,
        "Ida",
    ]
    assert (await ask(service, "start", writer)).status_code == 409
    assert (await ask(service, "pause", writer)).json()["state"] == "paused"
    assert (await ask(service, "pause", writer)).status_code == 409
    assert (await ask(service, "resume", writer)).json()["state"] == "running"
    shops = (await service.http.get(PATH, headers=reader)).json()["shops"]
    assert shops[0]["backfill"]["state"] == "running" and shops[1]["backfill"] is None


async def test_who_may_not_begin_nothing_and_strangers_see_no_shop(service: Outside) -> None:
    reader = await key(service, READ_BOOKS)
    assert (await ask(service, "start", reader)).status_code == 403
    other = await atomic(service.service.database, lambda session: create_programme(session, DOCUMENT, OPENED, OPENED))
    assert (await ask(service, "start", await key(service, WRITE_HISTORY, other))).status_code == 404
    assert (await service.http.get(PATH, headers=await key(service, READ_BOOKS, other))).json() == {"shops": []}
    writer = await key(service, WRITE_HISTORY)
    assert (await ask(service, "resume", writer, dry_run=True)).status_code == 422
    assert (await ask(service, "start", writer, since="2025-01-01T00:00:00")).status_code == 400
    assert await service.number("SELECT count(*) FROM backfill_run") == 0


async def test_a_command_names_the_shop_by_its_number_or_its_id(service: Outside) -> None:
    woocommerce = service.connections["woocommerce"]
    begun = await COMMANDS["backfill"](service.service, {"connection": str(woocommerce.number), "operator": "mia"})
    assert (begun["state"], begun["asked_by"], begun["dry_run"]) == ("running", "mia", False)
    paused = await COMMANDS["pause-backfill"](service.service, {"connection": woocommerce.public_id})
    assert paused["state"] == "paused"
    assert (await COMMANDS["resume-backfill"](service.service, {"connection": "1"}))["state"] == "running"
    with pytest.raises(Permanent, match="no connection 77"):
        await COMMANDS["backfill"](service.service, {"connection": "77"})
