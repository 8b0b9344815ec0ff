"""G14: every route, asked by everybody there is, about everybody there is: nobody sees or changes what is not theirs.

Routes come from the policies, principals from one list: a new route is tried by itself, and a new principal is one line
of ``tests.chaos.principals``. What must not be seen are canaries: ids, addresses, order numbers, names of tenants.
"""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import msgspec

from connector import clock
from connector.access.auth import SCOPES, create_api_key, revoke_api_key
from connector.access.rates import Buckets, Rate, Rates
from connector.access.shopper_tokens import READ
from connector.access.signatures import sign
from connector.config import load_settings
from connector.ingest.pipeline import drain
from connector.platforms import Connection
from connector.routes.api import OPERATIONS
from connector.routes.operations import Anyone, NeedsKey, NeedsShopper, Operation, Policy
from connector.routes.policies import policies
from connector.running.app import build_app
from connector.running.service import Service, assemble
from connector.storage.atomic import atomic
from connector.storage.connections import add_secret, create_connection
from connector.storage.instance import ensure_instance
from connector.storage.open_tables import SHARDED
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from tests.builders import DOCUMENT, KEYS, OPENED, opened
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import order_body
from tests.chaos.principals import SECRET, Ask, Person, Principal, World, principals
from tests.connector.outside import client_of

REWARD = {"id": "cup", "kind": "amount", "points": 10, "value": "1.00"}
NOT_COMPARED = {"pace", "idempotency", "push", "read_wish", "product_wish", "notice"}
"""Tables that say how somebody was told or how fast they were, not what is theirs."""


async def run(trial: Trial) -> Findings:
    findings = Findings()
    settings = load_settings({"BELONG_HOME": str(trial.folder / "home"), "DATABASE_URL": ""})
    with trial.prepared() as url:
        async with opened(url) as database, httpx.AsyncClient(transport=httpx.MockTransport(_no_shop)) as shops:
            service = assemble(settings, KEYS, database, shops)
            unlimited = Buckets(Rate(1, 0))
            service.rates = Rates(unlimited, unlimited, unlimited, unlimited)
            async with client_of(build_app(service), ("203.0.113.9", 50000)) as http:
                world = await _world(service, http)
                everybody = _chosen(trial, principals(world))
                met, own = await _all_asked(trial, world, everybody, http, findings)
            await service.inbox.close()
    _check_coverage(met, findings)
    for principal in everybody:
        reads = (principal.shopper_scopes | principal.key_scopes) & {READ, "members:read"}
        if reads and trial.size["persons"] == len(world.people):
            findings.must(own[principal.name] > 0, f"{principal.name} saw nothing of their own, so nothing was shown")
    findings.figure |= {"requests": sum(met.values()), "routes": len(met), "principals": len(everybody)}
    findings.figure["leaks"] = findings.count
    return findings


def _chosen(trial: Trial, everybody: list[Principal]) -> list[Principal]:
    """So many of them as the size says; others with another seed."""
    return trial.chance.sample(everybody, min(trial.size["principals"], len(everybody)))


async def _all_asked(
    trial: Trial, world: World, everybody: Sequence[Principal], http: httpx.AsyncClient, findings: Findings
) -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """Everybody about everything. First those to whom tenant 1 is foreign, then those to whom tenant 2 is."""
    met: Counter[tuple[str, str]] = Counter()
    own: Counter[str] = Counter()
    chance = trial.chance
    for foreign in (1, 2):
        before = await _state(world, foreign)
        for principal in [one for one in everybody if (one.tenant == 1) is (foreign == 2)]:
            for route, policy in policies().items():
                for ask in _asked(route, world, principal, chance.sample(list(world.people), trial.size["persons"])):
                    met[route] += 1
                    own[principal.name] += await _ask(world, principal, policy, ask, http, findings)
            trial.progress(principal.name)
        await drain(world.service.pipeline)
        findings.expect(f"what is in tenant {foreign} after strangers asked", await _state(world, foreign), before)
    return met, own


