"""What the audit log's acts are about is told as people call it: members, orders, and what an award was for."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.access.console import Role
from connector.console.words import TABLES
from connector.storage.atomic import atomic
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.people import Person, save_people
from connector.storage.programmes import publish_version
from connector.storage.session import Session
from loyalty_engine.texts import LANGUAGES, TAGS
from loyalty_engine.texts.formats import month_names
from tests.builders import DOCUMENT, KEYS
from tests.connector.outside import Outside, client_of, order_body, outside
from tests.console.console_people import hurried, invited, join, joined
from tests.console.test_audit_log import ADA, AUDIT
from tests.console.visiting import PUBLIC, page_of

SAID = TABLES["en"]
BADGES = [{"id": "voice", "name": {"en": "Clear voice", "de": "Klare Stimme"}, "tier": "bronze", "rule": "orders >= 1"}]


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield hurried(found)
        found.service.passwords.close()


async def members(service: Outside, *customers: int) -> list[str]:
    """Each with an order of their own, and a name."""
    for customer in customers:
        await service.deliver("woocommerce", order_body("woocommerce", 5100 + customer, 1000, customer=customer))
    await service.work()
    rows = await service.rows("SELECT member_id FROM identity ORDER BY customer_ref")
    found = [str(row["member_id"]) for row in rows]
    people = {one: Person(first_name=f"Ben {place} <i>") for place, one in enumerate(found)}
    await atomic(service.service.database, lambda session: save_people(session, KEYS, 1, people, clock.utc_now()))
    return found


async def noted(service: Outside, whom: str, act: Act, **told: object) -> None:
    deed = Deed(whom, 1, act, ADA, "", clock.utc_now(), told)
    await atomic(service.service.database, lambda session: note_deeds(session, [deed]))


async def test_members_and_orders_are_named_for_whoever_may_see_it(service: Outside) -> None:
    one, other = await members(service, 7, 8)
    (row,) = await service.rows("SELECT source_ref FROM source_fact WHERE kind = 'order' AND member_id = $1", one)
    await noted(service, one, Act.BOOKS_FIX, order=row["source_ref"], difference="missing")
    await noted(service, one, Act.MERGE, member=one, survivor=str(uuid.UUID(other)), merge="m1")
    support = await joined(service, Role.SUPPORT, "sue@shop.example")
    read = await page_of(support, AUDIT)
    assert f"{SAID['detail.survivor']}: Ben 1 <i> ({other[:8]})" in read.said, read.said
    assert f"Ben 0 <i> {one[:8]}" in read.said, "whom it was done to"
    assert re.search(rf"{SAID['detail.order']}: 1042\b", read.said), "as the shop calls it, not by its source"
    assert row["source_ref"] not in read.said
    own = await page_of(support, f"/console/members/{one}?part=audit")
    assert "Ben 1 <i>" in own.said and re.search(rf"{SAID['detail.order']}: 1042\b", own.said)
    reader = await page_of(await joined(service, Role.READ_ONLY, "eve@shop.example"), AUDIT)
    assert "Ben" not in reader.said and other[:8] in reader.said


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_award_is_told_by_its_badge_grade_and_month(service: Outside, language: str) -> None:
    (member,) = await members(service, 7)
    document = {**DOCUMENT, "badges": BADGES}

    async def publish(session: Session) -> int:
        return await publish_version(session, 1, document, None, clock.utc_now(), "tester")

    await atomic(service.service.database, publish)
    await noted(service, member, Act.AWARD_ACCEPT, subject="voice", award_key="2026-11", level="bronze")
    owner = client_of(service.app)
    answer = await join(owner, await invited(service), language=TAGS[language])
    assert answer.status_code == 303, answer.text
    said = (await page_of(owner, AUDIT)).said
    words = TABLES[language]
    name = "Klare Stimme" if language == "de" else "Clear voice"
    month = words["audit.month"].format(month=month_names(language)[10], year="2026")
    assert f"{words['detail.badge']}: {name}" in said, said
    assert f"{words['detail.for']}: {month}" in said, said
    rows = (await owner.get(AUDIT)).text.partition('<ol class="entries">')[2]
    assert all(raw not in rows for raw in ("award_key", "subject", ">2026-11<", ">voice<"))


async def test_however_many_acts_are_told_the_database_is_asked_as_often(
    service: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await members(service, 7, 8, 9)
    sources = await service.rows("SELECT source_ref, member_id FROM source_fact WHERE kind = 'order'")
    asked: list[str] = []
    rows = Session.rows

    async def counted(self: Session, sql: str, *values: Any) -> Any:
        asked.append(sql)
        return await rows(self, sql, *values)

    owner = await joined(service)
    await noted(service, found[0], Act.BOOKS_FIX, order=sources[0]["source_ref"], member=found[1])
    monkeypatch.setattr(Session, "rows", counted)
    await page_of(owner, AUDIT)
    few = len(asked)
    for one, other in zip(found, [*found[1:], found[0]], strict=True):
        for source in sources:
            await noted(service, one, Act.BOOKS_FIX, order=source["source_ref"], member=other)
    asked.clear()
    read = await page_of(owner, AUDIT)
    assert len(asked) == few, asked
    assert all(f"Ben {place} <i>" in read.said for place in range(3))
