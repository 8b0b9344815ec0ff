"""Joining by consent: nobody is a member before they agree, and what waited for it is decided then."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.access.auth import READ_MEMBERS, WRITE_MEMBERS, create_api_key
from connector.ingest.pipeline import drain
from connector.people.enrolling import enrol_member
from connector.storage.atomic import atomic
from connector.storage.facts import Customer
from tests.builders import DOCUMENT, MIA, NOW, OPENED, Shopfront, shopfront
from tests.connector.outside import Outside, outside
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story

BY_CONSENT: dict[str, Any] = {
    **DOCUMENT,
    "programme": {**DOCUMENT["programme"], "enrolment": "consent", "back_pay_days": 2},
    "points": {**DOCUMENT["points"], "start": {"welcome": 20}},
}


@pytest.fixture
async def front(prepared_database_url: str) -> AsyncIterator[Shopfront]:
    async with shopfront(prepared_database_url, document=BY_CONSENT) as made:
        yield made


def customer(front: Shopfront, ref: str = "7") -> Customer:
    return Customer(front.programme, front.connection.number, ref)


async def order(front: Shopfront, number: int, paid_at: datetime) -> None:
    body = woocommerce_bodies.webhook_order(Story((SoldLine(1, 1, 1_000),), order_id=number, customer=7))
    dates = {"date_paid_gmt": paid_at.strftime("%Y-%m-%dT%H:%M:%S")}
    await front.receive("order.updated", json.dumps({**body, **dates}).encode())


async def test_without_consent_orders_wait_and_nobody_is_a_member(front: Shopfront) -> None:
    await front.receive("customer.created", b'{"id": 7, "email": "ada@example.test"}')
    await order(front, 1, NOW)
    assert (await front.points(), await front.entries()) == ({}, [])
    assert await front.number("SELECT count(*) FROM member") == 0
    assert await front.number("SELECT count(*) FROM push") == 0
    rows = await front.rows("SELECT kind, member_id FROM source_fact ORDER BY kind")
    assert [(row["kind"], row["member_id"]) for row in rows] == [("customer", None), ("order", None)]


async def test_consent_decides_what_waited_back_to_the_back_pay_days_and_no_further(front: Shopfront) -> None:
    await order(front, 1, NOW - timedelta(days=2, seconds=1))
    await order(front, 2, NOW - timedelta(days=2))
    enrolled = await enrol_member(front.pipeline, customer(front), MIA)
    await drain(front.pipeline)
    assert enrolled.is_new
    kinds = sorted((kind, points) for kind, points, _ in await front.entries())
    assert kinds == [("bonus", 20), ("earn", 10)]
    (reason,) = await front.rows("SELECT source_ref, kind FROM reason")
    assert (reason["source_ref"][-2:], reason["kind"]) == (":1", "paid-before-enrolment")


async def test_consent_given_twice_is_given_once(front: Shopfront) -> None:
    first = await enrol_member(front.pipeline, customer(front), MIA)
    again = await enrol_member(front.pipeline, customer(front), MIA)
    await drain(front.pipeline)
    assert (again.member_id, again.is_new) == (first.member_id, False)
    assert await front.points() == {"7": 20}


async def test_consent_that_a_store_took_earlier_counts_from_then(front: Shopfront) -> None:
    await order(front, 1, NOW - timedelta(days=30))
    await enrol_member(front.pipeline, customer(front), MIA, NOW - timedelta(days=30))
    await drain(front.pipeline)
    assert ("earn", 10) in [(kind, points) for kind, points, _ in await front.entries()]


async def test_a_later_order_of_a_member_needs_no_further_consent(front: Shopfront) -> None:
    await enrol_member(front.pipeline, customer(front), MIA)
    front.clock.forward(hours=1)
    await order(front, 3, front.clock())
    assert await front.points() == {"7": 30}


async def test_where_everyone_is_enrolled_consent_changes_nothing(prepared_database_url: str) -> None:
    async with shopfront(prepared_database_url) as front:
        await order(front, 1, NOW)
        (row,) = await front.rows("SELECT member_id, enrolled_at_us FROM member")
        found = await enrol_member(front.pipeline, customer(front), MIA)
        assert (found.member_id, found.is_new) == (row["member_id"], False)
        assert await front.rows("SELECT member_id, enrolled_at_us FROM member") == [row]


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BY_CONSENT) as made:
        yield made


async def agree(service: Outside, scope: str, **body: Any) -> httpx.Response:
    connection = service.connections["woocommerce"]
    key = await atomic(
        service.service.database,
        lambda session: create_api_key(session, connection.programme_number, "shop", OPENED, frozenset({scope})),
    )
    headers = {"Authorization": f"Bearer {key}"}
    given = {"connection": connection.public_id, "customer": "7", **body}
    return await service.http.post("/v1/members", json=given, headers=headers)


async def test_a_stores_server_says_who_agreed(service: Outside) -> None:
    answer = await agree(service, WRITE_MEMBERS)
    assert (answer.status_code, answer.json()["is_new"]) == (200, True)
    again = await agree(service, WRITE_MEMBERS)
    assert again.json() == {"id": answer.json()["id"], "is_new": False}
    await service.work()
    assert await service.number("SELECT points FROM balance") == 20


@pytest.mark.parametrize(
    ("scope", "body", "status"),
    [
        (READ_MEMBERS, {}, 403),
        (WRITE_MEMBERS, {"connection": "00000000-0000-0000-0000-000000000000"}, 404),
        (WRITE_MEMBERS, {"customer": ""}, 400),
        (WRITE_MEMBERS, {"consent_at": "2026-11-21T10:00:00"}, 400),
    ],
)
async def test_a_consent_that_cannot_be_enrols_nobody(
    service: Outside, scope: str, body: dict[str, Any], status: int
) -> None:
    assert (await agree(service, scope, **body)).status_code == status
    assert await service.number("SELECT count(*) FROM member") == 0


async def test_consent_of_the_future_counts_from_now(front: Shopfront) -> None:
    await enrol_member(front.pipeline, customer(front), MIA, datetime(2100, 1, 1, tzinfo=UTC))
    await drain(front.pipeline)
    await order(front, 1, NOW)
    assert await front.points() == {"7": 30}
