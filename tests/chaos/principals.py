"""Who there is to ask a service: every kind of proof that exists, right, over, forged, or another's.

A later proof is one more line in ``principals``; G14 then tries it on every route by itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import jwt

from connector import clock
from connector.access.auth import SCOPES
from connector.access.console import SESSION_LIVES, Role, Visitor, digest_of, new_token
from connector.access.shopper_tokens import AUDIENCE, READ, SHOPPER_SCOPES, mint_token
from connector.access.signatures import sign
from connector.crypto import Keys
from connector.platforms import Connection
from connector.routes.access import (
    Anyone,
    NeedsKey,
    NeedsSession,
    NeedsShopify,
    NeedsShopifyExtension,
    NeedsShopifyPage,
    NeedsShopifyStaff,
    NeedsShopper,
    NeedsStore,
    Policy,
)
from connector.running.service import Service
from connector.signing_in.entering import begin
from connector.storage.atomic import atomic
from connector.storage.console_people import add_person
from connector.storage.console_sessions import begin_session
from connector.storage.session import Session
from tests.shopify.app.signed import bearer, proxied, session_token

STORES = {1: (1, "woocommerce"), 2: (1, "woocommerce"), 3: (2, "woocommerce"), 4: (2, "woocommerce"), 5: (1, "shopify"),
          6: (2, "shopify"), 7: (1, "woocommerce"), 8: (2, "woocommerce")}  # fmt: skip
"""Tenant and platform of each store, by its number."""
SECRET = {number: str(number) * 43 for number in STORES}
"""What each store signs with, by its number."""
CALLS = {number: bytes([number]) * 32 for number in (7, 8)}
"""What the plugins of paired stores sign calls with. No member is theirs, and other stores need not live on: one of
their calls ends a connection."""
STRANGER = "990"
"""A customer of whom nobody has heard."""
TAKEN = "0" * 16
"""Every plugin has used this id for every purpose."""


SHOWS: Mapping[type[Policy], tuple[str, ...]] = {
    NeedsShopifyPage: ("page",),
    NeedsShopifyExtension: ("extension", "staff"),
    NeedsShopifyStaff: ("staff",),
}
"""Which proofs of Shopify are good where. Staff in an extension are nobody there, and are told so."""


@dataclass(frozen=True)
class Person:
    """A shopper of one store, by its number. tenant: their programme."""

    name: str
    tenant: int
    store: int
    connection: Connection
    customer: str
    member: str
    order: str

    @property
    def email(self) -> str:
        return f"c{self.customer}x@example.test"

    @property
    def public_id(self) -> str:
        return str(uuid.UUID(self.member))

    @property
    def order_ref(self) -> str:
        """The source that their order is."""
        return f"{self.connection.platform}:{self.connection.number}:order:{self.order}"

    @property
    def canaries(self) -> tuple[str, ...]:
        return self.member, self.public_id, self.email, f"order:{self.order}"


@dataclass(frozen=True)
class Ask:
    """One request before anybody signs it."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes

    def mentions(self, canary: str) -> bool:
        """Whether they named it themselves, in whichever spelling."""
        said = f"{self.path} {dict(self.query)} {self.body.decode()}"
        return canary in said or canary.replace("-", "") in said.replace("-", "")


@dataclass(frozen=True)
class Principal:
    """Somebody who asks. sees: names of persons, and ``tenant N``, that are theirs to see; none, if they prove nothing.

    key_scopes, shopper_scopes: what their proof allows. signs: a store's plugin, which may report events; calls: one
    that is paired, and signs calls; role: of somebody who is signed in to the console; shopify: what Shopify proves,
    ``extension``, ``page`` or ``staff``; query: what it adds to an address.
    """

    name: str
    headers: Callable[[Ask], Mapping[str, str]]
    sees: frozenset[str] = frozenset()
    key_scopes: frozenset[str] = frozenset()
    shopper_scopes: frozenset[str] = frozenset()
    tenant: int = 0
    signs: bool = False
    calls: bool = False
    role: Role | None = None
    shopify: str = ""
    query: Callable[[Ask], Mapping[str, str]] = lambda ask: {}


@dataclass
class World:
    """Two tenants, six stores, five persons. tenants: what members of a tenant may be told of it; owned: what is
    somebody's alone, by person or ``tenant N``, where none but the desk may see it.
    """

    service: Service
    people: dict[str, Person]
    tenants: dict[int, tuple[str, ...]]
    stores: dict[int, Connection]
    keys: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    owned: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def canaries(self, sees: frozenset[str]) -> Iterator[str]:
        """What somebody who sees these must not be told."""
        for name, person in self.people.items():
            if name not in sees and f"tenant {person.tenant}" not in sees:
                yield from (*person.canaries, *self.owned.get(name, ()))
        for number, canaries in self.tenants.items():
            has_member = any(self.people[name].tenant == number for name in sees if name in self.people)
            if f"tenant {number}" not in sees and not has_member:
                yield from canaries
            if f"tenant {number}" not in sees:
                yield from self.owned.get(f"tenant {number}", ())


