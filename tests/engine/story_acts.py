"""All that may happen in a story, by how it is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from loyalty_engine.expiry import due_warnings
from loyalty_engine.facts import Line, OrderState, OrderStatus, Refund
from loyalty_engine.member import RedemptionState
from loyalty_engine.money import minor_from_decimal
from loyalty_engine.programme.model import ExpiryMode, ExpiryPolicy, RedeemPolicy
from tests.engine.books import ANNA
from tests.engine.builders import NO_FLOOR, OPENING, a_programme, a_redemption, an_activity, an_order, fixed, source_of
from tests.engine.story import Effect, Story, day, shown

REVIEW = fixed("review", 10)


def programme(story: Story, rates: str, days: str, more: str) -> None:
    """A programme that is in force from now on; the first one from the opening day. Reviews earn 10."""
    table = {code: rate for rate, code in re.findall(r"([\d.]+) points? per ([A-Z]{3})", rates)}
    assert len(table) == len(rates.split(",")), f"not understood: {rates}"
    versions = story.books.versions
    since = story.now if versions else OPENING
    changes: dict[str, Any] = {"expiry": ExpiryPolicy(), "redeem": NO_FLOOR}
    rules = [REVIEW]
    for text in filter(None, (part.strip() for part in more.split(","))):
        if found := re.fullmatch(r"joining earns (\d+)", text):
            rules.append(fixed("joined", int(found[1])))
        else:
            changes |= policy(text)
    versions.append(
        a_programme(
            table,
            len(versions) + 1,
            *rules,
            effective_from=since,
            pending_days=int(days),
            base_currency=min(table),
            **changes,
        )
    )


def policy(text: str) -> dict[str, Any]:
    """One more clause of a programme."""
    if found := re.fullmatch(r"ending (\d+) (months|days) after (earning|the last activity)", text):
        mode = ExpiryMode.FIXED if found[3] == "earning" else ExpiryMode.INACTIVITY
        months, days = (int(found[1]), 0) if found[2] == "months" else (0, int(found[1]))
        return {"expiry": ExpiryPolicy(mode, months, days)}
    if found := re.fullmatch(r"ending on (\d\d)-(\d\d)", text):
        return {"expiry": ExpiryPolicy(ExpiryMode.CALENDAR, calendar_days=((int(found[1]), int(found[2])),))}
    if found := re.fullmatch(r"owing at most (\d+)", text):
        return {"redeem": RedeemPolicy(allow_negative=-int(found[1]))}
    if found := re.fullmatch(r"points back (never|full_refund_only)", text):
        return {"redeem": replace(NO_FLOOR, reinstate=found[1])}
    raise AssertionError(f"not understood: {text}")


# --- orders and activities ---


def paid(story: Story, order: str, amount: str, currency: str, by: str | None, on: str | None) -> Effect:
    net_minor = minor_from_decimal(amount, currency)
    paid_at = day(on) if on else story.now
    bought = an_order(net_minor, order_id=order, currency=currency, paid_at=paid_at, created_at=paid_at)
    return tell(story, bought, None if by == "a guest" else (by or ANNA).lower())


def refunded(story: Story, order: str, amount: str) -> Effect:
    before = known(story, order)
    part = minor_from_decimal(amount, before.currency)
    refund = Refund(str(len(before.refunds) + 1), part, created_at=story.now)
    return tell(story, replace(before, refunds=(*before.refunds, refund)))


def refunded_in_full(story: Story, order: str) -> Effect:
    before = known(story, order)
    rest = before.total_minor - sum(refund.amount_minor for refund in before.refunds)
    refund = Refund(str(len(before.refunds) + 1), rest, created_at=story.now)
    return tell(story, replace(before, refunds=(*before.refunds, refund), shop_status="refunded"))


def status(story: Story, order: str, word: str) -> Effect:
    return tell(story, replace(known(story, order), status=STATUSES[word], shop_status=word))


def edited(story: Story, order: str, amount: str) -> Effect:
    before = known(story, order)
    net_minor = minor_from_decimal(amount, before.currency)
    return tell(story, replace(before, lines=(Line("11", 1, net_minor),), total_minor=net_minor))


def moved(story: Story, order: str, to: str) -> Effect:
    return tell(story, known(story, order), to.lower())


def again(story: Story, order: str) -> Effect:
    return tell(story, known(story, order))


def reviewed(story: Story, who: str, number: str) -> Effect:
    review = an_activity("review", number, occurred_at=story.now, updated_at=story.now, approved_at=story.now)
    return story.books.tell(review, who.lower(), story.now)


def joined(story: Story, who: str) -> Effect:
    ref = f"belong:joined:{who.lower()}"
    fact = an_activity("joined", who, source_ref=ref, occurred_at=story.now, updated_at=story.now)
    return story.books.tell(replace(fact, approved_at=story.now), who.lower(), story.now)


def known(story: Story, order_id: str) -> OrderState:
    fact = story.books.facts[source_of(order_id)]
    assert isinstance(fact, OrderState)
    return fact


def tell(story: Story, order: OrderState, *owner: str | None) -> Effect:
    to = owner[0] if owner else story.books.owners[order.source_ref]
    return story.books.tell(replace(order, updated_at=story.now), to, story.now)


# --- spending ---


def number_of(story: Story) -> int:
    return sum(len(account.redemptions) for account in story.books.accounts.values()) + 1


def redeemed(story: Story, who: str, points: str, order: str | None) -> Effect:
    redemption = a_redemption(int(points), number_of(story), story.now, expires_at=story.now + timedelta(days=60))
    made = story.run("redeem", who, redemption)
    if order and not isinstance(made, str):
        story.run("used", who, redemption.redemption_id, source_of(order))
    return made


def held(story: Story, who: str, points: str, until: str) -> Effect:
    redemption = a_redemption(
        int(points), number_of(story), story.now, state=RedemptionState.HELD, lapses_at=day(until)
    )
    return story.run("hold", who, redemption)


def on_redemption(command: str) -> Callable[..., Effect]:
    """``voucher 1 of Anna cancelled``: a command on a redemption, by its number in the story."""

    def act(story: Story, who: str, number: str, order: str | None = None) -> Effect:
        given = {"cancel": ["on request"], "capture": [source_of(order or "")], "used": [source_of(order or "")]}
        return story.run(command, who, f"{int(number):032x}", *given.get(command, []))

    return act


# --- time, people ---


def night(story: Story) -> Effect:
    """What the jobs of a night do: holds lapse, vouchers end, lots end."""
    made: list[Any] = []
    for member_id in sorted(story.books.accounts):
        for command in ("lapse_due", "expire_vouchers_due", "expire_lots"):
            effect = story.run(command, member_id)
            assert not isinstance(effect, str)
            made += effect
    return made


def told(story: Story, who: str) -> Effect:
    """Every reminder that is due is sent, and accepted."""
    account = story.books.account(who.lower())
    expiry = story.books.rulebook.in_force(story.now).expiry
    due = due_warnings(account.lots.values(), expiry, story.now)
    return story.run("arm", who, [end for reminder in due for end in reminder.lots], story.now)


def adjusted(story: Story, verb: str, who: str, points: str, reason: str) -> Effect:
    signed = int(points) if verb == "gives" else -int(points)
    number = str(len(story.books.account(who.lower()).entries) + 1)
    return story.run("adjust", who, signed, number, "merchant", reason)


def merged(story: Story, old: str, survivor: str) -> Effect:
    before = {name: len(account.entries) for name, account in story.books.accounts.items()}
    story.books.merge(f"{old}-{survivor}", old.lower(), survivor.lower(), story.now)
    return since(story, before, survivor.lower())


def unmerged(story: Story, old: str, survivor: str) -> Effect:
    refs = story.books.parcels[f"{old}-{survivor}"].refs
    before = {name: len(account.entries) for name, account in story.books.accounts.items()}
    story.books.merge(f"{survivor}-{old}-undone", survivor.lower(), old.lower(), story.now, refs)
    return since(story, before, old.lower())


def since(story: Story, before: dict[str, int], member_id: str) -> Effect:
    """Entries of the one who receives."""
    return story.books.account(member_id).entries[before.get(member_id, 0) :]


def balance(story: Story, who: str, numbers: str) -> None:
    account = story.books.account(who.lower())
    assert numbers == shown(account, story.now), f"{who} {shown(account, story.now)}, not: {numbers}"


def ends(story: Story, who: str, points: str, on: str) -> None:
    """Points of live lots that should end at the end of a day, by their nominal end."""
    account = story.books.account(who.lower())
    found = {
        str((lot.nominal_at - timedelta(hours=12)).date()): 0
        for lot in account.lots.values()
        if lot.free and lot.nominal_at
    }
    for lot in account.lots.values():
        if lot.free and lot.nominal_at and lot.is_live(story.now):
            found[str((lot.nominal_at - timedelta(hours=12)).date())] += lot.free
    assert found.get(on) == int(points), f"{who}: {found}"


STATUSES = {
    "cancelled": OrderStatus.CANCELLED,
    "deleted": OrderStatus.DELETED,
    "completed": OrderStatus.PAID,
    "processing": OrderStatus.PAID,
    "on-hold": OrderStatus.OPEN,
}

NAME = r"[A-Z]\w+"
ACTS: dict[str, Callable[..., Effect | None]] = {
    r"programme: (?P<rates>.+?), pending (?P<days>\d+) days(?P<more>(, .+)?)": programme,
    r"order (?P<order>\d+) paid (?P<amount>[\d.]+) (?P<currency>[A-Z]{3})"
    rf"( by (?P<by>a guest|{NAME}))?( on (?P<on>[\d-]+))?": paid,
    r"order (?P<order>\d+) refunded (?P<amount>[\d.]+)": refunded,
    r"order (?P<order>\d+) refunded in full": refunded_in_full,
    rf"order (?P<order>\d+) (?P<word>{'|'.join(STATUSES)})": status,
    r"order (?P<order>\d+) edited to (?P<amount>[\d.]+)": edited,
    rf"order (?P<order>\d+) (moved to|claimed by) (?P<to>{NAME})": moved,
    r"order (?P<order>\d+) told again": again,
    rf"(?P<who>{NAME}) joins": joined,
    rf"(?P<who>{NAME}) writes review (?P<number>\d+)": reviewed,
    rf"(?P<who>{NAME}) redeems (?P<points>\d+)( on order (?P<order>\d+))?": redeemed,
    rf"(?P<who>{NAME}) holds (?P<points>\d+) until (?P<until>[\d-]+)": held,
    rf"hold (?P<number>\d+) of (?P<who>{NAME}) captured by order (?P<order>\d+)": on_redemption("capture"),
    rf"hold (?P<number>\d+) of (?P<who>{NAME}) released": on_redemption("release"),
    rf"voucher (?P<number>\d+) of (?P<who>{NAME}) cancelled": on_redemption("cancel"),
    rf"voucher (?P<number>\d+) of (?P<who>{NAME}) issued": on_redemption("issued"),
    rf"voucher (?P<number>\d+) of (?P<who>{NAME}) used on order (?P<order>\d+)": on_redemption("used"),
    r"the night passes": night,
    rf"(?P<who>{NAME}) is told what ends": told,
    rf"the merchant (?P<verb>gives|takes from) (?P<who>{NAME}) (?P<points>\d+) for (?P<reason>.+)": adjusted,
    rf"(?P<old>{NAME}) is merged into (?P<survivor>{NAME})": merged,
    rf"the merge of (?P<old>{NAME}) into (?P<survivor>{NAME}) is undone": unmerged,
    rf"(?P<who>{NAME}) should lose (?P<points>\d+) at the end of (?P<on>[\d-]+)": ends,
    rf"(?P<who>{NAME}) (?P<numbers>(has|owes) .+)": balance,
}
