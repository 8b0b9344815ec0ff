"""What of an order earns: the written policy, one row per case, told by both platforms."""

from __future__ import annotations

import pytest

from connector.platforms import FETCHED_ORDER
from connector.shopify.normalise import normalise as normalise_shopify
from connector.woocommerce.normalise import normalise as normalise_woocommerce
from loyalty_engine.facts import OrderState
from loyalty_engine.goods import goods_kept
from tests.payloads import shopify_bodies, woocommerce_bodies
from tests.payloads.stories import PaidBack, SoldLine, Story, normaliser


def everywhere(story: Story) -> list[OrderState]:
    """The order as each platform sends it and as we read it."""
    shopify, woocommerce = normaliser("shopify"), normaliser("woocommerce", gift_card_products="99")
    facts = [
        *normalise_shopify("orders/paid", shopify_bodies.webhook(story), shopify),
        *normalise_shopify(FETCHED_ORDER, shopify_bodies.fetched(story), shopify),
        *normalise_woocommerce("order.updated", woocommerce_bodies.webhook(story), woocommerce),
        *normalise_woocommerce(FETCHED_ORDER, woocommerce_bodies.fetched(story), woocommerce),
    ]
    orders = [fact for fact in facts if isinstance(fact, OrderState)]
    assert len(orders) == 4
    return orders


@pytest.mark.parametrize("is_tax_included", [False, True])
@pytest.mark.parametrize(
    ("story", "goods"),
    [
        pytest.param(Story((SoldLine(1, 1, 70000),)), 70000, id="plain"),
        pytest.param(Story((SoldLine(1, 1, 63000, discount=7000),)), 63000, id="coupon-of-10-percent"),
        pytest.param(Story((SoldLine(1, 1, 63000, tax=11970, discount=7000),)), 63000, id="net-of-tax"),
        pytest.param(Story((SoldLine(1, 7, 63000, tax=11970, discount=7000),)), 63000, id="seven-units"),
        pytest.param(Story((SoldLine(1, 1, 63000),), shipping=490, shipping_tax=93), 63000, id="no-shipping"),
        pytest.param(
            Story((SoldLine(1, 1, 63000), SoldLine(2, 1, 5000, product_id=99, is_gift_card=True))),
            63000,
            id="no-gift-cards",
        ),
        pytest.param(Story((SoldLine(1, 1, 0, discount=7000),)), 0, id="free-by-discount"),
        pytest.param(Story((SoldLine(1, 1, 1),)), 1, id="one-cent"),
        pytest.param(Story((SoldLine(1, 1, 99),)), 99, id="below-one-unit"),
        pytest.param(Story((SoldLine(1, 3, 100), SoldLine(2, 3, 200))), 300, id="lines-add-up"),
        pytest.param(Story((SoldLine(1, 1, 700),), currency="JPY"), 700, id="yen-have-no-places"),
        pytest.param(Story((SoldLine(1, 1, 700),), currency="KWD"), 700, id="dinars-have-three"),
        pytest.param(Story((SoldLine(1, 1, 700),), refunds=(PaidBack(5, 9999),)), 0, id="refund-larger-than-the-order"),
        pytest.param(Story((SoldLine(1, 1, 700),), refunds=(PaidBack(5, 233),)), 467, id="part-paid-back"),
    ],
)
def test_basis_and_rounding_follow_the_written_policy(story: Story, goods: int, is_tax_included: bool) -> None:
    """C09, the basis: goods after discounts, without tax, shipping and gift cards, in whole minor units."""
    told = Story(**(vars(story) | {"is_tax_included": is_tax_included}))
    assert [goods_kept(order).minor for order in everywhere(told)] == [goods] * 4
