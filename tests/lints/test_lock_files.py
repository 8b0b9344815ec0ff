"""Lock files pin what, and never say where from."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scripts.lints import lock_files
from tests.lints.snippets import lines_found

HASH = f"    --hash=sha256:{'0a' * 32}"


@pytest.mark.parametrize(
    "requirement",
    ["httpx==0.28.1", "uvloop==0.23.0 ; sys_platform != 'win32'", "uvicorn[standard]==1.0", "x==1.0+local.2"],
)
def test_a_pinned_and_hashed_package_passes(requirement: str) -> None:
    assert lines_found(lock_files.check, "requirements/run.txt", f"{requirement} \\\n{HASH} \\\n{HASH}\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example/simple",
        "--find-links wheels",
        "-e .",
        "httpx>=0.28",
        "httpx==0.28.1",
        "httpx @ https://packages.example/httpx.whl",
        "/srv/wheels/httpx.whl",
        "    # via packages.example",
    ],
)
def test_anything_else_is_found(line: str) -> None:
    assert lines_found(lock_files.check, "requirements/run.txt", f"{line}\n") == [1]


def test_a_last_package_without_a_hash_is_found() -> None:
    assert lines_found(lock_files.check, "requirements/run.txt", f"a==1 \\\n{HASH}\nb==1 \\\n") == [3]


def npm_lock(**package: Any) -> str:
    return json.dumps({"packages": {"": {"name": "ours"}, "node_modules/socket.io": {"version": "1.0.0", **package}}})


def test_an_npm_package_with_its_integrity_passes() -> None:
    assert lines_found(lock_files.check, "plugins/x/package-lock.json", npm_lock(integrity="sha512-abc")) == []


@pytest.mark.parametrize(
    "package",
    [
        {},
        {"integrity": "sha512-abc", "resolved": "socket.io-1.0.0.tgz"},
        {"integrity": "sha512-abc", "funding": {"url": "https://give.example"}},
        {"integrity": "sha512-abc", "dependencies": {"y": "file:../y"}},
        {"integrity": "sha512-abc", "dependencies": {"y": "/srv/y"}},
        {"integrity": "sha512-abc", "dependencies": {"y": "github:somebody/y"}},
    ],
)
def test_an_npm_lock_with_an_address_or_without_integrity_is_found(package: dict[str, Any]) -> None:
    assert len(lines_found(lock_files.check, "package-lock.json", npm_lock(**package))) == 1
