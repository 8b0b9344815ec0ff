"""One of each kind of object that somebody can own, for a tenant: made as its owners make it, over the API where there
is a way. Each request that strangers copy later is thereby known to be a right one.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from connector import clock
from connector.data.importing import BalanceImport, apply_import
from connector.people.actors import Actor
from connector.running import scheduler
from connector.running.worker import adjust_segments
from connector.storage.atomic import atomic
from connector.storage.catalogue import save_products, wish_for_products
from connector.storage.drafts import create_draft
from connector.storage.findings import Difference, Done, Finding, Run, note_run
from connector.storage.previews import Question, ask
from connector.storage.session import Session
from connector.storage.shards import member_shard, object_shard
from connector.storage.stock import Unit, let_go_of_units
from connector.storage.store_credits import CreditRow
from connector.storage.unions import wish_unions
from connector.storage.work import wish_to_read
from loyalty_engine.facts import Product
from tests.builders import DOCUMENT, OPENED
from tests.chaos.owners import Owner
from tests.chaos.principals import Person
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story

LETTERS = ("delivery", "work", "push", "removal", "union", "webhook")
"""Kinds of dead letters that each tenant has. Of the others there are rows, and none that waits for a person."""
VOTERS = 6
"""So many find helpful what the main member wrote, and the other way round: a person has to look at that award."""
FLAT = {"household": "Main St. 1, Berlin", "phone": "+49 170 1234", "ip": "203.0.113.77"}
_LINK = re.compile(r"/link/([A-Za-z0-9_-]+)")
HOLD = {
    "holds": True,
    "cart": {"currency": "EUR", "lines": [{"product_id": "1", "quantity": 1, "net_minor": 10_000}]},
}
REWARDS = [
    {"id": "cup", "kind": "amount", "points": 10, "value": "1.00"},
    {"id": "mug", "kind": "product", "points": 10, "product": "77", "stock": 30},
    {"id": "tour", "kind": "perk", "points": 10},
    {"id": "credit", "kind": "store_credit", "points": 10, "value": "1.00"},
]
RULES: dict[str, Any] = {
    "points": {
        "earn": {"rates": {"EUR": "1"}, "pending_days": 0},
        "start": {"welcome": 5},
        "expiry": {"mode": "fixed", "days": 400, "remind_days": [30, 7]},
    },
    "adjust": {"max": 1_000, "second_person_above": 100},
    "rewards": REWARDS,
    "caps": [{"id": "year", "per": "year", "points": 50_000, "on": ["order"]}],
    "referral": {"referrer": 50, "friend": 30, "min_order": "10.00"},
    "tiers": [
        {"id": "member", "name": "Member", "qualify": "join"},
        {"id": "gold", "name": "Gold", "qualify": {"spend_12m": "900.00"}},
    ],
    "badges": [
        {"id": "voice", "rule": f"helpful_received >= {VOTERS}"},
        {"id": "hand", "rule": "manual"},
    ],
    "levels": [
        {"id": "guest", "unlock": ["read"]},
        {"id": "guide", "require": {"appointed": True, "level": "guest"}, "unlock": ["review_queue"]},
    ],
}


async def furnish(owner: Owner) -> None:
    """Make everything. What one thing needs of another decides the order."""
    await _people(owner)
    await _standing(owner)
    await _redemptions(owner)
    await _referral(owner)
    await _requests(owner)
    await _beside_the_api(owner)
    await _operated(owner)
    await _previewed(owner)
    await _set_aside(owner)


async def _people(owner: Owner) -> None:
    """Endpoints first, so that they hear of what comes. Then members for whatever takes one away."""
    for name in ("endpoint", "endpoint to remove"):
        url = f"https://hooks-{owner.tenant}.example.com/{name.replace(' ', '-')}"
        owner.things[name] = (await owner.does("POST", "/v1/webhook-endpoints", url=url))["id"]
    owner.things["pairing"] = (await owner.does("POST", "/v1/pairings"))["pairing"]
    one, base = owner.person, owner.tenant * 100_000
    names = ["friend", "going", "leaver", "blocked", "newcomer", *(f"voter {n}" for n in range(VOTERS))]
    customers = {name: base + place for place, name in enumerate(names)}
    for customer in customers.values():
        await owner.hears(one.store, "customer.created", _registered(customer))
    await owner.buys(one.store, int(one.customer), 100_000, int(one.order) + 1)
    customers |= {"merged": base + len(names), "linked": base + len(names) + 1}
    other, shopify = owner.stores_beside
    await owner.buys(shopify, customers["merged"], 5_000, base + 1)
    await owner.hears(other, "customer.created", _registered(customers["linked"]))
    await owner.work()
    session = owner.world.service.database.reading()
    rows = await session.rows("SELECT customer_ref, member_id FROM identity WHERE programme_number = $1", owner.tenant)
    by_ref = {row["customer_ref"]: row["member_id"] for row in rows}
    owner.members = {name: by_ref[str(customer)] for name, customer in customers.items()}
    owner.things |= {name: str(uuid.UUID(member)) for name, member in owner.members.items()}
    owner.things |= {
        "id": one.public_id,
        "member": one.public_id,
        "survivor": one.public_id,
        "segment": {"members": [one.member]},
        "customer": one.customer,
        "connection": one.connection.public_id,
        "shopify": owner.world.stores[shopify].public_id,
        "other_connection": owner.world.stores[other].public_id,
        "address": one.email,
        "orders": [one.order],
        "order_ref": one.order_ref,
        "document": {
            **DOCUMENT,
            **RULES,
            "programme": {**DOCUMENT["programme"], "name": owner.world.tenants[owner.tenant][0]},
        },
        "happened_at": clock.utc_now().isoformat(),
        "customers": customers,
    }


def _registered(customer: int) -> bytes:
    return json.dumps({"id": customer, "email": f"c{customer}x@example.test"}).encode()


async def _standing(owner: Owner) -> None:
    """What members are: tiers, badges, levels, an award that a person has to look at, a place on boards."""
    await owner.does("POST", "/v1/members/{id}/tier")
    await owner.does("POST", "/v1/members/{id}/badges/{badge}/award")
    await owner.does("POST", "/v1/members/{id}/level")
    await owner.does("POST", "/v1/members/{id}/birthday")
    await owner.does("POST", "/v1/me/leaderboard-choice", name="Eve")
    await owner.does("POST", "/v1/members/{id}/public-name/take")
    await owner.does("POST", "/v1/me/leaderboard-choice")
    await owner.does("POST", "/v1/events")
    key = owner.world.keys[f"key of tenant {owner.tenant}, every scope"]
    answer = await owner.http.post("/v1/events", json=list(_votes(owner)), headers={"Authorization": f"Bearer {key}"})
    assert {one["state"] for one in answer.json()["events"]} == {"kept"}, answer.text
    await owner.work()
    await scheduler.review_members(owner.world.service)
    held = await owner.does("GET", "/v1/held-awards")
    owner.things["award_level"] = held["awards"][0]["level"]


def _votes(owner: Owner) -> Iterator[dict[str, Any]]:
    main, customers = owner.person.customer, owner.things["customers"]
    at = (clock.utc_now() - timedelta(hours=3)).isoformat()
    for place in range(VOTERS):
        for one, other in ((main, f"{customers[f'voter {place}']}"), (f"{customers[f'voter {place}']}", main)):
            about = [{"connection": owner.things["connection"], "customer_id": customer} for customer in (one, other)]
            thing = {"kind": "vote", "id": f"{one}-{other}"}
            yield {
                "id": uuid.uuid4().hex, "type": "vote.helpful", "occurred_at": at, "subject": about[0],
                "counterpart": about[1], "object": thing,
            }  # fmt: skip


async def _redemptions(owner: Owner) -> None:
    """Codes, one of which is used; perks; points held for a cart; a limited reward; credit in a store's account."""
    one, things = owner.person, owner.things
    await owner.does("POST", "/v1/members/{id}/merge", id=things["merged"])
    things |= await _redeemed(owner, one)
    path = "/v1/members/{id}/redemptions"
    for name, more in (("mug", {"reward": "mug"}), ("credit", {"reward": "credit", "connection": things["shopify"]})):
        things[name] = (await owner.does("POST", path, **more))["redemption"]
    used = await owner.does("POST", "/v1/me/redemptions")
    body = {**json.loads(_order(int(one.customer), int(one.order) + 2)), "coupon_lines": [_coupon(used["code"])]}
    await owner.hears(one.store, "order.updated", json.dumps(body).encode())
    for other in owner.world.people.values():
        if other.tenant == owner.tenant and other is not one:
            owner.of_others[other.name] = await _of_other(owner, other)
    await owner.work()


