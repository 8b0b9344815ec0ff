"""Files of at most 400 lines; at most one function in a hundred over 60; no file named for nothing in particular."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from scripts.lints.source import Finding, Source

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
LONG_FUNCTIONS_PER_HUNDRED = 1
CODE = ("*.css", "*.graphql", "*.html", "*.js", "*.liquid", "*.php", "*.py", "*.sh", "*.sql", "*.ts")
RECORDED = ("tests/payloads/*",)
SAYS_NOTHING = {"common", "helper", "helpers", "misc", "util", "utils"}


def check(sources: Iterable[Source]) -> Iterator[Finding]:
    functions = 0
    long: list[Finding] = []
    for source in sources:
        if not source.fits(*CODE) or source.fits(*RECORDED):
            continue
        yield from _file(source)
        if source.is_python:
            for node in _functions(source.nodes):
                functions += 1
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    long.append(source.finding(node, f"{node.name} has {lines} lines, over {FUNCTION_LINES_MAX}"))
    if len(long) * 100 > functions * LONG_FUNCTIONS_PER_HUNDRED:
        yield from long


def _file(source: Source) -> Iterator[Finding]:
    lines = source.text.count("\n")
    if lines > FILE_LINES_MAX:
        yield source.finding(1, f"{lines} lines, over {FILE_LINES_MAX}: split it by concept")
    for part in source.path.split("/"):
        if part.partition(".")[0].lower() in SAYS_NOTHING:
            yield source.finding(1, f"{part} says nothing: name the concept")


def _functions(nodes: Iterable[ast.AST]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
