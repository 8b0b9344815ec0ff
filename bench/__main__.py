"""``python -m bench [engine] [ingest] [process] [--json] [--smoke] [--database sqlite] [--rounds N] ``."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace

from bench import engine, ingest, process
from bench.databases import databases
from bench.measure import Row
from bench.report import steps_text, table
from bench.sizes import FULL, SMOKE

BENCHES = {"engine": engine.run, "ingest": ingest.run, "process": process.run}
KINDS = ("sqlite", "postgresql")


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    sizes = SMOKE if asked.smoke else FULL
    sizes = replace(sizes, rounds=asked.rounds) if asked.rounds else sizes
    found: list[Row] = []
    with databases(asked.database or KINDS) as kinds:
        for name in dict.fromkeys(asked.names or BENCHES):
            rows = BENCHES[name](kinds, sizes)
            found += rows
            if asked.json:
                print("\n".join(json.dumps(row.as_dict()) for row in rows), flush=True)
    if not asked.json:
        print(table(found), steps_text(found), sep="\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Ratios to floors measured in the same run.")
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], metavar="NAME", help=f"of: {', '.join(BENCHES)}")
    parser.add_argument("--json", action="store_true", help="one JSON object per case and line")
    parser.add_argument("--smoke", action="store_true", help="tiny, only to see that it runs: the figures mean nothing")
    parser.add_argument("--database", action="append", choices=KINDS, help="one database instead of both")
    parser.add_argument("--rounds", type=int, help="how often each case runs")
    return parser


if __name__ == "__main__":
    logging.getLogger("connector").setLevel(logging.ERROR)
    sys.exit(main(sys.argv[1:]))
