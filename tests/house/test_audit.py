"""scripts/audit.py: what is vulnerable fails, and what nobody could look up is said to be unknown."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from scripts import audit, bootstrap, check

CLEAN = {"name": "click", "version": "8.2.0", "vulns": []}
KNOWN = {"id": "PYSEC-2026-1", "fix_versions": ["8.2.1"], "aliases": [], "description": "words"}


def tools_that_say(folder: Path, *, out: str = "", err: str = "", code: int = 0) -> Path:
    """A stand-in for pip-audit, which would ask the internet: it says what the real one says."""
    if os.name == "nt":
        pytest.skip("the stand-in is a shell script")
    (folder / "out").write_text(out)
    (folder / "err").write_text(err)
    program = folder / "pip-audit"
    program.write_text(f"#!/bin/sh\ncat '{folder}/out'\ncat '{folder}/err' >&2\nexit {code}\n")
    program.chmod(0o755)
    return folder


def test_a_known_vulnerability_is_named_with_its_cure(tmp_path: Path) -> None:
    said = json.dumps({"dependencies": [{**CLEAN, "vulns": [KNOWN]}, CLEAN], "fixes": []})
    found = audit.vulnerabilities(audit.ask(tools_that_say(tmp_path, out=said, code=1), audit.LOCK))
    assert [str(one) for one in found] == ["click 8.2.0 has PYSEC-2026-1: raise it to 8.2.1"]
    uncured = audit.vulnerabilities({"dependencies": [{**CLEAN, "vulns": [{**KNOWN, "fix_versions": []}]}]})
    assert "no version is free of it yet" in str(uncured[0])


def test_a_package_that_was_passed_over_is_not_taken_for_a_good_one() -> None:
    skipped = {"name": "click", "skip_reason": "Dependency not found on PyPI and could not be audited"}
    with pytest.raises(audit.NotMade, match="knows nothing of click"):
        audit.vulnerabilities({"dependencies": [skipped, CLEAN]})
    assert audit.vulnerabilities({"dependencies": [CLEAN]}) == []


@pytest.mark.parametrize("code", [0, 1])
def test_a_database_that_cannot_be_asked_is_no_answer(tmp_path: Path, code: int) -> None:
    words = "Traceback (most recent call last):\n  somewhere\nConnectionError: nobody is there\n"
    with pytest.raises(audit.NotMade, match="nobody is there"):
        audit.ask(tools_that_say(tmp_path, err=words, code=code), audit.LOCK)
    with pytest.raises(audit.NotMade, match="pip-audit"):
        audit.ask(tools_that_say(tmp_path, err="bad arguments", code=2), audit.LOCK)


def test_every_package_of_a_lock_is_read_and_every_lock_is_audited() -> None:
    for name in audit.AUDITED:
        lock = bootstrap.ROOT / "requirements" / name
        assert len(audit.pinned(lock)) == sum("==" in line for line in lock.read_text().splitlines()) > 20
    assert {path.name for path in audit.LOCK.parent.glob("*.txt")} == set(audit.AUDITED)


def test_check_shows_that_something_was_not_audited(capsys: pytest.CaptureFixture[str]) -> None:
    line = f"{audit.NOT_AUDITED}: nobody is there"
    assert check.passes("audit", ["-c", f"print('fine'); print({line!r})"])
    said = capsys.readouterr().out
    assert line in said and "fine" not in said
    assert not check.passes("audit", ["-c", "print('VULNERABLE click'); raise SystemExit(1)"])
    assert "VULNERABLE click" in capsys.readouterr().out
