"""What npm brings is what the lock says, and nothing of it was run."""

from __future__ import annotations

import json
from pathlib import Path

from scripts import npm_packages


def test_every_package_is_there_in_its_locked_version(npm_folder: Path) -> None:
    lock = json.loads(npm_packages.MANIFESTS[1].read_text())
    packages = {name: package["version"] for name, package in lock["packages"].items() if name}
    assert packages
    for name, version in packages.items():
        installed = json.loads((npm_folder.parent / name / "package.json").read_text())
        assert installed["version"] == version


def test_the_lock_and_the_wishes_agree() -> None:
    wishes, lock = (json.loads(path.read_text()) for path in npm_packages.MANIFESTS)
    assert lock["packages"][""]["dependencies"] == wishes["dependencies"]
    for name, version in wishes["dependencies"].items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
