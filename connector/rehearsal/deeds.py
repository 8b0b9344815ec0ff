"""What made-up shoppers do: each deed is a fact of the made-up shop, or the command that the API calls."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import msgspec

from connector.people import referrals
from connector.people.actors import Actor
from connector.people.birth_dates import birthday_of
from connector.people.enrolling import enrol_member
from connector.people.signs import Shown
from connector.platforms import FETCHED_ORDER
from connector.redeeming import perks, redemptions
from connector.redeeming.redemptions import Wish
from connector.rehearsal.clockwork import deed_done, settle
from connector.rehearsal.goods import product_of
from connector.rehearsal.shop import ACTIVITY, CUSTOMER, MAILS_AT
from connector.rehearsal.stage import KEYS, Stage
from connector.rehearsal.state import CONNECTION, PROGRAMME, Shopper
from connector.storage.atomic import atomic
from connector.storage.catalogue import save_products
from connector.storage.facts import Customer
from connector.storage.inbox import Delivery, insert_deliveries
from connector.storage.people import Told, note_told, set_birthday
from connector.storage.programmes import load_programmes
from connector.storage.redemptions import list_redemptions
from connector.storage.session import Session
from loyalty_engine.codes import voucher_code
from loyalty_engine.errors import AmountError, Refused
from loyalty_engine.facts import (
    Activity,
    ActivityStatus,
    CustomerState,
    Line,
    OrderState,
    OrderStatus,
    Refund,
)
from loyalty_engine.member import Redemption
from loyalty_engine.money import exponent_of, minor_from_decimal
from loyalty_engine.programme.model import ORDER, Programme, RewardKind

SHOPPERS_MAX = 12
ORDERS_MAX = 200
DEEDS_MAX = 1_000
NAME_MAX = 60
AMOUNT_MAX = 10**9
"""In minor units: nobody tries more in a test, and a slip of the finger is seen."""
TESTER = Actor("test", "console", "test")
LONG_KNOWN = timedelta(days=400)
"""So long ago a birthday was told, at the latest: longer than any programme waits."""
NOT_DONE_BY_HAND = frozenset({ORDER, "joined", "birthday", "referral", "referral_friend"})
_NUMBER = re.compile(r"[0-9]{1,9}")
Form = Mapping[str, str]
Deed = Callable[[Stage, Form], Awaitable[None]]


async def programme_of(stage: Stage) -> Programme:
    """What holds at the test's moment."""
    return (await load_programmes(stage.database.reading()))[PROGRAMME].rulebook.in_force(stage.now)


def activities_of(programme: Programme) -> list[str]:
    """Kinds of activities for which it has a rule, beside those that come of themselves."""
    return sorted({rule.trigger for rule in programme.rules} - NOT_DONE_BY_HAND)


async def join(stage: Stage, form: Form) -> None:
    """Somebody new registers."""
    await _newcomer(stage, form)
    await deed_done(stage)


async def _newcomer(stage: Stage, form: Form) -> Shopper:
    name, birthday = form.get("name", "").strip()[:NAME_MAX], birthday_of(form.get("birthday", "")) or ""
    if not name:
        raise Refused("test-name-missing")
    if form.get("birthday", "").strip() and not birthday:
        raise Refused("test-birthday-unreadable")
    if len(stage.state.shoppers) >= SHOPPERS_MAX:
        raise Refused("test-too-many-shoppers", {"limit": SHOPPERS_MAX})
    return await register(stage, name, birthday)


async def refer(stage: Stage, form: Form) -> None:
    """Somebody new registers with a shopper's code. alike: from the same home and device, which a person looks at."""
    referrer = _shopper(stage, form)
    if (await programme_of(stage)).referral is None:
        raise Refused("test-no-such-thing")
    friend = await _newcomer(stage, form)
    home = referrer.ref if form.get("alike") == "yes" else friend.ref
    code = await referrals.own_code(stage.pipeline, PROGRAMME, referrer.member_id, _shows(referrer.ref))
    await referrals.register_friend(stage.pipeline, PROGRAMME, friend.member_id, code, _shows(home))
    await deed_done(stage)


def _shows(home: str) -> Shown:
    return Shown(household=f"{home} Test Street, Testtown", device=f"device {home}")


async def approve(stage: Stage, form: Form) -> None:
    """A person lets a referral pass."""
    await referrals.approve(stage.pipeline, PROGRAMME, _shopper(stage, form).member_id, TESTER)
    await deed_done(stage)


async def decline(stage: Stage, form: Form) -> None:
    """A person refuses a referral."""
    await referrals.refuse(stage.pipeline, PROGRAMME, _shopper(stage, form).member_id, TESTER, "")
    await deed_done(stage)


