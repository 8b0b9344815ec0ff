"""Connections and their secrets. Secrets are stored encrypted and leave this module only inside Credentials."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connector.crypto import Keys
from connector.platforms import Connection, Credentials
from connector.storage.console_sessions import end_sessions_of
from connector.storage.instance import turn_to_present_key
from connector.storage.models import ConnectionSecret, StoreConnection
from connector.storage.session import Session

WEBHOOK = "webhook"
PLUGIN_TO_SERVICE = "plugin_to_service"
"""What a shop's plugin signs its calls with. Never what webhooks are signed with."""
PLUGIN_TO_SHOP = "plugin_to_shop"
"""What we sign our calls to a shop's plugin with."""
_UUID = re.compile(r"[0-9a-f-]{36}")
SIGNING = (WEBHOOK, PLUGIN_TO_SERVICE, PLUGIN_TO_SHOP)
"""Kinds of which several may be active at a time."""


async def create_connection(
    session: Session,
    programme_number: int,
    platform: str,
    shop: str,
    api_url: str,
    settings: Mapping[str, str],
    now: datetime,
    public_id: str = "",
) -> Connection:
    """A new connection. A shop can be connected once: a second time raises IntegrityError. public_id: if it has one."""
    row = await StoreConnection.create(
        using_db=session.client,
        public_id=public_id or str(uuid.uuid4()),
        programme_number=programme_number,
        platform=platform,
        shop=shop,
        api_url=api_url,
        settings=json.dumps(dict(settings)),
        created_at=now,
    )
    return _connection(row)


async def add_secret(
    session: Session, keys: Keys, connection: Connection, kind: str, value: str | bytes, now: datetime
) -> None:
    """Store one secret; several of ``SIGNING`` may be active at a time, of every other kind the newest counts."""
    await turn_to_present_key(session, keys)
    plain = value if isinstance(value, bytes) else value.encode()
    sealed = keys.seal(plain, secret_place(connection.number, kind))
    await ConnectionSecret.create(
        using_db=session.client, connection_number=connection.number, kind=kind, sealed=sealed, created_at=now
    )


async def retire_secrets(session: Session, connection_number: int, kind: str, keep: int, now: datetime) -> None:
    """From now on only the newest ``keep`` secrets of a kind count."""
    rows = (
        await ConnectionSecret.filter(connection_number=connection_number, kind=kind, retired_at=None)
        .using_db(session.client)
        .order_by("-id")
    )
    for row in rows[keep:]:
        row.retired_at = now
        await row.save(using_db=session.client, update_fields=["retired_at"])


async def retire_earlier(
    session: Session, keys: Keys, connection_number: int, to_service: bytes, now: datetime
) -> bool:
    """A shop's plugin has used this secret, so it needs none that was agreed on before, in either direction. Later ones
    stay, whatever the caller knew of them. Returns whether any ended.

    Both of a pairing are added in one transaction that has the connection's row, those for calls to us first: ids tell
    which belong to an earlier pairing.
    """
    kinds = [PLUGIN_TO_SERVICE, PLUGIN_TO_SHOP]
    rows = (
        await ConnectionSecret.filter(connection_number=connection_number, kind__in=kinds, retired_at=None)
        .using_db(session.client)
        .order_by("id")
    )
    place = secret_place(connection_number, PLUGIN_TO_SERVICE)
    known = [row.id for row in rows if row.kind == kinds[0] and keys.open(bytes(row.sealed), place) == to_service]
    ended = [row for row in rows if known and row.id < known[-1]]
    for row in ended:
        row.retired_at = now
        await row.save(using_db=session.client, update_fields=["retired_at"])
    return bool(ended)


