"""A redemption is a source on the spending side: what is due for it, against what its entries took.

Due is all of its points while it is requested, issued or used, less the share of the order's goods that went back;
nothing in any other state. The difference is a redeem, or a reinstate to the very lots that paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from loyalty_engine.desk import Desk, lines
from loyalty_engine.expiry import disarmed, earliest_end, ends_soon
from loyalty_engine.facts import OrderState
from loyalty_engine.goods import share_kept
from loyalty_engine.ledger import EntryKind
from loyalty_engine.lots import Lot, Taken, total
from loyalty_engine.member import TAKEN_STATES, Redemption
from loyalty_engine.programme.model import RedeemPolicy


def due_of(redemption: Redemption, share: Fraction, policy: RedeemPolicy) -> int:
    """Points that a redemption should have taken, given the share of its order's goods that is kept.

    What comes back is rounded down, and is everything once nothing is kept.
    """
    if redemption.state not in TAKEN_STATES:
        return 0
    if policy.reinstate == "never" or share >= 1:
        return redemption.points
    if share <= 0:
        return 0
    if policy.reinstate == "full_refund_only":
        return redemption.points
    return redemption.points - int(redemption.points * (1 - share))


def taken_by(desk: Desk, redemption: Redemption) -> int:
    """What the entries of a redemption took in all, those moved from or to another member included."""
    posted = desk.posted(redemption.source_ref)
    return posted.spent - posted.points


def settle_order(desk: Desk, order_ref: str, order: OrderState) -> None:
    """Settle every redemption that was used on an order, whoever the order belongs to now."""
    desk.member.must_know(order_ref)
    used = [
        known
        for redemption in desk.member.redemptions
        if (known := desk.redemptions.get(redemption.redemption_id, redemption)).order_ref == order_ref
        and known.state in TAKEN_STATES
    ]
    if not used:
        return
    share = share_kept(order)
    inputs = {
        "order": order.order_id,
        "order_name": order.order_name or order.order_id,
        "order_ref": order_ref,
        "share_kept": str(share),
        "order_status": order.status.value,
        "actor": "system",
    }
    for redemption in sorted(used, key=lambda used: (used.created_at, used.redemption_id)):
        rules = desk.rulebook.recorded(redemption.programme_version, redemption.created_at) or desk.programme
        due = due_of(redemption, share, rules.redeem)
        settle(desk, redemption, due, inputs | {"policy": rules.redeem.reinstate})


def settle(desk: Desk, redemption: Redemption, due: int, inputs: Mapping[str, Any], taken: Taken | None = None) -> None:
    """Post the difference between what is due and what was taken.

    taken: lots already taken under the next number; None: from what can be spent, and the rest is owed and flagged.
    """
    before = taken_by(desk, redemption)
    told = {
        "redemption": redemption.redemption_id,
        "reward": redemption.reward_id,
        "points": redemption.points,
        "state": redemption.state.value,
        **inputs,
        "due": due,
        "posted": before,
    }
    if due > before:
        _take(desk, redemption, due - before, told, taken)
    elif due < before:
        _reinstate(desk, redemption, before - due, told)


def _take(desk: Desk, redemption: Redemption, points: int, told: Mapping[str, Any], taken: Taken | None) -> None:
    if taken is None:
        taken = desk.book.spend(desk.next_n(), min(points, spendable(desk)), desk.now)
    desk.debit(EntryKind.REDEEM, points, redemption.source_ref, redemption.programme_version, told, taken)
    if total(taken) < points and not redemption.late:
        desk.redemptions[redemption.redemption_id] = replace(redemption, late=True, updated_at=desk.now)


def spendable(desk: Desk) -> int:
    """What can be spent now, at least 0."""
    return max(0, sum(lot.free for lot in desk.book.free_at(desk.now)) - desk.book.deficit)


def _reinstate(desk: Desk, redemption: Redemption, points: int, told: Mapping[str, Any]) -> None:
    """Give points back to the lots that paid, latest end first; to a lot of its own what they cannot hold any more."""
    back = _lots_that_paid(desk, redemption, points)
    for lot, _ in back:
        if not lot.is_live(desk.now):
            desk.expire(desk.book.lots[lot.n], redemption.programme_version)
    stay = [(lot, part) for lot, part in back if not ends_soon(lot, desk.now)]
    number = desk.next_n()
    reopened = points - total(stay)
    explanation: dict[str, Any] = {**told, "lots": lines(stay)}
    if reopened:
        explanation["reopened"] = reopened
    repaid = min(desk.book.deficit, points)
    if repaid:
        explanation["repaid"] = repaid
    for lot, part in stay:
        desk.book.give_back(number, lot.n, part)
        desk.book.put(disarmed(desk.book.lots[lot.n]))
    desk.post(EntryKind.REINSTATE, points, redemption.source_ref, redemption.programme_version, explanation)
    if reopened:
        desk.book.open(_reopened(desk, redemption, number, reopened, has_ended=total(back) > total(stay)))
    for lot, _ in stay:
        desk.book.repay(lot.n)
    desk.take_back_forgiven(points, redemption.source_ref)


def _lots_that_paid(desk: Desk, redemption: Redemption, points: int) -> Taken:
    takings = desk.takings(redemption.source_ref)
    lots = sorted((desk.book.lots[lot_n] for lot_n in takings if lot_n in desk.book.lots), key=_latest_end_last)
    back: Taken = []
    for lot in reversed(lots):
        part = min(points, takings[lot.n])
        if part:
            points -= part
            back.append((lot, part))
    return back


def _latest_end_last(lot: Lot) -> tuple[bool, Any, int]:
    end = lot.expires_at or lot.nominal_at
    return (end is None, end or lot.matures_at, lot.n)


def _reopened(desk: Desk, redemption: Redemption, n: int, points: int, has_ended: bool) -> Lot:
    rules = desk.programme
    end = earliest_end(desk.now, rules.timezone) if has_ended else desk.nominal_at(rules, desk.now)
    return Lot(n, redemption.source_ref, points, points, desk.now, None, end, dated_at=desk.now)
