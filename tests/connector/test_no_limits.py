"""Nothing depends on how much a shop sells: no setting, no word of a programme, and no answer but the totals."""

from __future__ import annotations

import re
import uuid
from dataclasses import fields
from typing import Any

from connector import config
from connector.access.auth import create_api_key
from connector.config import Settings
from connector.storage.atomic import atomic
from loyalty_engine.programme.model import Programme
from tests.builders import OPENED
from tests.connector.outside import Outside, order_body

MINE, OTHERS = (5001, 5002), 8
BOUGHT = re.compile(
    r"quota|licen[cs]e|subscription|edition|billing|premium|\bplan\b|(^|_)plan(_|$)|orders?_(max|limit)"
)


async def answers(service: Outside, key: str) -> list[Any]:
    """All that the API tells of customer 7, but for the moment."""
    (row,) = await service.rows("SELECT member_id FROM identity WHERE customer_ref = '7'")
    told = []
    for path in ("", "/entries"):
        headers = {"Authorization": f"Bearer {key}"}
        answer = await service.http.get(f"/v1/members/{uuid.UUID(row['member_id'])}{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        told.append({name: one for name, one in answer.json().items() if name != "as_of"})
    return told


async def deliver(service: Outside, numbers: range | tuple[int, ...], customer: int) -> list[int]:
    found = []
    for number in numbers:
        body = order_body("woocommerce", number, 1000, customer)
        found.append((await service.deliver("woocommerce", body)).status_code)
    await service.work()
    return found


async def test_no_limit_depends_on_order_count(service: Outside) -> None:
    """C18: ten times the orders of everybody else, and one shopper's answers are the same."""
    programme = service.connections["woocommerce"].programme_number
    key = await atomic(service.service.database, lambda session: create_api_key(session, programme, "test", OPENED))
    assert await deliver(service, MINE[:1], 7) == [200]
    assert await deliver(service, range(6000, 6000 + OTHERS), 8) == [200] * OTHERS
    before = await answers(service, key)
    assert await deliver(service, range(7000, 7000 + 10 * OTHERS), 9) == [200] * 10 * OTHERS
    assert await answers(service, key) == before
    assert await deliver(service, MINE[1:], 7) == [200]
    first, second = (one["points"] for one in (await answers(service, key))[1]["entries"])
    assert first == second > 0
    total = await service.number("SELECT count(*) FROM entry WHERE points = $1", first)
    assert total == len(MINE) + 11 * OTHERS


def test_no_setting_and_no_word_of_a_programme_is_about_what_somebody_pays() -> None:
    names = {field.name for kind in (Settings, Programme) for field in fields(kind)}
    assert len(names) > 20 and [name for name in sorted(names) if BOUGHT.search(name)] == []
    assert BOUGHT.search((config.__doc__ or "").lower()) is None
    assert BOUGHT.search("orders_max") and BOUGHT.search("max_plan")
