"""Whoever seals something new says where it lies, or a change of the master key would leave it behind."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from connector.storage.resealing import SEALED_COLUMNS

CONNECTOR = Path(__file__).resolve().parents[2] / "connector"
PLACES = {
    "instance": "storage/instance.py",
    "connection_secret": "storage/connections.py",
    "shop_token": "storage/shop_tokens.py",
    "webhook_secret": "storage/endpoints.py",
    "pairing": "storage/pairings.py",
    "person": "storage/people.py",
    "delivery_body": "storage/inbox.py",
    "shopify_app": "storage/shopify_apps.py",
    "console_person": "storage/second_steps.py",
}
"""Tables with sealed columns, and the module that seals them."""
SEALED = re.compile(r"^\s*sealed\b", re.MULTILINE)
KEEPS_SEALED = {*PLACES.values(), "data/restoring.py"} - {"storage/instance.py"}
"""Modules that write what is sealed; the instance's own proof is what says which key seals."""
CHAINS = {
    "storage/ledger.py": "the hash chain's seal, which is no cipher",
    "storage/awaited_history.py": "a context's, which is no cipher",
}
NO_CIPHER = ("crypto.py", "storage/resealing.py", "verify/")


def sealing_modules() -> set[str]:
    """Modules that call ``...seal(`` or hand it on; nobody hands it on."""
    found = set()
    for path in CONNECTOR.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = (
                (node.attr if isinstance(node, ast.Attribute) else node.id)
                if isinstance(node, (ast.Attribute, ast.Name))
                else ""
            )
            if named == "seal" and isinstance(getattr(node, "ctx", None), ast.Load):
                found.add(path.relative_to(CONNECTOR).as_posix())
    return found


def test_every_module_that_seals_is_known() -> None:
    found = {name for name in sealing_modules() if not name.startswith(NO_CIPHER)}
    assert found == {*PLACES.values(), *CHAINS}
    assert {one.table for one in SEALED_COLUMNS} == set(PLACES)


def test_whoever_keeps_what_is_sealed_turns_to_the_present_key_first() -> None:
    """Or a process that has not heard of a change would seal with a key that is dropped by then."""
    for name in KEEPS_SEALED:
        assert "await turn_to_present_key(session, " in (CONNECTOR / name).read_text("utf-8"), name


def test_every_sealed_column_of_the_schema_is_known() -> None:
    """Columns called ``sealed`` are ciphers by their name, in migrations and models."""
    text = "\n".join(path.read_text() for path in (CONNECTOR / "storage" / "migrations").glob("0*.py"))
    tables = {
        name
        for name, columns in re.findall(r"CREATE TABLE (\w+) \((.*?)\n    \)", text, re.DOTALL)
        if SEALED.search(columns)
    }
    for block in text.split("CreateModel(")[1:]:
        if '("sealed"' in block:
            tables.add(re.findall(r'"table": "(\w+)"', block)[0])
    named = tables
    assert {"person", "shop_token", "connection_secret"} <= named
    assert named <= set(PLACES)
