"""scripts/test: its parts, its closing line and its verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import test as runner
from scripts.counting import Counts

ROOT = Path(__file__).resolve().parent.parent.parent


def outcome(counts: Counts) -> dict[str, runner.Outcome]:
    return {"storage": runner.Outcome(counts, 1.5)}


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[-1]


def test_every_test_file_belongs_to_a_part() -> None:
    folders = [part.needs + "/" for part in runner.PARTS if not part.command]
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")]
    assert [path for path in files if not path.startswith(tuple(folders))] == []


def test_a_part_without_its_tests_is_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    part = runner.Part("engine", "", "tests/engine")
    assert not runner.is_present(part)
    (tmp_path / "tests" / "engine").mkdir(parents=True)
    assert not runner.is_present(part)
    (tmp_path / "tests" / "engine" / "test_lots.py").touch()
    assert runner.is_present(part)


def test_names_come_first_and_the_rest_is_for_pytest() -> None:
    present = {part.name: part for part in runner.PARTS}
    assert runner.split_arguments(["storage", "engine", "-k", "storage"], present) == (
        ["storage", "engine"],
        ["-k", "storage"],
    )
    assert runner.split_arguments([], present) == ([], [])


def test_the_last_line_is_the_total(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    outcomes = {"engine": runner.Outcome(Counts(2), 0.1), "storage": runner.Outcome(Counts(3, 1), 0.1)}
    assert runner.report(outcomes) == 1
    assert last_line(capsys) == "5 passed, 1 failed"


def test_a_skip_is_named_and_borne_by_a_person_but_not_by_ci(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = Counts(2, 0, 1, {"no server; start one": 1})
    monkeypatch.delenv("CI", raising=False)
    assert runner.report(outcome(counts)) == 0
    assert "1 x no server; start one" in capsys.readouterr().out
    monkeypatch.setenv("CI", "true")
    assert runner.report(outcome(counts)) == 1
    assert last_line(capsys) == "2 passed, 0 failed, 1 skipped"


def counted(part: runner.Part, *extra: str) -> Counts:
    return runner.run([part], list(extra))[part.name].counts


def a_command(*command: str) -> runner.Part:
    return runner.Part("command", "", "", command)


def test_a_command_counts_as_one_test() -> None:
    assert counted(a_command("-c", "pass")) == Counts(passed=1)
    assert counted(a_command("-c", "raise SystemExit(3)")) == Counts(failed=1)


def test_a_part_that_hangs_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PART_SECONDS_MAX", 0.2)
    assert counted(a_command("-c", "import time; time.sleep(30)")) == Counts(failed=1)


def test_pytest_that_finds_no_test_has_failed(tmp_path: Path) -> None:
    assert counted(runner.Part("engine", "", str(tmp_path)), "-q", "-p", "no:cacheprovider") == Counts(failed=1)


def test_a_test_that_hangs_is_named_and_its_part_has_failed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELONG_TESTS_AT_ONCE", "2")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "test_a.py").write_text("import time\ndef test_that_hangs(): time.sleep(300)\n", encoding="utf-8")
    (tmp_path / "b" / "test_b.py").write_text("def test_that_is_right(): pass\n", encoding="utf-8")
    parts = [runner.Part(name, "", str(tmp_path / name)) for name in "ab"]
    settings = ["-q", "-c", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider", "-o", "faulthandler_timeout=1"]
    outcomes = runner.run(parts, settings)
    assert {name: outcome.counts for name, outcome in outcomes.items()} == {"a": Counts(failed=1), "b": Counts(1)}
    assert "in test_that_hangs" in capfd.readouterr().out
