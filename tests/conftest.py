"""Fixtures that every test may use.

`database_url` runs a test on SQLite and on PostgreSQL with an empty database each; `prepared_database_url` gives
migrated ones. Tests of one database take `sqlite_url` or `postgres_url`.
"""

from __future__ import annotations

import gc
import importlib
import os
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from scripts import npm_packages
from tests import loopback_only, memory_folder, postgres_server
from tests.databases import Databases, PostgresServer

POSTGRES_SETTING = "BELONG_TEST_POSTGRES"
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]

loopback_only.install()
memory_folder.use()

# The same examples in every run: a red build must mean a changed program. BELONG_HYPOTHESIS=long looks further,
# with new examples each time; what it finds is printed as a decorator that repeats it.
settings.register_profile("small", max_examples=50, derandomize=True, database=None, deadline=None, print_blob=True)
settings.register_profile(
    "long", max_examples=2000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("BELONG_HYPOTHESIS", "small"))


@pytest.fixture(scope="session")
def postgres_server_or_skip() -> Iterator[PostgresServer]:
    with ExitStack() as stack:
        try:
            url = os.environ.get(POSTGRES_SETTING) or stack.enter_context(postgres_server.running())
        except postgres_server.PostgresUnavailable as why:
            command = f"{POSTGRES_SETTING}=postgresql://user:password@127.0.0.1/postgres scripts/test"
            pytest.skip(f"PostgreSQL does not run here ({why}); with a server of yours: {command}")
        yield PostgresServer(url)


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """For tests that need several databases, or one per Hypothesis example: `with databases.prepared(kind) as url`."""

    started: list[PostgresServer] = []

    def server() -> PostgresServer:
        if not started:
            started.append(request.getfixturevalue("postgres_server_or_skip"))
        return started[0]

    handed_out = Databases(tmp_path_factory.mktemp("databases"), server, _migrate)
    yield handed_out
    handed_out.close()


def _migrate(url: str) -> Coroutine[Any, Any, object]:
    """Imported late: the tests of scripts and rules need no connector."""
    migrate = importlib.import_module("connector.storage.migrate")
    work: Coroutine[Any, Any, object] = migrate.migrate(url)
    return work


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(database_kind: str, databases: Databases) -> Iterator[str]:
    with databases.empty(database_kind) as url:
        yield url


@pytest.fixture
def prepared_database_url(database_kind: str, databases: Databases) -> Iterator[str]:
    with databases.prepared(database_kind) as url:
        yield url


@pytest.fixture
def sqlite_url(databases: Databases) -> Iterator[str]:
    with databases.empty("sqlite") as url:
        yield url


@pytest.fixture
def postgres_url(databases: Databases) -> Iterator[str]:
    with databases.empty("postgresql") as url:
        yield url


@pytest.fixture(scope="session")
def npm_folder() -> Path:
    """`node_modules` with the packages locked in requirements/npm."""
    try:
        return npm_packages.install()
    except npm_packages.NpmUnavailable as problem:
        pytest.skip(str(problem))


def pytest_collection_finish() -> None:
    """What was imported stays until the end, and tests make much that dies at once: looking at all of it again and
    again took a fifth of the time. pytest collects what is left at the end, so nothing unclosed goes unseen.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
