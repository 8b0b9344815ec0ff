"""Throw-away WordPress sites with our plugin and the WooCommerce double in them."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from filelock import FileLock

from connector.woocommerce import plugin_zip
from tests.plugins import php, wordpress_core

PLUGIN = wordpress_core.ROOT / "plugins" / "woocommerce"
SLUG = "belong-for-woocommerce"
INSTALL = Path(__file__).parent / "wordpress" / "install.php"
ACTIVE = ("woocommerce/woocommerce.php", f"{SLUG}/{SLUG}.php")
REAL_WOOCOMMERCE = "BELONG_WOOCOMMERCE"
# What is in the repository and not in the zip.
NOT_SHIPPED = ("README.md", "phpunit.xml.dist", "tests")


class NotInstalled(Exception):
    """What the installation said instead."""


@dataclass(frozen=True)
class Site:
    """`folder` holds the content and the database; WordPress itself lies in the cache and is shared."""

    folder: Path
    wordpress: Path

    def run(self, php_version: str, *arguments: str) -> php.Done:
        environment = {"BELONG_SITE": str(self.folder), "BELONG_WORDPRESS": str(self.wordpress)}
        return php.run(php_version, arguments, environment)


@dataclass(frozen=True)
class Outcome:
    """PHP as WebAssembly always ends with 0, so what counts is what PHPUnit wrote down."""

    said: str
    versions: str
    tests: int
    unhappy: int


def make(folder: Path, age: str) -> Site:
    """Installed by the system's PHP in about two seconds. One at a time: the first one gets PHP and WordPress."""
    wordpress_core.CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(wordpress_core.CACHE / "making.lock"):
        return _made(folder, age)


def _made(folder: Path, age: str) -> Site:
    wordpress = wordpress_core.tree(age)
    content = folder / "wp-content"
    (content / "plugins").mkdir(parents=True)
    shutil.copytree(wordpress / "wp-content" / "themes", content / "themes")
    # What is tested is what an owner uploads.
    with zipfile.ZipFile(io.BytesIO(plugin_zip.build().content)) as uploaded:
        uploaded.extractall(content / "plugins")
    shutil.copytree(woocommerce(), content / "plugins" / "woocommerce")
    _lay_database(content)
    site = Site(folder, wordpress)
    done = site.run(php.SYSTEM, str(INSTALL), str(wordpress), *ACTIVE)
    if done.code != 0 or not done.said.startswith("WordPress ") or done.said.count("\n") != 1:
        raise NotInstalled(done.said)
    return site


def woocommerce() -> Path:
    """The double, unless somebody has a real one for the contract suite."""
    return Path(os.environ.get(REAL_WOOCOMMERCE) or PLUGIN / "tests" / "double")


def is_real() -> bool:
    return bool(os.environ.get(REAL_WOOCOMMERCE))


@contextmanager
def copy(site: Site, php_version: str) -> Iterator[Site]:
    """PHP as WebAssembly has a /dev of its own and sees nothing of /dev/shm, so its sites lie beside the cache."""
    where = None if php_version == php.SYSTEM else wordpress_core.CACHE
    with tempfile.TemporaryDirectory(dir=where, prefix="site-") as made:
        folder = Path(made) / "site"
        shutil.copytree(site.folder, folder)
        yield Site(folder, site.wordpress)


def run_phpunit(site: Site, php_version: str, *extra: str) -> Outcome:
    results = site.folder / "results.xml"
    results.unlink(missing_ok=True)
    settings = ["-c", str(PLUGIN / "phpunit.xml.dist"), "--log-junit", str(results), *extra]
    done = site.run(php_version, php.PHPUNIT, *settings)
    try:
        suite = ElementTree.parse(results).getroot().find("testsuite")
    except (OSError, ElementTree.ParseError):
        # It ended on its way.
        return Outcome(done.said, "", 0, 1)
    counts = {} if suite is None else suite.attrib
    unhappy = sum(int(counts.get(name, 0)) for name in ("errors", "warnings", "failures", "skipped"))
    versions = (site.folder / "versions.txt").read_text(encoding="utf-8")
    return Outcome(done.said, versions, int(counts.get("tests", 0)), unhappy)


def _lay_database(content: Path) -> None:
    layer = wordpress_core.sqlite_layer()
    text = (layer / "db.copy").read_text(encoding="utf-8")
    text = text.replace("{SQLITE_IMPLEMENTATION_FOLDER_PATH}", layer.as_posix())
    (content / "db.php").write_text(text.replace("{SQLITE_PLUGIN}", "sqlite/load.php"), encoding="utf-8")
