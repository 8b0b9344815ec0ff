"""No float near money or points.

Strict wherever amounts are worked out: no float literal, no `float`, no true division, no float function of
`math`, no JSON number read as float. Elsewhere a float must at least not bear an amount's name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from scripts.lints import names
from scripts.lints.source import Finding, Source

STRICT = (
    "loyalty_engine/*",
    "connector/*/normalise*.py",
    "connector/ingest/deciding.py",
    "connector/ingest/merge*.py",
    "connector/ingest/pipeline.py",
    "connector/storage/balances*.py",
    "connector/storage/ledger*.py",
    "connector/storage/lots*.py",
    "connector/verify*",
)
OURS = ("bench/*", "connector/*", "loyalty_engine/*")
WHOLE_NUMBER_MATH = {"ceil", "comb", "factorial", "floor", "gcd", "isqrt", "lcm", "prod", "trunc"}
AMOUNT = re.compile(r"(^|_)(amount|balance|lot|minor|money|points?|price|refund|total)s?(_|$)", re.I)
# Units come last in a name, and these are no money.
NO_AMOUNT = re.compile(r"_(bytes|ms|ratio|seconds)$", re.I)


def check(sources: Iterable[Source]) -> Iterator[Finding]:
    for source in sources:
        if source.is_python and source.fits(*STRICT):
            yield from _strict(source)
        elif source.is_python and source.fits(*OURS):
            yield from _named_like_amounts(source)
        if source.is_python and source.fits("connector/storage/*"):
            yield from _float_columns(source)


def _strict(source: Source) -> Iterator[Finding]:
    known = names.imported(source.nodes)
    refused = _type_tests(source.nodes)
    for node in source.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield source.finding(node, f"float literal {node.value}: use whole numbers or Fraction")
        elif isinstance(node, ast.Name) and node.id == "float" and id(node) not in refused:
            yield source.finding(node, "float: use int, Decimal for parsing, or Fraction")
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            if not _joins_paths(node, known):
                yield source.finding(node, "true division: use //, divmod or Fraction(a, b)")
        elif isinstance(node, ast.Attribute | ast.Name):
            yield from _float_function(source, node, known)
        elif isinstance(node, ast.Call):
            yield from _json_numbers(source, node, known)


def _type_tests(nodes: Iterable[ast.AST]) -> set[int]:
    """`isinstance(value, float)` is how a float is refused, so it may be written."""
    found: set[int] = set()
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
            found.update(id(inner) for argument in node.args[1:] for inner in ast.walk(argument))
    return found


def _joins_paths(node: ast.BinOp | ast.AugAssign, known: dict[str, str]) -> bool:
    """A path is joined with a text, or starts from Path(...); without pathlib there are no paths."""
    if not any(name.partition(".")[0] == "pathlib" for name in known.values()):
        return False
    sides: list[ast.expr] = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.value]
    return any(_is_text_or_path(side, known) for side in sides)


def _is_text_or_path(node: ast.expr, known: dict[str, str]) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _is_text_or_path(node.left, known) or _is_text_or_path(node.right, known)
    if isinstance(node, ast.Call):
        return (names.full_name(node.func, known) or "").startswith("pathlib.")
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _float_function(source: Source, node: ast.Attribute | ast.Name, known: dict[str, str]) -> Iterator[Finding]:
    module, _, name = (names.full_name(node, known) or "").partition(".")
    if (module == "math" and name and name not in WHOLE_NUMBER_MATH) or (module == "statistics" and name):
        yield source.finding(node, f"{module}.{name} works with floats")


def _json_numbers(source: Source, node: ast.Call, known: dict[str, str]) -> Iterator[Finding]:
    if names.full_name(node.func, known) in ("json.load", "json.loads"):
        if all(keyword.arg != "parse_float" for keyword in node.keywords):
            yield source.finding(node, "JSON numbers become floats here: pass parse_float=Decimal")


def _named_like_amounts(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        for name, annotation in _annotated(node):
            if _is_amount(name) and _mentions_float(annotation):
                yield source.finding(node, f"{name} is an amount and cannot be a float")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            if any(_is_amount(name) for argument in node.args for name in _words(argument)):
                yield source.finding(node, "an amount is turned into a float")


def _is_amount(name: str) -> bool:
    return bool(AMOUNT.search(name)) and not NO_AMOUNT.search(name)


def _annotated(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.arg) and node.annotation:
        yield node.arg, node.annotation
    elif isinstance(node, ast.AnnAssign):
        yield _words(node.target)[0], node.annotation
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
        yield node.name, node.returns


def _mentions_float(annotation: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "float" for node in ast.walk(annotation))


def _words(node: ast.expr) -> list[str]:
    found = []
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            found.append(inner.id)
        elif isinstance(inner, ast.Attribute):
            found.append(inner.attr)
        elif isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            found.append(inner.value)
    return found


def _float_columns(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.Attribute | ast.Name):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            if name == "FloatField":
                yield source.finding(node, "no column holds a float")
