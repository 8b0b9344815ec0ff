"""What npm brings is what the locks say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts import npm_packages

LOCKS = (npm_packages.READ, npm_packages.PHP)


def test_every_package_is_there_in_its_locked_version(npm_folder: Path) -> None:
    lock = json.loads(npm_packages.manifests(npm_packages.READ)[1].read_text())
    packages = {name: package["version"] for name, package in lock["packages"].items() if name}
    assert packages
    for name, version in packages.items():
        installed = json.loads((npm_folder.parent / name / "package.json").read_text())
        assert installed["version"] == version


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_and_the_wishes_agree(name: str) -> None:
    wishes, lock = (json.loads(path.read_text()) for path in npm_packages.manifests(name))
    assert lock["packages"][""]["dependencies"] == wishes["dependencies"]
    assert len(lock["packages"]) == 1 + len(wishes["dependencies"])
    for package, version in wishes["dependencies"].items():
        assert lock["packages"][f"node_modules/{package}"]["version"] == version
