"""The programme that a request may see comes from its proof alone: nothing that a caller sends can name another."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import msgspec

from connector.routes.api import OPERATIONS

CONNECTOR = Path(__file__).resolve().parents[2] / "connector"
NAMES = re.compile(r"programme|tenant|scope$")
AUTHENTICATORS = {
    "access/auth.py": "an API key",
    "access/console.py": "a session, begun by a plugin's signature",
    "access/signed_requests.py": "a store's signature",
    "access/shopify_visits.py": "what Shopify signed",
    "access/shopper_tokens.py": "a shopper's token",
    "access/store_calls.py": "a plugin's signature",
    "rehearsal/stage.py": "the database of a test shop, in which nobody else is",
    "routes/numbers.py": "a shopper's token, with fewer rights",
    "routes/shoppers.py": "a shopper's token, with fewer rights",
}
"""The only modules that make a scope, and from what."""


def test_no_parameter_of_any_operation_names_a_programme() -> None:
    for each in OPERATIONS:
        fields = [
            field.name
            for kind in (each.query, each.body)
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
            for field in msgspec.structs.fields(kind)
        ]
        fields += re.findall(r"\{(\w+)\}", each.path)
        assert [name for name in fields if NAMES.search(name)] == [], f"{each.method} {each.path}"


def test_only_an_authenticator_makes_a_scope() -> None:
    makers = set()
    for path in CONNECTOR.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id in ("ProgrammeScope", "ShopperScope", "StoreScope", "ShopVisit", "StaffScope"):
                    makers.add(path.relative_to(CONNECTOR).as_posix())
    assert makers == set(AUTHENTICATORS)


def test_routes_take_the_programme_from_the_scope_or_from_what_they_found_by_it() -> None:
    """``programme_number`` is read from a scope, a connection or a row, never from a query, a body or a path."""
    for path in (CONNECTOR / "routes").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("programme_number", "programme"):
                origin = ast.unparse(node.value)
                assert not re.search(r"\b(query|body|path|params|headers)\b", origin), f"{path.name}: {origin}"
