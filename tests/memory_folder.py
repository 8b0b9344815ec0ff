"""Temporary files of tests in memory: fresh databases are thousands of small files, for which disks are slow.

Where Linux offers a folder in memory that is large enough and may hold programs; elsewhere, and when TMPDIR is set,
nothing changes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

FOLDER = Path("/dev/shm")
FREE_BYTES_MIN = 4 * 1024**3


def use() -> None:
    """For this process and those that it starts."""
    if "TMPDIR" not in os.environ and is_fit(FOLDER):
        os.environ["TMPDIR"] = str(FOLDER)
        # Forget what was found before.
        tempfile.tempdir = None


def is_fit(folder: Path) -> bool:
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return False
    # PostgreSQL's programs are copied to where `nobody` can read them.
    holds_programs = not os.statvfs(folder).f_flag & os.ST_NOEXEC
    return holds_programs and shutil.disk_usage(folder).free >= FREE_BYTES_MIN
