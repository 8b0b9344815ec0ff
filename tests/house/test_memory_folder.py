"""Where tests keep their temporary files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests import memory_folder

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a folder in memory; CI runs there")


def test_a_folder_that_is_not_there_is_not_taken(tmp_path: Path) -> None:
    assert not memory_folder.is_fit(tmp_path / "none")


@on_linux
def test_a_folder_with_too_little_room_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_folder, "FREE_BYTES_MIN", 1)
    assert memory_folder.is_fit(tmp_path)
    monkeypatch.setattr(memory_folder, "FREE_BYTES_MIN", 1 << 60)
    assert not memory_folder.is_fit(tmp_path)


def test_a_folder_that_somebody_chose_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    memory_folder.use()
    assert os.environ["TMPDIR"] == str(tmp_path)
