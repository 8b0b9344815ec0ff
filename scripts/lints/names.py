"""Which imported thing a name in a module stands for."""

from __future__ import annotations

import ast
from collections.abc import Iterable


def imported(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Local name to full name: `import time as t` gives {"t": "time"}."""
    names: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.partition(".")[0]
                names[local] = alias.name if alias.asname else local
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def full_name(node: ast.expr, names: dict[str, str]) -> str | None:
    """`dt.datetime.now` with `import datetime as dt` is "datetime.datetime.now"; None for what is no plain name."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        owner = full_name(node.value, names)
        return None if owner is None else f"{owner}.{node.attr}"
    return None


def docstrings(nodes: Iterable[ast.AST]) -> set[int]:
    """The identities of the nodes that are docstrings: prose may name what code must not do."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found
