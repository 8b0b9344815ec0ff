"""The console's settings: a list of pages, to which each area adds a line."""

from __future__ import annotations

from dataclasses import dataclass

from connector.access.console import Role
from connector.console.pages import Frame, page


@dataclass(frozen=True, slots=True)
class SettingsPart:
    """name: of the words ``settings.<name>`` and ``settings.<name>-text``. role: who finds it."""

    name: str
    path: str
    role: Role


PARTS: list[SettingsPart] = [
    SettingsPart("me", "/console/settings/me", Role.READ_ONLY),
    SettingsPart("mails", "/console/settings/mails", Role.MANAGER),
    SettingsPart("people", "/console/settings/people", Role.OWNER),
    SettingsPart("keys", "/console/settings/keys", Role.OWNER),
    SettingsPart("programme", "/console/settings/programme", Role.MANAGER),
    SettingsPart("webhooks", "/console/settings/webhooks", Role.OWNER),
    SettingsPart("backups", "/console/settings/backups", Role.OWNER),
]


def settings_page(frame: Frame, language: str) -> str:
    """What may be set, for whoever reads it."""
    parts = [one for one in PARTS if Role(frame.role).includes(one.role)]
    return page("settings.html", language, frame=frame, parts=parts)
