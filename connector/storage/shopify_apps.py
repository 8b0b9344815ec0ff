"""Shopify apps and the shops that installed them. Secrets are sealed and leave here only inside ``ShopifyApp``."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.access.console import Role
from connector.crypto import Keys
from connector.storage.instance import turn_to_present_key
from connector.storage.instants import micros
from connector.storage.session import Row, Session

SECRETS_KEPT = 2
"""The newest, and the one before it: what was signed during a change still counts."""


@dataclass(frozen=True, slots=True)
class ShopifyApp:
    """One app of a merchant. secrets: newest first. programme_number: which programme its shops join; None: each gets
    one of its own, from ``document`` (JSON), whose zone and currency are the shop's. admin_url: only of a simulated
    shop on this machine.
    """

    client_id: str
    secrets: tuple[str, ...] = field(repr=False)
    programme_number: int | None
    document: str | None
    api_version: str
    admin_url: str = ""

    @property
    def keys(self) -> Sequence[bytes]:
        """What may have signed something, newest first."""
        return [one.encode() for one in self.secrets]

    def api_url(self, shop: str) -> str:
        """Where the shop's API is."""
        return self.admin_url or f"https://{shop}"


@dataclass(frozen=True, slots=True)
class Installation:
    """A shop that has an app. is_ended: it has uninstalled it."""

    connection_number: int
    client_id: str
    scopes: str
    is_ended: bool


async def save_app(session: Session, keys: Keys, app: ShopifyApp, now: datetime) -> None:
    """A new app, or another state of one that is there."""
    await turn_to_present_key(session, keys)
    sealed = keys.seal(json.dumps(app.secrets).encode(), app_place(app.client_id))
    await session.run(
        "INSERT INTO shopify_app (client_id, sealed, programme_number, document_text, api_version, admin_url, "
        "created_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (client_id) DO UPDATE SET "
        "sealed = excluded.sealed, programme_number = excluded.programme_number, "
        "document_text = excluded.document_text, api_version = excluded.api_version, admin_url = excluded.admin_url",
        app.client_id,
        sealed,
        app.programme_number,
        app.document,
        app.api_version,
        app.admin_url,
        micros(now),
    )


async def load_apps(session: Session, keys: Keys) -> dict[str, ShopifyApp]:
    """Every app by its client id, in the order in which they came."""
    rows = await session.rows("SELECT * FROM shopify_app ORDER BY created_at_us, client_id")
    return {row["client_id"]: _app(keys, row) for row in rows}


async def load_app(session: Session, keys: Keys, client_id: str) -> ShopifyApp | None:
    """One of them."""
    row = await session.one("SELECT * FROM shopify_app WHERE client_id = $1", client_id)
    return _app(keys, row) if row is not None else None


async def save_installation(
    session: Session, connection_number: int, client_id: str, scopes: str, now: datetime
) -> None:
    """A shop has the app, from now on or still."""
    await session.run(
        "INSERT INTO shopify_installation (connection_number, client_id, scopes_text, started_at_us) "
        "VALUES ($1, $2, $3, $4) ON CONFLICT (connection_number) DO UPDATE SET client_id = excluded.client_id, "
        "scopes_text = excluded.scopes_text, ended_at_us = NULL",
        connection_number,
        client_id,
        scopes,
        micros(now),
    )


async def note_scopes(session: Session, connection_number: int, scopes: Collection[str]) -> None:
    """What a shop grants its app now."""
    await session.run(
        "UPDATE shopify_installation SET scopes_text = $2 WHERE connection_number = $1",
        connection_number,
        ",".join(sorted(scopes)),
    )


async def end_installation(session: Session, connection_number: int, now: datetime) -> None:
    """The shop has uninstalled the app; nobody of it is known any more."""
    await session.run(
        "UPDATE shopify_installation SET ended_at_us = $2 WHERE connection_number = $1 AND ended_at_us IS NULL",
        connection_number,
        micros(now),
    )
    await session.run("DELETE FROM shopify_staff WHERE connection_number = $1", connection_number)


async def load_installations(session: Session, client_id: str | None = None) -> list[Installation]:
    """Shops that have, or had, an app; without one: any."""
    where = "" if client_id is None else "WHERE client_id = $1"
    values = () if client_id is None else (client_id,)
    rows = await session.rows(f"SELECT * FROM shopify_installation {where} ORDER BY connection_number", *values)
    return [
        Installation(row["connection_number"], row["client_id"], row["scopes_text"], row["ended_at_us"] is not None)
        for row in rows
    ]


async def save_staff(
    session: Session, connection_number: int, person: str, name: str, role: Role, ends_at: datetime
) -> None:
    """Shopify has said who somebody of a shop's staff is."""
    await session.run(
        "INSERT INTO shopify_staff (connection_number, person, person_name, console_role, ends_at_us) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (connection_number, person) DO UPDATE SET "
        "person_name = excluded.person_name, console_role = excluded.console_role, ends_at_us = excluded.ends_at_us",
        connection_number,
        person,
        name,
        role.value,
        micros(ends_at),
    )


async def load_staff(session: Session, connection_number: int, person: str, now: datetime) -> tuple[str, Role] | None:
    """Name and role of one of a shop's staff, as Shopify said lately."""
    row = await session.one(
        "SELECT person_name, console_role FROM shopify_staff "
        "WHERE connection_number = $1 AND person = $2 AND ends_at_us > $3",
        connection_number,
        person,
        micros(now),
    )
    return (row["person_name"], Role(row["console_role"])) if row is not None else None


def app_place(client_id: str) -> str:
    """What an app's ciphertext is bound to."""
    return f"shopify_app:{client_id}"


def _app(keys: Keys, row: Row) -> ShopifyApp:
    secrets = json.loads(keys.open(bytes(row["sealed"]), app_place(row["client_id"])))
    return ShopifyApp(
        row["client_id"],
        tuple(secrets),
        row["programme_number"],
        row["document_text"],
        row["api_version"],
        row["admin_url"],
    )
