"""What a member can earn and redeem now, and redeeming itself: the same for a server and for a shopper's page."""

from __future__ import annotations

import re
import uuid
from typing import Annotated, Any

from msgspec import Meta, Struct

from connector import clock
from connector.redeeming import redemptions
from connector.redeeming.examining import examine_member
from connector.redeeming.shown import shown
from connector.routes.errors import Problem
from connector.routes.operations import Call
from connector.storage.redemptions import list_redemptions
from connector.storage.vouchers import VoucherKey, find_vouchers
from loyalty_engine.cart import Cart
from loyalty_engine.codes import folded_code
from loyalty_engine.facts import Line

Amount = Annotated[int, Meta(ge=0, le=10**13)]
Word = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+(?!\n)$")]
_KEY = re.compile(r"[A-Za-z0-9_.:-]{8,100}")


class CartLine(Struct, forbid_unknown_fields=True):
    """One line of a cart. net_minor: after discounts, without tax, of all units."""

    product_id: str
    quantity: Annotated[int, Meta(ge=1, le=10_000)]
    net_minor: Amount
    variant_id: str | None = None
    sku: str | None = None
    tax_minor: Amount = 0
    is_gift_card: bool = False
    is_on_sale: bool = False


class CartBody(Struct, forbid_unknown_fields=True):
    """A cart in minor units of its currency. codes: of the coupons in it; those that are no vouchers of ours do not
    matter. points_minor: what our vouchers among them take off it, with tax; the lines are what is left.
    """

    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}(?!\n)$")]
    lines: Annotated[list[CartLine], Meta(max_length=500)] = []
    shipping_minor: Amount = 0
    tax_minor: Amount = 0
    channel: str = "web"
    country: str | None = None
    codes: Annotated[list[Word], Meta(max_length=50)] = []
    points_minor: Amount = 0

    def cart(self, redemption_ids: tuple[str, ...]) -> Cart:
        """As the engine takes it. redemption_ids: what its codes stand for."""
        lines = tuple(
            Line(
                str(number),
                line.quantity,
                line.net_minor,
                product_id=line.product_id,
                is_gift_card=line.is_gift_card,
                tax_minor=line.tax_minor,
                sku=line.sku,
                variant_id=line.variant_id,
                is_on_sale=line.is_on_sale,
            )
            for number, line in enumerate(self.lines)
        )
        return Cart(
            self.currency,
            lines,
            shipping_minor=self.shipping_minor,
            tax_minor=self.tax_minor,
            channel=self.channel,
            country=self.country,
            redemptions=redemption_ids,
            points_minor=self.points_minor,
        )


class ExamineBody(Struct, forbid_unknown_fields=True):
    """What would be: with a cart, or without one."""

    cart: CartBody | None = None


class Offered(Struct):
    """One reward. obstacles: what stands in the way, each with a code and its numbers; empty if it can be had now."""

    reward: str
    kind: str
    name: dict[str, str]
    points: int
    available: bool
    missing_points: int
    value_minor: int
    currency: str
    needs_cart: bool
    obstacles: list[dict[str, Any]]
    step_points: int = 0
    least_points: int = 0
    most_points: int = 0


class WouldEarn(Struct):
    """What a cart or an action would earn now. rules: those that would not fire, and why."""

    about: str
    points: int
    reason: str | None
    matures_at: str | None
    rules: list[dict[str, Any]]
    inputs: dict[str, Any]


class PendingPoints(Struct):
    """Points that become spendable; None: when something without a date has happened."""

    points: int
    matures_at: str | None


class NextReward(Struct):
    """The reward that only a few points are missing for."""

    reward: str
    missing_points: int


class Examined(Struct):
    """Everything that a member can earn and redeem at a moment. Asking changes nothing."""

    member_id: str
    at: str
    programme_version: int
    available: int
    pending: list[PendingPoints]
    held: int
    owed: int
    tier: str | None
    paused: bool
    earn: list[WouldEarn]
    rewards: list[Offered]
    next_reward: NextReward | None


class RedeemBody(Struct, forbid_unknown_fields=True):
    """A reward for points. points: with a slider. holds: set aside for a cart until its order is paid."""

    reward: Word
    points: Annotated[int, Meta(ge=1, le=10**12)] | None = None
    cart: CartBody | None = None
    holds: bool = False


class CaptureBody(Struct, forbid_unknown_fields=True):
    """order_ref: the source of the order that is paid, such as ``shopify:1:order:5123``."""

    order_ref: Word


class Redeemed(Struct):
    """One redemption. code: what the shopper enters at the checkout."""

    redemption: str
    reward: str
    kind: str
    state: str
    points: int
    code: str | None
    value_minor: int
    currency: str
    percent_bp: int
    minimum_order_minor: int
    product_id: str | None
    order_ref: str | None
    created_at: str | None
    lapses_at: str | None
    expires_at: str | None
    late: bool
    reason: str


class RedemptionList(Struct):
    """Newest first, at most 100."""

    redemptions: list[Redeemed]


async def redemption_list(call: Call, programme_number: int, member_id: str) -> Any:
    """``RedemptionList`` of a member."""
    found = await list_redemptions(call.session, programme_number, member_id)
    return {"redemptions": [shown(call.service.pipeline, one) for one in found]}


async def examined(call: Call, programme_number: int, member_id: str, connection_number: int | None) -> Any:
    """``Examined`` of a member."""
    body: ExamineBody = call.body
    counted = await call.service.outbox.holders.of(call.session, programme_number, clock.utc_now())
    return await examine_member(
        call.service.pipeline,
        programme_number,
        member_id,
        connection_number=connection_number,
        cart=await _cart(call, programme_number, connection_number, body.cart),
        reported=counted.reported,
    )


async def _cart(call: Call, programme_number: int, connection_number: int | None, body: CartBody | None) -> Cart | None:
    """The cart, with the redemptions whose vouchers lie in it; without a store no code can be known."""
    if body is None:
        return None
    keys = [VoucherKey(connection_number, folded_code(code)) for code in body.codes] if connection_number else []
    vouchers = (await find_vouchers(call.session, keys)).values()
    return body.cart(tuple(sorted(one.redemption_id for one in vouchers if one.programme_number == programme_number)))


async def redeemed(
    call: Call, programme_number: int, member_id: str, connection_number: int, actor: str, caller: str = ""
) -> Any:
    """Redeem or hold, once for each Idempotency-Key. caller: the API key that asks."""
    body: RedeemBody = call.body
    wish = redemptions.Wish(
        programme_number,
        member_id,
        body.reward,
        connection_number,
        idempotency_key(call),
        body.points,
        await _cart(call, programme_number, connection_number, body.cart),
        body.holds,
        actor,
        caller,
    )
    made = await redemptions.redeem(call.service.pipeline, wish)
    call.service.wake.set()
    return made


def idempotency_key(call: Call) -> str:
    """The caller's key; without one a lost answer could redeem twice."""
    key = call.request.headers.get("idempotency-key", "")
    if not _KEY.fullmatch(key):
        raise Problem(
            400,
            "No key",
            "Send an Idempotency-Key of 8 to 100 letters, digits and _.:- that is new for each redemption.",
        )
    return key


def redemption_id_of(text: str) -> str:
    """32 hex digits as callers write them, or Problem 404."""
    try:
        return uuid.UUID(text).hex
    except ValueError as error:
        raise Problem(404, "No such redemption", "There is no such redemption.") from error