async def _redeemed(owner: Owner, one: Person) -> dict[str, Any]:
    """What each member has of it."""
    named, path = {"id": one.public_id, "connection": one.connection.public_id}, "/v1/members/{id}/redemptions"
    wanted: dict[str, Mapping[str, Any]] = {"redemption": {}}
    wanted |= dict.fromkeys(("perk", "perk to refuse", "perk to take back"), {"reward": "tour"})
    wanted |= dict.fromkeys(("hold", "hold to let go", "hold of a page"), HOLD)
    made = {name: await owner.does("POST", path, **named, **more) for name, more in wanted.items()}
    return {name: answer["redemption"] for name, answer in made.items()}


async def _of_other(owner: Owner, one: Person) -> dict[str, Any]:
    """What names a member, and what belongs to each of them."""
    found = await _redeemed(owner, one)
    found |= dict.fromkeys(("id", "member", "survivor"), one.public_id)
    found |= {
        "customer": one.customer,
        "address": one.email,
        "orders": [one.order],
        "order_ref": one.order_ref,
        "segment": {"members": [one.member]},
    }
    asked = await owner.does("POST", "/v1/members/{id}/adjust", id=one.public_id, points=101)
    code = await owner.does("POST", "/v1/members/{id}/referral-code", id=one.public_id)
    entries = await owner.does("GET", "/v1/members/{id}/entries", id=one.public_id)
    return found | {
        "request": asked["request"],
        "referral_code": code["code"],
        "entry": entries["entries"][0]["id"],
    }


