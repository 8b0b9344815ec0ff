"""Only connector/clock.py reads the clock; everybody else is told the time.

Durations may be measured where nothing is decided: in benches, scripts and tests.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from scripts.lints import names
from scripts.lints.source import Finding, Source

THE_CLOCK = "connector/clock.py"
MEASURED = ("bench/*", "scripts/*", "tests/*")
MOMENTS = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.ctime",
    "time.gmtime",
    "time.localtime",
    "time.time",
    "time.time_ns",
}
DURATIONS = {
    f"time.{name}{suffix}" for name in ("monotonic", "perf_counter", "process_time") for suffix in ("", "_ns")
} | {"asyncio.get_running_loop().time", "asyncio.get_event_loop().time"}
# A default that the database or the model fills in is a clock as well.
IN_SQL = re.compile(r"\b(current_(timestamp|date|time)|(clock|statement)_timestamp|now\(\)|unixepoch\(\))|'now'", re.I)
IN_MODELS = {"auto_now", "auto_now_add"}


def check(sources: Iterable[Source]) -> Iterator[Finding]:
    for source in sources:
        if source.is_python and source.path != THE_CLOCK:
            yield from _in_code(source)
            if source.fits("connector/*", "loyalty_engine/*"):
                yield from _in_texts(source)


def _in_code(source: Source) -> Iterator[Finding]:
    known = names.imported(source.nodes)
    forbidden = MOMENTS if source.fits(*MEASURED) else MOMENTS | DURATIONS
    for node in source.nodes:
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            name = _of_loop(node, known) or names.full_name(node, known)
            if name in forbidden:
                yield source.finding(node, f"{name} reads the clock: take `now` as an argument")


def _of_loop(node: ast.expr, known: dict[str, str]) -> str | None:
    """An event loop's `time` is a clock too."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call):
        maker = names.full_name(node.value.func, known)
        return None if maker is None else f"{maker}().{node.attr}"
    return None


def _in_texts(source: Source) -> Iterator[Finding]:
    prose = names.docstrings(source.nodes)
    for node in source.nodes:
        if isinstance(node, ast.keyword) and node.arg in IN_MODELS and not _is_false(node.value):
            yield source.finding(node.value, f"{node.arg} reads the clock: set the column from `now`")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            if IN_SQL.search(node.value):
                yield source.finding(node, "this SQL reads the clock: pass the time as a parameter")


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
