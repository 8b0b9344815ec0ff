"""Real WordPress for tests: the newest and the oldest that Debian's suites offer, unpacked into the cache.

A fresh clone, as CI has, gets what the suites hold today; `python -m tests.plugins.wordpress_core` renews an old one.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from pathlib import Path

from scripts import debian_packages, npm_packages

ROOT = Path(__file__).resolve().parent.parent.parent
CACHE = ROOT / ".cache" / "wordpress"
CONFIG = Path(__file__).parent / "wordpress" / "wp-config.php"
# bookworm's 6.1 is older than our "Requires at least".
SUITES = {"newest": "sid", "oldest": "trixie"}
# WordPress, and the packages into whose files its links lead.
PACKAGES = (
    "wordpress",
    "wordpress-theme-twentytwentyfive",
    "libjs-cropper",
    "libjs-jquery-ui",
    "libjs-lodash",
    "libjs-underscore",
    "libphp-phpmailer",
    "php-getid3",
)


def tree(age: str) -> Path:
    """The folder with wp-load.php; made when it is missing or was made by other code."""
    folder, stamp = CACHE / age, CACHE / f"{age}.made"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == _digest():
        return folder
    parts = CACHE / f"{age}.parts"
    for left in (folder, parts):
        shutil.rmtree(left, ignore_errors=True)
    stamp.unlink(missing_ok=True)
    parts.mkdir(parents=True)
    print(f"Getting the {age} WordPress that Debian offers ({SUITES[age]}) into the cache", flush=True)
    debian_packages.unpack(SUITES[age], PACKAGES, CACHE, parts)
    shutil.copytree(parts / "usr/share/wordpress", folder, ignore=_leads_nowhere)
    shutil.copy(CONFIG, folder)
    shutil.rmtree(parts)
    stamp.write_text(_digest(), encoding="utf-8")
    return folder


def _leads_nowhere(folder: str, names: list[str]) -> list[str]:
    """One link is for Apache. copytree's own way looks for a link's end from the wrong folder."""
    return [name for name in names if not Path(folder, name).exists()]


def _digest() -> str:
    return hashlib.sha256(Path(__file__).read_bytes() + CONFIG.read_bytes()).hexdigest()


def sqlite_layer() -> Path:
    """The folder of WordPress's SQLite plugin, unpacked from the npm package that ships it."""
    packed = npm_packages.install() / "@wp-playground" / "cli" / "sqlite-database-integration.zip"
    digest = hashlib.sha256(packed.read_bytes()).hexdigest()
    folder = CACHE / f"sqlite-{digest[:12]}"
    if not folder.exists():
        unpacking = CACHE / "sqlite.parts"
        shutil.rmtree(unpacking, ignore_errors=True)
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(unpacking)
        (inner,) = unpacking.iterdir()
        inner.rename(folder)
        unpacking.rmdir()
    return folder


if __name__ == "__main__":
    shutil.rmtree(CACHE, ignore_errors=True)
    for named in SUITES:
        print(tree(named))
