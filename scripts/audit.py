"""What Belong is made of, and whether any of it is known to be vulnerable: `scripts/audit`, or `py scripts\\audit.py`.

Writes build/belong.cdx.json, a bill of materials (CycloneDX 1.6) of the packages that run in production, from their
lock, then asks the OSV database about every package of every lock. Ends with code 1 if one is vulnerable. Where the
database cannot be asked it says "not audited" and why: that is no answer, neither a good one nor a bad one.
`--if-possible` installs no tools where the database cannot be asked anyway.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent.parent)
from scripts import bootstrap

LOCK = bootstrap.ROOT / "requirements" / "audit.txt"
TOOLS = bootstrap.ROOT / ".cache" / "audit-tools"
BILL = bootstrap.ROOT / "build" / "belong.cdx.json"
AUDITED = ("run.txt", "test.txt", "audit.txt")
DATABASE = "api.osv.dev"
STAMP = "installed"
SPEC = "1.6"
NOT_AUDITED = "not audited"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", re.MULTILINE)


class NotMade(Exception):
    """A tool cannot be installed or refused its work; the message says why."""


@dataclass(frozen=True)
class Vulnerability:
    """One that is known, and the versions that are free of it."""

    package: str
    version: str
    name: str
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        cure = f"raise it to {' or '.join(self.fixed_in)}" if self.fixed_in else "no version is free of it yet"
        return f"{self.package} {self.version} has {self.name}: {cure}"


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--if-possible"]):
        print("scripts/audit takes no argument but --if-possible.", file=sys.stderr)
        return 2
    try:
        if arguments and not is_installed() and not is_reachable():
            raise NotMade(f"{DATABASE} cannot be reached and the tools are not there; scripts/audit installs them")
        tools = install()
        count = make_bill(tools, BILL)
        print(f"{BILL.relative_to(bootstrap.ROOT).as_posix()}: {count} packages, CycloneDX {SPEC}", flush=True)
    except NotMade as why:
        print(f"{NOT_AUDITED}, and no bill of materials: {why}", flush=True)
        return 0
    found: list[Vulnerability] = []
    for lock in AUDITED:
        try:
            found += vulnerabilities(ask(tools, bootstrap.ROOT / "requirements" / lock))
        except NotMade as why:
            print(f"{NOT_AUDITED}: requirements/{lock}: {why}", flush=True)
    for one in found:
        print(f"VULNERABLE {one}", flush=True)
    return 1 if found else 0


def install() -> Path:
    """The tools, apart from what Belong and its tests use; where their commands are."""
    commands = TOOLS / ("Scripts" if os.name == "nt" else "bin")
    if is_installed():
        return commands
    _run([bootstrap.PYTHON, "-m", "venv", "--clear", str(TOOLS)])
    pip = [str(commands / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    _run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK)])
    (TOOLS / STAMP).write_text(_wanted(), encoding="utf-8")
    return commands


def is_installed() -> bool:
    """Whether the tools are those of the lock."""
    stamp = TOOLS / STAMP
    return stamp.exists() and stamp.read_text(encoding="utf-8") == _wanted()


def _wanted() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def is_reachable() -> bool:
    """Whether the database of vulnerabilities can be asked from here."""
    try:
        socket.create_connection((DATABASE, 443), timeout=3).close()
    except OSError:
        return False
    return True


def make_bill(tools: Path, file: Path, lock: Path = bootstrap.LOCKS["run"]) -> int:
    """Write a lock's bill of materials. Returns how many packages it names.

    Raises NotMade if they are not those of the lock.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    about = ["--pyproject", str(bootstrap.ROOT / "pyproject.toml"), "--sv", SPEC, "--output-reproducible"]
    _run([str(tools / "cyclonedx-py"), "requirements", str(lock), *about, "-o", str(file)])
    named = {(one["name"].lower(), one["version"]) for one in json.loads(file.read_text("utf-8"))["components"]}
    locked = {(name.lower(), version) for name, version in pinned(lock)}
    if named != locked:
        raise NotMade(f"the bill of materials and {lock.name} differ: {sorted(named ^ locked)[:5]}")
    return len(named)


def pinned(lock: Path) -> list[tuple[str, str]]:
    """Name and version of everything in a lock."""
    return _PINNED.findall(lock.read_text(encoding="utf-8"))


def ask(tools: Path, lock: Path) -> dict[str, Any]:
    """What the database says of every package of a lock. Raises NotMade if it says nothing."""
    options = ["--vulnerability-service", "osv", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    said = _run(
        [str(tools / "pip-audit"), *options, "--timeout", "10", "--format", "json", "-r", str(lock)], codes=(0, 1)
    )
    try:
        answer: dict[str, Any] = json.loads(said.stdout)
    except ValueError:
        raise NotMade(last_line(said.stderr)) from None
    return answer


def vulnerabilities(answer: dict[str, Any]) -> list[Vulnerability]:
    """Those in an answer. Raises NotMade if it passes a package over: nothing is known of that one."""
    passed_over = [one["name"] for one in answer["dependencies"] if "skip_reason" in one]
    if passed_over:
        raise NotMade(f"the database knows nothing of {', '.join(passed_over[:5])}")
    return [
        Vulnerability(one["name"], one["version"], known["id"], tuple(known.get("fix_versions", ())))
        for one in answer["dependencies"]
        for known in one.get("vulns", ())
    ]


def last_line(text: str) -> str:
    """What a program said last, shortened."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "it said nothing"


def _run(command: list[str], codes: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
    try:
        done = subprocess.run(command, cwd=bootstrap.ROOT, check=False, capture_output=True, text=True, timeout=600)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotMade(f"{Path(command[0]).name}: {error}") from None
    if done.returncode not in codes:
        raise NotMade(f"{Path(command[0]).name}: {last_line(done.stderr or done.stdout)}")
    return done


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
