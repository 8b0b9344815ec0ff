"""Links between documents lead somewhere."""

from __future__ import annotations

from scripts.lints import links
from scripts.lints.source import Source

DOCUMENTS = [
    Source("README.md", "[a](docs/adr) [b](docs/glossary.md#lot)\n[web](https://shop.example) [here](#lot)"),
    Source("docs/glossary.md", "\n[up](../README.md) [nowhere](../LICENSE)"),
    Source("docs/adr/0001-dependencies.md", "![picture](screen.png)"),
]


def test_a_link_to_a_missing_file_is_found() -> None:
    assert [str(finding) for finding in links.check(DOCUMENTS)] == ["docs/glossary.md:2: there is no LICENSE"]
