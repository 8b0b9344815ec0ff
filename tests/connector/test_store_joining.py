"""Where the programme asks first, a shop tells that its customer has agreed: once, and for itself alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connector.people.actors import SHOPPER
from connector.people.membership import set_status
from loyalty_engine.member import MemberStatus
from tests.builders import DOCUMENT
from tests.connector.outside import Outside, outside
from tests.connector.plugin_calls import plugin_of

AGREED = {"customer": "7", "agrees": True}
ASKS: dict[str, Any] = {**DOCUMENT, "programme": {**DOCUMENT["programme"], "enrolment": "consent"}}


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, ASKS) as found:
        yield found


async def members(service: Outside) -> list[tuple[str, int]]:
    """Status, and the connection that knows them, of each."""
    told = "SELECT m.status, i.connection_number FROM member m JOIN identity i ON i.member_id = m.member_id"
    return [(row["status"], row["connection_number"]) for row in await service.rows(told)]


async def test_who_agrees_is_a_member_of_the_calling_shop_once(service: Outside) -> None:
    plugin = await plugin_of(service)
    assert (await plugin.call("shopper-tokens", {"customer": "7"})).status_code == 404
    first, again = await plugin.call("join", AGREED), await plugin.call("join", AGREED)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.json()["is_new"], again.json()["is_new"]) == (True, False)
    assert first.json()["id"] == again.json()["id"]
    assert await members(service) == [("active", service.connections["woocommerce"].number)]
    [deed] = await service.rows("SELECT act, through FROM audit")
    assert (deed["act"], deed["through"]) == ("enrol", "shopper")
    assert (await plugin.call("shopper-tokens", {"customer": "7"})).status_code == 201


@pytest.mark.parametrize(
    "body", [{"customer": "7"}, {"customer": "7", "agrees": False}, {"agrees": True}, {**AGREED, "connection": "x"}]
)
async def test_without_a_customer_who_agrees_nothing_happens(service: Outside, body: dict[str, Any]) -> None:
    plugin = await plugin_of(service)
    assert (await plugin.call("join", body)).status_code == 400
    assert await members(service) == []


async def test_the_same_number_at_another_shop_is_somebody_else(service: Outside) -> None:
    plugin, other = await plugin_of(service), await plugin_of(service, "shopify", bytes(range(1, 33)))
    assert (await plugin.call("join", AGREED)).json()["id"] != (await other.call("join", AGREED)).json()["id"]
    assert len(await members(service)) == 2


async def test_who_left_comes_back_and_who_is_blocked_does_not(service: Outside) -> None:
    plugin = await plugin_of(service)
    member = (await plugin.call("join", AGREED)).json()["id"].replace("-", "")
    pipeline = service.service.pipeline
    programme = service.connections["woocommerce"].programme_number
    await set_status(pipeline, programme, member, MemberStatus.LEFT, SHOPPER, "", by_member=True)
    assert (await plugin.call("join", AGREED)).status_code == 200
    assert [status for status, _ in await members(service)] == ["active"]
    await set_status(pipeline, programme, member, MemberStatus.BLOCKED, SHOPPER, "a reason")
    refused = await plugin.call("join", AGREED)
    assert (refused.status_code, refused.json()["code"]) == (409, "member-blocked")
    assert [status for status, _ in await members(service)] == ["blocked"]
