"""What shops show has one source for both plugins, and stays small."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

from scripts import storefront
from tests.plugins import sites

KILOBYTES_MAX = 15
# The editor of WordPress alone loads this; no shopper does.
OF_THE_EDITOR = {"blocks.js"}


def test_a_plugin_gets_copies_of_all_of_it(tmp_path: Path) -> None:
    (tmp_path / storefront.BELOW).mkdir(parents=True)
    (tmp_path / storefront.BELOW / "of-an-earlier-build.js").touch()
    copies = storefront.copy_to(tmp_path)
    assert sorted((tmp_path / storefront.BELOW).iterdir()) == sorted(copies)
    assert [copy.read_bytes() for copy in copies] == [path.read_bytes() for path in storefront.files()]
    assert {path.suffix for path in copies} == {".css", ".js"}


def test_no_copy_is_kept_beside_the_source() -> None:
    ignored = (storefront.ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert f"plugins/*/{storefront.BELOW.as_posix()}/" in ignored


def test_storefront_assets_stay_under_the_size_limit() -> None:
    """C20: all scripts and styles that a shopper's page can load, together, compressed."""
    own = [path for path in (sites.PLUGIN / "assets").glob("*.*") if path.name not in OF_THE_EDITOR]
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 6)) for path in [*storefront.files(), *own]}
    assert sum(sizes.values()) <= KILOBYTES_MAX * 1000, sizes


def test_nothing_of_it_is_loaded_from_elsewhere() -> None:
    for path in [*storefront.files(), *(sites.PLUGIN / "assets").glob("*.*")]:
        assert not re.search(r"https?://|@import|url\(|\bimport\b\s*[({'\"]", path.read_text(encoding="utf-8")), path


def test_each_block_has_a_folder_and_a_line_for_the_editor() -> None:
    folders = {path.parent.name: json.loads(path.read_text()) for path in sites.PLUGIN.glob("blocks/*/block.json")}
    editor = (sites.PLUGIN / "assets" / "blocks.js").read_text(encoding="utf-8")
    (listed,) = re.findall(r"\[ ('.*?') \]\.forEach", editor)
    assert set(re.findall(r"'(\w+)'", listed)) == set(folders)
    assert {name: block["name"] for name, block in folders.items()} == {name: f"belong/{name}" for name in folders}
    assert {block["textdomain"] for block in folders.values()} == {sites.SLUG}
