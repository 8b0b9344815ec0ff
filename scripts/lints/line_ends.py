"""No pattern that checks what comes from outside lets a line end follow: `$` also matches before a last one.

A name with a line end is another name: a second account for one customer, a header where one was meant.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from scripts.lints import names
from scripts.lints.source import Finding, Source

SEARCHES = {f"re.{name}" for name in ("compile", "match", "search", "split", "sub")}
# Also where JSON Schema is made of it, which has no \Z.
WHOLE = "(?!\\n)$"
IN_PHP = re.compile(r"""\bpreg_\w+\(\s*'([/~#])[^']*(?<!\\)\$\1(?![a-zA-Z]*[Dm])[a-zA-Z]*'""")
PHP = "$ lets a line end follow: end the pattern with \\z, or give it the modifier D"
PYTHON = f"$ lets a line end follow: use fullmatch, \\Z, or {WHOLE} where the pattern is published"


def check(sources: Iterable[Source]) -> Iterator[Finding]:
    for source in sources:
        if source.is_python and source.fits("connector/*", "loyalty_engine/*"):
            yield from _in_python(source)
        elif source.path.endswith(".php") and source.fits("plugins/*"):
            for number, line in enumerate(source.text.splitlines(), start=1):
                if IN_PHP.search(line):
                    yield source.finding(number, PHP)


def _in_python(source: Source) -> Iterator[Finding]:
    known = names.imported(source.nodes)
    named = {
        target.id: node.value
        for node in source.nodes
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in source.nodes:
        if isinstance(node, ast.Call) and names.full_name(node.func, known) in SEARCHES:
            if node.args and _is_open(node.args[0]) and not _is_by_lines(node, known):
                yield source.finding(node, PYTHON)
        elif isinstance(node, ast.keyword) and node.arg == "pattern":
            value = named.get(node.value.id, node.value) if isinstance(node.value, ast.Name) else node.value
            if _is_open(value):
                yield source.finding(value, PYTHON)


def _is_open(node: ast.expr) -> bool:
    """A literal that ends with an end of line."""
    last = node.values[-1] if isinstance(node, ast.JoinedStr) and node.values else node
    if not isinstance(last, ast.Constant) or not isinstance(last.value, str | bytes):
        return False
    text = last.value.decode("latin-1") if isinstance(last.value, bytes) else last.value
    return text.endswith("$") and not text.endswith(("\\$", WHOLE))


def _is_by_lines(node: ast.Call, known: dict[str, str]) -> bool:
    """Where each line is meant."""
    given = [*node.args[1:], *(keyword.value for keyword in node.keywords)]
    return any(names.full_name(inner, known) in ("re.MULTILINE", "re.M") for one in given for inner in _parts(one))


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.expr))
