"""Runs all tests: `scripts/test`, one part with `scripts/test NAME`, or `py scripts\\test.py` on Windows.

Arguments after NAME go to pytest. `scripts/test --list` names the parts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)
from scripts import bootstrap, counting, npm_packages
from scripts.counting import Counts

ROOT = Path(__file__).resolve().parent.parent
# A part that hangs must end as a failure with a name, not as a run that never ends.
PART_SECONDS_MAX = 1500


@dataclass(frozen=True)
class Part:
    name: str
    covers: str
    # What must exist for the part to be there at all; a folder counts only when it holds tests.
    needs: str
    # A part is either a command of its own or, when this is empty, pytest on the folder that it needs.
    command: tuple[str, ...] = ()
    reads_npm_packages: bool = False


PARTS = [
    Part("check", "linters, types and project rules", "scripts/check.py", ("scripts/check.py",)),
    Part("lints", "the project rules find what they should", "tests/lints"),
    Part("house", "the scripts themselves", "tests/house", reads_npm_packages=True),
    Part("engine", "what the engine decides", "tests/engine"),
    Part("connector", "what the connector does", "tests/connector", reads_npm_packages=True),
    Part("storage", "tables and ledger on SQLite and PostgreSQL", "tests/storage"),
    Part("payloads", "recorded payloads of both platforms", "tests/payloads", reads_npm_packages=True),
    Part("journeys", "whole journeys through simulated shops", "tests/journeys", reads_npm_packages=True),
    Part("sandbox", "the simulated shops keep to the real protocols", "tests/sandbox", reads_npm_packages=True),
    Part("demo", "the demo, verified", "connector/cli.py", ("scripts/demo.py", "--check")),
    Part("bench", "each benchmark once, small", "bench/__main__.py", ("-m", "bench", "--smoke")),
    Part("benches", "a benchmark that lost a row is refused", "tests/bench"),
]


@dataclass(frozen=True)
class Outcome:
    """A part that is a command counts as one test."""

    counts: Counts
    seconds: float


def main(arguments: list[str]) -> int:
    bootstrap.enter(__file__, "test")
    present = {part.name: part for part in PARTS if is_present(part)}
    names, extra = split_arguments(arguments, present)
    if arguments == ["--list"]:
        print("\n".join(f"{part.name:<10} {part.covers}" for part in present.values()))
        return 0
    if extra and not names:
        print(f"There is no part {extra[0]!r}; there are: {', '.join(present)}.", file=sys.stderr)
        return 2
    selected = [present[name] for name in names] or list(present.values())
    if any(part.reads_npm_packages for part in selected):
        install_npm_packages()
    return report({part.name: run(part, extra) for part in selected})


def install_npm_packages() -> None:
    """Here and not in the tests, so that a person sees what is downloaded; the tests that miss it say so."""
    try:
        npm_packages.install()
    except npm_packages.NpmUnavailable as problem:
        print(problem, file=sys.stderr, flush=True)


def is_present(part: Part) -> bool:
    needed = ROOT / part.needs
    return any(needed.rglob("test_*.py")) if needed.is_dir() else needed.exists()


def split_arguments(arguments: list[str], present: dict[str, Part]) -> tuple[list[str], list[str]]:
    """The names come first; from the first word that is no name, everything is for pytest."""
    count = next((i for i, word in enumerate(arguments) if word not in present), len(arguments))
    return arguments[:count], arguments[count:]


def run(part: Part, extra: list[str]) -> Outcome:
    print(f"\n== {part.name}: {part.covers}", flush=True)
    started = time.monotonic()
    counts = run_command(part.command, extra) if part.command else run_pytest(part.needs, extra)
    return Outcome(counts, time.monotonic() - started)


def run_command(command: tuple[str, ...], extra: list[str]) -> Counts:
    return Counts(passed=1) if exit_code([sys.executable, *command, *extra]) == 0 else Counts(failed=1)


def run_pytest(folder: str, extra: list[str]) -> Counts:
    with tempfile.TemporaryDirectory() as temporary:
        written = Path(temporary) / "counts.json"
        command = [sys.executable, "-m", "pytest", "-p", "scripts.counting", folder, *extra]
        code = exit_code(command, **{counting.ENVIRONMENT_KEY: str(written)})
        counts = counting.read(written) or Counts()
    if code != 0 and not counts.failed:
        # It stopped before or beside the tests: nothing collected, a broken conftest, an interrupt.
        counts.failed = 1
    return counts


def exit_code(command: list[str], **environment: str) -> int:
    try:
        return subprocess.run(
            command, cwd=ROOT, env={**os.environ, **environment}, check=False, timeout=PART_SECONDS_MAX
        ).returncode
    except subprocess.TimeoutExpired:
        print(f"stopped: it took more than {PART_SECONDS_MAX} s", file=sys.stderr, flush=True)
        return 1


def report(outcomes: dict[str, Outcome]) -> int:
    total = Counts()
    print("\n== times")
    for name, outcome in outcomes.items():
        total.add(outcome.counts)
        print(f"{name:<10} {outcome.seconds:7.1f} s   {outcome.counts.line()}")
    if total.skip_reasons:
        print("\n== skipped")
        for reason, times in sorted(total.skip_reasons.items()):
            print(f"{times} x {reason}")
    refused = total.skipped > 0 and in_ci()
    if refused:
        print("In CI nothing may be skipped, so this run has failed.")
    print(f"\n{total.line()}", flush=True)
    return 1 if total.failed or refused else 0


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true")


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
