"""``python -m bench [NAME...] [--json] [--smoke] [--database sqlite] [--rounds N]``: all benches, or those named."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from bench import (
    backfill,
    batches,
    console,
    engine,
    ingest,
    latency,
    lighthouse,
    memory,
    plugin,
    process,
    read,
    redeem,
    weight,
    workers,
)
from bench.databases import Databases, databases
from bench.measure import Figure, Row
from bench.report import figures_text, steps_text, table
from bench.sizes import FULL, SMOKE, Sizes

Bench = Callable[[Sequence[Databases], Sizes], Sequence[Row | Figure]]
BENCHES: dict[str, Bench] = {
    "engine": engine.run,
    "ingest": ingest.run,
    "batches": batches.run,
    "process": process.run,
    "backfill": backfill.run,
    "workers": workers.run,
    "latency": latency.run,
    "read": read.run,
    "redeem": redeem.run,
    "memory": memory.run,
    "plugin": plugin.run,
    "console": console.run,
    "lighthouse": lighthouse.run,
    "weight": weight.run,
}
KINDS = ("sqlite", "postgresql")


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    sizes = SMOKE if asked.smoke else FULL
    sizes = replace(sizes, rounds=asked.rounds) if asked.rounds else sizes
    sizes = replace(sizes, memory_orders=asked.orders) if asked.orders else sizes
    found: list[Row | Figure] = []
    with databases(asked.database or KINDS) as kinds:
        for name in dict.fromkeys(asked.names or BENCHES):
            rows = BENCHES[name](kinds, sizes)
            found += rows
            if asked.json:
                for row in rows:
                    print(json.dumps(row.as_dict()), flush=True)
    if not asked.json:
        ratios = [one for one in found if isinstance(one, Row)]
        if ratios:
            print(table(ratios), steps_text(ratios), sep="\n")
        print(figures_text([one for one in found if isinstance(one, Figure)]))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Ratios to floors measured in the same run.")
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], metavar="NAME", help=f"of: {', '.join(BENCHES)}")
    parser.add_argument("--json", action="store_true", help="one JSON object per case and line")
    parser.add_argument("--smoke", action="store_true", help="tiny, only to see that it runs: the figures mean nothing")
    parser.add_argument("--database", action="append", choices=KINDS, help="one database instead of both")
    parser.add_argument("--rounds", type=int, help="how often each case runs")
    parser.add_argument("--orders", type=int, help="of memory, a multiple of ten: 1000000 takes long")
    return parser


if __name__ == "__main__":
    logging.getLogger("connector").setLevel(logging.ERROR)
    sys.exit(main(sys.argv[1:]))