async def revive_connection(
    session: Session, connection: Connection, api_url: str, settings: Mapping[str, str]
) -> Connection:
    """A shop that was connected before is connected, with these settings; its history goes on."""
    row = await StoreConnection.get(number=connection.number, using_db=session.client)
    row.api_url, row.settings = api_url, json.dumps(dict(settings))
    row.disconnected_at = None
    row.problem = None  # type: ignore[assignment]  # the library types what may be null as if it might not
    row.problem_since = None
    row.rests_until_us = None
    await row.save(
        using_db=session.client,
        update_fields=["api_url", "settings", "disconnected_at", "problem", "problem_since", "rests_until_us"],
    )
    return _connection(row)


async def end_connection(session: Session, number: int, now: datetime) -> bool:
    """Neither side talks to the other from now on, and no secret is good any more. False if it was so before."""
    rows = StoreConnection.filter(number=number, disconnected_at=None).using_db(session.client)
    if not await rows.update(disconnected_at=now):
        return False
    secrets = ConnectionSecret.filter(connection_number=number, retired_at=None).using_db(session.client)
    await secrets.update(retired_at=now)
    await end_sessions_of(session, number)
    return True


async def move_connection(session: Session, connection: Connection, shop: str, settings: Mapping[str, str]) -> None:
    """A shop has another address. Raises IntegrityError where another connection has it."""
    row = await StoreConnection.get(number=connection.number, using_db=session.client)
    row.shop, row.api_url = shop, shop
    row.settings = json.dumps({**json.loads(row.settings), **settings})
    row.rests_until_us = None
    await row.save(using_db=session.client, update_fields=["shop", "api_url", "settings", "rests_until_us"])


async def displace_connection(session: Session, connection: Connection, problem: str, now: datetime) -> None:
    """Another shop has proven to be at the address of this one, which has none until it says where it is. Nothing of it
    is called, and what it tells is refused as that of a copy.
    """
    row = await StoreConnection.get(number=connection.number, using_db=session.client)
    row.settings = json.dumps({**json.loads(row.settings), "reach": "collect"})
    row.shop = f"displaced:{row.public_id}"
    await row.save(using_db=session.client, update_fields=["shop", "settings"])
    await set_problem(session, connection.number, problem, now)


async def load_connections(session: Session) -> dict[int, Connection]:
    """Every connection by number."""
    rows = await StoreConnection.all().using_db(session.client)
    return {row.number: _connection(row) for row in rows}


async def connections_within_reach(session: Session) -> dict[int, Connection]:
    """Those that we may call, by number."""
    return {number: each for number, each in (await load_connections(session)).items() if each.is_within_reach}


async def connection_of(session: Session, programme_number: int | None, public_id: str) -> Connection | None:
    """A programme's connection by its public id; None if it has no such one. Without a programme: of all."""
    if _UUID.fullmatch(public_id) is None:
        return None
    rows = StoreConnection.filter(public_id=public_id).using_db(session.client)
    row = await (rows if programme_number is None else rows.filter(programme_number=programme_number)).first()
    return _connection(row) if row else None


async def find_connection(session: Session, platform: str, *shop: str) -> Connection | None:
    """The connection of a shop, if it has one. shop: its address, the first spelling of several that is known."""
    rows = await StoreConnection.filter(platform=platform, shop__in=shop).using_db(session.client)
    found = sorted(rows, key=lambda row: shop.index(row.shop))
    return _connection(found[0]) if found else None


@dataclass(frozen=True, slots=True)
class SecretKept:
    """That there is a secret of a kind, since when, and how many of it count; never the secret."""

    kind: str
    since: datetime
    count: int


async def kept_secrets(session: Session, connection_number: int) -> list[SecretKept]:
    """Live secrets of a connection by their kinds."""
    rows = await ConnectionSecret.filter(connection_number=connection_number, retired_at=None).using_db(session.client)
    moments: dict[str, list[datetime]] = {}
    for row in rows:
        moments.setdefault(row.kind, []).append(row.created_at)
    counted = {kind: len(all_of) if kind in SIGNING else 1 for kind, all_of in moments.items()}
    return [SecretKept(kind, max(moments[kind]), counted[kind]) for kind in sorted(moments)]


