"""connector/storage/atomic.py is the only place that opens a transaction.

What begins, commits and rolls back inside it is the database engines below it, and nothing else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from scripts.lints import names
from scripts.lints.source import Finding, Source

THE_DOOR = "connector/storage/atomic.py"
ENGINES = "connector/storage/engines/*"
NAMES = {"_in_transaction", "in_transaction"}
METHODS = {"commit", "executescript", "rollback", "transaction"}
STATEMENT = re.compile(
    r"^\s*(BEGIN|COMMIT|END|ROLLBACK|START\s+TRANSACTION|SAVEPOINT|RELEASE)"
    r"(\s+(DEFERRED|EXCLUSIVE|IMMEDIATE|TRANSACTION|WORK|TO\s.*|ISOLATION.*|READ.*|SAVEPOINT.*|\w+))?\s*;?\s*$",
    re.I,
)


def check(sources: Iterable[Source]) -> Iterator[Finding]:
    for source in sources:
        if source.is_python and source.fits("connector/*", "loyalty_engine/*") and source.path != THE_DOOR:
            yield from _in(source)


def _in(source: Source) -> Iterator[Finding]:
    prose = names.docstrings(source.nodes)
    for node in source.nodes:
        says = _opening(node) or (None if source.fits(ENGINES) else _ending(node))
        if says and id(node) not in prose:
            yield source.finding(node, f"{says}: use connector.storage.atomic")


def _opening(node: ast.AST) -> str | None:
    name = getattr(node, "id", None) or getattr(node, "attr", None)
    if name in NAMES and isinstance(node, ast.Name | ast.Attribute):
        return f"{name} opens a transaction"
    if isinstance(node, ast.ImportFrom) and node.module == "tortoise.transactions":
        return "tortoise.transactions is not cancellation-safe"
    return None


def _ending(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
        return f".{node.func.attr}() opens or ends a transaction"
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.match(node.value):
        return f"{node.value.strip()!r} opens or ends a transaction"
    return None
