"""What a voucher is in a store: the same promises at both simulated shops, each with codes of its own kind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from connector.api_client import ApiClient
from connector.errors import ConfigProblem
from connector.platforms import (
    FETCHED_ORDER,
    Connection,
    Credentials,
    Normaliser,
    ShopClient,
    Voucher,
    VoucherState,
)
from connector.registry import PLATFORMS
from connector.sandbox.coupons import CouponRefused
from connector.sandbox.json_text import php_json, rails_json
from connector.sandbox.records import Order
from connector.sandbox.shop import Basket, Shop
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.shopify.app import SCOPES
from connector.sandbox.woocommerce import SimulatedWooCommerce
from loyalty_engine.codes import folded_code
from loyalty_engine.facts import OrderState
from tests.connector.calls import START, FakeTime
from tests.connector.woocommerce.fake_shop import CREDENTIALS

CODE = "7K3M-9QXW-2B4N-HJ8T"
MARK = "0123456789abcdef0123456789abcdef"
SHOP_URL = "https://shop.example.test"


@dataclass
class Store:
    """One simulated shop with our client for it."""

    connection: Connection
    shop: Shop
    client: ShopClient
    time: FakeTime

    def customer(self, name: str = "ada") -> int:
        return self.shop.register_customer(f"{name}@example.test", name, "Test").id

    def buy(self, customer: int | None, code: str, units: int = 1) -> Order:
        """The first product, 24.90 each, with a code."""
        product = next(iter(self.shop.truth.products))
        basket = Basket([(product, units)], shipping_minor=490, voucher=code)
        return self.shop.place_order(customer, basket, "guest@example.test")


def shopify(scopes: tuple[str, ...] = SCOPES) -> Store:
    time = FakeTime()
    shop = SimulatedShopify(now=time.now, scopes=scopes)
    connection = Connection(1, "8f14e45f-ceea-4e7e-9c0f-1f2e3d4c5b6a", 1, "shopify", shop.shop, f"https://{shop.shop}")
    api = ApiClient(httpx.AsyncClient(transport=httpx.ASGITransport(shop.app)), sleep=time.sleep, now=time.now)
    secrets = {"client_id": shop.client_id, "client_secret": shop.client_secret}
    return Store(connection, shop, PLATFORMS["shopify"].client(connection, Credentials((b"s",), secrets), api), time)


def woocommerce() -> Store:
    time = FakeTime()
    shop = SimulatedWooCommerce(now=time.now, base_url=SHOP_URL)
    connection = Connection(2, "0b7f1a52-6f2d-4b6e-8f55-6a4a9d5f1c11", 1, "woocommerce", SHOP_URL, SHOP_URL)
    api = ApiClient(httpx.AsyncClient(transport=httpx.ASGITransport(shop.app)), sleep=time.sleep, now=time.now)
    return Store(connection, shop, PLATFORMS["woocommerce"].client(connection, CREDENTIALS, api), time)


@pytest.fixture(params=[shopify, woocommerce], ids=["shopify", "woocommerce"])
def store(request: pytest.FixtureRequest) -> Store:
    made: Store = request.param()
    return made


def a_voucher(customer: int, **changes: Any) -> Voucher:
    fields: dict[str, Any] = {
        "code": CODE,
        "kind": "amount",
        "customer_ref": str(customer),
        "mark": MARK,
        "title": "5.00 off",
        "currency": "EUR",
        "starts_at": START,
        "value_minor": 500,
        "expires_at": START + timedelta(days=60),
    }
    return Voucher(**(fields | changes))


async def test_a_voucher_takes_its_amount_off_one_order_of_its_customer(store: Store) -> None:
    ada = store.customer()
    placed = await store.client.issue_voucher(a_voucher(ada))
    assert (placed.state, bool(placed.token)) == (VoucherState.PLACED, True)
    order = store.buy(ada, CODE)
    assert sum(line.discount_minor for line in order.lines) == 500
    with pytest.raises(CouponRefused, match="used already"):
        store.buy(ada, CODE)


async def test_an_order_tells_the_code_that_it_used_in_every_shape(store: Store) -> None:
    """Shopify writes it as it is, WooCommerce in lower case; folded they are the same."""
    ada = store.customer()
    await store.client.issue_voucher(a_voucher(ada))
    order = store.buy(ada, CODE)
    platform = PLATFORMS[store.connection.platform]
    normaliser = Normaliser(store.connection, lambda text: "hash")
    fetched = await store.client.read_order(str(order.id))
    assert fetched is not None
    shapes = [(FETCHED_ORDER, fetched.body)]
    if isinstance(store.shop, SimulatedShopify):
        shapes.append(("orders/updated", rails_json(store.shop.bodies.order(order))))
    elif isinstance(store.shop, SimulatedWooCommerce):
        shapes.append(("order.updated", php_json(store.shop.bodies.order(order))))
    for topic, body in shapes:
        [state] = platform.normalise(topic, body, normaliser)
        assert isinstance(state, OrderState)
        assert [folded_code(code) for code in state.codes] == [CODE]


async def test_nobody_else_can_use_it(store: Store) -> None:
    ada, bob = store.customer(), store.customer("bob")
    await store.client.issue_voucher(a_voucher(ada))
    for somebody in (bob, None):
        with pytest.raises(CouponRefused, match="somebody else"):
            store.buy(somebody, CODE)
    assert store.buy(ada, CODE).coupon is not None


async def test_asking_again_finds_the_same_voucher(store: Store) -> None:
    voucher = a_voucher(store.customer())
    first = await store.client.issue_voucher(voucher)
    again = await store.client.issue_voucher(voucher)
    assert (again.state, again.token) == (VoucherState.PLACED, first.token)
    assert len(store.shop.coupons.by_id) == 1


async def test_a_code_of_somebody_elses_is_not_adopted(store: Store) -> None:
    ada = store.customer()
    await store.client.issue_voucher(a_voucher(ada, mark="f" * 32))
    refused = await store.client.issue_voucher(a_voucher(ada))
    assert (refused.state, refused.token) == (VoucherState.REFUSED, None)
    assert "not ours" in refused.reason
    kept = await store.client.withdraw_voucher(CODE, MARK, None)
    assert kept.state is VoucherState.WITHDRAWN
    assert store.buy(ada, CODE).coupon is not None


async def test_a_customer_who_is_gone_gets_none(store: Store) -> None:
    answer = await store.client.issue_voucher(a_voucher(987_654_321))
    assert answer.state is VoucherState.GONE
    assert store.shop.coupons.by_id == {}


@pytest.mark.parametrize("customer_ref", ["", "abc", "12x", "٣"])
async def test_what_is_no_customer_id_is_refused_without_asking(store: Store, customer_ref: str) -> None:
    answer = await store.client.issue_voucher(replace(a_voucher(1), customer_ref=customer_ref))
    assert answer.state is VoucherState.REFUSED
    assert store.shop.coupons.by_id == {}


@pytest.mark.parametrize(("units", "is_enough"), [(1, False), (2, True)])
async def test_the_order_must_be_large_enough(store: Store, units: int, is_enough: bool) -> None:
    """24.90 each; 49.80 are asked for."""
    ada = store.customer()
    await store.client.issue_voucher(a_voucher(ada, minimum_minor=4_980))
    if is_enough:
        assert store.buy(ada, CODE, units).coupon is not None
    else:
        with pytest.raises(CouponRefused, match="needs an order of 4980"):
            store.buy(ada, CODE, units)


async def test_a_percentage_is_taken_off_the_goods(store: Store) -> None:
    ada = store.customer()
    await store.client.issue_voucher(a_voucher(ada, kind="percent", value_minor=0, percent_bp=1_250))
    order = store.buy(ada, CODE, 4)
    assert sum(line.discount_minor for line in order.lines) == 9_960 * 1_250 // 10_000


async def test_free_shipping_costs_no_shipping(store: Store) -> None:
    ada = store.customer()
    await store.client.issue_voucher(a_voucher(ada, kind="free_shipping", value_minor=0))
    order = store.buy(ada, CODE)
    assert (order.shipping_net_minor, order.lines[0].discount_minor) == (0, 0)


async def test_free_shipping_may_lie_beside_money_off(store: Store) -> None:
    """Shopify refuses free shipping that says it lies beside free shipping."""
    answer = await store.client.issue_voucher(
        a_voucher(store.customer(), kind="free_shipping", value_minor=0, stacks=True)
    )
    assert answer.state is VoucherState.PLACED, answer


async def test_one_unit_of_a_product_is_free(store: Store) -> None:
    ada = store.customer()
    beans, coffee = list(store.shop.truth.products)[:2]
    await store.client.issue_voucher(a_voucher(ada, kind="product", value_minor=0, product_id=str(coffee)))
    basket = Basket([(beans, 1), (coffee, 3)], voucher=CODE)
    order = store.shop.place_order(ada, basket)
    assert [line.discount_minor for line in order.lines] == [0, 1_250]


async def test_shopify_takes_off_what_one_unit_is_sold_for_and_refuses_what_it_cannot_give() -> None:
    """Its codes of the kind "buy X, get Y" ask for named goods that have to be bought: they know no "anything"."""
    store = shopify()
    ada = store.customer()
    coffee = list(store.shop.truth.products.values())[1]
    given = {"kind": "product", "value_minor": 0, "product_id": str(coffee.id)}
    for field, reason in (
        ({"minimum_minor": 5_000}, "minimum with a free product"),
        ({"product_id": "999"}, "does not sell"),
    ):
        answer = await store.client.issue_voucher(a_voucher(ada, **(given | field)))
        assert (answer.state, reason in answer.reason) == (VoucherState.REFUSED, True), answer
    assert store.shop.coupons.find(CODE) is None
    coffee.price_minor, coffee.regular_minor = 990, 1_250
    await store.client.issue_voucher(a_voucher(ada, **given))
    found = store.shop.coupons.find(CODE)
    assert found is not None
    assert (found.amount_minor, found.product_id) == (990, coffee.id)


async def test_a_voucher_ends_at_its_moment(store: Store) -> None:
    ada = store.customer()
    await store.client.issue_voucher(a_voucher(ada, expires_at=START + timedelta(seconds=30)))
    store.time.at = 30
    with pytest.raises(CouponRefused, match="ended"):
        store.buy(ada, CODE)
    store.time.at = 29
    assert store.buy(ada, CODE).coupon is not None


@pytest.mark.parametrize("knows_token", [True, False])
async def test_a_withdrawn_voucher_cannot_be_used_and_withdrawing_again_is_the_same(
    store: Store, knows_token: bool
) -> None:
    ada = store.customer()
    placed = await store.client.issue_voucher(a_voucher(ada))
    token = placed.token if knows_token else None
    for _ in range(2):
        done = await store.client.withdraw_voucher(CODE, MARK, token)
        assert (done.state, done.token) == (VoucherState.WITHDRAWN, placed.token)
    store.time.at += 1
    with pytest.raises(CouponRefused, match="ended"):
        store.buy(ada, CODE)


async def test_withdrawing_tells_when_an_order_was_faster(store: Store) -> None:
    ada = store.customer()
    placed = await store.client.issue_voucher(a_voucher(ada))
    store.buy(ada, CODE)
    done = await store.client.withdraw_voucher(CODE, MARK, placed.token)
    assert done.state is VoucherState.USED


async def test_what_was_never_there_is_withdrawn_already(store: Store) -> None:
    assert (await store.client.withdraw_voucher(CODE, MARK, None)).state is VoucherState.WITHDRAWN


async def test_what_the_merchant_deleted_is_withdrawn_already(store: Store) -> None:
    placed = await store.client.issue_voucher(a_voucher(store.customer()))
    store.shop.coupons.by_id.clear()
    assert (await store.client.withdraw_voucher(CODE, MARK, placed.token)).state is VoucherState.WITHDRAWN


async def test_a_shop_without_the_permission_asks_the_merchant(store: Store) -> None:
    if store.connection.platform == "shopify":
        store = shopify(tuple(scope for scope in SCOPES if scope != "write_discounts"))
    else:
        assert isinstance(store.shop, SimulatedWooCommerce)
        store.shop.keys = {name: replace(key, permissions="read") for name, key in store.shop.keys.items()}
    ada = store.customer()
    with pytest.raises(ConfigProblem):
        await store.client.issue_voucher(a_voucher(ada))
    assert store.shop.coupons.by_id == {}


async def test_a_kind_that_a_store_cannot_give_is_refused(store: Store) -> None:
    """Not made into a voucher over nothing."""
    perk = a_voucher(store.customer(), kind="perk", value_minor=0)
    assert "perk" not in PLATFORMS[store.connection.platform].voucher_kinds
    assert (await store.client.issue_voucher(perk)).state is VoucherState.REFUSED
    assert store.shop.coupons.by_id == {}
