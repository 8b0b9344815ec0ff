"""The starters find a Python that runs, whatever lies on the path."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.skipif(os.name == "nt", reason="no POSIX shell; scripts\\test.py is started by py itself")

RUNS = '#!/bin/sh\ncase "$1" in -c) exit 0;; esac\necho "{name} ran $(basename "$1") with $2"\n'
LACKS_VENV = '#!/bin/sh\ncase "$1 $2" in *ensurepip*) exit 1;; "-c "*) exit 0;; esac\necho "{name} ran"\n'
TOO_OLD = "#!/bin/sh\nexit 1\n"
ONLY_COMPLAINS = "#!/bin/sh\necho '{name}: command not found' >&2\nexit 127\n"


class Starter:
    """A folder of scripts and a PATH with nothing but the commands that a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.scripts = folder / "scripts with space"
        self.scripts.mkdir()
        for name in ("_start.sh", "demo"):
            shutil.copy(ROOT / "scripts" / name, self.scripts)
        self.path = folder / "bin"
        self.path.mkdir()
        for tool in ("dirname", "basename"):
            (self.path / tool).symlink_to(shutil.which(tool) or pytest.fail(f"{tool} is missing"))

    def put(self, name: str, text: str) -> None:
        (self.path / name).write_text(text.format(name=name))
        (self.path / name).chmod(0o755)

    def run(self, **environment: str) -> subprocess.CompletedProcess[str]:
        command = ["/bin/sh", str(self.scripts / "demo"), "--check"]
        environment = {"PATH": str(self.path), **environment}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def start(tmp_path: Path) -> Starter:
    return Starter(tmp_path)


def test_the_newest_python_that_runs_is_taken(start: Starter) -> None:
    start.put("python3.14", ONLY_COMPLAINS)
    start.put("python3.13", RUNS)
    start.put("python3.12", RUNS)
    start.put("python3", TOO_OLD)
    assert start.run().stdout == "python3.13 ran demo.py with --check\n"


def test_one_that_can_make_an_environment_is_preferred(start: Starter) -> None:
    start.put("python3.13", LACKS_VENV)
    start.put("python3.11", RUNS)
    assert start.run().stdout == "python3.11 ran demo.py with --check\n"


def test_without_any_that_can_the_newest_is_taken_and_cures_itself(start: Starter) -> None:
    start.put("python3.13", LACKS_VENV)
    start.put("python3.11", LACKS_VENV)
    assert start.run().stdout == "python3.13 ran\n"


def test_a_person_may_choose(start: Starter) -> None:
    start.put("python3.13", RUNS)
    start.put("mine", RUNS)
    assert start.run(BELONG_PYTHON="mine").stdout == "mine ran demo.py with --check\n"


def test_without_python_the_sentence_says_what_to_do(start: Starter) -> None:
    start.put("python3", TOO_OLD)
    done = start.run()
    assert (done.returncode, done.stdout) == (1, "")
    assert "needs Python 3.11 or newer" in done.stderr
    assert "apt-get install python3 python3-venv; then run scripts/demo again" in done.stderr


@pytest.mark.parametrize("name", ["chaos", "check", "demo", "lock", "test"])
def test_every_starter_starts_the_python_file_beside_it(name: str) -> None:
    text = (ROOT / "scripts" / name).read_text()
    assert text.endswith(f'start {name} "$@"\n')
    assert (ROOT / "scripts" / f"{name}.py").exists()
    assert os.access(ROOT / "scripts" / name, os.X_OK)


def test_this_python_would_be_accepted(start: Starter) -> None:
    (start.scripts / "demo.py").write_text("print('started')\n")
    assert start.run(BELONG_PYTHON=sys.executable).stdout == "started\n"
