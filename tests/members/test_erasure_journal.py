"""The journal of erasures keeps what it acknowledged: cut off at any byte, written by many at once, killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from connector.data.erasure_journal import NOBODY, Contents, ErasureJournal, Line
from connector.errors import ConfigProblem

KEY = "key"
ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60
WRITER = """
import sys
from pathlib import Path
from connector.data.erasure_journal import NOBODY, ErasureJournal, Line

journal, mine = ErasureJournal(Path(sys.argv[1]), "key"), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    lines = [Line(1, 0, f"{mine}-{number}", "-"), Line(1, 7, f"{mine}-{number}", "c" * 64)]
    journal.append(lines)
    print(number, flush=True)
"""
"""Says the number of each erasure once it is on disk."""


def of(name: str) -> list[Line]:
    """What is written of one person."""
    return [Line(1, 0, name, NOBODY), Line(1, 7, name, "c" * 64)]


def heads(journal: ErasureJournal) -> int:
    return journal.path.read_text().count("belong-erasures")


def members(journal: ErasureJournal) -> set[str]:
    """Whose lines are all there, each once."""
    contents = journal.read()
    assert contents is not None
    assert contents.journal_id
    assert len(set(contents.lines)) == len(contents.lines)
    return {line.member for line in contents.lines if set(of(line.member)) <= set(contents.lines)}


def test_a_write_that_was_cut_off_at_any_byte_takes_nothing_with_it(tmp_path: Path) -> None:
    journal = ErasureJournal(tmp_path / "erasures.journal", KEY)
    journal.append(of("ada"))
    first = journal.path.stat().st_size
    journal.append(of("bob"))
    whole = journal.path.read_bytes()
    for cut in range(len(whole)):
        journal.path.write_bytes(whole[:cut])
        left = journal.read()
        assert left is not None
        if cut >= first:
            assert set(of("ada")) <= set(left.lines)
        written = journal.append(of("cleo"))
        assert set(left.lines) | set(of("cleo")) == set(written.lines)
        assert written == journal.read()
        assert heads(journal) == 1


@pytest.mark.parametrize("before", ["nothing", "somebody", "a torn line"])
def test_threads_that_write_at_once_lose_nothing_and_begin_it_once(tmp_path: Path, before: str) -> None:
    crowd = 8
    with ThreadPoolExecutor(crowd) as threads:
        for turn in range(20):
            journal = ErasureJournal(tmp_path / str(turn) / "erasures.journal", KEY)
            if before != "nothing":
                journal.append(of("first"))
            if before == "a torn line":
                with journal.path.open("a") as file:
                    file.write(str(of("half")[1])[:-9])
            together = Barrier(crowd)

            def write(name: str, journal: ErasureJournal = journal, together: Barrier = together) -> str:
                together.wait()
                return journal.append(of(name)).journal_id

            names = [f"m{number}" for number in range(crowd)]
            ids = set(threads.map(write, names))
            contents = journal.read()
            assert contents is not None
            assert ids == {contents.journal_id}
            assert members(journal) == {*names, *(["first"] if before != "nothing" else [])}
            assert heads(journal) == 1


def test_heads_of_those_who_once_began_it_at_the_same_moment_are_one(tmp_path: Path) -> None:
    journal, other = (ErasureJournal(tmp_path / name / "erasures.journal", KEY) for name in "ab")
    begun = journal.append(of("ada"))
    other.append(of("bob"))
    journal.path.write_bytes(journal.path.read_bytes() + other.path.read_bytes())
    assert journal.read() == Contents(begun.journal_id, (*begun.lines, *of("bob")))
    assert journal.append(of("cleo")).lines[-2:] == tuple(of("cleo"))
    stranger = ErasureJournal(tmp_path / "c" / "erasures.journal", "another")
    stranger.append(of("dan"))
    journal.path.write_bytes(journal.path.read_bytes() + stranger.path.read_bytes())
    with pytest.raises(ConfigProblem, match="cannot be read"):
        journal.read()


def writers(journal: ErasureJournal, count: int, erasures: int) -> list[subprocess.Popen[str]]:
    """Processes that begin to write at the same moment, as near as can be."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(journal.path), f"p{number}", str(erasures)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return started


def acknowledged(processes: Sequence[subprocess.Popen[str]]) -> set[str]:
    """Members whose erasure a writer said to be on disk, before it ended or was killed."""
    said = set()
    for number, process in enumerate(processes):
        out, _ = process.communicate(timeout=SECONDS)
        said |= {f"p{number}-{turn}" for turn in out.split()}
    return said


def test_processes_that_write_at_once_lose_nothing_and_begin_it_once(tmp_path: Path) -> None:
    journal = ErasureJournal(tmp_path / "erasures.journal", KEY)
    processes = writers(journal, 4, 40)
    said = acknowledged(processes)
    assert [process.returncode for process in processes] == [0] * 4
    assert len(said) == 160
    assert members(journal) == said
    assert heads(journal) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")
def test_what_was_acknowledged_survives_kill_9_of_writers(tmp_path: Path) -> None:
    journal = ErasureJournal(tmp_path / "erasures.journal", KEY)
    said: set[str] = set()
    for turn in range(4):
        processes = writers(journal, 3, 10_000)
        for number, process in enumerate(processes[1:]):
            assert process.stdout is not None
            heard = [process.stdout.readline().strip() for _ in range(3 * turn + number)]
            process.send_signal(signal.SIGKILL)
            said |= {f"p{number + 1}-{one}" for one in heard}
        processes[0].send_signal(signal.SIGKILL)
        said |= acknowledged(processes)
        journal.append(of(f"after-{turn}"))
        said.add(f"after-{turn}")
        assert said <= members(journal)
        assert heads(journal) == 1
