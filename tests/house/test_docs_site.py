"""The documents make a site without a link that leads nowhere, and the owners' pages know every part of the console."""

from __future__ import annotations

import re
from pathlib import Path

from connector.console.navigation import SECTIONS
from connector.console.words import TABLES
from scripts.bootstrap import ROOT
from scripts.docs import build

OWNERS = ROOT / "docs" / "owners"


def test_no_link_leads_nowhere_and_every_document_is_reached(tmp_path: Path) -> None:
    assert build(tmp_path) == 0
    first = (tmp_path / "docs" / "index.html").read_text(encoding="utf-8")
    assert "For shop owners" in first
    assert 'url=docs/index.html"' in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert (tmp_path / "README.html").exists()


def test_owners_read_of_every_part_of_the_console() -> None:
    headings = re.findall(r"^## (.+)$", (OWNERS / "console.md").read_text(encoding="utf-8"), re.MULTILINE)
    english = TABLES["en"]
    assert [english[f"shell.{section.name}"] for section in SECTIONS] == headings


def test_nothing_of_an_owner_needs_a_picture_that_is_gone() -> None:
    for page in OWNERS.glob("*.md"):
        for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / picture).resolve().is_file(), f"{page.name}: {picture}"
