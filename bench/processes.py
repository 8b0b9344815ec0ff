"""Starting the process that is measured, and ending it in good order."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.world import MASTER

STOP_SECONDS = 30


@contextmanager
def server(
    kind: str, url: str, settings: Mapping[str, str] | None = None, *, anywhere: bool = False, most: int | None = None
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """``python -m bench.server`` over a database, with a key file of its own. Yields the process and its port.

    anywhere: on whatever core is free, where it is not compared with anything on another. most: answers kept about
    members, instead of the usual number.
    """
    with tempfile.TemporaryDirectory(prefix="belong-bench-home-") as home:
        key = Path(home) / "master.key"
        key.touch(mode=0o600)
        key.write_text(base64.urlsafe_b64encode(MASTER).decode() + "\n")
        command = [sys.executable, "-m", "bench.server", kind, "--home", home, "--database", url]
        command += ["--settings", json.dumps(dict(settings or {})), *(["--anywhere"] if anywhere else [])]
        command += [] if most is None else ["--most", str(most)]
        # A process group of its own: Ctrl+C reaches us, and we end the server in good order.
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=os.name != "nt")
        with ended(process):
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line.strip().isdigit():
                raise RuntimeError(f"the server {kind} did not start")
            yield process, int(line)


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[None]:
    """When the block ends, the process does: asked first, killed if it does not listen."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()  # type: ignore[union-attr]
