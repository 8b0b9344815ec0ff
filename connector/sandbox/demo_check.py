"""Proof of the demo: the books agree with themselves, and both shops show exactly what the ledger says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector import clock
from connector.crypto import Keys
from connector.running.service import Service
from connector.sandbox.demo_mails import TAKERS
from connector.sandbox.shop import Shop
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.woocommerce import SimulatedWooCommerce
from connector.snapshot import Holders, balances, load_shown
from connector.snapshot.loading import Shown
from connector.storage.connections import load_connections
from connector.storage.ledger_load import load_members
from connector.storage.session import Session
from connector.storage.shards import member_shard
from connector.verify import verify
from loyalty_engine import badges
from loyalty_engine.codes import voucher_code
from loyalty_engine.member import MemberState, Redemption, RedemptionState
from loyalty_engine.rewards import tier_of

WAITING = (RedemptionState.HELD, RedemptionState.REQUESTED, RedemptionState.ISSUED)
IN_STORE = (RedemptionState.ISSUED, RedemptionState.USED)


_LAST = "NOT EXISTS (SELECT 1 FROM {0} l WHERE l.shard = c.shard AND l.member_id = c.member_id {1}AND l.n > c.n)"
_STANDINGS = (
    (
        "tiers",
        "SELECT c.tier AS name, count(*) AS number FROM tier_change c "
        f"WHERE {_LAST.format('tier_change', '')} GROUP BY c.tier ORDER BY c.tier",
    ),
    (
        "badges held",
        "SELECT c.badge AS name, count(*) AS number FROM badge_change c WHERE c.badge_state = 'awarded' AND "
        + _LAST.format("badge_change", "AND l.badge = c.badge AND l.award_key = c.award_key ")
        + " GROUP BY c.badge ORDER BY c.badge",
    ),
    (
        "vouchers",
        "SELECT redemption_state AS name, count(*) AS number FROM redemption "
        "GROUP BY redemption_state ORDER BY redemption_state",
    ),
)


@dataclass(slots=True)
class Checked:
    """What was found, in lines for people."""

    ok: bool = True
    lines: list[str] = field(default_factory=list)

    def note(self, good: bool, line: str) -> None:
        """One finding; a bad one fails the whole."""
        self.ok = self.ok and good
        self.lines.append(f"{'ok  ' if good else 'BAD '} {line}")


async def check_everything(service: Service, shops: Mapping[str, Shop], checked: Checked) -> None:
    """Verify the books, then compare every customer of every shop."""
    session = service.database.reading()
    await _count(session, checked)
    report = await verify(service.database, service.keys)
    checked.note(report.ok, f"books: {report.as_text()}")
    for connection in (await load_connections(session)).values():
        shop = shops[connection.platform]
        assert isinstance(shop, SimulatedShopify | SimulatedWooCommerce)
        wrong, shown = await _compare(session, service.keys, connection.number, shop)
        sentence = f"{connection.platform}: {shown} shoppers are shown exactly their balance, tier, badges and vouchers"
        checked.note(not wrong, sentence if not wrong else f"{sentence}, {len(wrong)} are not, e.g. {wrong[:3]}")


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
    for title, sql in _STANDINGS:
        rows = await session.rows(sql)
        checked.note(bool(rows), f"{title}: " + ", ".join(f"{row['name']} {row['number']}" for row in rows))
    written = await session.number("SELECT count(DISTINCT member_id) FROM notice WHERE told_by IN ('mail', 'folder')")
    checked.note(0 < written <= 2 * TAKERS, f"mails went to {written} members; {2 * TAKERS} had agreed")
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
    known = {row["customer_ref"]: held[row["member_id"]] for row in identities}
    whole = await load_members(session, (), whole=members, lock=False)
    wrong = _wrong_codes(whole.values(), keys, connection_number, shop)
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
    """Tier, badges and waiting vouchers as the rows say."""
    awarded = badges.held(member.standing.badges).values()
    return {
        "tier": tier_of(member.member, member.programme),
        "badges": sorted((b.badge, b.level) for b in awarded),
        "vouchers": sorted((r.redemption_id, r.state.value) for r in member.redemptions if r.state in WAITING),
    }


def _wrong_codes(
    members: Iterable[MemberState], keys: Keys, connection_number: int, shop: SimulatedShopify | SimulatedWooCommerce
) -> list[str]:
    """Vouchers that the shop does not have as the ledger says: issued and unused, or used by the ledger's order."""
    found = {one.redemption_id: one for member in members for one in member.redemptions}
    wrong = []
    for redemption in found.values():
        if redemption.connection_number == connection_number and redemption.state in IN_STORE:
            coupon = shop.coupons.find(voucher_code(keys.voucher_key, redemption.redemption_id))
            if coupon is None or [str(number) for number in coupon.used_by] != _used_by(redemption):
                wrong.append(f"the code of {redemption.redemption_id} is not {redemption.state.value} in the shop")
    return wrong


def _used_by(redemption: Redemption) -> list[str]:
    return [redemption.order_ref.rpartition(":")[2]] if redemption.order_ref else []


def _said(shown: Mapping[str, Any], name: str) -> Any:
    if name == "tier":
        return shown["tier"]["id"] if shown["tier"] else None
    if name == "vouchers":
        return sorted((v["id"], v["state"]) for v in shown["vouchers"] if v["state"] in WAITING)
    return sorted((b["id"], b["level"]) for b in shown["badges"]) if name == "badges" else shown[name]
