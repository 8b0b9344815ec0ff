"""The parts of the console, as its navigation lists them: one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.access.console import Role


@dataclass(frozen=True, slots=True)
class Section:
    """name: of the word ``shell.<name>``. path: of its first page. role: who sees it. group: sections of one group
    stand together. embedded: whether it is for Shopify's admin alone.
    """

    name: str
    path: str
    role: Role
    group: str
    embedded: bool = False


SECTIONS: Sequence[Section] = (
    Section("home", "/console/home", Role.READ_ONLY, "shop"),
    Section("start", "/console/start", Role.READ_ONLY, "shop", embedded=True),
    Section("members", "/console/members", Role.READ_ONLY, "people"),
    Section("segments", "/console/segments", Role.SUPPORT, "people"),
    Section("programme", "/console/programme", Role.READ_ONLY, "programme"),
    Section("rewards", "/console/rewards", Role.READ_ONLY, "programme"),
    Section("badges", "/console/badges", Role.READ_ONLY, "programme"),
    Section("referrals", "/console/referrals", Role.READ_ONLY, "programme"),
    Section("test", "/console/test", Role.READ_ONLY, "programme"),
    Section("activity", "/console/activity", Role.READ_ONLY, "trust"),
    Section("books", "/console/books", Role.READ_ONLY, "trust"),
    Section("connection", "/console/connection", Role.READ_ONLY, "trust"),
    Section("audit", "/console/audit", Role.READ_ONLY, "trust"),
    Section("privacy", "/console/privacy", Role.MANAGER, "trust", embedded=True),
    Section("settings", "/console/settings", Role.READ_ONLY, "settings"),
)


def groups_for(role: Role, *, embedded: bool) -> list[list[Section]]:
    """What a reader finds, group by group in the order of their first sections."""
    found: dict[str, list[Section]] = {}
    for section in SECTIONS:
        if role.includes(section.role) and (embedded or not section.embedded):
            found.setdefault(section.group, []).append(section)
    return list(found.values())