async def _ask(
    world: World, principal: Principal, policy: Policy, ask: Ask, http: httpx.AsyncClient, findings: Findings
) -> int:
    """One request. 1 if something of their own was seen."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex, **principal.headers(ask)}
    answer = await http.request(ask.method, ask.path, params=dict(ask.query), content=ask.body, headers=headers)
    what = f"{principal.name}: {ask.method} {ask.path} {dict(ask.query)} -> {answer.status_code}"
    # A slow machine may not be ready; that is an answer of its own.
    findings.must(answer.status_code < 500 or ask.path == "/readyz", what)
    if not _may(principal, policy):
        findings.must(not answer.is_success, f"not theirs, and answered: {what}")
    told = answer.text + str(dict(answer.headers))
    for canary in world.canaries(principal.sees):
        if canary in told and not ask.mentions(canary):
            findings.must(False, f"a leak of {canary}: {what}")
    mine = [canary for name in principal.sees & set(world.people) for canary in world.people[name].canaries]
    for one in world.people.values():
        mine += one.canaries if f"tenant {one.tenant}" in principal.sees else ()
    return int(answer.is_success and any(canary in told for canary in mine))


def _may(principal: Principal, policy: Policy) -> bool:
    if isinstance(policy, Anyone):
        return True
    if isinstance(policy, NeedsKey):
        return policy.scope in principal.key_scopes or (policy.or_signed and principal.signs)
    return isinstance(policy, NeedsShopper) and policy.scope in principal.shopper_scopes


def _asked(route: tuple[str, str], world: World, principal: Principal, names: Sequence[str]) -> Iterator[Ask]:
    """A route about these; what changes something is asked about others alone, so that there is more to ask."""
    method, path = route
    operation = next((one for one in OPERATIONS if (one.method, one.path) == route), None)
    is_own_only = path == "/v1/me" or path.startswith("/v1/me/")
    for person in [world.people[name] for name in names]:
        is_theirs = person.name in principal.sees or f"tenant {person.tenant}" in principal.sees
        if method in ("POST", "DELETE", "PUT") and is_theirs and not is_own_only:
            continue
        values = _values(world, person)
        filled = re.sub(r"\{(\w+)\}", partial(_part, values), path)
        query = {} if operation is None else _filled(operation.query, values)
        yield Ask(method, filled, {name: str(value) for name, value in query.items()}, _body(operation, values))


def _part(values: Mapping[str, Any], found: re.Match[str]) -> str:
    return str(values.get(found[1], uuid.UUID(int=7)))


def _values(world: World, person: Person) -> dict[str, Any]:
    other = next(one for one in world.people.values() if one is not person)
    return {
        "id": str(uuid.UUID(person.member)), "member": str(uuid.UUID(person.member)), "customer": person.customer,
        "connection": person.connection.public_id, "survivor": str(uuid.UUID(other.member)), "address": person.email,
        "actor": "somebody", "reason": "a reason", "points": 10, "reward": "cup", "status": "blocked", "agrees": True,
        "passes": True, "tier": None, "birthday": "01-02", "digest": "0" * 64, "segment": {}, "order_ref": "1",
        "code": "ABCDEFGH", "badge": "none", "platform": "woocommerce", "topic": "order.updated", "command": "make-key",
        "shown": True, "name": "a name", "kind": "delivery", "ids": ["x"], "orders": [person.order], "language": "en",
    }  # fmt: skip


def _filled(kind: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a struct needs, and of the rest what tells one tenant from another."""
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return {}
    wanted = {"connection", "customer", "member", "orders"}
    return {
        one.encode_name: values.get(one.encode_name, "x")
        for one in msgspec.structs.fields(kind)
        if one.required or one.encode_name in wanted
    }


def _body(operation: Operation | None, values: Mapping[str, Any]) -> bytes:
    if operation is None or operation.body is None:
        return b""
    if operation.path == "/v1/events":
        about = {"connection": values["connection"], "customer": values["customer"]}
        happened = {"id": uuid.uuid4().hex, "type": "visit", "occurred_at": "2026-11-01T12:00:00Z", "subject": about}
        return json.dumps([happened]).encode()
    return json.dumps(_filled(operation.body, values)).encode()


def _check_coverage(met: Counter[tuple[str, str]], findings: Findings) -> None:
    """Every route that has a policy was asked for; that every route has one is seen when the app is built."""
    findings.expect("routes that were never asked for", [route for route in policies() if not met[route]], [])


