"""G14: every route, asked by everybody there is, about everybody there is: nobody sees or changes what is not theirs.

Routes come from the policies, principals from one list: a new route is tried by itself, and a new principal is one line
of ``tests.chaos.principals``. Each tenant has one of each kind of object (``tests.chaos.belongings``); strangers name
them in paths, and beside what is their own as references in queries and bodies. What must not be seen are canaries:
ids, addresses, order numbers, names of tenants. What must not change is every row that is not theirs
(``tests.chaos.whose``), then, and when the stores go on.

Requests are known to be right ones: on each route that needs a key or a token, an owner had success with the same.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx

from connector import clock
from connector.access.auth import SCOPES, create_api_key, revoke_api_key
from connector.access.rates import Buckets, Rate, Rates
from connector.access.shopper_tokens import READ
from connector.access.signatures import sign
from connector.config import load_settings
from connector.ingest.pipeline import drain
from connector.redeeming.used_codes import use_codes
from connector.routes.access import NeedsKey, NeedsShopper, NeedsStore, Policy
from connector.routes.policies import policies
from connector.running.app import build_app
from connector.running.service import Service, assemble
from connector.storage.atomic import atomic
from connector.storage.connections import PLUGIN_TO_SERVICE, add_secret, create_connection
from connector.storage.instance import ensure_instance
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from connector.storage.store_calls import take_call
from tests.builders import DOCUMENT, KEYS, OPENED, opened
from tests.chaos.asking import ANYBODYS, IS_ONES_OWN, Route, Values, ask_of, named_in_path, references
from tests.chaos.belongings import RULES, furnish
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import order_body
from tests.chaos.owners import Owner
from tests.chaos.principals import CALLS, SECRET, STORES, TAKEN, Ask, Person, Principal, World, may, principals, sign_in
from tests.chaos.whose import LOOKED_AT, Place, State, changed, state, tables_of
from tests.connector.outside import client_of

NOBODY_MAKES = {
    "programme_stop": "a budget over all members stops a programme",
}
"""Tables in which nobody has anything here, and why: no request leads there."""


PURPOSES = [policy.purpose for policy in policies().values() if isinstance(policy, NeedsStore)]
CERTAIN = ("key of tenant 1, every scope", "shopper A", "owner of tenant 1")
DONE: dict[Route, Callable[[Any], bool]] = {
    ("POST", "/v1/events"): lambda told: any(one["state"] == "kept" for one in told["events"]),
    ("POST", "/v1/bulk-adjustments/preview"): lambda told: told["members"] > 0,
    ("POST", "/v1/store/order"): lambda told: told["state"] != "unknown",
    ("POST", "/v1/shopify/order"): lambda told: told["state"] != "unknown",
}
"""Where an answer says of each part by itself what came of it: whether anything did."""


async def run(trial: Trial) -> Findings:
    findings = Findings()
    home = str(trial.folder / "home")
    settings = load_settings(
        {"BELONG_HOME": home, "DATABASE_URL": "", "BELONG_PUBLIC_URL": "https://belong.example.com"}
    )
    with trial.prepared() as url:
        async with opened(url) as database, httpx.AsyncClient(transport=httpx.MockTransport(_no_shop)) as shops:
            service = assemble(settings, KEYS, database, shops)
            unlimited = Buckets(Rate(1, 0))
            service.rates = Rates(unlimited, unlimited, unlimited, unlimited)
            async with client_of(build_app(service), ("203.0.113.9", 50000)) as http:
                world = await _world(service, http)
                owners = {tenant: Owner(world, http, world.people[name]) for tenant, name in ((1, "A"), (2, "D"))}
                for owner in owners.values():
                    await furnish(owner)
                    _note_owned(owner)
                asking = Asking(trial, world, owners, http, findings)
                await _check_tables(asking)
                everybody = _chosen(trial, principals(world))
                for principal in everybody:
                    await asking.everything(principal)
                    trial.progress(principal.name)
                await _check_stores(asking)
                await _check_owners(asking)
            await service.inbox.close()
    findings.expect("routes that were never asked for", [route for route in policies() if not asking.met[route]], [])
    for principal in everybody:
        if (principal.shopper_scopes | principal.key_scopes) & {READ, "members:read"}:
            findings.must(
                asking.own[principal.name] > 0, f"{principal.name} saw nothing of their own: nothing was shown"
            )
    findings.figure |= {"requests": asking.met.total(), "routes": len(asking.met), "principals": len(everybody)}
    findings.figure |= {"with references": asking.with_references, "own successes": asking.own.total()}
    findings.figure["leaks"] = findings.count
    return findings


def _chosen(trial: Trial, everybody: Sequence[Principal]) -> list[Principal]:
    """So many of them as the size says: those who may most for certain, the others by chance."""
    certain = [one for one in everybody if one.name in CERTAIN]
    others = [one for one in everybody if one not in certain]
    count = trial.size["principals"] - len(certain)
    return [*certain, *trial.chance.sample(others, min(count, len(others)))]


@dataclass
class Asking:
    """met: requests by route. own: answers in which somebody saw something of their own."""

    trial: Trial
    world: World
    owners: dict[int, Owner]
    http: httpx.AsyncClient
    findings: Findings
    met: Counter[Route] = field(default_factory=Counter)
    own: Counter[str] = field(default_factory=Counter)
    with_references: int = 0

    async def everything(self, principal: Principal) -> None:
        """Own things first, to be read; then what is others', after which all of that is as it was."""
        for route, policy in policies().items():
            if route[0] == "GET" and principal.sees:
                values = self._own_values(principal, route)
                await self._ask(principal, policy, route, ask_of(route, values, values))
        before = await state(self.world.service.database.reading())
        for route, policy in policies().items():
            for theirs in [each for one in self._strangers(principal) for each in self._each(route, one)]:
                for ask, named in self._named(principal, route, theirs):
                    await self._ask(principal, policy, route, ask, named)
        await drain(self.world.service.pipeline)
        after = await state(self.world.service.database.reading())
        touched = [place for place in changed(before, after) if not self._is_theirs(principal, place)]
        self.findings.expect(f"what {principal.name} changed that is not theirs", touched, [])

    def _strangers(self, principal: Principal) -> list[Person]:
        """Whose things they ask about: the other tenant's main member for certain, and some more."""
        others = [one for one in self.world.people.values() if not _is_of(principal, one)]
        main = [one for one in others if one is self.owners[one.tenant].person]
        more = [one for one in others if one not in main[:1]]
        count = min(self.trial.size["persons"] - 1, len(more))
        return [
            *sorted(main, key=lambda one: one.tenant == principal.tenant)[:1],
            *self.trial.chance.sample(more, count),
        ]

    def _self(self, principal: Principal) -> Person:
        named = [one for name, one in self.world.people.items() if name in principal.sees]
        return named[0] if named else self.owners[principal.tenant].person

    def _values(self, route: Route, one: Person) -> Values:
        """Of the main member of a tenant everything; of another member what is theirs, and what anybody may name."""
        owner = self.owners[one.tenant]
        if one is owner.person:
            return {**ANYBODYS, **owner.of_route(route)}
        return {**ANYBODYS, **owner.of_route(route, owner.of_others[one.name])}

    def _each(self, route: Route, one: Person) -> Iterator[Values]:
        """Of dead letters one of each kind: all that are named are put back, or none."""
        values = self._values(route, one)
        if not route[1].startswith("/v1/dead-letters"):
            yield values
            return
        for kind, letters in self.owners[one.tenant].things["letters"].items():
            yield {**values, "kind": kind, "ids": letters[:1]}

    def _named(self, principal: Principal, route: Route, theirs: Values) -> Iterator[tuple[Ask, list[str]]]:
        """Everything another's; then one thing of theirs, in the path or in query and body, beside one's own."""
        path = [name for name in named_in_path(route) if name in theirs]
        # A store is its tenant's, whichever member named it.
        stores = self.world.tenants.get(principal.tenant, ())
        words = [name for name in references(route) if name in theirs and theirs[name] not in stores]
        own = self._own_values(principal, route)
        names_nobody = not named_in_path(route) and not references(route)
        if path or words or names_nobody:
            yield ask_of(route, {**own, **theirs}, {**own, **theirs}), path
        for name in path if principal.sees and len(path) + len(words) > 1 else ():
            self.with_references += 1
            yield ask_of(route, {**own, name: theirs[name]}, own), [name]
        for name in words if principal.sees else ():
            self.with_references += 1
            yield ask_of(route, own, {**own, name: theirs[name]}), [name]

    def _own_values(self, principal: Principal, route: Route) -> Values:
        """Their own; where they have none of a kind, what their tenant has; of whom proves nothing, tenant 1's."""
        owner = self.owners[principal.tenant or 1]
        own = self._values(route, self._self(principal)) if principal.sees else {}
        return {**ANYBODYS, **owner.of_route(route), **own}

    async def _ask(
        self, principal: Principal, policy: Policy, route: Route, ask: Ask, named: Sequence[str] = ()
    ) -> None:
        """One request. named: what of another's is in it."""
        # What their proof adds to the address they said themselves: a stranger who names a shop is told no news by it.
        ask = replace(ask, query={**ask.query, **principal.query(ask)})
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex, **principal.headers(ask)}
        answer = await self.http.request(ask.method, ask.path, params=ask.query, content=ask.body, headers=headers)
        self.met[route] += 1
        what = f"{principal.name}: {ask.method} {ask.path} {dict(ask.query)} {ask.body[:300]!r} -> {answer.status_code}"
        # A slow machine may not be ready; that is an answer of its own.
        self.findings.must(answer.status_code < 500 or ask.path == "/readyz", f"{what} {answer.text:.200}")
        if not may(principal, policy) or [name for name in named if name not in IS_ONES_OWN]:
            self.findings.must(not _has_done(route, answer), f"not theirs, and answered: {what} {answer.text:.200}")
        told = answer.text + str(dict(answer.headers))
        for canary in self.world.canaries(principal.sees):
            if canary in told and not ask.mentions(canary):
                at = told.index(canary)
                self.findings.must(False, f"a leak of {canary}: {what} {told[max(0, at - 200) : at + 200]}")
        if answer.is_success and not named:
            self.own[principal.name] += any(canary in told for canary in self._own_canaries(principal))

    def _own_canaries(self, principal: Principal) -> list[str]:
        people = [one for one in self.world.people.values() if _is_of(principal, one)]
        return [canary for one in people for canary in one.canaries]

    def _is_theirs(self, principal: Principal, place: Place) -> bool:
        """Whether they may change what stands there: a tenant's key all of it, a shopper what is theirs or nobody's."""
        tenant, member, _ = place
        named = {self.world.people[name].member for name in principal.sees if name in self.world.people}
        if tenant != principal.tenant or not principal.sees:
            return False
        return not named or not member or member in named


