"""Processes of tests without the seconds that their imports take: one that has imported everything forks them.

What runs in such a process is the product's own code and nothing of the process that asked for it: no loop, no thread,
no patch. Where the start itself matters, a test begins ``python -m connector.cli``.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import connector.running.serve  # noqa: F401 - for the processes that are forked
from connector.cli.main import main

FORKS = multiprocessing.get_context("forkserver" if os.name != "nt" else "spawn")
if os.name != "nt":
    FORKS.set_forkserver_preload([__name__])


class Said(NamedTuple):
    """A command that is over: its exit code, and what it said."""

    code: int
    out: str
    err: str


def command(arguments: Sequence[str], environment: Mapping[str, str], answer: str, seconds: float) -> Said:
    """``belong`` with these arguments, in a process of its own, to its end. answer: what somebody types.

    Raises subprocess.TimeoutExpired after so many seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "in").write_text(answer, encoding="utf-8")
        process = FORKS.Process(target=_run, args=(tuple(arguments), dict(environment), folder))  # type: ignore[attr-defined]
        process.start()
        process.join(seconds)
        if process.is_alive():
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(["belong", *arguments], seconds)
        out, err = ((Path(folder) / name).read_text(encoding="utf-8") for name in ("out", "err"))
        return Said(int(process.exitcode), out, err)


def _run(arguments: tuple[str, ...], environment: dict[str, str], folder: str) -> None:
    """In the new process: what it would have found had a shell begun it."""
    for number, name in enumerate(("in", "out", "err")):
        opened = os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT if number else os.O_RDONLY, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", closefd=False) for number, mode in ((0, "r"), (1, "w"), (2, "w"))
    )
    os.environ.clear()
    os.environ.update(environment)
    if environment.get("PYTHONWARNINGS") == "ignore":
        warnings.simplefilter("ignore")
    sys.argv = ["belong", *arguments]
    main()