async def register(stage: Stage, name: str, birthday: str = "", role: str = "") -> Shopper:
    """A customer who is a member from now on, with an address that takes mails."""
    state, now = stage.state, stage.now
    ref = str(len(state.shoppers) + 1)
    customer = CustomerState(f"{_store(stage)}:customer:{ref}", ref, now, now, address_proven=True)
    await _tell(stage, CUSTOMER, "customer", ref, customer)
    await settle(stage)
    enrolled = await enrol_member(stage.pipeline, Customer(PROGRAMME, CONNECTION, ref), TESTER)
    shopper = Shopper(ref, name, birthday, enrolled.member_id, role)

    async def body(session: Session) -> None:
        told = Told(ref + MAILS_AT, name, state.language, accepts_mail=True)
        await note_told(session, KEYS, PROGRAMME, {shopper.member_id: told}, now)
        if birthday:
            await set_birthday(session, KEYS, PROGRAMME, shopper.member_id, birthday, now - LONG_KNOWN)

    await atomic(stage.database, body)
    state.shoppers = [*state.shoppers, shopper]
    await settle(stage)
    return shopper


async def order(stage: Stage, form: Form) -> None:
    """An order of so much, of goods that a rule names, paid at once or not."""
    programme = await programme_of(stage)
    amount = _amount(form.get("amount", ""), programme.base_currency)
    await buy(stage, _shopper(stage, form), amount, is_paid=form.get("paid") == "yes", goods=form.get("goods", ""))
    await deed_done(stage)


async def buy(
    stage: Stage,
    shopper: Shopper,
    amount: int,
    *,
    is_paid: bool = True,
    goods: str = "",
    codes: Sequence[str] = (),
    count: int = 1,
) -> None:
    """One order of one line. goods: see ``goods.product_of``."""
    state, now = stage.state, stage.now
    if len(state.orders) >= ORDERS_MAX:
        raise Refused("test-too-many-orders", {"limit": ORDERS_MAX})
    programme = await programme_of(stage)
    number = str(len(state.orders) + 1)
    line = Line("1", count, amount, list_minor=amount, shelf_minor=amount)
    if goods:
        product, line = product_of(goods, line)
        if product is not None:
            made = [(CONNECTION, PROGRAMME, product)]
            await atomic(stage.database, lambda session: save_products(session, made, [], now))
    await _change(
        stage,
        OrderState(
            f"{_store(stage)}:order:{number}",
            number,
            shopper.ref,
            programme.base_currency,
            OrderStatus.PAID if is_paid else OrderStatus.OPEN,
            "paid" if is_paid else "open",
            now,
            now,
            paid_at=now if is_paid else None,
            fulfilled_at=now if is_paid else None,
            total_minor=amount,
            lines=(line,),
            order_name=f"#{number}",
            codes=tuple(codes),
        ),
    )


async def pay(stage: Stage, form: Form) -> None:
    """An open order is paid."""
    found = _order(stage, form)
    if found.status is not OrderStatus.OPEN:
        raise Refused("test-order-not-open")
    now = stage.now
    paid = replace(found, status=OrderStatus.PAID, shop_status="paid", paid_at=now, fulfilled_at=now, updated_at=now)
    await _change(stage, paid)
    await deed_done(stage)


async def refund(stage: Stage, form: Form) -> None:
    """A part of a paid order goes back, or all that is left of it."""
    found = _order(stage, form)
    left = found.total_minor - sum(one.amount_minor for one in found.refunds)
    if found.status is not OrderStatus.PAID or left <= 0:
        raise Refused("test-order-not-paid")
    text = form.get("amount", "").strip()
    amount = _amount(text, found.currency) if text else left
    if amount > left:
        raise Refused("test-refund-too-large")
    back = Refund(str(len(found.refunds) + 1), amount, created_at=stage.now)
    await _change(stage, replace(found, refunds=(*found.refunds, back), updated_at=stage.now))
    await deed_done(stage)


async def cancel(stage: Stage, form: Form) -> None:
    """An order is called off."""
    found = _order(stage, form)
    if found.status not in (OrderStatus.OPEN, OrderStatus.PAID):
        raise Refused("test-order-over")
    await _change(stage, replace(found, status=OrderStatus.CANCELLED, shop_status="cancelled", updated_at=stage.now))
    await deed_done(stage)