def _has_done(route: Route, answer: httpx.Response) -> bool:
    return answer.is_success and (route not in DONE or DONE[route](answer.json()))


def _is_of(principal: Principal, one: Person) -> bool:
    return one.name in principal.sees or f"tenant {one.tenant}" in principal.sees


async def _check_tables(asking: Asking) -> None:
    """Each tenant has something in every table, or strangers could not have touched it."""
    found: State = await state(asking.world.service.database.reading())
    for tenant in asking.owners:
        empty = [table for table in LOOKED_AT if table not in tables_of(found, tenant) and table not in NOBODY_MAKES]
        asking.findings.expect(f"tables in which tenant {tenant} has nothing", empty, [])


async def _check_stores(asking: Asking) -> None:
    """What a store says of its orders moves something of its tenant, and nothing of those who named these orders."""
    service = asking.world.service
    await _worked_off(service)
    for tenant, owner in asking.owners.items():
        before = await state(service.database.reading())
        for one in asking.world.people.values():
            if one.tenant == tenant:
                await owner.pays_back(one)
        await _worked_off(service)
        places = list(changed(before, await state(service.database.reading())))
        foreign = [place for place in places if place[0] != tenant]
        asking.findings.expect(f"what stores of tenant {tenant} changed at others", foreign, [])
        moved = {table for number, _, table in places if number == tenant}
        asking.findings.must("entry" in moved, f"stores of tenant {tenant} moved nothing, so nothing was shown")


