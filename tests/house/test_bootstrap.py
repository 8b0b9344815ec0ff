"""scripts/bootstrap.py on machines that lack something. Each test has a small repository of its own, and no network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import bootstrap

PREPARE = "from scripts import bootstrap; bootstrap._is_root = lambda: {root}; bootstrap.enter('x', 'run')"
APT = '#!/bin/sh\necho "$@" >> "$APT_LOG"\n'
VENV_PACKAGE = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"


class Repository:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "belong"
        (self.folder / "scripts").mkdir(parents=True)
        (self.folder / "requirements").mkdir()
        shutil.copy(bootstrap.__file__, self.folder / "scripts")
        for name in ("pyproject.toml", "requirements/run.txt", "requirements/test.txt"):
            (self.folder / name).touch()
        self.commands = folder / "bin"
        self.commands.mkdir()
        self.modules = folder / "modules"
        self.modules.mkdir()
        self.apt_log = folder / "apt.log"

    def has_apt(self) -> None:
        (self.commands / "apt-get").write_text(APT)
        (self.commands / "apt-get").chmod(0o755)

    def lacks(self, *modules: str) -> None:
        """As on Debian, where they are packages of their own: importing them fails in every interpreter started."""
        text = "import sys\n" + "".join(f"sys.modules[{module!r}] = None\n" for module in modules)
        (self.modules / "sitecustomize.py").write_text(text)

    def prepare(self, *, root: bool = False) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": str(self.commands),
            "PYTHONPATH": os.pathsep.join([str(self.modules), str(self.folder)]),
            "APT_LOG": str(self.apt_log),
        }
        command = [bootstrap.PYTHON, "-c", PREPARE.format(root=root)]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_without_venv_pip_and_apt_one_sentence_says_what_to_do(repository: Repository) -> None:
    repository.lacks("ensurepip", "pip")
    done = repository.prepare(root=True)
    assert done.returncode == 1
    assert "comes without venv and pip, and there is no apt-get here to add them" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (repository.folder / ".venv").exists()


def test_a_plain_user_is_given_the_command_and_nothing_is_installed(repository: Repository) -> None:
    repository.lacks("ensurepip", "pip")
    repository.has_apt()
    done = repository.prepare(root=False)
    assert done.returncode == 1
    assert f"as root, run `apt-get install {VENV_PACKAGE}`, then this again." in done.stderr
    assert not repository.apt_log.exists()


def test_root_has_the_package_installed(repository: Repository) -> None:
    repository.lacks("ensurepip", "pip")
    repository.has_apt()
    done = repository.prepare(root=True)
    assert repository.apt_log.read_text().splitlines() == [
        "update -qq",
        f"install -qq -y --no-install-recommends {VENV_PACKAGE}",
    ]
    # This apt-get only pretends, so it must notice that nothing came of it.
    assert done.returncode == 1
    assert f"{VENV_PACKAGE} is installed, but" in done.stderr


def test_a_lock_that_pip_refuses_ends_in_a_sentence_and_is_tried_again(repository: Repository) -> None:
    (repository.folder / "requirements" / "run.txt").write_text("no such line\n")
    for _ in range(2):
        done = repository.prepare()
        assert done.returncode == 1
        assert "pip could not install; its words above say why." in done.stderr
        assert "Traceback" not in done.stderr
    assert not (repository.folder / ".venv" / "belong-installed").exists()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose environment was filled from the small lock, with a stand-in for the package asked after."""
    venv, locks = tmp_path / ".venv", {"run": tmp_path / "run.txt", "test": tmp_path / "test.txt"}
    subprocess.run([bootstrap.PYTHON, "-m", "venv", "--without-pip", str(venv)], check=True)
    for path in (*locks.values(), tmp_path / "pyproject.toml", tmp_path / "msgspec.py"):
        path.touch()
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", venv)
    monkeypatch.setattr(bootstrap, "LOCKS", locks)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    bootstrap._stamp().write_text(f"run {bootstrap._digest()}\n")
    return tmp_path


def test_an_environment_is_used_as_long_as_it_fits(installed: Path) -> None:
    assert bootstrap._is_fresh("run")
    assert not bootstrap._is_fresh("test")
    bootstrap._stamp().write_text(f"test {bootstrap._digest()}\n")
    assert bootstrap._is_fresh("run")
    assert bootstrap._is_fresh("test")


@pytest.mark.parametrize("changed", ["run.txt", "test.txt", "pyproject.toml"])
def test_a_changed_lock_or_project_file_makes_it_stale(installed: Path, changed: str) -> None:
    (installed / changed).write_text("# changed\n")
    assert not bootstrap._is_fresh("run")


def test_an_environment_whose_python_is_gone_is_stale(installed: Path) -> None:
    bootstrap.venv_python().unlink()
    assert not bootstrap._is_fresh("run")


def test_an_environment_whose_packages_are_gone_is_stale(installed: Path) -> None:
    (installed / "msgspec.py").unlink()
    assert not bootstrap._is_fresh("run")


def test_a_moved_repository_is_stale(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bootstrap._digest()
    moved = tmp_path / "moved"
    moved.mkdir()
    shutil.copy(tmp_path / "pyproject.toml", moved)
    monkeypatch.setattr(bootstrap, "ROOT", moved)
    assert bootstrap._digest() != before


def test_packages_are_counted_from_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "run.txt"
    lock.write_text("a==1 \\\n    --hash=sha256:00\nb==2 ; os_name == 'nt' \\\n    --hash=sha256:11\n")
    assert bootstrap._count_packages(lock) == 2
