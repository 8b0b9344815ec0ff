"""Runs one program for as long as its owner lives: `python postgres_guard.py FOLDER USER PROGRAM ARGUMENT...`

The owner holds the other end of our standard input. However it ends, by Ctrl+C, a crash or SIGKILL, that pipe closes;
then the program is stopped and FOLDER, which is its own, deleted. USER is the account it runs as, `-` for ours.
Standard library only and started by its path, so that it is up at once.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

STOP_SECONDS_MAX = 20


def main(folder: Path, user: str, command: list[str]) -> int:
    with (folder / "log").open("wb") as log:
        account: dict[str, Any] = {} if user == "-" else {"user": user, "group": _group_of(user), "extra_groups": []}
        program = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **account)
    is_left = threading.Event()
    threading.Thread(target=_stop_when_left, args=(program, is_left), daemon=True).start()
    code = program.wait()
    if is_left.is_set():
        shutil.rmtree(folder, ignore_errors=True)
        return 0
    # It ended by itself: its owner notices that we end too, and reads its log.
    return code or 1


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _stop_when_left(program: subprocess.Popen[bytes], is_left: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    is_left.set()
    # What PostgreSQL calls an immediate shutdown; nothing in it is to be kept.
    program.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGQUIT)
    time.sleep(STOP_SECONDS_MAX)
    program.kill()


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
