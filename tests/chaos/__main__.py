"""``scripts/chaos [--json] [--small] [--goal G3 ...] [--database KIND] [--seed N] [--set NAME=NUMBER ...]``.

Runs goals one by one, each on the databases that it is about. Progress goes to stderr; stdout has one line for each
goal and database. Ends with code 1 if a goal does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from connector.storage.migrate import migrate
from tests import memory_folder, postgres_server
from tests.chaos.catalogue import all_goals
from tests.chaos.goal import KINDS, Goal, Outcome, tried
from tests.databases import Databases, PostgresServer

SETTING = "BELONG_TEST_POSTGRES"


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    goals = {goal.name: goal for goal in all_goals()}
    unknown = [name for name in asked.goal or () if name not in goals]
    if unknown:
        print(f"There is no goal {', '.join(unknown)}; there are {', '.join(goals)}.", file=sys.stderr)
        return 2
    memory_folder.use()
    logging.basicConfig(level=logging.CRITICAL)
    chosen = [goals[name] for name in asked.goal] if asked.goal else list(goals.values())
    seed = asked.seed if asked.seed is not None else int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}", file=sys.stderr, flush=True)
    is_good = True
    with _databases() as databases:
        for goal in chosen:
            for kind in asked.database or KINDS:
                if kind in goal.kinds:
                    size = {**(goal.small if asked.small else goal.full), **_given(goal, asked.set or [])}
                    outcome = _run(goal, kind, size, seed, databases)
                    print(json.dumps(outcome.as_json()) if asked.json else _line(outcome), flush=True)
                    is_good &= outcome.passed
    return 0 if is_good else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--small", action="store_true", help="sizes of a few seconds each")
    parser.add_argument("--goal", nargs="+", metavar="G3", help="these alone")
    parser.add_argument("--database", nargs="+", choices=KINDS, help="on these alone")
    parser.add_argument("--seed", type=int, help="for the same chances again")
    parser.add_argument("--set", nargs="+", metavar="NAME=NUMBER", help="another size, by the goal's own name for it")
    return parser


def _given(goal: Goal, words: Sequence[str]) -> dict[str, int]:
    pairs = [word.partition("=") for word in words]
    return {name: int(number) for name, _, number in pairs if name in goal.full}


def _run(goal: Goal, kind: str, size: Mapping[str, int], seed: int, databases: Databases) -> Outcome:
    began = time.monotonic()

    def progress(text: str) -> None:
        print(f"{goal.name} {kind} {time.monotonic() - began:6.1f} s  {text}", file=sys.stderr, flush=True)

    progress(goal.criterion)
    try:
        outcome = asyncio.run(tried(goal, kind, size, seed, databases, progress))
    except Exception as error:
        traceback.print_exc()
        outcome = Outcome(goal.name, False, {"failed": [repr(error)], "seed": seed}, size, kind)
    seconds, load = round(time.monotonic() - began, 1), round(os.getloadavg()[0], 1) if os.name != "nt" else -1.0
    figure = {**outcome.figure, "seconds": seconds, "load": load}
    return Outcome(outcome.goal, outcome.passed, figure, outcome.size, outcome.database)


def _line(outcome: Outcome) -> str:
    word = "pass" if outcome.passed else "FAIL"
    numbers = ", ".join(f"{name} {number}" for name, number in outcome.figure.items())
    size = ", ".join(f"{name} {number}" for name, number in outcome.size.items())
    return f"{outcome.goal:<4} {word} {outcome.database:<11} {numbers} (size: {size})"


@contextmanager
def _databases() -> Iterator[Databases]:
    """PostgreSQL is started when the first goal asks for it. Like SQLite here, it does not wait for the disk, except
    where a goal is about that.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="belong-chaos-databases-")))
        started: list[PostgresServer] = []

        def server() -> PostgresServer:
            if not started:
                url = os.environ.get(SETTING) or stack.enter_context(postgres_server.running())
                started.append(PostgresServer(url))
            return started[0]

        databases = Databases(folder, server, migrate)
        yield databases
        with contextlib.suppress(OSError):
            databases.close()


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