async def load_credentials(session: Session, keys: Keys, connection: Connection) -> Credentials:
    """Live secrets of a connection, newest first."""
    rows = (
        await ConnectionSecret.filter(connection_number=connection.number, retired_at=None)
        .using_db(session.client)
        .order_by("-id")
    )
    signing: dict[str, tuple[bytes, ...]] = {}
    api: dict[str, str] = {}
    for row in rows:
        value = keys.open(bytes(row.sealed), secret_place(connection.number, row.kind))
        if row.kind in SIGNING:
            signing[row.kind] = (*signing.get(row.kind, ()), value)
        else:
            api.setdefault(row.kind, value.decode())
    return Credentials(
        signing.get(WEBHOOK, ()),
        api,
        to_service=signing.get(PLUGIN_TO_SERVICE, ()),
        to_shop=signing.get(PLUGIN_TO_SHOP, ()),
    )


async def set_problem(session: Session, number: int, problem: str | None, now: datetime) -> None:
    """Note what the merchant must do before we talk to this shop again, or that it works again (None).

    While there is a problem, ``problem_since`` stays at its first moment, even if the sentence changes.
    """
    connection = StoreConnection.filter(number=number).using_db(session.client)
    if problem is None:
        await connection.update(problem=None, problem_since=None)
        return
    await connection.update(problem=problem)
    await connection.filter(problem_since__isnull=True).update(problem_since=now)


async def set_setting(session: Session, number: int, name: str, value: str) -> None:
    """Set one setting of a connection; an empty text takes it back."""
    row = await StoreConnection.get(number=number, using_db=session.client)
    settings: dict[str, str] = {key: text for key, text in json.loads(row.settings).items() if key != name}
    row.settings = json.dumps(settings | ({name: value} if value else {}))
    await row.save(using_db=session.client, update_fields=["settings"])


async def blocked_connections(session: Session) -> dict[int, tuple[str, datetime]]:
    """Connections with a problem: what it is and since when. A shop that has left has none."""
    rows = await StoreConnection.filter(problem__isnull=False, disconnected_at=None).using_db(session.client)
    return {row.number: (str(row.problem), row.problem_since or row.created_at) for row in rows}


async def programmes_told(session: Session) -> dict[int, str]:
    """Which version of the programme's summary each store has; stores that have none are left out."""
    rows = await StoreConnection.filter(programme_told__isnull=False).using_db(session.client)
    return {row.number: str(row.programme_told) for row in rows}


async def note_programme_told(session: Session, number: int, version: str) -> None:
    """Note which version of the programme's summary a store has taken."""
    await StoreConnection.filter(number=number).using_db(session.client).update(programme_told=version)


async def load_bookmark(session: Session, number: int) -> datetime | None:
    """Newest change date of a shop's orders that reconcile has seen."""
    row = await StoreConnection.get(number=number, using_db=session.client)
    bookmark: datetime | None = row.bookmark
    return bookmark


async def save_bookmark(session: Session, number: int, bookmark: datetime | None, now: datetime) -> None:
    """Move the bookmark after its orders are durable."""
    row = await StoreConnection.get(number=number, using_db=session.client)
    row.bookmark = bookmark
    row.checked_at = now
    await row.save(using_db=session.client, update_fields=["bookmark", "checked_at"])


def _connection(row: StoreConnection) -> Connection:
    return Connection(
        number=row.number,
        public_id=row.public_id,
        programme_number=row.programme_number,
        platform=row.platform,
        shop=row.shop,
        api_url=row.api_url,
        settings=json.loads(row.settings),
        connected_at=row.created_at,
        disconnected_at=row.disconnected_at,
    )


def secret_place(connection_number: int, kind: str) -> str:
    """What the ciphertext of a secret is bound to."""
    return f"connection_secret:{connection_number}:{kind}"
