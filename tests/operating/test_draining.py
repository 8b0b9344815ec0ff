"""SIGTERM under load: what was answered is kept, what was begun is finished, and the next start repairs nothing."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from connector.access.signatures import sign
from connector.running.serve import SHUTDOWN_SECONDS, WORKER_SECONDS
from tests.connector.home import Home, Serving
from tests.connector.outside import order_body
from tests.databases import Databases
from tests.second_connection import run_apart

SENDERS = 4
BEFORE_THE_SIGNAL = 30


class Senders:
    """Shops that send one order after the other until nobody answers. answered: order numbers that got 200."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answered: list[int] = []
        self.other: list[int] = []
        self._numbers = iter(range(1, 100_000))
        self._lock = threading.Lock()

    def send(self) -> None:
        with httpx.Client(trust_env=False, timeout=30) as http:
            while True:
                with self._lock:
                    number = next(self._numbers)
                body = order_body("shopify", number).replace(b"2026-11-2", b"2099-11-2")
                headers = {"Content-Type": "application/json", "X-Shopify-Hmac-Sha256": sign(body, b"shared").decode()}
                try:
                    status = http.post(self.url, content=body, headers=headers).status_code
                except httpx.TransportError:
                    return
                (self.answered if status == 200 else self.other).append(number)
                if status != 200:
                    return


@pytest.fixture
def home(database_kind: str, databases: Databases, tmp_path: Path) -> Iterator[Home]:
    if database_kind == "sqlite":
        yield Home(tmp_path / "home")
        return
    with databases.empty(database_kind) as url:
        yield Home(tmp_path / "home", {"DATABASE_URL": url})


def url_of(home: Home) -> str:
    return home.environment.get("DATABASE_URL", f"sqlite://{(home.folder / 'belong.sqlite3').as_posix()}")


def connected(home: Home) -> str:
    said = home.run("connect", "shopify", "tea.myshopify.com", "--client-id", "i", "--client-secret", "shared")
    return f"/hooks/shopify/{said.out.split('Connection id: ')[1].split()[0]}/orders/create"


def kept(home: Home) -> set[int]:
    """Orders of which a fact, or a delivery that waits, is in the database."""
    facts = run_apart(url_of(home), "SELECT source_ref FROM source_fact")
    waiting = run_apart(url_of(home), "SELECT object_id FROM delivery WHERE state = 0")
    found = [re.search(r"(\d+)$", str(row[0])) for row in (*facts, *waiting)]
    return {int(one[1]) for one in found if one}


def decided(home: Home) -> list[int]:
    rows = run_apart(url_of(home), "SELECT source_ref FROM entry ORDER BY source_ref")
    return sorted(int(str(row[0]).rpartition(":")[2]) for row in rows)


def ended_in_order(service: Serving) -> None:
    began = time.monotonic()
    said = service.stop()
    assert (said.code, "Traceback" in said.err, "cut off" in said.err) == (0, False, False), said
    assert time.monotonic() - began < SHUTDOWN_SECONDS + WORKER_SECONDS


def test_sigterm_under_load_loses_nothing_and_leaves_nothing_locked(home: Home, database_kind: str) -> None:
    apart: list[tuple[str, ...]] = [("--role", "web"), ("--role", "worker")]
    # The first one is the web.
    roles: list[tuple[str, ...]] = [()] if database_kind == "sqlite" else apart
    home.must("keys", "master")
    with ThreadPoolExecutor(SENDERS) as pool, ExitStack() as stack:
        services = [stack.enter_context(home.serving(*role)) for role in roles]
        senders = Senders(services[0].url + connected(home))
        sending = [pool.submit(senders.send) for _ in range(SENDERS)]
        ends = time.monotonic() + 40
        while len(senders.answered) < BEFORE_THE_SIGNAL and time.monotonic() < ends:
            time.sleep(0.01)
        # The worker first: what it leaves is another one's, while deliveries still come.
        for service in reversed(services):
            ended_in_order(service)
        for one in sending:
            one.result(timeout=30)
    assert len(senders.answered) >= BEFORE_THE_SIGNAL
    assert set(senders.answered) <= kept(home)
    with home.serving() as service:
        began = time.monotonic()
        while not set(senders.answered) <= set(decided(home)) and time.monotonic() - began < 25:
            time.sleep(0.05)
        ended_in_order(service)
    assert set(senders.answered) <= set(decided(home)), "a claim that was left behind would make it wait"
    assert len(decided(home)) == len(set(decided(home)))
    assert "Everything agrees" in home.must("verify")
