"""POST /hooks/...: what is genuine is kept before it is answered, what is not leaves no trace."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from connector.access.signatures import sign
from connector.crypto import Keys
from connector.routes.guard import guarded
from connector.routes.webhooks import MAX_BODY_BYTES, WebhookApp
from connector.storage.atomic import atomic
from connector.storage.connections import add_secret
from connector.storage.session import Session
from tests.builders import KEYS, NOW, OPENED
from tests.connector.outside import SECRETS, SIGNATURES, Outside, call_raw, order_body, outside
from tests.second_connection import run_apart

PLATFORMS = ["woocommerce", "shopify"]
JSON = ("Content-Type", "application/json")


def signature(platform: str, body: bytes, secret: str | None = None) -> tuple[str, str]:
    return SIGNATURES[platform], sign(body, (secret or SECRETS[platform]).encode()).decode()


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_genuine_delivery_is_durable_when_it_is_answered_and_becomes_points(
    service: Outside, platform: str
) -> None:
    body = order_body(platform)
    answer = await service.deliver(platform, body)
    assert (answer.status_code, answer.content) == (200, b"")
    seen_by_others = run_apart(service.service.database.url, "SELECT topic, object_kind, object_id FROM delivery")
    topic = service.path(platform).split("/", 4)[4]
    assert [tuple(row) for row in seen_by_others] == [(topic, "order", "5123")]
    assert service.counted(platform, "kept") == 1
    await service.work()
    assert [tuple(row.values()) for row in await service.rows("SELECT kind, points FROM entry")] == [("earn", 10)]


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_what_is_stored_is_the_body_byte_for_byte_and_unreadable_without_the_key(
    service: Outside, platform: str
) -> None:
    body = order_body(platform)
    await service.deliver(platform, body)
    (row,) = await service.rows("SELECT shard, id, body FROM delivery_body")
    assert b"Ada" not in bytes(row["body"])
    assert KEYS.open(bytes(row["body"]), f"delivery_body:{row['shard']}:{row['id']}") == body


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_the_same_delivery_again_is_answered_200_and_kept_once(service: Outside, platform: str) -> None:
    body = order_body(platform)
    answers = [await service.deliver(platform, body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert await service.kept() == 1
    assert (service.counted(platform, "kept"), service.counted(platform, "duplicate")) == (1, 2)


async def test_a_hundred_deliveries_at_once_are_all_kept(service: Outside) -> None:
    bodies = [order_body("woocommerce", number) for number in range(1, 101)]
    answers = await asyncio.gather(*(service.deliver("woocommerce", body) for body in bodies))
    assert {answer.status_code for answer in answers} == {200}
    assert await service.kept() == 100


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_topic_that_we_do_not_know_is_kept_and_ignored(service: Outside, platform: str) -> None:
    topic = {"woocommerce": "product.updated", "shopify": "inventory_levels/update"}[platform]
    answer = await service.deliver(platform, b'{"id": 1}', path=service.path(platform, topic))
    assert answer.status_code == 200
    await service.work()
    assert await service.rows("SELECT topic, state FROM delivery") == [{"topic": topic, "state": 3}]


# Secrets


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_after_a_rotation_old_and_new_secret_count_and_a_retired_one_does_not(
    service: Outside, platform: str
) -> None:
    connection = service.connections[platform]

    async def rotate(session: Session) -> None:
        await add_secret(session, KEYS, connection, "webhook", "the-newest-secret", OPENED)

    await atomic(service.service.database, rotate)
    service.service.targets.forget()
    old, new = order_body(platform, 1), order_body(platform, 2)
    assert (await service.deliver(platform, old)).status_code == 200
    assert (await service.deliver(platform, new, secret="the-newest-secret")).status_code == 200
    retire = "UPDATE connection_secret SET retired_at = '2026-11-21' WHERE connection_number = {} AND id < {}"
    newest = await service.number("SELECT max(id) FROM connection_secret")
    run_apart(service.service.database.url, retire.format(connection.number, newest))
    service.service.targets.forget()
    assert (await service.deliver(platform, order_body(platform, 3))).status_code == 401
    assert (await service.deliver(platform, order_body(platform, 4), secret="the-newest-secret")).status_code == 200
    assert await service.kept() == 3


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_without_a_secret_nothing_is_accepted_not_even_signed_with_nothing(
    service: Outside, platform: str
) -> None:
    number = service.connections[platform].number
    run_apart(service.service.database.url, f"DELETE FROM connection_secret WHERE connection_number = {number}")
    service.service.targets.forget()
    body = order_body(platform)
    for secret in ("", SECRETS[platform]):
        headers = [JSON, (SIGNATURES[platform], sign(body, secret.encode()).decode())]
        answer = await service.send(body, service.path(platform), headers)
        assert (answer.status_code, answer.json()["title"]) == (503, "No secret")
    assert await service.kept() == 0


async def test_a_secret_that_cannot_be_read_stops_its_own_shop_only(service: Outside) -> None:
    """Defect seen: one damaged row made every shop's deliveries fail."""
    number = service.connections["shopify"].number
    other = Keys(hashlib.sha256(b"another key").digest()).seal(b"x" * 30, "elsewhere").hex()
    blob = f"X'{other}'" if service.service.database.dialect == "sqlite" else f"'\\x{other}'"
    url = service.service.database.url
    run_apart(url, f"UPDATE connection_secret SET sealed = {blob} WHERE connection_number = {number}")
    assert (await service.deliver("shopify", order_body("shopify"))).status_code == 503
    assert (await service.deliver("woocommerce", order_body("woocommerce"))).status_code == 200
    assert await service.kept() == 1


