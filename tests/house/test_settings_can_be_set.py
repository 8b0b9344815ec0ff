"""Every setting of a connection that is read can be set by somebody, or is written by us."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from connector.commands.settings import SETTINGS

CONNECTOR = Path(__file__).resolve().parents[2] / "connector"
WRITTEN_BY_US = {"reach", "rest_url", "timezone"}
"""Pairing writes them: how a shop can be called, where its REST API is, on whose clock its days are."""
OF_A_DATABASE = {"hearing.py", "copies.py"}
"""Their ``settings`` are how a database is reached."""


def texts(tree: ast.Module) -> dict[str, str]:
    """Constants of a module that are texts."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def imported(tree: ast.Module) -> dict[str, str]:
    """Texts that a module takes from other modules of ours."""
    found: dict[str, str] = {}
    for node in tree.body:
        source = CONNECTOR.parent / f"{(getattr(node, 'module', None) or '').replace('.', '/')}.py"
        if isinstance(node, ast.ImportFrom) and source.is_file():
            there = texts(ast.parse(source.read_text("utf-8")))
            found |= {alias.asname or alias.name: there[alias.name] for alias in node.names if alias.name in there}
    return found


def names_read(tree: ast.Module) -> Iterator[str]:
    """What ``settings.get(NAME)`` and ``settings[NAME]`` name."""
    known = imported(tree) | texts(tree)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get"
            and node.args
        ):
            owner, named = node.func.value, node.args[0]
        elif isinstance(node, ast.Subscript):
            owner, named = node.value, node.slice
        else:
            continue
        called = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
        if called == "settings" and isinstance(named, ast.Constant):
            yield str(named.value)
        elif called == "settings" and isinstance(named, ast.Name) and named.id in known:
            yield known[named.id]


def test_what_is_read_of_a_connection_can_be_set() -> None:
    read = {
        name
        for path in CONNECTOR.rglob("*.py")
        if path.name not in OF_A_DATABASE
        for name in names_read(ast.parse(path.read_text("utf-8")))
    }
    settable = frozenset().union(*SETTINGS.values())
    assert {"language", "origins", "referral_link", "birthday_meta", "tier_tags", "reach"} <= read
    assert read - settable - WRITTEN_BY_US == set()


def test_a_setting_that_nobody_can_set_is_found() -> None:
    source = """
from connector.store_settings import ORIGINS
A = "a"
settings.get(A), it.settings["b"], settings.get(ORIGINS)
"""
    assert set(names_read(ast.parse(source))) == {"a", "b", "origins"}
