"""`python -m scripts.lints`: every project rule over every file of the repository."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from scripts.lints import clock, floats, line_ends, links, lock_files, machine_paths, pure_engine, sizes, transactions
from scripts.lints.source import Finding, Source, read_all

ROOT = Path(__file__).resolve().parent.parent.parent

RULES: dict[str, Callable[[Iterable[Source]], Iterator[Finding]]] = {
    "clock": clock.check,
    "floats": floats.check,
    "line-ends": line_ends.check,
    "links": links.check,
    "lock-files": lock_files.check,
    "machine-paths": machine_paths.check,
    "pure-engine": pure_engine.check,
    "sizes": sizes.check,
    "transactions": transactions.check,
}


def main() -> int:
    sources = read_all(ROOT)
    findings = [f"{finding} [{name}]" for name, check in RULES.items() for finding in check(sources)]
    print("\n".join(findings) if findings else f"{len(RULES)} rules, {len(sources)} files: nothing found")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