async def activity(stage: Stage, form: Form) -> None:
    """Something else that a rule names: a review of which nobody could complain, a visit, a survey."""
    kind, shopper, now = form.get("kind", ""), _shopper(stage, form), stage.now
    if kind not in activities_of(await programme_of(stage)):
        raise Refused("test-no-such-thing")
    number = str(stage.state.deeds)
    done = Activity(
        f"event:{PROGRAMME}:test:{kind}:{number}",
        number,
        kind,
        ActivityStatus.APPROVED,
        now,
        now,
        customer_ref=shopper.ref,
        object_id=number,
        product_id=f"product-{number}",
        values={"rating": 5, "chars": 1_000, "photos": 1, "verified": True},
        approved_at=now,
    )
    await _tell(stage, ACTIVITY, "activity", number, done)
    await deed_done(stage)


async def redeem(stage: Stage, form: Form) -> None:
    """A reward is taken for points."""
    shopper, points = _shopper(stage, form), form.get("points", "").strip()
    _count(stage)
    wish = Wish(
        PROGRAMME,
        shopper.member_id,
        form.get("reward", ""),
        CONNECTION,
        f"test-{stage.state.deeds}",
        points=int(points) if _NUMBER.fullmatch(points) else None,
    )
    await redemptions.redeem(stage.pipeline, wish)
    await deed_done(stage)


async def use(stage: Stage, form: Form) -> None:
    """A reward is used: its code on an order, or somebody of the shop hands it over."""
    shopper = _shopper(stage, form)
    found = await had(stage, shopper, form.get("redemption", ""))
    if found.kind == RewardKind.PERK:
        await perks.give_perk(stage.pipeline, PROGRAMME, shopper.member_id, found.redemption_id, TESTER)
    elif found.kind == RewardKind.STORE_CREDIT:
        # It is money in the shop from the moment it is given; the shop does not ask us again.
        raise Refused("test-no-such-thing")
    else:
        amount = _amount(form.get("amount", ""), (await programme_of(stage)).base_currency)
        code = voucher_code(KEYS.voucher_key, found.redemption_id)
        await buy(stage, shopper, max(0, amount - found.value_minor), codes=[code])
    await deed_done(stage)


async def had(stage: Stage, shopper: Shopper, redemption_id: str) -> Redemption:
    """A reward that they took. Raises Refused."""
    rows = await list_redemptions(stage.database.reading(), PROGRAMME, shopper.member_id, ORDERS_MAX)
    found = next((one for one in rows if one.redemption_id == redemption_id), None)
    if found is None:
        raise Refused("redemption-unknown")
    return found


DEEDS: Mapping[str, Deed] = {
    "join": join,
    "refer": refer,
    "approve": approve,
    "decline": decline,
    "order": order,
    "pay": pay,
    "refund": refund,
    "cancel": cancel,
    "activity": activity,
    "redeem": redeem,
    "use": use,
}


def _shopper(stage: Stage, form: Form) -> Shopper:
    found = stage.state.shopper(form.get("shopper", ""))
    if found is None:
        raise Refused("test-no-such-thing")
    return found


def _order(stage: Stage, form: Form) -> OrderState:
    found = stage.state.order(form.get("order", ""))
    if found is None:
        raise Refused("test-no-such-thing")
    return found


def _amount(text: str, currency: str) -> int:
    written = text.strip().replace(",", ".")
    try:
        # More places than the currency has are no cents: whoever wrote 1,500 did not mean one euro fifty.
        is_read = len(written.partition(".")[2]) <= exponent_of(currency)
        amount = minor_from_decimal(written, currency) if is_read else 0
    except AmountError:
        amount = 0
    if not 0 < amount <= AMOUNT_MAX:
        raise Refused("test-amount-unreadable")
    return amount


async def _change(stage: Stage, changed: OrderState) -> None:
    """The shop tells this state of an order."""
    others = [one for one in stage.state.orders if one.order_id != changed.order_id]
    stage.state.orders = [*others, changed]
    await _tell(stage, FETCHED_ORDER, "order", changed.order_id, changed)


def _count(stage: Stage) -> None:
    """One deed more. Its number is what the shop calls it by, so that the next one is another."""
    stage.state.deeds += 1
    if stage.state.deeds > DEEDS_MAX:
        raise Refused("test-too-many-deeds", {"limit": DEEDS_MAX})


async def _tell(stage: Stage, topic: str, kind: str, object_id: str, fact: object) -> None:
    _count(stage)
    now, key = stage.now, f"test:{stage.state.deeds}"
    told = Delivery(PROGRAMME, CONNECTION, topic, kind, object_id, key, now, now, msgspec.json.encode(fact))
    await atomic(stage.database, lambda session: insert_deliveries(session, [told], KEYS))


def _store(stage: Stage) -> str:
    return f"{stage.state.platform}:{CONNECTION}"
