"""Commands side by side: as many as may, each shown in one piece, and nothing left running whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from scripts import side_by_side
from scripts.side_by_side import Ended, Task

ROOT = Path(__file__).resolve().parent.parent.parent
SLEEP = "import time; time.sleep(300)"
SERVER_AND_SLEEPER = f"""
import subprocess, sys, time
from pathlib import Path
import psutil
sys.path.insert(0, {str(ROOT)!r})
from tests import memory_folder, postgres_server
memory_folder.use()
sleeper = subprocess.Popen([sys.executable, "-c", {SLEEP!r}])
with postgres_server.running():
    guard, = [child for child in psutil.Process().children() if child.pid != sleeper.pid]
    server, = guard.children()
    told = Path(sys.argv[1]).with_suffix(".new")
    told.write_text(f"{{guard.pid}} {{server.pid}} {{sleeper.pid}} {{guard.cmdline()[3]}}")
    told.rename(sys.argv[1])
    time.sleep(300)
"""


def python(name: str, code: str, *arguments: str, seconds_max: float = 60) -> Task:
    return Task(name, [sys.executable, "-c", code, *arguments], seconds_max)


def run(tasks: list[Task], at_once: int) -> tuple[list[Ended], list[str]]:
    begun: list[str] = []
    return list(side_by_side.run(tasks, ROOT, at_once, lambda task: begun.append(task.name))), begun


def test_two_run_at_a_time_and_a_third_when_one_has_ended(tmp_path: Path) -> None:
    """Each of the first two waits for the other; the third finds both gone."""
    meet = "import sys,time\nfrom pathlib import Path\nmine,other=map(Path,sys.argv[1:])\nmine.touch()\n"
    meet += "ends=time.monotonic()+30\nwhile not other.exists() and time.monotonic()<ends: time.sleep(.01)\n"
    meet += "raise SystemExit(not other.exists())"
    one, other = str(tmp_path / "one"), str(tmp_path / "other")
    look = "import sys; from pathlib import Path; raise SystemExit(5 if Path(sys.argv[1]).exists() else 6)"
    ended, _ = run([python("one", meet, one, other), python("other", meet, other, one), python("third", look, one)], 2)
    assert {end.task.name: end.code for end in ended} == {"one": 0, "other": 0, "third": 5}


def test_what_each_says_is_shown_in_one_piece_after_its_name(capfd: pytest.CaptureFixture[str]) -> None:
    say = "import sys,time\nfor n in range(3):\n print(sys.argv[1],n,flush=True)\n time.sleep(.1)\n"
    say += "print(sys.argv[1],'objects',file=sys.stderr)"
    names = ["a", "b"]
    list(side_by_side.run([python(name, say, name) for name in names], ROOT, 2, lambda task: print("==", task.name)))
    lines = capfd.readouterr().out.splitlines()
    pieces = {name: ["== " + name, f"{name} 0", f"{name} 1", f"{name} 2", f"{name} objects"] for name in names}
    assert lines in (pieces["a"] + pieces["b"], pieces["b"] + pieces["a"])


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_task_that_takes_too_long_is_ended_and_the_next_runs(at_once: int, capfd: pytest.CaptureFixture[str]) -> None:
    ended, begun = run([python("slow", SLEEP, seconds_max=0.3), python("quick", "pass")], at_once)
    assert {end.task.name: end.code for end in ended} == {"slow": 1, "quick": 0}
    assert sorted(begun) == ["quick", "slow"]
    assert "stopped: it took more than 0.3 s" in capfd.readouterr().err


def test_what_takes_too_long_leaves_nothing_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "TIDY_SECONDS_MAX", 1)
    written = tmp_path / "pid"
    code = (
        f"import subprocess,sys,time\nfrom pathlib import Path\np=subprocess.Popen([sys.executable,'-c',{SLEEP!r}])\n"
    )
    code += "Path(sys.argv[1]).write_text(str(p.pid)); time.sleep(300)"
    run([python("hangs", code, str(written), seconds_max=5)], 1)
    assert not _is_running(written.read_text(encoding="utf-8"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process; CI runs elsewhere")
def test_after_ctrl_c_nothing_is_left_either(tmp_path: Path) -> None:
    """Ctrl+C reaches every process of the group; the runner waits for those that tidy up."""
    written = tmp_path / "pids"
    # Whoever begins all tests in the background of a script has it ignored, and a new Python keeps that.
    runner = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    runner += "import sys\nfrom pathlib import Path\nfrom scripts import side_by_side\nTask = side_by_side.Task\n"
    runner += "tasks=[Task(n,[sys.executable,'-c',c,*a],60) for n,c,*a in [('other','import time;time.sleep(300)'),"
    runner += "('server',sys.argv[1],sys.argv[2])]]\nlist(side_by_side.run(tasks,Path('.'),2,print))"
    process = subprocess.Popen(
        [sys.executable, "-c", runner, SERVER_AND_SLEEPER, str(written)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    _wait_for(written)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=60)[1].decode()
    assert "KeyboardInterrupt" in said
    _assert_all_gone(written)


def test_a_server_ends_with_an_owner_that_is_killed(tmp_path: Path) -> None:
    written = tmp_path / "pids"
    owner = subprocess.Popen([sys.executable, "-c", SERVER_AND_SLEEPER, str(written)])
    _wait_for(written)
    psutil.Process(int(written.read_text(encoding="utf-8").split()[2])).kill()
    owner.kill()
    owner.wait()
    _assert_all_gone(written)


def _wait_for(path: Path) -> None:
    ends = time.monotonic() + 60
    while not path.exists() and time.monotonic() < ends:
        time.sleep(0.05)
    assert path.exists()


def _assert_all_gone(written: Path) -> None:
    *pids, folder = written.read_text(encoding="utf-8").split()
    ends = time.monotonic() + 30
    while time.monotonic() < ends and (any(map(_is_running, pids)) or Path(folder).exists()):
        time.sleep(0.05)
    assert [pid for pid in pids if _is_running(pid)] == []
    assert not Path(folder).exists()


def _is_running(pid: str) -> bool:
    try:
        return psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
