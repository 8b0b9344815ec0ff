"""One zip holds all of the plugin that ships, and the same bytes each time. Sites of tests are made from it."""

from __future__ import annotations

import hashlib
import io
import re
import tomllib
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector import storefront
from connector.cli.main import cli
from connector.errors import Permanent
from connector.woocommerce import plugin_zip
from tests.plugins import sites
from tests.plugins.test_wordpress_rules import headers, is_below, shipped


def names(content: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


def test_all_that_ships_is_in_it_and_nothing_else() -> None:
    copies = sites.PLUGIN / plugin_zip.COPIES
    own = [path for path in shipped() if not is_below(path, [copies]) and path.suffix != ".pot"]
    loaded = [path.with_suffix(".l10n.php") if path.suffix == ".po" else path for path in own]
    expected = {f"{sites.SLUG}/{path.relative_to(sites.PLUGIN).as_posix()}" for path in loaded}
    expected |= {f"{sites.SLUG}/{plugin_zip.COPIES}/{name}" for name in storefront.WOOCOMMERCE}
    assert sorted(expected) == names(plugin_zip.build().content)


def test_the_same_files_give_the_same_bytes_whatever_their_dates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plugin_zip.build()
    again = tmp_path / "plugin"
    for entry in zipfile.ZipFile(io.BytesIO(made.content)).infolist():
        path = again / entry.filename.removeprefix(f"{sites.SLUG}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zipfile.ZipFile(io.BytesIO(made.content)).read(entry))
        path.chmod(0o755)
    # As it lies in a wheel, where there is no clone.
    monkeypatch.setattr(plugin_zip, "IN_A_CLONE", tmp_path / "none")
    monkeypatch.setattr(plugin_zip, "IN_A_WHEEL", again)
    assert plugin_zip.build() == made


def test_without_the_plugins_files_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugin_zip, "IN_A_CLONE", tmp_path)
    monkeypatch.setattr(plugin_zip, "IN_A_WHEEL", tmp_path)
    with pytest.raises(Permanent, match="not here"):
        plugin_zip.build()


def test_a_wheel_brings_the_same_files_along() -> None:
    settings = tomllib.loads((sites.PLUGIN.parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
    forced = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    expected = {f"plugins/woocommerce/{name}": f"connector/woocommerce/plugin/{name}" for name in plugin_zip.SHIPPED}
    assert forced == {**expected, "plugins/shopify": "connector/shopify/app"}


def test_the_command_writes_it_and_says_version_and_checksum(tmp_path: Path) -> None:
    path = tmp_path / "plugin.zip"
    done = CliRunner().invoke(cli, ["plugin", "woocommerce", "--output", str(path)])
    assert done.exit_code == 0, done.output
    said = re.search(r"WooCommerce (\S+), (\d+) bytes, SHA-256 (\w{64})$", done.output.strip())
    assert said is not None, done.output
    content = path.read_bytes()
    assert said.groups() == (headers()["Version"], str(len(content)), hashlib.sha256(content).hexdigest())
