"""Makes the repository's .venv, renews it when the locks change, and continues inside it.

Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKS = {"run": ROOT / "requirements" / "run.txt", "test": ROOT / "requirements" / "test.txt"}
OLDEST_PYTHON = (3, 11)
# Inside .venv this is the interpreter below it, which has venv and pip when .venv itself has none.
PYTHON: str = getattr(sys, "_base_executable", None) or sys.executable


class Unprepared(Exception):
    """The environment cannot be made; the message tells a person what to do."""


def enter(script: str, lock: str) -> None:
    """Return when running inside an up-to-date .venv; else make it and start `script` again in it."""
    try:
        prepare(lock)
    except Unprepared as problem:
        print(f"{problem}", file=sys.stderr)
        raise SystemExit(1) from None
    if not _inside_venv():
        _continue_in_venv(script)


def prepare(lock: str) -> None:
    if sys.version_info < OLDEST_PYTHON:
        running = ".".join(str(part) for part in sys.version_info[:3])
        raise Unprepared(f"Belong needs Python 3.11 or newer; this is {running} ({PYTHON}).")
    if _is_fresh(lock):
        return
    with _one_at_a_time():
        if not _is_fresh(lock):
            _build("test" if _installed_lock() == "test" else lock)


def _build(lock: str) -> None:
    if not _venv_works():
        _make_venv()
    _install(lock)
    _stamp().write_text(f"{lock} {_digest()}\n", encoding="utf-8")


# -- Is it up to date?


def venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _stamp() -> Path:
    return VENV / "belong-installed"


def _digest() -> str:
    """Changes with whatever was installed from, and with the folder, to which an editable install is tied."""
    digest = hashlib.sha256(str(ROOT).encode())
    for path in (ROOT / "pyproject.toml", *LOCKS.values()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _installed_lock() -> str | None:
    try:
        return _stamp().read_text(encoding="utf-8").split()[0]
    except (OSError, IndexError):
        return None


def _is_fresh(lock: str) -> bool:
    try:
        installed, digest = _stamp().read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        return False
    return installed in (lock, "test") and digest == _digest() and _venv_works("import msgspec")


def _venv_works(code: str = "pass") -> bool:
    """msgspec is compiled for one Python: importing it shows whether the interpreter below was replaced."""
    check = f"import sys; sys.version_info >= {OLDEST_PYTHON} or sys.exit(1); {code}"
    try:
        return subprocess.run([venv_python(), "-c", check], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _inside_venv() -> bool:
    return VENV.exists() and Path(sys.prefix).resolve() == VENV.resolve()


# -- Make it


def _make_venv() -> None:
    print(f"Making the environment {VENV.name} with {PYTHON}", flush=True)
    if not _can_run("import ensurepip, venv") and not _can_run("import pip, venv"):
        _install_venv_package()
    arguments = ["--clear"] if _can_run("import ensurepip, venv") else ["--clear", "--without-pip"]
    made = subprocess.run([PYTHON, "-m", "venv", *arguments, str(VENV)], check=False)
    if made.returncode != 0:
        raise Unprepared(f"{PYTHON} could not make {VENV}; its words above say why.")


def _can_run(code: str) -> bool:
    return subprocess.run([PYTHON, "-c", code], capture_output=True, check=False).returncode == 0


def _install_venv_package() -> None:
    """Debian and its kin split `venv` off; as root we may add it, otherwise we only say how."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    apt = shutil.which("apt-get")
    if apt is None:
        raise Unprepared(
            f"{PYTHON} comes without venv and pip, and there is no apt-get here to add them: install your "
            "system's package for them, or set BELONG_PYTHON to another Python, and run this again."
        )
    if not _is_root():
        raise Unprepared(f"{PYTHON} comes without venv: as root, run `apt-get install {package}`, then this again.")
    print(f"Installing the system package {package}, which this Python lacks", flush=True)
    add_system_packages(apt, package)
    if not _can_run("import ensurepip, venv"):
        raise Unprepared(f"{package} is installed, but {PYTHON} still has no venv: set BELONG_PYTHON.")


def add_system_packages(apt: str, *packages: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run([apt, *command], check=False, env=environment, stdout=subprocess.DEVNULL)
        if done.returncode != 0:
            raise Unprepared(f"`apt-get {' '.join(command)}` failed; its words above say why.")


def _is_root() -> bool:
    return os.name == "posix" and os.geteuid() == 0


# -- Fill it


def _install(lock: str) -> None:
    path = LOCKS[lock]
    print(
        f"Installing {_count_packages(path)} packages from {path.relative_to(ROOT).as_posix()} into {VENV.name}; "
        "pip downloads those it does not have yet",
        flush=True,
    )
    # A source package would fetch its build tools unpinned, so wheels only, unless a person says otherwise.
    wheels = [] if os.environ.get("BELONG_BUILD_FROM_SOURCE") else ["--only-binary", ":all:"]
    _pip("install", "--require-hashes", *wheels, "-r", str(path))
    _pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))


def _count_packages(lock: Path) -> int:
    return sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())


def _pip(*arguments: str) -> None:
    if _venv_works("import pip"):
        pip = [str(venv_python()), "-m", "pip"]
    else:
        pip = [PYTHON, "-m", "pip", "--python", str(venv_python())]
    command = [*pip, "--quiet", "--disable-pip-version-check", "--no-input", *arguments]
    # Hash checking stays on for both calls by argument; a person's own settings must not switch it for the second.
    environment = {key: value for key, value in os.environ.items() if key != "PIP_REQUIRE_HASHES"}
    if subprocess.run(command, check=False, env=environment).returncode != 0:
        raise Unprepared(
            "pip could not install; its words above say why. If it found no wheel for this platform, "
            "set BELONG_BUILD_FROM_SOURCE=1 to let it compile, which needs a compiler."
        )


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two commands started together must not both write the environment."""
    cache = ROOT / ".cache"
    cache.mkdir(exist_ok=True)
    with (cache / "bootstrap.lock").open("w") as lock:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# -- Continue in it


def _continue_in_venv(script: str) -> NoReturn:
    become(str(venv_python()), script, *sys.argv[1:])


def become(*command: str) -> NoReturn:
    """Go on as another program: a signal meant for us then reaches it, and nothing is left behind."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":
        # Windows has no real exec: the caller's prompt would come back before the program is done.
        raise SystemExit(subprocess.run(command, check=False).returncode)
    os.execv(command[0], command)
