"""Redemptions of one member: what each took follows from its state and its order; holds have exactly their points."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import msgspec

from connector.storage.session import Row
from connector.verify.document import Document, Gift
from connector.verify.goods import read_order, share_kept
from connector.verify.load import MemberRows
from connector.verify.report import Findings
from connector.verify.rules import Books
from loyalty_engine.money import exponent_of

TAKEN = frozenset({"requested", "issued", "used"})
MOVED = "moved"
"""It went to another member in a merge."""


def check_redemptions(rows: MemberRows, books: Books, facts: Mapping[str, Row], findings: Findings) -> None:
    """Points taken by entries, and points set aside, of every redemption."""
    taken: dict[str, int] = {}
    for entry in rows.entries:
        ref = entry["source_ref"]
        if ref.startswith("redemption:") and entry["kind"] in ("redeem", "reinstate", "transfer"):
            taken[ref] = taken.get(ref, 0) - entry["points"]
    for redemption_id, redemption in rows.redemptions.items():
        ref = f"redemption:{redemption_id}"
        found, due = taken.pop(ref, 0), _due(redemption, books, facts)
        is_open = redemption["order_ref"] in rows.work
        if due is not None and due != found and not is_open:
            findings.differs("redemption", rows.place(ref), due, found)
        _check_booking(rows, redemption, findings)
        _check_terms(rows, redemption, books, findings)
    for redemption_id, lot_n in rows.bookings.keys():
        if redemption_id not in rows.redemptions:
            what = f"Redemption {redemption_id}, which does not exist,"
            findings.differs(
                "booking", rows.place(n=lot_n), 0, rows.bookings[redemption_id, lot_n]["points"], what=what
            )
    for ref, points in taken.items():
        if points:
            findings.differs("redemption", rows.place(ref), 0, points)


def _due(redemption: Row, books: Books, facts: Mapping[str, Row]) -> int | None:
    """Points that it should have taken; None where its order or version cannot be read."""
    points: int = redemption["points"]
    if redemption["redemption_state"] not in TAKEN:
        return 0
    ref = redemption["order_ref"]
    if ref is None or ref == f"belong:perk:{redemption['redemption_id']}" or ref.startswith("belong:credit:"):
        return points
    fact = facts.get(redemption["order_ref"])
    rules = books.corrected(redemption["programme_version"], redemption["created_at_us"])
    if fact is None or rules is None:
        return None
    try:
        share = share_kept(read_order(bytes(fact["fact"])))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return _kept(points, share, str(rules.document.redeem.get("reinstate", "proportional")))


def _kept(points: int, share: Fraction, policy: str) -> int:
    """What comes back is rounded down, and is everything once nothing is kept."""
    if policy == "never" or share == 1:
        return points
    if share == 0:
        return 0
    if policy == "full_refund_only":
        return points
    back = points * (1 - share)
    return points - back.numerator // back.denominator


def _check_booking(rows: MemberRows, redemption: Row, findings: Findings) -> None:
    redemption_id = redemption["redemption_id"]
    booked = sum(row["points"] for (by, _), row in rows.bookings.items() if by == redemption_id)
    expected = redemption["points"] if redemption["redemption_state"] == "held" else 0
    if booked != expected:
        ref = f"redemption:{redemption_id}"
        findings.differs("booking", rows.place(ref), expected, booked, what=f"Redemption {redemption_id}")


def _limits(redemption: Row, gift: Gift, document: Document) -> dict[str, int | None]:
    """Smallest order and cap in the redemption's currency; of a capped percentage also what it may be worth at most.

    Its cart is not kept, but the voucher asks for an order of at least that size: it is worth no more than the
    percentage of it. Under a share it asks for more where points paid of the same order already.
    """
    currency, value = redemption["currency"], redemption["value_minor"]
    least, cap = _there(gift.minimum_order, currency, document) or 0, _there(gift.cap, currency, document)
    share = Fraction(str(document.redeem.get("max_share", 1)))
    if gift.kind in ("amount", "slider") and share < 1:
        least = max(least, -(-value * share.denominator // share.numerator), redemption["minimum_order_minor"])
    if gift.kind != "percent" or cap is None:
        return {"minimum_order_minor": least, "cap_minor": cap}
    asked = redemption["minimum_order_minor"]
    most = min(asked * int(gift.percent * 100) // 10_000, cap)
    return {"minimum_order_minor": max(least, asked), "cap_minor": cap, "value_minor": min(most, value)}


def _there(base_minor: int | None, currency: str, document: Document) -> int | None:
    """An amount of the base currency in another one, rounded down; None without amount or rate."""
    if base_minor is None or currency == document.currency:
        return base_minor
    rate = document.base_rates.get(currency)
    if not rate:
        return None
    here, there = int(10 ** exponent_of(currency)), int(10 ** exponent_of(document.currency))
    return base_minor * here * rate.denominator // (rate.numerator * there)


def _check_terms(rows: MemberRows, redemption: Row, books: Books, findings: Findings) -> None:
    """What it is worth is what its reward was worth under its version of the programme."""
    place = rows.place(f"redemption:{redemption['redemption_id']}")
    rules = books.versions.get(redemption["programme_version"])
    gift = rules.document.gifts.get(redemption["reward_id"]) if rules else None
    if rules is None or gift is None:
        findings.differs("reward", place, "a reward", redemption["reward_id"], what="reward_id")
        return
    steps = redemption["points"] // gift.points if gift.kind == "slider" else 1
    expected: dict[str, str | int | None] = {
        "kind": gift.kind,
        "points": gift.points * steps,
        "product_id": gift.product,
        "percent_bp": int(gift.percent * 100),
    }
    if gift.values:
        expected["value_minor"] = gift.values.get(redemption["currency"], 0) * steps
    expected |= _limits(redemption, gift, rules.document)
    for what, value in expected.items():
        if redemption[what] != value:
            findings.differs("reward", place, value, redemption[what], what=what)
