"""Numbers and days of one member: in words and units that people read, and the same on every page."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from connector.console.words import TABLES
from connector.storage.atomic import atomic
from connector.storage.session import Session
from tests.builders import DOCUMENT
from tests.connector.outside import Outside, order_body, outside
from tests.connector.plugin_calls import plugin_of
from tests.console.visiting import PUBLIC, member_of, page_of, signed_in

RULES = {
    **DOCUMENT,
    "tiers": [
        {"id": "member", "name": "Member"},
        {"id": "gold", "name": "Gold", "qualify": {"spend": 500}},
    ],
}


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    """A shop with one member, who has spent enough for a tier."""
    async with outside(prepared_database_url, tmp_path, RULES, BELONG_PUBLIC_URL=PUBLIC) as found:
        await found.deliver("woocommerce", order_body("woocommerce", 5123, 123_400))
        await found.work()
        yield found


@pytest.mark.parametrize(
    ("language", "reads"),
    [("en", "(Spent on goods: €1,234.00 / €500.00)"), ("de", "(Warenwert: 1.234,00 € / 500,00 €)")],
)
async def test_what_a_tier_was_reached_by_is_named_and_has_its_unit(
    service: Outside, language: str, reads: str
) -> None:
    browser = await signed_in(service, await plugin_of(service), language=language)
    read = await page_of(browser, f"/console/members/{await member_of(service)}?part=standing")
    assert reads in unescape(read.said).replace("\xa0", " ")


async def test_list_file_and_page_agree_on_when_somebody_joined(service: Outside) -> None:
    """Where the programme takes everybody, they take part from its first day on, whenever they came."""

    async def came(session: Session) -> None:
        at = int(datetime(2026, 10, 8, 12, tzinfo=UTC).timestamp() * 1_000_000)
        await session.run("UPDATE member SET created_at_us = $1, enrolled_at_us = $2", at, at - 10 * 86_400_000_000)

    await atomic(service.service.database, came)
    browser, member = await signed_in(service, await plugin_of(service)), await member_of(service)
    (row,) = csv.DictReader(io.StringIO((await browser.get("/console/members.csv")).text, newline=""))
    assert row["joined"] == "2026-10-08" and "8 October 2026" in (await page_of(browser, "/console/members")).said
    facts = (await browser.get(f"/console/members/{member}?part=person")).text
    for label, day in (("members.joined", "8 October 2026"), ("member.from", "28 September 2026")):
        assert f"<dt>{TABLES['en'][label]}</dt><dd>{day}</dd>" in facts
