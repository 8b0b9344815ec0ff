"""Commands that bring data in: a whole export, balances of another platform, customers of a new store.

Each reads a file or folder on this machine, shows first what would happen, and does it with ``apply``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from connector import clock
from connector.restoring import Restoring, restore
from connector.service import Service

Params = Mapping[str, Any]
Result = dict[str, Any]


async def import_export(service: Service, params: Params) -> Result:
    """An export into this empty installation. params: folder, apply."""
    restoring = Restoring.of(Path(str(params["folder"])), service.keys, clock.utc_now())
    rows = await restore(service.database, restoring, apply=bool(params.get("apply")))
    service.targets.forget()
    service.wake.set()
    manifest = restoring.manifest
    return {
        "programme": manifest.programme,
        "rows": rows,
        "other_key": restoring.is_other_key,
        "with_people": manifest.with_people,
        "messages_not_worked_on": manifest.messages_not_worked_on,
    }


DATA_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "import-export": import_export,
}
