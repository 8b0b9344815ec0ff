"""Runs all tests: `scripts/test`, one part with `scripts/test NAME`, or `py scripts\\test.py` on Windows.

Parts run side by side, one for each core; BELONG_TESTS_AT_ONCE=1 runs them one by one. Arguments after NAME go to
pytest. `scripts/test --list` names the parts.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)
from scripts import bootstrap, counting, npm_packages, side_by_side
from scripts.counting import Counts
from scripts.side_by_side import Ended, Task

ROOT = Path(__file__).resolve().parent.parent
# A part that hangs must end as a failure with a name, not as a run that never ends. A test that hangs ends earlier and
# is named: faulthandler_timeout in pyproject.toml.
PART_SECONDS_MAX = 1500
# BELONG_HYPOTHESIS=long looks for hours.
LONG_SECONDS_MAX = 24 * 3600


@dataclass(frozen=True)
class Part:
    name: str
    covers: str
    # What must exist for the part to be there at all; a folder counts only when it holds tests.
    needs: str
    # A part is either a command of its own or, when this is empty, pytest on the folder that it needs.
    command: tuple[str, ...] = ()
    reads_npm_packages: bool = False
    # A further lock of npm packages that this part needs.
    lock: str = ""
    # About how much of the whole: what takes longest begins first.
    percent: int = 1
    # After how long one test of it counts as one that hangs, where that is not what pyproject.toml says.
    test_seconds: int = 0


PARTS = [
    Part("check", "linters, types and project rules", "scripts/check.py", ("scripts/check.py",), percent=6),
    Part("lints", "the project rules find what they should", "tests/lints"),
    Part("house", "the scripts themselves", "tests/house", reads_npm_packages=True),
    Part("engine", "what the engine decides", "tests/engine", percent=12),
    Part("connector", "what the connector does", "tests/connector", reads_npm_packages=True, percent=14),
    Part("console", "pages for merchants and who may see them", "tests/console", percent=9),
    Part("operating", "the operator's commands and processes", "tests/operating", percent=13),
    Part("members", "who members are, what they do and what they get", "tests/members", percent=23),
    Part("storage", "tables and ledger on SQLite and PostgreSQL", "tests/storage", percent=15),
    Part("payloads", "recorded payloads of both platforms", "tests/payloads", reads_npm_packages=True),
    Part("journeys", "whole journeys through simulated shops", "tests/journeys", reads_npm_packages=True, percent=8),
    Part("chaos", "promises under load, faults and crashes, each small", "tests/chaos", percent=10),
    Part("sandbox", "the simulated shops keep to the real protocols", "tests/sandbox", reads_npm_packages=True),
    # One of its tests is the whole suite in a PHP that is WebAssembly: more than five minutes on a slow machine.
    Part(
        "phpunit", "the plugin's own tests, in real WordPress", "tests/phpunit", (), True, percent=14, test_seconds=900
    ),
    Part("plugins", "the plugin with a real service", "tests/plugins", reads_npm_packages=True, percent=10),
    Part("browser", "pages in Chromium: rules, keyboard, phones", "tests/browser", reads_npm_packages=True, percent=4),
    Part("shopify", "the Shopify app: proofs, theme, extensions", "tests/shopify", (), True, npm_packages.SHOPIFY),
    Part("demo", "the demo, verified", "connector/cli/main.py", ("scripts/demo.py", "--check"), percent=4),
    Part(
        "bench",
        "each benchmark once, small",
        "bench/__main__.py",
        ("-m", "bench", "--smoke"),
        True,
        npm_packages.SHOPIFY,
        percent=4,
    ),
    Part("benches", "a benchmark that lost a row is refused", "tests/bench", (), True, npm_packages.SHOPIFY),
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
    locks = {part.lock for part in selected if part.lock}
    if any(part.reads_npm_packages for part in selected):
        locks.add(npm_packages.READ)
    for lock in sorted(locks):
        install_npm_packages(lock)
    outcomes = run(selected, extra)
    return report({part.name: outcomes[part.name] for part in selected})


def install_npm_packages(lock: str) -> None:
    """Here and not in the tests, so that a person sees what is downloaded; the tests that miss it say so."""
    try:
        npm_packages.install(lock)
    except npm_packages.NpmUnavailable as problem:
        print(problem, file=sys.stderr, flush=True)


def is_present(part: Part) -> bool:
    needed = ROOT / part.needs
    return any(needed.rglob("test_*.py")) if needed.is_dir() else needed.exists()


def split_arguments(arguments: list[str], present: dict[str, Part]) -> tuple[list[str], list[str]]:
    """The names come first; from the first word that is no name, everything is for pytest."""
    count = next((i for i, word in enumerate(arguments) if word not in present), len(arguments))
    return arguments[:count], arguments[count:]


def run(parts: list[Part], extra: list[str]) -> dict[str, Outcome]:
    at_once = int(os.environ.get("BELONG_TESTS_AT_ONCE", 0)) or side_by_side.cores()
    covers = {part.name: part.covers for part in parts}
    outcomes = {}
    with tempfile.TemporaryDirectory() as written:
        tasks = [task(part, extra, Path(written)) for part in sorted(parts, key=lambda part: -part.percent)]
        for ended in side_by_side.run(tasks, ROOT, at_once, lambda begun: announce(begun.name, covers[begun.name])):
            outcomes[ended.task.name] = Outcome(counts_of(ended), ended.seconds)
    return outcomes


def announce(name: str, covers: str) -> None:
    print(f"\n== {name}: {covers}", flush=True)


def task(part: Part, extra: list[str], written: Path) -> Task:
    """A part that is pytest writes its counts to a file."""
    seconds = LONG_SECONDS_MAX if is_long() else PART_SECONDS_MAX
    if part.command:
        return Task(part.name, [sys.executable, *part.command, *extra], seconds)
    longest = LONG_SECONDS_MAX if is_long() else part.test_seconds
    limits = ["-o", f"faulthandler_timeout={longest}"] if longest else []
    command = [sys.executable, "-m", "pytest", "-p", "scripts.counting", part.needs, *limits, *extra]
    return Task(part.name, command, seconds, {counting.ENVIRONMENT_KEY: str(written / f"{part.name}.json")})


def is_long() -> bool:
    return os.environ.get("BELONG_HYPOTHESIS") == "long"


def counts_of(ended: Ended) -> Counts:
    written = ended.task.environment.get(counting.ENVIRONMENT_KEY)
    if written is None:
        return Counts(failed=1) if ended.code else Counts(passed=1)
    counts = counting.read(Path(written)) or Counts()
    if ended.code != 0 and not counts.failed:
        # It stopped before or beside the tests: nothing collected, a broken conftest, an interrupt, a test that hangs.
        counts.failed = 1
    return counts


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
