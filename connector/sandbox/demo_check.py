"""Proof of the demo: the books agree with themselves, and both shops show exactly what the ledger says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector import clock
from connector.crypto import Keys
from connector.sandbox.shop import Shop
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.woocommerce import SimulatedWooCommerce
from connector.service import Service
from connector.snapshot import Holders, balances, load_shown
from connector.snapshot.loading import Shown
from connector.storage.connections import load_connections
from connector.storage.session import Session
from connector.storage.shards import member_shard
from connector.verify import verify
from loyalty_engine import badges
from loyalty_engine.rewards import tier_of


@dataclass(slots=True)
class Checked:
    """What was found, in lines for people."""

    ok: bool = True
    lines: list[str] = field(default_factory=list)

    def note(self, good: bool, line: str) -> None:
        """One finding; a bad one fails the whole."""
        self.ok = self.ok and good
        self.lines.append(f"{'ok  ' if good else 'BAD '} {line}")


async def check_everything(service: Service, shops: Mapping[str, Shop]) -> Checked:
    """Verify the books, then compare every customer of every shop."""
    checked = Checked()
    session = service.database.reading()
    await _count(session, checked)
    report = await verify(service.database, service.keys)
    checked.note(report.ok, f"books: {report.as_text()}")
    for connection in (await load_connections(session)).values():
        shop = shops[connection.platform]
        assert isinstance(shop, SimulatedShopify | SimulatedWooCommerce)
        wrong, shown = await _compare(session, service.keys, connection.number, shop)
        sentence = f"{connection.platform}: {shown} shoppers are shown exactly their balance, tier and badges"
        checked.note(not wrong, sentence if not wrong else f"{sentence}, {len(wrong)} are not, e.g. {wrong[:3]}")
    return checked


async def _count(session: Session, checked: Checked) -> None:
    deliveries = await session.number("SELECT count(*) FROM delivery")
    orders = await session.number("SELECT count(*) FROM source_fact WHERE kind = 'order'")
    members = await session.number("SELECT count(*) FROM member")
    entries = {
        row["kind"]: (row["number"], row["points"])
        for row in await session.rows(
            "SELECT kind, count(*) AS number, CAST(sum(points) AS BIGINT) AS points FROM entry "
            "GROUP BY kind ORDER BY kind"
        )
    }
    parked = await session.number("SELECT count(*) FROM delivery WHERE state = 2")
    checked.note(members > 0 and bool(entries), f"{deliveries} deliveries kept, {orders} orders, {members} members")
    checked.lines.extend(
        f"     {kind}: {number} entries, {points:+d} points" for kind, (number, points) in entries.items()
    )
    checked.lines.append(f"     {parked} deliveries parked as unreadable")
    reasons = await session.rows("SELECT kind, count(*) AS number FROM reason GROUP BY kind ORDER BY kind")
    checked.lines.extend(f"     {row['number']} orders earn nothing: {row['kind']}" for row in reasons)


async def _compare(
    session: Session, keys: Keys, connection_number: int, shop: SimulatedShopify | SimulatedWooCommerce
) -> tuple[list[str], int]:
    identities = await session.rows(
        "SELECT customer_ref, member_id FROM identity WHERE connection_number = $1 AND gone_at_us IS NULL",
        connection_number,
    )
    members = [(member_shard(row["member_id"]), row["member_id"]) for row in identities]
    now = clock.utc_now()
    held = await load_shown(session, keys, members, Holders(), now)
    wrong: list[str] = []
    known = {row["customer_ref"]: held[row["member_id"]] for row in identities}
    for customer in shop.truth.customers.values():
        if customer.deleted:
            continue
        member = known.get(str(customer.id))
        text = shop.snapshot_of(customer)
        if member is None or text is None:
            wrong.append(f"customer {customer.id} is shown nothing")
            continue
        shown = json.loads(text)
        expected = {**balances(member.view, now), **_standing(member)}
        # A list that was shortened for its size agrees as far as it goes.
        for name, value in expected.items():
            said = _said(shown, name)
            if said != (value[: len(said)] if name in shown["dropped"] else value):
                wrong.append(f"customer {customer.id} is shown {name} {said}, has {value}")
                break
    return wrong, len(shop.truth.customers) - len(wrong)


def _standing(member: Shown) -> dict[str, Any]:
    """Tier and badges as the rows say."""
    awarded = badges.held(member.standing.badges).values()
    return {"tier": tier_of(member.member, member.programme), "badges": sorted((b.badge, b.level) for b in awarded)}


def _said(shown: Mapping[str, Any], name: str) -> Any:
    if name == "tier":
        return shown["tier"]["id"] if shown["tier"] else None
    return sorted((b["id"], b["level"]) for b in shown["badges"]) if name == "badges" else shown[name]
