"""The console's page of backups. It makes none and hands none out: one holds every programme of the installation."""

from __future__ import annotations

import asyncio

from connector import clock
from connector.access.console import Role
from connector.console.backups import Backups, backups_page
from connector.data.backup_noted import last_backup, noted_backup
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_settings import SETTINGS
from connector.storage.database import dialect_of
from connector.storage.programmes import load_programmes


async def show(visit: Visit) -> str:
    """The last one, and how to make, keep, try and bring back one."""
    settings = visit.service.settings
    is_alone = len(await load_programmes(visit.session)) == 1
    made_at = await asyncio.to_thread(last_backup, settings.home)
    noted = await asyncio.to_thread(noted_backup, settings.home) if is_alone else None
    shown = Backups(made_at, noted, is_alone, dialect_of(settings.database_url) == "sqlite", clock.utc_now())
    return backups_page(visit.frame("settings"), visit.language, shown)


PAGES = (ConsolePage("GET", f"{SETTINGS}/backups", Role.OWNER, show),)
