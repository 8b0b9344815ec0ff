"""The zip in the hands of WordPress's own installer: put in, paired, replaced by a newer one, switched off, deleted."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connector.woocommerce import plugin_zip
from tests.connector.home import Home
from tests.plugins import php, sites
from tests.plugins.sites import Site
from tests.plugins.test_end_to_end import CUSTOMER, Shop

INSTALLER = Path(__file__).parent / "wordpress" / "installer.php"
OLDER = "0.0.9"
TOP_LEVEL = {"assets", "belong-for-woocommerce.php", "blocks", "languages", "readme.txt", "src", "uninstall.php"}


@dataclass(frozen=True)
class Owner:
    """Somebody on the page of plugins."""

    site: Site

    def does(self, what: str, *more: str) -> dict[str, Any]:
        """One step in a process of its own; what is there of us afterwards."""
        done = self.site.run(php.SYSTEM, str(INSTALLER), str(self.site.wordpress), what, *more)
        assert done.code == 0 and done.said.count("\n") == 1, done.said
        return dict(json.loads(done.said))


def zips(folder: Path) -> tuple[str, str]:
    """What an earlier version shipped, as far as WordPress can tell, and what we ship."""
    made = plugin_zip.build()
    newer, older = folder / made.name, folder / "older.zip"
    newer.write_bytes(made.content)
    with zipfile.ZipFile(io.BytesIO(made.content)) as source, zipfile.ZipFile(older, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.endswith(f"{plugin_zip.SLUG}.php"):
                content = content.replace(made.version.encode(), OLDER.encode(), 1)
            target.writestr(entry, content)
        # A file that no version has any more.
        target.writestr(f"{plugin_zip.SLUG}/src/Gone.php", "<?php\n")
    return str(older), str(newer)


def test_an_owner_installs_replaces_and_deletes_it(tmp_path: Path, installed: Callable[[str], Site]) -> None:
    if sites.is_real():
        pytest.skip("the double is enough for this")
    home = Home.at_one_address(tmp_path / "home")
    older, newer = zips(tmp_path)
    with sites.copy(installed("newest"), php.SYSTEM) as site:
        owner, shop = Owner(site), Shop(site)
        nothing_is_left(owner.does("delete", "everything"))
        told = owner.does("install", older)
        assert (told["done"], told["version"], told["active"]) == (True, OLDER, False)
        assert told["tables"] == [] and told["options"] == []
        told = owner.does("activate")
        assert told["done"] and told["active"] and told["address"] and told["tables"]
        with home.serving():
            code = home.pairing_code("--name", "Tea")
            shop.run("pair", code)
            shop.run("make", "1")
            shop.until_lifetime(40)
        # Nobody is there: this order waits in the shop while the plugin is replaced.
        [order] = shop.run("make", "1")
        before = owner.does("state")
        refused = owner.does("install", newer)
        assert (refused["done"], refused["errors"], refused["version"]) == (False, ["folder_exists"], OLDER)
        told = owner.does("replace", newer)
        assert (told["done"], told["version"], told["active"]) == (True, plugin_zip.build().version, True)
        assert set(told["files"]) == TOP_LEVEL and not (plugin_in(site) / "src" / "Gone.php").exists()
        assert [told[kept] for kept in ("tables", "meta")] == [before[kept] for kept in ("tables", "meta")]
        assert set(before["options"]) <= set(told["options"])
        assert str(order) in {row["object_id"] for row in shop.run("drain", CUSTOMER)[1]}
        with home.serving():
            shop.run("send-now")
            shop.until_lifetime(80)
            leaves_and_comes_back(owner, shop, newer)
        nothing_is_left(owner.does("delete", "everything"))
    home.must("verify")


def leaves_and_comes_back(owner: Owner, shop: Shop, newer: str) -> None:
    """Switched off it does nothing and keeps everything; deleted without a word, too."""
    off = owner.does("deactivate")
    assert not (off["active"] or off["cron"] or off["address"]) and off["tables"]
    gone = owner.does("delete", "keep")
    assert gone["done"] and gone["files"] == [] and gone["tables"] == off["tables"]
    assert owner.does("install", newer)["done"] and owner.does("activate")["active"]
    shop.run("make", "1")
    shop.until_lifetime(120)


def nothing_is_left(told: dict[str, Any]) -> None:
    assert told["done"]
    assert {name: told[name] for name in ("files", "tables", "options", "meta", "cron", "address")} == {
        "files": [],
        "tables": [],
        "options": [],
        "meta": 0,
        "cron": False,
        "address": False,
    }


def plugin_in(site: Site) -> Path:
    return site.folder / "wp-content" / "plugins" / sites.SLUG