async def _worked_off(service: Service) -> None:
    await drain(service.pipeline)
    while await use_codes(service.pipeline):
        await drain(service.pipeline)


async def _check_owners(asking: Asking) -> None:
    """On each route an owner has success with what strangers asked for: they were not refused for a wrong word."""
    owner = asking.owners[2]
    refused = {}
    # What puts everything back in line comes last.
    for route, policy in sorted(policies().items(), key=lambda one: "replay" in one[0][1]):
        if isinstance(policy, NeedsKey | NeedsShopper) and not owner.met[route]:
            answer = await owner.tries(route, key="second person", actor="somebody else")
            if not answer.is_success:
                refused[route] = f"{answer.status_code} {answer.text:.400}"
    asking.findings.expect("routes on which an owner has no success", refused, {})


def _note_owned(owner: Owner) -> None:
    """What must be told to nobody but the desk, or the member whose it is."""
    one, things = owner.person, owner.things
    of_member = ("redemption", "perk", "hold", "mug", "credit", "referral_code", "request")
    owner.world.owned[one.name] = tuple(str(things[name]) for name in of_member)
    of_desk = ("endpoint", "message", "bulk", "draft", "preview", "going", "friend", "blocked", "newcomer")
    owner.world.owned[f"tenant {one.tenant}"] = (*(str(things[name]) for name in of_desk), *things["ids"])


