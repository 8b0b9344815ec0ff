"""When the last backup was finished, in a file of BELONG_HOME: the command that makes backups cannot write to the
database.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

NAME = "last-backup"


def note_backup(home: Path, made_at: datetime) -> None:
    """A whole backup was made at this moment."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = home / f"{NAME}.partial"
    half.write_text(f"{made_at.isoformat()}\n", encoding="ascii")
    os.replace(half, home / NAME)


def last_backup(home: Path) -> datetime | None:
    """When; None if none was noted here, or nobody can read it."""
    try:
        found = datetime.fromisoformat((home / NAME).read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None
    return found if found.tzinfo is not None else None