async def _state(world: World, tenant: int) -> dict[str, int]:
    session = world.service.database.reading()
    found = {}
    for table in SHARDED:
        columns = await session.rows(f"SELECT * FROM {table.name} LIMIT 1")
        if table.name in NOT_COMPARED or (columns and "programme_number" not in columns[0]):
            continue
        if columns:
            found[table.name] = await session.number(
                f"SELECT count(*) FROM {table.name} WHERE programme_number = $1", tenant
            )
    found["points"] = await session.number(
        "SELECT coalesce(sum(points), 0) FROM entry WHERE programme_number = $1", tenant
    )
    # A table in which there is nothing of theirs counts the same before anybody has something in it.
    return {name: count for name, count in found.items() if count}


async def _world(service: Service, http: httpx.AsyncClient) -> World:
    """Two tenants with what may be told of them, and keys of every kind."""

    async def body(session: Session) -> dict[int, Connection]:
        await ensure_instance(session, KEYS, OPENED)
        stores = {}
        for number, tenant in ((1, 1), (2, 1), (3, 2)):
            if number != 2:
                await create_programme(session, _document(f"Canary-of-tenant-{tenant}"), OPENED, OPENED)
            shop = (f"canary-store-{number}.example", f"https://canary-store-{number}.example")
            stores[number] = await create_connection(session, tenant, "woocommerce", *shop, {}, OPENED)
            await add_secret(session, KEYS, stores[number], "webhook", SECRET[number], OPENED)
        return stores

    stores = await atomic(service.database, body)
    ids = ((1, "7001", "71007"), (1, "8001", "82008"), (2, "9001", "93009"), (3, "6001", "64011"))
    wanted = dict(zip("ABCD", ids, strict=True))
    for number, customer, order in wanted.values():
        raw = order_body("woocommerce", int(order), int(customer), 10_000)
        signature = sign(raw, SECRET[number].encode()).decode()
        signed = {"Content-Type": "application/json", "X-WC-Webhook-Signature": signature}
        path = f"/hooks/woocommerce/{stores[number].public_id}/order.updated"
        answer = await http.post(path, content=raw, headers=signed)
        assert answer.status_code == 200, answer.text
    await drain(service.pipeline)
    rows = await service.database.reading().rows("SELECT customer_ref, member_id FROM identity")
    members = {row["customer_ref"]: row["member_id"] for row in rows}
    people = {
        name: Person(name, stores[number].programme_number, stores[number], customer, members[customer], order)
        for name, (number, customer, order) in wanted.items()
    }
    tenants = {
        1: ("Canary-of-tenant-1", "canary-store-1", "canary-store-2", stores[1].public_id, stores[2].public_id),
        2: ("Canary-of-tenant-2", "canary-store-3", stores[3].public_id),
    }
    world = World(service, people, tenants)
    await _make_keys(world)
    return world


def _document(name: str) -> dict[str, Any]:
    document = {**DOCUMENT, "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}}, "rewards": [REWARD]}
    return {**document, "programme": {**DOCUMENT["programme"], "name": name}}


async def _make_keys(world: World) -> None:
    now = clock.utc_now()

    async def body(session: Session) -> None:
        for scope in SCOPES:
            name = f"key of tenant 1, {scope}"
            world.keys[name] = await create_api_key(session, 1, "one", now, frozenset({scope}), "mia")
        for tenant in (1, 2):
            name = f"key of tenant {tenant}, every scope"
            world.keys[name] = await create_api_key(session, tenant, "all", now, SCOPES, "tom")
        world.keys["expired"] = await create_api_key(session, 1, "old", now, SCOPES, "mia", now - timedelta(seconds=1))
        world.keys["revoked"] = await create_api_key(session, 1, "gone", now, SCOPES, "mia")
        await revoke_api_key(session, world.keys["revoked"].partition(".")[0], now)

    await atomic(world.service.database, body)


def _no_shop(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no shop answers here", request=request)


GOAL = Goal(
    "G14",
    "every route x {anonymous, shopper A, shopper B, shop-2 shopper, key of each scope, key of another tenant, plugin "
    "signature, replayed signature, expired, revoked, wrong aud, forged}: 0 leaks; **a route without a declared policy "
    "fails CI**",
    run,
    small={"persons": 1, "principals": 10},
    full={"persons": 4, "principals": 100},
)
"""Principals that later issues bring (roles of the console, and the like) are one line each in ``principals``."""
