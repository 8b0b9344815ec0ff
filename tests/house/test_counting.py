"""What a pytest run came to is counted from its reports, and every skip is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from scripts import counting
from scripts.counting import Counts

TESTS = """
import pytest

def test_right(): pass
def test_also_right(): pass
def test_wrong(): assert False
def test_broken(broken): pass
@pytest.fixture
def broken(): raise RuntimeError
@pytest.mark.skip(reason="no server; start one")
@pytest.mark.parametrize("n", [1, 2])
def test_absent(n): pass
@pytest.mark.xfail(strict=True)
def test_known(): assert False
"""
ROOT = Path(__file__).resolve().parent.parent.parent


def counted(tmp_path: Path, text: str) -> Counts | None:
    (tmp_path / "test_sample.py").write_text(text)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "scripts.counting",
        "-p",
        "no:cacheprovider",
        "test_sample.py",
    ]
    written = tmp_path / "counts.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), counting.ENVIRONMENT_KEY: str(written)}
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    return counting.read(written)


def test_every_outcome_is_counted_once(tmp_path: Path) -> None:
    assert counted(tmp_path, TESTS) == Counts(3, 2, 2, {"no server; start one": 2})


def test_a_file_that_cannot_be_imported_counts_as_failed(tmp_path: Path) -> None:
    assert counted(tmp_path, "import no_such_module\n") == Counts(failed=1)


def test_counts_add_up_and_read_as_one_line() -> None:
    total = Counts()
    total.add(Counts(3, 0, 1, {"no server": 1}))
    assert total.line() == "3 passed, 0 failed, 1 skipped"
    total.add(Counts(1, 1, 1, {"no server": 1}))
    assert (total.line(), total.skip_reasons) == ("4 passed, 1 failed, 2 skipped", {"no server": 2})
    assert Counts(7).line() == "7 passed, 0 failed"
