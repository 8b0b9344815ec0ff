"""The made-up world: the same for the same seed, rich enough, and never impossible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.sandbox.records import Line, Order, Product
from connector.sandbox.shop import Shop
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.woocommerce import SimulatedWooCommerce
from connector.sandbox.world import Plan, live, play, schedule
from tests.sandbox.shops import HOOKS, NOON, Receiver, StillClock, listen, shopify, woocommerce

KINDS: dict[str, type[SimulatedShopify] | type[SimulatedWooCommerce]] = {
    "shopify": SimulatedShopify,
    "woocommerce": SimulatedWooCommerce,
}


def played(platform: str, seed: int, shoppers: int = 40) -> Shop:
    shop = KINDS[platform](seed, now=StillClock())
    play(shop, schedule(seed, Plan(platform, shoppers=shoppers), NOON))
    return shop


def picture(shop: Shop) -> list[object]:
    return [*shop.truth.orders.values(), *shop.truth.customers.values()]


@pytest.mark.parametrize("platform", KINDS)
def test_the_same_seed_makes_the_same_world(platform: str) -> None:
    assert picture(played(platform, 7)) == picture(played(platform, 7))
    assert picture(played(platform, 7)) != picture(played(platform, 8))


@pytest.mark.parametrize("platform", KINDS)
def test_a_world_has_every_kind_of_order_and_stays_in_its_three_months(platform: str) -> None:
    shop = played(platform, 7, shoppers=120)
    orders = list(shop.truth.orders.values())
    assert len(orders) == 480
    assert all(NOON.replace(month=8) <= order.created_at <= order.updated_at <= NOON for order in orders)
    assert any(order.customer_id is None for order in orders)
    assert any(order.refunds and not order.refunds[0].lines for order in orders)
    assert any(order.refunds and order.refunds[0].lines for order in orders)
    assert any(order.cancelled_at for order in orders) and any(order.deleted for order in orders)
    assert any(order.coupon for order in orders)
    if platform == "woocommerce":
        assert {"EUR", "JPY", "KWD", "USD"} <= {order.currency for order in orders}
        assert any(order.trashed for order in orders)
    else:
        assert any(order.presentment for order in orders) and any(
            line.removed for order in orders for line in order.lines
        )
        assert any(line.product.is_gift_card for order in orders for line in order.lines)


@pytest.mark.parametrize("platform", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_every_order_of_a_world_can_be_told_and_adds_up(platform: str, seed: int) -> None:
    shop = played(platform, seed)
    assert isinstance(shop, SimulatedShopify | SimulatedWooCommerce)
    for order in shop.truth.orders.values():
        assert shop.bodies.order(order)
        assert_adds_up(order)


def assert_adds_up(order: Order) -> None:
    for line in order.lines:
        assert 0 <= line.current_quantity <= line.quantity
        assert min(line.net_minor, line.tax_minor, line.gross_minor, line.discount_minor) >= 0
        named = sum(part.net_minor for refund in order.refunds for part in refund.lines if part.line_id == line.id)
        if line.current_quantity == 0 and not line.removed:
            assert named == line.net_minor
    assert order.left_minor == max(0, order.total_minor - order.refunded_minor)
    assert order.refunded_minor <= order.total_minor


@given(
    minor=st.integers(0, 10**9),
    quantity=st.integers(1, 50),
    cuts=st.lists(st.integers(1, 50), max_size=10),
    grain=st.sampled_from((1, 10)),
)
def test_shares_of_a_line_always_add_up_to_the_line(minor: int, quantity: int, cuts: list[int], grain: int) -> None:
    line = Line(1, Product(1, 2, "", "", 1), quantity, 0, 0, 0, 0, grain=grain)
    minor = minor // grain * grain
    taken, parts = 0, []
    for units in [*cuts, quantity]:
        units = min(units, quantity - taken)
        parts.append(line.share(minor, taken, units))
        taken += units
    assert sum(parts) == minor
    assert all(part >= 0 and part % grain == 0 for part in parts)


async def test_a_lived_world_is_told_to_its_listeners_state_by_state() -> None:
    for platform, make in (("shopify", shopify), ("woocommerce", woocommerce)):
        receiver = Receiver()
        shop = make(receiver)
        if isinstance(shop, SimulatedWooCommerce):
            await listen(shop, receiver)
        actions = schedule(3, Plan(platform, shoppers=10), NOON)
        seen: list[int] = []
        await live(shop, actions, burst=10, progress=seen.append)
        assert seen[-1] == len(actions)
        assert shop.courier.waiting == 0
        assert all(attempt.status == 200 for attempt in shop.courier.log)
        assert len(receiver.got) > len(actions)
        assert HOOKS.endswith("/hooks")
