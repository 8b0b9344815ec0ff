"""scripts/debian_packages.py on machines that lack something, with an apt-get that only writes down what it is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scripts import debian_packages
from scripts.debian_packages import DebianUnavailable

APT = """#!/bin/sh
echo "$@" >> {log}
case "$*" in *--print-uris*) echo "'http://mirror.example/debian/dists/{codename}/InRelease' x 0" ;; esac
case "$*" in *"$BROKEN"*) exit 100 ;; esac
"""


class Machine:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"

    def has(self, name: str, text: str = "#!/bin/sh\nexit 0\n") -> None:
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o755)

    def has_apt(self) -> None:
        self.has("apt-get", APT.format(log=self.log, codename=debian_packages._codename()))

    def said_to_apt(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("BROKEN", "nothing is")
    monkeypatch.setattr(debian_packages, "KEYRING", tmp_path / "keyring.gpg")
    debian_packages.KEYRING.touch()
    return Machine(tmp_path)


def as_root(monkeypatch: pytest.MonkeyPatch, user: int = 0) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)


def test_what_is_there_and_works_is_not_installed(machine: Machine) -> None:
    machine.has_apt()
    machine.has("php")
    debian_packages.require({"php": "-v"}, ["php-cli"])
    assert machine.said_to_apt() == []


def test_what_is_missing_or_does_not_work_is_installed_by_root(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_root(monkeypatch)
    machine.has_apt()
    machine.has("php", "#!/bin/sh\nexit 1\n")
    debian_packages.require({"php": "-v", "phpunit": "-v"}, ["php-cli", "phpunit"])
    assert machine.said_to_apt() == ["update -qq", "install -qq -y --no-install-recommends php-cli phpunit"]


def test_whoever_is_not_root_is_told_what_to_do_and_nothing_happens(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_root(monkeypatch, 1000)
    machine.has_apt()
    with pytest.raises(DebianUnavailable, match="php is missing; as root, run `apt-get install php-cli`"):
        debian_packages.require({"php": "-v"}, ["php-cli"])
    assert machine.said_to_apt() == []


def test_without_apt_the_sentence_says_so(machine: Machine) -> None:
    with pytest.raises(DebianUnavailable, match="there is no apt-get here to add php-cli"):
        debian_packages.require({"php": "-v"}, ["php-cli"])


def test_the_mirror_is_the_systems_own(machine: Machine) -> None:
    machine.has_apt()
    assert debian_packages.mirror() == "http://mirror.example/debian"


def test_another_suite_is_read_with_lists_of_its_own(machine: Machine, tmp_path: Path) -> None:
    machine.has_apt()
    machine.has("dpkg-deb")
    cache = tmp_path / "cache"
    debian_packages.unpack("sid", ["wordpress"], cache, tmp_path / "target")
    _, update, download = machine.said_to_apt()
    for said in (update, download):
        for setting in ("Dir::Etc::sourceparts=/dev/null", f"Dir::State::lists={cache}/apt/sid/lists"):
            assert setting in said
    assert update.endswith("update") and download.endswith("download wordpress")
    source = (cache / "apt" / "sid" / "sources.list").read_text()
    assert source == f"deb [signed-by={debian_packages.KEYRING}] http://mirror.example/debian sid main\n"


def test_a_suite_that_cannot_be_read_is_unavailable_in_a_sentence(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKEN", "-qq update")
    machine.has_apt()
    machine.has("dpkg-deb")
    with pytest.raises(DebianUnavailable, match="`apt-get -qq update` failed; its words above say why"):
        debian_packages.unpack("sid", ["wordpress"], tmp_path / "cache", tmp_path / "target")