def _order(customer: int, number: int) -> bytes:
    story = Story((SoldLine(1, 1, 3_000),), order_id=number, customer=customer, email=f"c{customer}x@example.test")
    at = (clock.utc_now() + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
    dates = {name: at for name in ("date_created_gmt", "date_modified_gmt", "date_paid_gmt")}
    body = {**woocommerce_bodies.webhook_order(story), **dates, "billing": {}, "shipping": {}}
    return json.dumps(body).encode()


def _coupon(code: str) -> dict[str, Any]:
    return {"id": 1, "code": code, "discount": "0.00", "discount_tax": "0.00"}


async def _referral(owner: Owner) -> None:
    """A friend who lives where the main member lives: a person has to look at it."""
    one, things = owner.person, owner.things
    code = await owner.does("POST", "/v1/members/{id}/referral-code", signs=FLAT)
    things["referral_code"] = code["code"]
    await owner.does("POST", "/v1/members/{id}/referred-by", id=things["friend"], signs=FLAT)
    await owner.hears(one.store, "order.updated", _order(things["customers"]["friend"], int(one.order) + 3))
    await owner.work()
    await scheduler.settle_referrals(owner.world.service)
    found = await owner.does("GET", "/v1/referrals/review")
    assert len(found["referrals"]) == 1, found
    code = await owner.does("POST", "/v1/members/{id}/referral-code", id=things["voter 0"])
    things["inviting_code"] = code["code"]


async def _requests(owner: Owner) -> None:
    """What waits for a second person, what is under way, what was claimed, and who is gone."""
    things = owner.things
    await owner.does("POST", "/v1/members/{id}/adjust")
    asked = await owner.does("POST", "/v1/members/{id}/adjust", points=101)
    things["request"] = asked["request"]
    for name, points in (("done_bulk", 10), ("bulk", 101)):
        shown = await owner.does("POST", "/v1/bulk-adjustments/preview", points=points)
        made = await owner.does("POST", "/v1/bulk-adjustments", points=points, digest=shown["digest"])
        things[name] = made["bulk"]
        while await adjust_segments(owner.world.service):
            pass
    things["guest_address"] = f"guest-{owner.tenant}@example.test"
    things["own_address"] = f"own-{owner.tenant}@example.test"
    for address in ("own_address", "gone_address"):
        await owner.does(
            "POST", "/v1/members/{id}/claims", address=things.get(address, f"gone-{owner.tenant}@example.test")
        )
    await owner.does("POST", "/v1/members/{id}/claims/undo", address=f"gone-{owner.tenant}@example.test")
    await _linked(owner)
    await owner.does("POST", "/v1/me/claims")
    await owner.does("POST", "/v1/backfill")
    await owner.does("DELETE", "/v1/members/{id}/person")


async def _linked(owner: Owner) -> None:
    """The page behind a mailed link, and the account that was linked by it; then one more that nobody opens."""
    things, settings = owner.things, owner.world.service.settings
    address = f"c{things['customers']['linked']}x@example.test"
    asked = await owner.does("POST", "/v1/me/links", address=address)
    mails = [file.read_text() for file in (settings.mail_folder / "new").glob("*.eml")]
    [token] = [
        found[1] for mail in mails if address in mail for found in [_LINK.search(mail.replace("=\n", ""))] if found
    ]
    opened = await owner.http.get(f"/link/{token}")
    joined = await owner.http.post(f"/link/{token}", data={"code": asked["code"]})
    assert (opened.status_code, joined.status_code) == (200, 200), joined.text
    things["token"] = token
    await owner.does("POST", "/v1/me/links", address=f"c{things['customers']['voter 0']}x@example.test")


async def _set_aside(owner: Owner) -> None:
    """A dead letter of each kind: two deliveries that nobody can read, and what would not come to its end."""
    one, things, tenant = owner.person, owner.things, owner.tenant
    for number in (1, 2):
        await owner.hears(one.store, "order.updated", b'{"id": %d, "status": 5}' % number)
    await owner.work()
    shard, source = member_shard(one.member), f"woocommerce:{one.store}:order:{one.order}"

    async def body(session: Session) -> None:
        work = (shard, one.member, source, tenant, shard, 2, "a test")
        await session.insert("work", "shard member_id source_ref programme_number fact_shard state reason", [work])
        for table in ("push", "removal", "customer_union", "webhook_message"):
            await session.run(f"UPDATE {table} SET state = 2, reason = 'a test' WHERE programme_number = $1", tenant)

    await atomic(owner.world.service.database, body)
    things["letters"] = {}
    for kind in LETTERS:
        letters = (await owner.does("GET", "/v1/dead-letters", kind=kind))["letters"]
        things["letters"][kind] = [letter["id"] for letter in letters]
    deliveries = things["letters"]["delivery"]
    things["ids"], things["letters to skip"] = deliveries[:1], deliveries[1:2]
    messages = (await owner.does("GET", "/v1/webhook-endpoints/{id}/messages"))["messages"]
    things["message"] = messages[0]["id"]
    things["entry"] = (await owner.does("GET", "/v1/members/{id}/entries"))["entries"][0]["id"]


async def _operated(owner: Owner) -> None:
    """What an owner does to the programme: a version, a correction, a pause, a key, balances of another platform."""
    things, service, one = owner.things, owner.world.service, owner.person
    things["prefix"] = (await owner.does("POST", "/v1/keys"))["key"].partition(".")[0]
    # A key stops those that were made with it, and no others.
    spare = (await owner.does("POST", "/v1/keys"))["key"].partition(".")[0]
    await owner.does("POST", "/v1/keys/{prefix}/revoke", prefix=spare)
    await owner.does("POST", "/v1/programme/mails/{mail}/test")
    for path in ("versions", "pause", "resume", "corrections/preview", "corrections"):
        await owner.does("POST", f"/v1/programme/{path}")
    later = {"from": (clock.utc_now() + timedelta(days=30)).isoformat(), "after": 2}
    planned = await owner.does("POST", "/v1/programme/versions", **later)
    await owner.does("POST", "/v1/programme/versions/{version}/withdraw", version=planned["version"])
    text = f"customer_id,points\n{one.customer},1\n".encode()
    wanted = BalanceImport(owner.tenant, one.connection.number, text, "plain")
    # Where two must agree no key does it.
    plan, _ = await apply_import(service.pipeline, wanted, Actor("ida", "command", "ida"))
    things["import"] = plan.import_id
    pair = f"{things['connection']},{one.customer},{things['other_connection']},{one.customer}"
    things["pairs"] = f"old_connection,old_customer_id,new_connection,new_customer_id\n{pair}\n"

    async def body(session: Session) -> None:
        state = int(CreditRow.GIVING_UNCLEAR)
        await session.run("UPDATE store_credit SET state = $2 WHERE programme_number = $1", owner.tenant, state)

    await atomic(service.database, body)


async def _beside_the_api(owner: Owner) -> None:
    """What jobs and shops make, and what the API shows of it."""
    connection, tenant, now = owner.person.connection, owner.tenant, clock.utc_now()
    shard = object_shard(connection.number, "order", "1")
    owner.things["draft"] = str(uuid.uuid4())
    await scheduler.close_finished_days(owner.world.service)
    told = {"shop_status": "completed", "total_minor": 1, "refunded_minor": 0, "currency": "EUR"}
    lost = Finding("1", Difference.MISSING, "#1", None, told, Done.HELD, now, takes=True)
    held = Finding(owner.things["orders"][0], Difference.EXTRA, "#2", told, None, Done.HELD, now, takes=True)

    async def body(session: Session) -> None:
        run = Run(connection.number, tenant, "window", OPENED, now)
        await note_run(session, run, [lost, held])
        await save_products(session, [(connection.number, tenant, Product("77"))], [], now)
        await wish_for_products(session, [((connection.number, "78"), tenant)], now)
        await wish_unions(session, [(connection, "1", "2")], now)
        await wish_to_read(session, [(shard, connection.number, "1", tenant, "a test")], now)
        await create_draft(session, tenant, owner.things["draft"], "Spring", "{}", 1, "the owner", now)
        # Due tomorrow: what is due is given back by whoever looks, whosesoever it is.
        unit = Unit(tenant, "mug", owner.person.member, owner.things["mug"])
        await let_go_of_units(session, [unit], now + timedelta(days=1))

    await atomic(owner.world.service.database, body)


async def _previewed(owner: Owner) -> None:
    """After a version was withdrawn: what was asked before it is forgotten with it."""
    question = Question(owner.tenant, {"of": owner.things["draft"]}, None, 1, owner.things["draft"])
    owner.things["preview"] = question.preview_id
    await atomic(owner.world.service.database, lambda session: ask(session, question, clock.utc_now()))