async def test_one_shop_cannot_sign_for_another(service: Outside) -> None:
    body = order_body("woocommerce")
    answer = await service.deliver("woocommerce", body, secret=SECRETS["shopify"])
    assert (answer.status_code, await service.kept()) == (401, 0)


async def test_customers_of_two_shops_with_one_number_are_two_members(service: Outside) -> None:
    for platform in PLATFORMS:
        assert (await service.deliver(platform, order_body(platform))).status_code == 200
        await service.work()
    rows = await service.rows("SELECT member_id, points FROM entry")
    assert len({row["member_id"] for row in rows}) == 2
    assert [row["points"] for row in rows] == [10, 10]


# The deadline and the connection


def raw_headers(service: Outside, body: bytes, length: int | None = None) -> list[tuple[bytes, bytes]]:
    name, value = signature("woocommerce", body)
    headers = [(b"content-type", b"application/json"), (name.lower().encode(), value.encode())]
    return headers if length is None else [*headers, (b"content-length", str(length).encode())]


@pytest.mark.parametrize("first", [b"", b'{"id": 1'])
async def test_a_body_that_does_not_arrive_in_time_is_refused(service: Outside, first: bytes) -> None:
    parts = service.service
    webhooks = WebhookApp(parts.inbox, parts.targets, parts.pipeline.platforms, parts.metrics)
    messages = [{"type": "http.request", "body": first, "more_body": True}] if first else []
    async with asyncio.timeout(5):
        app = guarded(webhooks, body_seconds=0.05)
        sent = await call_raw(app, service.path("woocommerce"), raw_headers(service, first), messages)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert (await service.kept(), service.counted("woocommerce", "refused-408")) == (0, 1)


