"""loyalty_engine decides from its arguments alone.

import-linter forbids the imports that tempt most; this rule allows only those that cannot reach outside.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from scripts.lints.source import Finding, Source

ALLOWED = {
    "__future__",
    "abc",
    "base64",
    "bisect",
    "calendar",
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "heapq",
    "hmac",
    "itertools",
    "json",
    "loyalty_engine",
    "math",
    "operator",
    "re",
    "string",
    "struct",
    "tomllib",
    "types",
    "typing",
    "unicodedata",
    "zoneinfo",
}
REACHES_OUT = {"__import__", "breakpoint", "eval", "exec", "input", "open", "print"}


def check(sources: Iterable[Source]) -> Iterator[Finding]:
    for source in sources:
        if source.is_python and source.fits("loyalty_engine/*"):
            for node in source.nodes:
                for says in _objections(node):
                    yield source.finding(node, f"{says}: the engine only decides")


def _objections(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (f"imports {alias.name}" for alias in node.names if _outside(alias.name))
    elif isinstance(node, ast.ImportFrom) and not node.level and _outside(node.module or ""):
        yield f"imports {node.module}"
    elif isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
        yield "waits"
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REACHES_OUT:
        yield f"calls {node.func.id}"


def _outside(module: str) -> bool:
    return module.partition(".")[0] not in ALLOWED
