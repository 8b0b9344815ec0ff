"""Commands that bring data in: a whole export, balances of another platform, customers of a new store.

Each reads a file or folder on this machine, shows first what would happen, and does it with ``apply``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from connector import clock
from connector.commands.params import Params, Result
from connector.data.csv_rows import read_file
from connector.data.identity_map import map_identities
from connector.data.importing import BalanceImport, apply_import, plan_import, undo_import
from connector.data.restoring import Restoring, restore
from connector.errors import Permanent
from connector.people.actors import by_command
from connector.platforms import Connection
from connector.running.service import Service
from connector.storage.connections import load_connections

SHOWN = 50
"""Lines that are told one by one."""


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


async def import_balances(service: Service, params: Params) -> Result:
    """Balances of another platform. params: file, format, programme, connection (public id)?, apply."""
    programme = int(params["programme"])
    store = await _store(service, programme, params.get("connection"))
    wanted = BalanceImport(programme, store.number, read_file(Path(str(params["file"]))), str(params["format"]))
    posted = None
    if params.get("apply"):
        plan, posted = await apply_import(service.pipeline, wanted, by_command(params))
        service.wake.set()
    else:
        plan = await plan_import(service.pipeline, wanted)
    return {
        "import": plan.import_id,
        "rows": plan.rows,
        "members": len(plan.found),
        "points": plan.points,
        "without_points": plan.nothing,
        "skipped": plan.skipped[:SHOWN],
        "skipped_in_all": len(plan.skipped),
        "errors": plan.errors[:SHOWN],
        "errors_in_all": len(plan.errors),
        "posted": posted,
    }


async def undo(service: Service, params: Params) -> Result:
    """Take back an import of balances. params: programme, import, apply."""
    programme, import_id = int(params["programme"]), str(params["import"])
    done = await undo_import(
        service.pipeline, programme, import_id, by_command(params), apply=bool(params.get("apply"))
    )
    service.wake.set()
    return {"members": done.members, "points": done.points, "posted": done.posted}


async def import_identities(service: Service, params: Params) -> Result:
    """Customers of a new store. params: file, apply."""
    connections = await load_connections(service.database.reading())
    by_id = {connection.public_id: connection for connection in connections.values()}
    raw = read_file(Path(str(params["file"])))
    mapped = await map_identities(service.pipeline, raw, by_id, by_command(params), apply=bool(params.get("apply")))
    service.wake.set()
    return {
        "rows": mapped.rows,
        "known": mapped.known,
        "already": mapped.already,
        "unknown": mapped.unknown[:SHOWN],
        "unknown_in_all": len(mapped.unknown),
        "conflicts": mapped.conflicts[:SHOWN],
        "conflicts_in_all": len(mapped.conflicts),
        "errors": mapped.errors[:SHOWN],
        "errors_in_all": len(mapped.errors),
    }


async def _store(service: Service, programme: int, named: Any) -> Connection:
    """The store whose customer ids a file has: the one that is named, or the only one."""
    connections = (await load_connections(service.database.reading())).values()
    stores = [one for one in connections if one.programme_number == programme]
    if named is not None:
        stores = [one for one in stores if str(named) in (str(one.number), one.public_id)]
    if not stores:
        raise Permanent(f"Programme {programme} has no such store: belong status shows them.")
    if len(stores) > 1:
        raise Permanent("The programme has several stores: say with --connection whose customers these are.")
    return stores[0]


async def note_export(service: Service, params: Params) -> Result:
    """That somebody takes everybody's addresses out; the export itself only reads. params: programme, folder."""
    return {"noted": True}


DATA_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "import-export": import_export,
    "import-balances": import_balances,
    "import-identities": import_identities,
    "undo-import": undo,
    "note-export": note_export,
}