def principals(world: World) -> list[Principal]:
    """Everybody there is. A later proof is one more line."""
    now, keys, people = clock.utc_now(), world.service.keys, world.people
    a, d = people["A"], people["D"]
    every, named = world.keys["key of tenant 1, every scope"], {"kid": keys.token_signer()[0]}
    found = [
        Principal("anonymous", lambda ask: {}),
        *(_shopper(keys, f"shopper {one.name}", one, SHOPPER_SCOPES, now) for one in people.values()),
        *(_shopper(keys, f"shopper A, {scope} only", a, frozenset({scope}), now) for scope in sorted(SHOPPER_SCOPES)),
        *(_key(world, f"key of tenant 1, {scope}", 1, frozenset({scope})) for scope in sorted(SCOPES)),
        _key(world, "key of tenant 1, every scope", 1, SCOPES),
        _key(world, "key of tenant 2, every scope", 2, SCOPES),
        _wrong("expired key", world.keys["expired"]),
        _wrong("revoked key", world.keys["revoked"]),
        _wrong("key with another secret", every[:-6] + "AAAAAA"),
        _wrong("shopper's token that is over", _forged(keys, a, now - timedelta(minutes=20))),
        _wrong("shopper's token of tomorrow", _forged(keys, a, now + timedelta(days=1))),
        _wrong("token for another audience", _forged(keys, a, now, aud="belong-console")),
        _wrong("token that lives a year", _forged(keys, a, now, exp=int((now + timedelta(days=365)).timestamp()))),
        _wrong("token of another installation", _forged(Keys(bytes(reversed(keys.hash_root))), a, now)),
        _wrong("unsigned token", jwt.encode(_claims(a, now), "", algorithm="none", headers=named)),
        _wrong("token signed with the API key", jwt.encode(_claims(a, now), every, algorithm="HS256", headers=named)),
        _wrong("token under a name of no key", _forged(keys, a, now, named="00000000")),
        _plugin("plugin of store 1", a.connection, SECRET[1], now, sees=frozenset({"tenant 1"})),
        _plugin("plugin of store 3", d.connection, SECRET[3], now, sees=frozenset({"tenant 2"})),
        _plugin("plugin that signs for another store", a.connection, SECRET[3], now),
        _plugin("replayed signature of an hour ago", a.connection, SECRET[1], now - timedelta(hours=1)),
        _paired("paired plugin of store 7", world.stores[7], CALLS[7], now, sees=frozenset({"tenant 1"})),
        _paired("paired plugin of store 8", world.stores[8], CALLS[8], now, sees=frozenset({"tenant 2"})),
        _paired("paired plugin that signs for another store", world.stores[7], CALLS[8], now),
        replace(
            _paired("secret of webhooks in place of a plugin's", world.stores[7], SECRET[7].encode(), now),
            sees=frozenset({"tenant 1"}),
            tenant=1,
            signs=True,
        ),
        _paired("call of an hour ago", world.stores[7], CALLS[7], now - timedelta(hours=1)),
        _paired("call for another purpose", world.stores[7], CALLS[7], now, purpose="purpose"),
        _paired("call that was made before", world.stores[7], CALLS[7], now, call_id=TAKEN),
        *_shopify(world),
        *(_signed_in(world, f"{role} of tenant {tenant}", tenant, role) for tenant in (1, 2) for role in Role),
        *(_signed_in(world, f"{Role.OWNER} of tenant {tenant}, by password", tenant, Role.OWNER) for tenant in (1, 2)),
        replace(_signed_in(world, "session that is over", 0, None), sees=frozenset()),
        replace(_signed_in(world, "session that nobody has", 0, None), sees=frozenset()),
    ]
    return found


def _bearer(text: str) -> Callable[[Ask], Mapping[str, str]]:
    return lambda ask: {"Authorization": f"Bearer {text}"}


def _wrong(name: str, text: str) -> Principal:
    return Principal(name, _bearer(text))


def _shopper(keys: Keys, name: str, who: Person, scopes: frozenset[str], now: datetime) -> Principal:
    token, _ = mint_token(keys, who.tenant, who.connection.number, who.member, scopes, now)
    return Principal(name, _bearer(token), frozenset({who.name}), shopper_scopes=scopes, tenant=who.tenant)


def _key(world: World, name: str, tenant: int, scopes: frozenset[str]) -> Principal:
    return Principal(name, _bearer(world.keys[name]), frozenset({f"tenant {tenant}"}), scopes, tenant=tenant)


def _plugin(name: str, store: Connection, secret: str, at: datetime, sees: frozenset[str] = frozenset()) -> Principal:
    def headers(ask: Ask) -> Mapping[str, str]:
        sent = str(int(at.timestamp()))
        signature = sign(b".".join([b"msg_1", sent.encode(), ask.body]), secret.encode()).decode()
        return {
            "webhook-id": "msg_1",
            "webhook-timestamp": sent,
            "webhook-signature": f"v1,{signature}",
            "belong-connection": store.public_id,
        }

    return Principal(name, headers, sees, tenant=store.programme_number if sees else 0, signs=bool(sees))


