"""Alive, ready, counted."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connector import clock
from connector.data.backup_manifest import FORMAT, LAYOUT, BackupManifest
from connector.data.backup_noted import note_backup
from connector.routes.health import disk_check
from connector.running.app import build_app
from connector.storage.atomic import atomic
from connector.storage.session import Session
from tests.connector.outside import Outside, client_of, order_body, outside
from tests.databases import Databases
from tests.second_connection import run_apart


def manifest_of(made_at: datetime) -> BackupManifest:
    return BackupManifest(FORMAT, LAYOUT, made_at, "sqlite", ["0001"], 1, "k", 12_345_678, "0" * 64, 4_321, "r")


READY = {"ready": True, "database": "ok", "disk": "ok", "connections_with_problems": 0}


async def test_a_service_that_can_write_is_ready(service: Outside) -> None:
    answer = await service.http.get("/readyz")
    assert (answer.status_code, answer.json(), answer.headers["cache-control"]) == (200, READY, "no-store")
    assert (await service.http.get("/livez")).json() == {"alive": True}


async def test_a_shop_with_a_problem_is_counted_and_takes_nothing_out_of_rotation(service: Outside) -> None:
    run_apart(
        service.service.database.url, "UPDATE connection SET problem = 'Renew the key.' WHERE platform = 'shopify'"
    )
    answer = await service.http.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {**READY, "connections_with_problems": 1})
    assert "Renew" not in answer.text


async def test_a_database_without_its_tables_is_not_ready_but_the_process_lives(service: Outside) -> None:
    run_apart(service.service.database.url, "ALTER TABLE instance RENAME TO instance_gone")
    answer = await service.http.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert answer.json()["database"].startswith("failed: ")
    assert (await service.http.get("/livez")).status_code == 200


async def test_a_key_that_does_not_fit_the_database_is_not_ready(service: Outside) -> None:
    blob = "X'00'" if service.service.database.dialect == "sqlite" else "'\\x00'"
    run_apart(service.service.database.url, f"UPDATE instance SET key_check = {blob}")
    answer = await service.http.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "failed: ConfigProblem")


async def test_a_database_that_somebody_else_blocks_is_not_ready_within_seconds(
    databases: Databases, tmp_path: Path
) -> None:
    with databases.prepared("sqlite") as url:
        async with outside(url, tmp_path) as service:
            blocker = sqlite3.connect(url.removeprefix("sqlite://"), isolation_level=None)
            try:
                blocker.execute("BEGIN IMMEDIATE")
                answer = await service.http.get("/readyz")
                assert (answer.status_code, answer.json()["database"]) == (503, "failed: TimeoutError")
                assert (await service.http.get("/livez")).status_code == 200
            finally:
                blocker.execute("ROLLBACK")
                blocker.close()


async def test_a_disk_that_fills_up_is_not_ready(service: Outside) -> None:
    verdict = disk_check(service.service, least_free_bytes=10**18)
    if service.service.database.dialect == "sqlite":
        assert verdict.startswith("only ") and verdict.endswith(" MiB free")
    else:
        assert verdict == "ok"
    assert disk_check(service.service, least_free_bytes=0) == "ok"


async def test_metrics_say_what_was_received_and_what_waits(service: Outside) -> None:
    await service.deliver("woocommerce", order_body("woocommerce"))
    await service.deliver("woocommerce", order_body("woocommerce"), secret="guessed")
    text = (await service.http.get("/metrics")).text
    assert 'loyalty_webhook_received_total{platform="woocommerce",result="kept"} 1.0' in text
    assert 'loyalty_webhook_received_total{platform="woocommerce",result="refused-401"} 1.0' in text
    assert 'loyalty_depth{state="waiting",what="delivery"} 1.0' in text
    await service.work()
    text = (await service.http.get("/metrics")).text
    assert 'loyalty_depth{state="waiting",what="delivery"} 0.0' in text
    assert 'loyalty_depth{state="waiting",what="push"} 1.0' in text
    assert 'loyalty_ledger_entries{kind="earn"} 1.0' in text


def number(text: str, name: str) -> float:
    return next(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(f"{name} "))


async def test_metrics_say_how_long_the_oldest_waits_what_is_free_and_when_the_last_backup_was_made(
    service: Outside,
) -> None:
    text = (await service.http.get("/metrics")).text
    backup = "loyalty_backup_last_success_timestamp_seconds"
    assert (number(text, "loyalty_delivery_oldest_seconds"), number(text, backup)) == (0, 0)
    assert ('loyalty_disk_free_bytes{place="database"}' in text) == (service.service.database.dialect == "sqlite")
    assert number(text, 'loyalty_disk_free_bytes{place="outbox"}') > 0
    assert (await service.deliver("woocommerce", order_body("woocommerce", 5123, 1000))).status_code == 200

    async def an_hour_ago(session: Session) -> None:
        await session.run("UPDATE delivery SET received_at_us = received_at_us - 3600000000")

    await atomic(service.service.database, an_hour_ago)
    made_at = clock.utc_now() - timedelta(days=2)
    note_backup(service.service.settings.home, manifest_of(made_at), Path("/backups/one"))
    text = (await service.http.get("/metrics")).text
    assert 3600 <= number(text, "loyalty_delivery_oldest_seconds") < 3700
    assert number(text, backup) == pytest.approx(made_at.timestamp(), abs=1)
    await service.work()
    text = (await service.http.get("/metrics")).text
    assert number(text, "loyalty_delivery_oldest_seconds") == 0
    (service.service.settings.home / "last-backup").write_text("nonsense")
    assert number((await service.http.get("/metrics")).text, backup) == 0


async def test_without_a_token_only_this_machine_reads_metrics(service: Outside) -> None:
    for address, status in (("127.0.0.1", 200), ("127.9.9.9", 200), ("::1", 200), ("10.0.0.5", 403), ("", 403)):
        async with client_of(service.app, (address, 1)) as caller:
            assert (address, (await caller.get("/metrics")).status_code) == (address, status)


async def test_a_proxy_on_this_machine_does_not_make_strangers_local(service: Outside) -> None:
    """Defect seen: behind a proxy everybody could read the metrics."""
    for header in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "X-Forwarded-Proto"):
        assert (await service.http.get("/metrics", headers={header: "127.0.0.1"})).status_code == 403


async def test_with_a_token_only_the_token_counts(prepared_database_url: str, tmp_path: Path) -> None:
    async with outside(prepared_database_url, tmp_path, BELONG_METRICS_TOKEN="read-me-é-and-nobody-else") as service:
        for given, status in (
            ({}, 401),
            ({"Authorization": "Bearer read-me-and-nobody-else"}, 401),
            ({"Authorization": "read-me-é-and-nobody-else"}, 401),
        ):
            answer = await service.http.get("/metrics", headers=[(k.encode(), v.encode()) for k, v in given.items()])
            assert (answer.status_code, answer.headers.get("www-authenticate")) == (status, "Bearer")
            assert "loyalty_" not in answer.text
        async with client_of(service.app, ("10.0.0.5", 1)) as caller:
            answer = await caller.get(
                "/metrics", headers=[(b"Authorization", b"Bearer read-me-\xc3\xa9-and-nobody-else")]
            )
            assert answer.status_code == 200


async def test_a_process_without_the_web_role_answers_health_only(service: Outside) -> None:
    async with client_of(build_app(service.service, web=False)) as http:
        assert (await http.get("/readyz")).status_code == 200
        assert (await http.get("/metrics")).status_code == 200
        for path in (service.path("woocommerce"), "/v1/members", "/local/replay"):
            assert (path, (await http.post(path)).status_code) == (path, 404)


async def test_an_unknown_page_is_a_problem_like_any_other(service: Outside) -> None:
    answer = await service.http.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json() == {"type": "about:blank", "status": 404, "title": "Not Found", "detail": "Not Found"}
