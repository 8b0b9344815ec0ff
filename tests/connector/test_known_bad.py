"""G29: every known mistake fails each of the tests that watch for it; without it they pass, as the suite says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import POSTGRES_SETTING
from tests.connector.known_bad import ENVIRONMENT_KEY, MISTAKES
from tests.databases import PostgresServer

ROOT = Path(__file__).resolve().parents[2]
SECONDS_MAX = 240


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_known_mistake_fails_every_test_that_watches_for_it(mistake: str, request: pytest.FixtureRequest) -> None:
    tests = MISTAKES[mistake].tests
    environment = {**os.environ, ENVIRONMENT_KEY: mistake}
    if any("[postgresql" in test for test in tests):
        server: PostgresServer = request.getfixturevalue("postgres_server_or_skip")
        environment[POSTGRES_SETTING] = server.url
    plugins = ["-p", "tests.connector.known_bad", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", *plugins, *tests]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS_MAX)
    # Not an error before or after a test, and no test that was not found: each failed by what it asserts.
    assert ended.returncode == 1, ended.stdout
    *_, said = ended.stdout.splitlines()
    assert said.startswith(f"{len(tests)} failed in "), ended.stdout
    objections = [line for line in ended.stdout.splitlines() if line.startswith(("E   Assertion", "E   assert"))]
    assert len(objections) >= len(tests), ended.stdout