def _paired(
    name: str,
    store: Connection,
    secret: bytes,
    at: datetime,
    sees: frozenset[str] = frozenset(),
    purpose: str = "",
    call_id: str = "",
) -> Principal:
    def headers(ask: Ask) -> Mapping[str, str]:
        wanted = f"{purpose or ask.path.rpartition('/')[2]}_{call_id or uuid.uuid4().hex}"
        sent = str(int(at.timestamp()))
        signature = sign(b".".join([wanted.encode(), sent.encode(), ask.body]), secret).decode()
        return {
            "webhook-id": wanted,
            "webhook-timestamp": sent,
            "webhook-signature": f"v1,{signature}",
            "belong-connection": store.public_id,
        }

    return Principal(name, headers, sees, tenant=store.programme_number if sees else 0, calls=bool(sees))


def _shopify(world: World) -> Iterator[Principal]:
    """Staff, and a customer who is nobody's member: in an extension, and on a page of the shop, as Shopify signs it."""
    for number, tenant in ((5, 1), (6, 2)):
        shop, sees = world.stores[number].shop, frozenset({f"tenant {tenant}"})

        def signs(sub: str, secret: str, shop: str = shop) -> Callable[[Ask], Mapping[str, str]]:
            return lambda ask: bearer(session_token(secret, f"client-{shop}", shop, sub))

        def page(ask: Ask, shop: str = shop, number: int = number) -> Mapping[str, str]:
            return dict(parse_qsl(proxied(SECRET[number], shop, STRANGER, ask.query), keep_blank_values=True))

        name = f"store {number}"
        yield Principal(f"staff of {name}", signs("42", SECRET[number]), sees, tenant=tenant, shopify="staff")
        extension = signs(f"gid://shopify/Customer/{STRANGER}", SECRET[number])
        yield Principal(f"stranger in an extension of {name}", extension, tenant=tenant, shopify="extension")
        yield Principal(f"stranger on a page of {name}", lambda ask: {}, tenant=tenant, shopify="page", query=page)
        yield Principal(f"staff of {name}, by another app's secret", signs("42", SECRET[11 - number]))


def _signed_in(world: World, name: str, tenant: int, role: Role | None) -> Principal:
    """Somebody in the console. They send no form of its pages, so acting is refused to them as to any other page."""
    cookie = f"__Host-belong={world.sessions.get(name, 'n' * 43)}"
    return Principal(name, lambda ask: {"Cookie": cookie}, frozenset({f"tenant {tenant}"}), tenant=tenant, role=role)


async def sign_in(world: World) -> None:
    """Somebody of each role in each tenant, and a session that has ended."""
    now = clock.utc_now()

    async def body(session: Session) -> None:
        for name, tenant, role, at in (
            *((f"{role} of tenant {tenant}", tenant, role, now) for tenant in (1, 2) for role in Role),
            ("session that is over", 1, Role.OWNER, now - SESSION_LIVES),
        ):
            store = next(number for number, (whose, _) in STORES.items() if whose == tenant)
            who = Visitor(tenant, world.stores[store].number, "wp:1", "Ada", role, "en", "https://shop.example")
            world.sessions[name] = new_token()
            await begin_session(session, digest_of(world.sessions[name]), who, at)
        for tenant in (1, 2):
            address = f"owner-{tenant}@console.example"
            person = await add_person(session, tenant, "Ida", address, Role.OWNER, "en", "no hash", now)
            assert person is not None
            name = f"{Role.OWNER} of tenant {tenant}, by password"
            world.sessions[name] = new_token()
            await begin(session, person, world.sessions[name], "", now)

    await atomic(world.service.database, body)


def _claims(who: Person, now: datetime, **more: Any) -> dict[str, Any]:
    begins = int(now.timestamp())
    return {
        "aud": AUDIENCE, "sub": who.member, "prg": who.tenant, "con": who.connection.number, "scp": READ, "iat": begins,
        "exp": begins + 300, "jti": uuid.uuid4().hex, **more,
    }  # fmt: skip


def _forged(keys: Keys, who: Person, now: datetime, named: str = "", **more: Any) -> str:
    name, key = keys.token_signer()
    return jwt.encode(_claims(who, now, **more), key, algorithm="HS256", headers={"kid": named or name})


def may(principal: Principal, policy: Policy) -> bool:
    """Whether what they prove is good for a route of this policy."""
    if isinstance(policy, Anyone):
        return True
    if isinstance(policy, NeedsKey):
        return policy.scope in principal.key_scopes or (policy.or_signed and principal.signs)
    if isinstance(policy, NeedsStore):
        return principal.calls
    if isinstance(policy, NeedsShopify):
        return principal.shopify in SHOWS[type(policy)]
    if isinstance(policy, NeedsSession):
        return principal.role is not None and principal.role.includes(policy.role)
    return isinstance(policy, NeedsShopper) and policy.scope in principal.shopper_scopes
