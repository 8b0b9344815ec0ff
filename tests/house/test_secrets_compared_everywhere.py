"""Nothing that somebody might guess is compared by ``==``: read from the source, so that no path is forgotten."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

CONNECTOR = Path(__file__).resolve().parents[2] / "connector"
SECRET = re.compile(
    r"secret|token|digest|signature|password|hmac|master|hash_root|code_of|authorization", re.IGNORECASE
)
FINE = {
    "cli": "what an operator types on their own machine",
    "sandbox": "a simulated shop",
    "verify": "what the database holds against what it should hold: no caller hears of the time",
}
"""Parts of the package in which nobody guesses, and why."""
PUBLIC = {
    ("commands/master_key.py", "master"): "keys of our own file among each other",
    ("crypto.py", "hash_root"): "keys of our own file among each other",
    ("crypto.py", "master"): "keys of our own file among each other",
    ("delivering/reading_back.py", "token"): "which state of a snapshot a store took and shows",
    ("people/bulk_adjusting.py", "digest"): "which members a segment had: shown to whoever asks",
    ("people/bulk_listing.py", "digest"): "the same",
    ("people/bulk_listing.py", "digest_of"): "the same, as it is now",
    ("shopify/auth.py", "token"): "two tokens that we were given ourselves",
    ("storage/programmes.py", "signature"): "which versions there are, to know whether to read them again",
}
"""Comparisons of what is no secret though it is called so, by file and name, and why."""


def compared() -> Iterator[tuple[str, int, str]]:
    """(file, line, name) of each comparison by ``==``, ``!=`` or ``in`` that has a name like a secret's."""
    for path in sorted(CONNECTOR.rglob("*.py")):
        name = path.relative_to(CONNECTOR).as_posix()
        if name.split("/")[0] in FINE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and all(isinstance(op, (ast.Eq, ast.NotEq)) for op in node.ops):
                for side in (node.left, *node.comparators):
                    found = _named(side)
                    if found is not None and SECRET.search(found):
                        yield name, node.lineno, found


def _named(side: ast.expr) -> str | None:
    """What a value is called; None for constants, sizes and the like."""
    if isinstance(side, ast.Name):
        return None if side.id.isupper() else side.id
    if isinstance(side, ast.Attribute):
        return side.attr
    if isinstance(side, ast.Call):
        called = _named(side.func)
        return None if called in ("len", "str", "set", "type", "hexdigest") else called
    return None


def test_a_comparison_of_secrets_is_found() -> None:
    tree = ast.parse("given == row.digest")
    compare = next(node for node in ast.walk(tree) if isinstance(node, ast.Compare))
    assert [_named(side) for side in (compare.left, *compare.comparators)] == ["given", "digest"]
    assert SECRET.search("webhook_secret") and SECRET.search("local_token") and not SECRET.search("status")


def test_no_secret_is_compared_by_equality() -> None:
    found = [(name, line, what) for name, line, what in compared() if (name, what) not in PUBLIC]
    assert found == []


def test_what_is_said_to_be_public_is_compared_somewhere() -> None:
    seen = {(name, what) for name, _, what in compared()}
    assert set(PUBLIC) <= seen
