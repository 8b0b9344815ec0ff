"""The console's page of backups: the last one, what is in it, and how everything comes back from one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.console.pages import Frame, page
from connector.data.backup_noted import NotedBackup
from loyalty_engine.texts.formats import number_text

OLD_AFTER = timedelta(hours=26)
"""As the alert has it (deploy/alerts.yaml)."""


@dataclass(frozen=True, slots=True)
class Backups:
    """made_at: when the last whole one was made. noted: where it lies; None where that is not known, or where it is no
    business of this programme's owner, who shares the installation with others.
    """

    made_at: datetime | None
    noted: NotedBackup | None
    is_alone: bool
    is_embedded: bool
    now: datetime

    @property
    def state(self) -> str:
        """``fresh``, ``old`` or ``none``."""
        if self.made_at is None:
            return "none"
        return "old" if self.now - self.made_at > OLD_AFTER else "fresh"

    @property
    def hours(self) -> int:
        """How old it is."""
        return max(0, (self.now - self.made_at) // timedelta(hours=1)) if self.made_at is not None else 0


def backups_page(frame: Frame, language: str, shown: Backups) -> str:
    """The page as HTML."""
    return page("settings_backups.html", language, frame, it=shown, number=lambda count: number_text(count, language))
