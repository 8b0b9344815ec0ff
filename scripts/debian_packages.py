"""Debian packages that tests need: some belong into the system, those of other suites are unpacked into the cache.

The system's own settings name the mirror. For another suite apt gets a sources list and a list folder of its own, so
that it never offers that suite's packages to the system.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from scripts import bootstrap

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class DebianUnavailable(Exception):
    """The packages cannot be had here; the message says what a person can do."""


def require(programs: dict[str, str], packages: Sequence[str]) -> None:
    """`programs` maps each name that must be found to what shows that it works; else the packages are installed."""
    missing = [name for name, check in programs.items() if not _works(name, check)]
    if not missing:
        return
    wanted, apt = " ".join(packages), shutil.which("apt-get")
    if apt is None:
        raise DebianUnavailable(f"{' and '.join(missing)} is missing and there is no apt-get here to add {wanted}")
    if os.geteuid() != 0:
        raise DebianUnavailable(f"{' and '.join(missing)} is missing; as root, run `apt-get install {wanted}`")
    print(f"Installing the system packages {wanted}, which tests need", flush=True)
    try:
        bootstrap.add_system_packages(apt, *packages)
    except bootstrap.Unprepared as problem:
        raise DebianUnavailable(str(problem)) from None


def _works(program: str, check: str) -> bool:
    path = shutil.which(program)
    if path is None:
        return False
    return subprocess.run([path, *check.split(" ", 1)], capture_output=True, check=False).returncode == 0


def unpack(suite: str, packages: Sequence[str], cache: Path, target: Path) -> None:
    """The files of the packages as `suite` has them now, in `target`; the system is not touched."""
    apt = _private_apt(suite, cache)
    downloaded = cache / "downloaded" / suite
    shutil.rmtree(downloaded, ignore_errors=True)
    downloaded.mkdir(parents=True)
    _run(["apt-get", *apt, "-qq", "download", *packages], downloaded)
    for package in sorted(downloaded.glob("*.deb")):
        _run(["dpkg-deb", "-x", str(package), str(target)], downloaded)
    shutil.rmtree(downloaded)


def _private_apt(suite: str, cache: Path) -> list[str]:
    if not KEYRING.exists() or shutil.which("dpkg-deb") is None:
        raise DebianUnavailable("this is no Debian: there is no keyring of its archive, or no dpkg-deb")
    folder = cache / "apt" / suite
    for name in ("lists/partial", "archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    sources = folder / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {mirror()} {suite} main\n", encoding="utf-8")
    settings = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder,
        "Acquire::Languages": "none",
        "APT::Update::Post-Invoke-Success::": "",
        # The folder of a clone need not be readable by the user whom apt would become.
        "APT::Sandbox::User": "root",
    }
    apt = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
    print(f"Reading Debian's list of {suite} into the cache", flush=True)
    _run(["apt-get", *apt, "-qq", "update"], folder)
    return apt


def mirror() -> str:
    """Where the system itself gets its Debian from; apt says so before it has read any list, too."""
    would_read = subprocess.run(["apt-get", "update", "--print-uris"], capture_output=True, text=True, check=False)
    found = re.search(rf"^'(.+)/dists/{_codename()}/InRelease'", would_read.stdout, re.MULTILINE)
    if found is None:
        raise DebianUnavailable("apt's settings name no mirror of Debian")
    return found.group(1)


def _codename() -> str:
    release = Path("/etc/os-release")
    lines = release.read_text(encoding="utf-8").splitlines() if release.exists() else []
    return next((line.partition("=")[2].strip('"') for line in lines if line.startswith("VERSION_CODENAME=")), "stable")


def _run(command: list[str], folder: Path) -> None:
    if subprocess.run(command, cwd=folder, check=False, stdin=subprocess.DEVNULL).returncode != 0:
        words = [word for word in command if "=" not in word and word != "-o"]
        raise DebianUnavailable(f"`{' '.join(words)}` failed; its words above say why")