async def _world(service: Service, http: httpx.AsyncClient) -> World:
    """Two tenants with what may be told of them, and keys of every kind."""

    async def body(session: Session) -> dict[int, Any]:
        await ensure_instance(session, KEYS, OPENED)
        for tenant in (1, 2):
            await create_programme(session, _document(f"Canary-of-tenant-{tenant}"), OPENED, OPENED)
        stores = {}
        for number, (tenant, platform) in STORES.items():
            name = f"canary-store-{number}.{'example' if platform == 'woocommerce' else 'myshopify.com'}"
            stores[number] = await create_connection(session, tenant, platform, name, f"https://{name}", {}, OPENED)
            await add_secret(session, KEYS, stores[number], "webhook", SECRET[number], OPENED)
        for number, secret in CALLS.items():
            await add_secret(session, KEYS, stores[number], PLUGIN_TO_SERVICE, secret, OPENED)
            for purpose in PURPOSES:
                await take_call(session, stores[number].number, f"{purpose}_{TAKEN}", clock.utc_now())
        return stores

    stores = await atomic(service.database, body)
    world = World(service, {}, {}, stores)
    ids = ((1, "7001", "71007"), (1, "8001", "82008"), (2, "9001", "93009"), (3, "6001", "64011"), (3, "5001", "55012"))
    wanted = dict(zip("ABCDE", ids, strict=True))
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
    for name, (number, customer, order) in wanted.items():
        tenant = STORES[number][0]
        world.people[name] = Person(name, tenant, number, stores[number], customer, members[customer], order)
    for tenant in (1, 2):
        own = [number for number, (whose, _) in STORES.items() if whose == tenant]
        names = [f"canary-store-{number}" for number in own] + [stores[number].public_id for number in own]
        world.tenants[tenant] = (f"Canary-of-tenant-{tenant}", *names)
    await _make_keys(world)
    await sign_in(world)
    return world


def _document(name: str) -> dict[str, Any]:
    return {**DOCUMENT, **RULES, "programme": {**DOCUMENT["programme"], "name": name}}


async def _make_keys(world: World) -> None:
    now = clock.utc_now()

    async def body(session: Session) -> None:
        for scope in SCOPES:
            name = f"key of tenant 1, {scope}"
            world.keys[name] = await create_api_key(session, 1, "one", now, frozenset({scope}), "mia")
        for tenant in (1, 2):
            name = f"key of tenant {tenant}, every scope"
            world.keys[name] = await create_api_key(session, tenant, "all", now, SCOPES, "tom")
            world.keys[f"key of tenant {tenant}, second person"] = await create_api_key(
                session, tenant, "second", now, SCOPES, "ida"
            )
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
