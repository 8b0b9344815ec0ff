"""Who asks: API keys, and the scope they give. Queries on tenants' tables take it from here, never from input."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from connector.crypto import api_key_digest, new_api_key, same
from connector.errors import Permanent
from connector.storage.models import ApiKey
from connector.storage.session import Session

READ_MEMBERS = "members:read"
WRITE_MEMBERS = "members:write"
"""Adjust, enrol, block, merge, erase: whatever a support desk does."""
EXPORT_PEOPLE = "people:export"
"""Everything about a person at once, names and addresses included: for privacy requests."""
REDEEM = "redemptions:write"
WRITE_EVENTS = "events:write"
BACKFILL_EVENTS = "events:backfill"
MINT_TOKENS = "tokens:mint"
"""For a store's own server: it says which customer is signed in."""
READ_BOOKS = "books:read"
REPAIR_BOOKS = "books:repair"
"""Let reconcile take points that its brake holds, and have orders read again."""
WRITE_HISTORY = "history:write"
"""Have a shop's past read, paused or gone on with."""
READ_PROGRAMME = "programme:read"
WRITE_PROGRAMME = "programme:write"
"""Publish a version, correct, pause and resume; which mails go out."""
READ_DEAD_LETTERS = "dead-letters:read"
WRITE_DEAD_LETTERS = "dead-letters:write"
"""Put what was set aside back in line, or skip it."""
READ_WEBHOOKS = "webhooks:read"
WRITE_WEBHOOKS = "webhooks:write"
"""Say who is told what happens: register addresses, get their secrets, send again."""
WRITE_CONNECTIONS = "connections:write"
"""Let shops join the programme: make the codes that they are paired with; and set how a connected one is read."""
IMPORT = "imports:write"
"""Bring balances and customers of other platforms along."""
WRITE_KEYS = "keys:write"
"""See the programme's keys, make ones that may do no more than this one, and revoke those, or itself."""
READ_AUDIT = "audit:read"
SCOPES = frozenset(
    {
        READ_MEMBERS,
        WRITE_MEMBERS,
        EXPORT_PEOPLE,
        REDEEM,
        WRITE_EVENTS,
        BACKFILL_EVENTS,
        MINT_TOKENS,
        READ_BOOKS,
        REPAIR_BOOKS,
        WRITE_HISTORY,
        READ_PROGRAMME,
        WRITE_PROGRAMME,
        IMPORT,
        WRITE_KEYS,
        READ_DEAD_LETTERS,
        WRITE_DEAD_LETTERS,
        READ_WEBHOOKS,
        WRITE_WEBHOOKS,
        WRITE_CONNECTIONS,
        READ_AUDIT,
    }
)
STILL = frozenset(
    {
        READ_MEMBERS,
        EXPORT_PEOPLE,
        READ_BOOKS,
        READ_PROGRAMME,
        READ_DEAD_LETTERS,
        WRITE_DEAD_LETTERS,
        READ_WEBHOOKS,
        WRITE_WEBHOOKS,
        READ_AUDIT,
    }
)
"""With these nobody gives or takes points."""
MOVES_POINTS = SCOPES - STILL
"""With these somebody does: by hand, by what counts for points, by the rules, by balances of elsewhere, for a shopper,
by a shop of theirs, by another key. A new scope is one of them until somebody says that it is not.
"""
OWNER_MAX = 100
"""Of the name of a key's owner so much is kept."""
_KEY = re.compile(r"(bk_[0-9a-f]{8})\.[A-Za-z0-9_-]{20,100}")


@dataclass(frozen=True, slots=True)
class ProgrammeScope:
    """Proof that the caller may see one programme. Only ``authenticate`` makes one."""

    programme_number: int
    scopes: frozenset[str]
    name: str = ""
    """Of the key."""
    owner: str = ""
    """The person whose key it is; empty if nobody said."""
    prefix: str = ""
    """By which the key is known."""
    ends_at: datetime | None = None
    """When the key ends; None: never."""


async def authenticate(session: Session, authorization: str, now: datetime) -> ProgrammeScope | None:
    """The scope of ``Authorization: Bearer <key>``; None if the key is missing, unknown, expired or revoked."""
    scheme, _, whole = authorization.partition(" ")
    shape = _KEY.fullmatch(whole)
    if scheme.lower() != "bearer" or shape is None:
        return None
    row = await ApiKey.filter(prefix=shape[1]).using_db(session.client).first()
    if row is None or not same(bytes(row.digest), api_key_digest(whole)):
        return None
    if not is_good(row, now):
        return None
    scopes = frozenset(row.scopes.split())
    return ProgrammeScope(row.programme_number, scopes, row.name, row.owner, row.prefix, row.expires_at)


async def create_api_key(
    session: Session,
    programme_number: int,
    name: str,
    now: datetime,
    scopes: frozenset[str] = frozenset({READ_MEMBERS}),
    owner: str = "",
    expires_at: datetime | None = None,
    made_with: str = "",
) -> str:
    """Make a key with some of ``SCOPES``. The whole key is returned once and never again. expires_at: None for never.

    owner: the person whose key it is. Two keys of one person are one person where two must agree. made_with: the prefix
    of the key that makes it, which may revoke it.
    """
    if not scopes or scopes - SCOPES:
        raise Permanent(f"A key may have these scopes: {', '.join(sorted(SCOPES))}.")
    whole, prefix, digest = new_api_key()
    await ApiKey.create(
        using_db=session.client,
        prefix=prefix,
        digest=digest,
        programme_number=programme_number,
        name=name,
        owner=owner,
        scopes=" ".join(sorted(scopes)),
        created_at=now,
        expires_at=expires_at,
        made_with=made_with,
    )
    return whole


async def revoke_api_key(session: Session, prefix: str, now: datetime) -> bool:
    """Revoke a key by its prefix. Returns whether there was one."""
    return bool(await ApiKey.filter(prefix=prefix, revoked_at=None).using_db(session.client).update(revoked_at=now))


async def lock_good_keys(session: Session, programme_number: int, now: datetime) -> list[ApiKey]:
    """A programme's keys that somebody may still use, until the transaction ends: none of them makes another meanwhile,
    and none is made that the caller has not seen.
    """
    await session.run(
        f"SELECT k.id FROM api_key k WHERE k.programme_number = $1 ORDER BY k.id{session.locked('k')}", programme_number
    )
    # Read anew: what a key that was waited for has made is seen, too.
    return [key for key in await list_api_keys(session, programme_number) if is_good(key, now)]


def is_good(key: ApiKey, now: datetime) -> bool:
    """Whether somebody may use it."""
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now)


async def note_key_used(session: Session, prefix: str, now: datetime) -> None:
    """So that a key that nobody uses can be told from one that somebody needs."""
    await ApiKey.filter(prefix=prefix).using_db(session.client).update(last_used_at=now)


async def list_api_keys(session: Session, programme_number: int | None = None) -> list[ApiKey]:
    """Every key, or those of one programme, without their secrets."""
    keys = ApiKey.all() if programme_number is None else ApiKey.filter(programme_number=programme_number)
    return await keys.using_db(session.client).order_by("id")