async def test_a_sender_who_hangs_up_in_the_middle_leaves_nothing(service: Outside) -> None:
    body = order_body("woocommerce")
    messages: list[dict[str, object]] = [
        {"type": "http.request", "body": body[:100], "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent = await call_raw(service.app, service.path("woocommerce"), raw_headers(service, body, len(body)), messages)
    assert sent == []
    assert (await service.kept(), service.counted("woocommerce", "disconnected")) == (0, 1)


@pytest.mark.parametrize("cut", [1, 100])
async def test_a_truncated_body_does_not_fit_its_signature(service: Outside, cut: int) -> None:
    body = order_body("woocommerce")
    messages = [{"type": "http.request", "body": body[:-cut]}]
    sent = await call_raw(service.app, service.path("woocommerce"), raw_headers(service, body, len(body)), messages)
    assert (sent[0]["status"], await service.kept()) == (401, 0)


async def test_a_body_in_many_pieces_is_one_body(service: Outside) -> None:
    body = order_body("woocommerce")
    messages: list[dict[str, object]] = [
        {"type": "http.request", "body": body[i : i + 7], "more_body": True} for i in range(0, len(body), 7)
    ]
    messages.append({"type": "http.request", "body": b""})
    sent = await call_raw(service.app, service.path("woocommerce"), raw_headers(service, body), messages)
    assert (sent[0]["status"], await service.kept()) == (200, 1)


async def test_a_body_of_exactly_the_limit_is_kept(service: Outside) -> None:
    body = b'{"id": 5, "note": "'.ljust(MAX_BODY_BYTES - 2, b"x") + b'"}'
    assert len(body) == MAX_BODY_BYTES
    assert (await service.deliver("woocommerce", body)).status_code == 200
    assert await service.kept() == 1


@pytest.mark.parametrize("how", ["by its header", "by its bytes", "by many pieces"])
async def test_a_well_signed_body_over_the_limit_is_refused(service: Outside, how: str) -> None:
    body = b"x" * (MAX_BODY_BYTES + 1)
    half = len(body) // 2
    pieces: dict[str, list[dict[str, object]]] = {
        "by its header": [],
        "by its bytes": [{"type": "http.request", "body": body}],
        "by many pieces": [
            {"type": "http.request", "body": body[:half], "more_body": True},
            {"type": "http.request", "body": body[half:], "more_body": True},
        ],
    }
    headers = raw_headers(service, body, len(body) if how == "by its header" else None)
    async with asyncio.timeout(5):
        sent = await call_raw(service.app, service.path("woocommerce"), headers, pieces[how])
    assert (sent[0]["status"], await service.kept()) == (413, 0)
    assert service.counted("woocommerce", "refused-413") == 1


# The database


async def test_while_the_database_cannot_be_written_the_sender_is_asked_to_try_again(
    prepared_database_url: str, tmp_path: Path
) -> None:
    """Defect seen: a failure while looking up the connection was a bare 500."""
    async with outside(prepared_database_url, tmp_path) as service:
        run_apart(prepared_database_url, "ALTER TABLE delivery RENAME TO delivery_gone")
        answer = await service.deliver("woocommerce", order_body("woocommerce"))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        run_apart(prepared_database_url, "ALTER TABLE connection RENAME TO connection_gone")
        service.service.targets.forget()
        answer = await service.deliver("woocommerce", order_body("woocommerce"))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.headers["content-type"] == "application/problem+json"
        assert "connection" not in answer.text
        run_apart(prepared_database_url, "ALTER TABLE connection_gone RENAME TO connection")
        run_apart(prepared_database_url, "ALTER TABLE delivery_gone RENAME TO delivery")
        assert service.counted("unknown", "refused-503") + service.counted("woocommerce", "refused-503") == 2
        assert (await service.deliver("woocommerce", order_body("woocommerce"))).status_code == 200
        assert await service.kept() == 1


async def test_answers_are_timed(service: Outside) -> None:
    await service.deliver("woocommerce", order_body("woocommerce"))
    await service.deliver("woocommerce", b"forged", secret="wrong")
    samples = service.service.metrics.registry.get_sample_value
    assert samples("loyalty_webhook_ack_seconds_count") == 2
    failures = {"platform": "woocommerce", "reason": "wrong-signature"}
    assert samples("loyalty_signature_failures_total", failures) == 1


async def test_other_processes_changes_are_seen_within_seconds(service: Outside) -> None:
    targets = service.service.targets
    now = [0.0]
    targets.seconds = lambda: now[0]
    targets.forget()
    body = order_body("shopify")
    assert (await service.deliver("shopify", body)).status_code == 200
    run_apart(service.service.database.url, f"UPDATE connection_secret SET retired_at = '{NOW:%Y-%m-%d}'")
    now[0] = 9.0
    assert (await service.deliver("shopify", order_body("shopify", 2))).status_code == 200
    now[0] = 10.1
    assert (await service.deliver("shopify", order_body("shopify", 3))).status_code == 503
    assert await service.kept() == 2
