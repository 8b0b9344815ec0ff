"""Which files the rules read."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.lints.source import read_all


def write(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x = 1\n")


@pytest.mark.skipif(shutil.which("git") is None, reason="git is missing; install git, then scripts/test lints")
def test_files_that_git_does_not_ignore_are_read_even_before_they_are_added(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    write(tmp_path, "connector/new.py", "build/made.py")
    (tmp_path / ".gitignore").write_text("build/\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff")
    assert [source.path for source in read_all(tmp_path)] == [".gitignore", "connector/new.py"]


def test_an_unpacked_archive_is_read_without_git(tmp_path: Path) -> None:
    write(tmp_path, "connector/new.py", ".venv/lib/made.py")
    assert [source.path for source in read_all(tmp_path)] == ["connector/new.py"]
