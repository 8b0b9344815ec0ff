"""The console's templates: each brings along what it calls, for a name that nobody gave is an error of the service."""

from __future__ import annotations

import pytest
from jinja2 import Environment, PackageLoader, nodes

PAGES = Environment(loader=PackageLoader("connector.console"))
PARSED = {
    name: PAGES.parse((PAGES.loader.get_source(PAGES, name) if PAGES.loader else ("",))[0])
    for name in PAGES.list_templates(extensions=["html"])
}
SHARED = {macro.name for name, tree in PARSED.items() if name.startswith("_") for macro in tree.find_all(nodes.Macro)}
"""Macros that pages share."""


def foreign(tree: nodes.Template) -> set[str]:
    """Shared macros that a template calls and neither imports, has itself, nor gets under a name of its own."""
    called = {call.node.name for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name)}
    here = {macro.name for macro in tree.find_all(nodes.Macro)}
    here |= {one if isinstance(one, str) else one[1] for each in tree.find_all(nodes.FromImport) for one in each.names}
    here |= {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"}
    return (called & SHARED) - here


@pytest.mark.parametrize("name", sorted(PARSED))
def test_a_template_imports_every_shared_macro_that_it_calls(name: str) -> None:
    assert foreign(PARSED[name]) == set()


def test_a_macro_that_is_not_imported_would_be_noticed() -> None:
    assert foreign(PAGES.parse("{% if odd %}{{ complained(odd) }}{% endif %}")) == {"complained"}
    assert "field" in SHARED and len(PARSED) > 50
