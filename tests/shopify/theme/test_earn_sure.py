"""Where a product or a cart would promise too much, were what a page cannot know taken for known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.shopify.theme.rendering import Shown, render
from tests.shopify.theme.test_earn_blocks import LESS, cart, cart_block, product_block
from tests.shopify.theme.test_rendered import changed, words


def _but(programme: str, **parts: Any) -> str:
    told = json.loads(programme)
    return json.dumps(told | {"earn": told["earn"] | parts})


def test_money_of_another_country_promises_nothing(shopify_tools: Path, theme_app: Path, heard: dict[str, Any]) -> None:
    """Orders earn in the shop's currency, whatever the shopper paid in, even with a rate for that."""
    told = json.loads(heard["programme"])
    rules = [rule | {"rates": {**rule["rates"], "USD": "5"}} for rule in told["earn"]["rules"]]
    programme = _but(heard["programme"], rules=rules)
    usd = cart(1000) | {"currency": {"iso_code": "USD"}}
    in_cart = replace(cart_block(heard, None, False, usd), programme=programme)
    product = product_block(heard, told=None, signed_in=False, programme=programme)
    pages = [in_cart, replace(product, more={"cart": usd}), product]
    assert list(map(words, render(shopify_tools, theme_app, pages))) == ["", "", "Earn 10 points"]


def test_a_programme_that_stands_still_promises_nothing(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any]
) -> None:
    reward = {"id": "r", "points": 1, "name": "r", "refusals": ["redeeming-paused"], "why_not": "Paused."}
    paused = changed(heard["summary"], rewards=[reward])
    pages = [product_block(heard, told=paused), cart_block(heard, paused, True, cart(1000))]
    assert list(map(words, render(shopify_tools, theme_app, pages))) == ["", ""]


def test_a_collection_that_no_page_shows_may_hold_a_product(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any]
) -> None:
    """Liquid knows published collections alone; the service knows all of them."""
    told = json.loads(heard["programme"])

    def page(operator: str, collections: dict[str, Any]) -> Shown:
        asked = [{"field": "collection", "operator": operator, "values": ["outlet"]}]
        rules = [rule | {"conditions": asked} for rule in told["earn"]["rules"] if rule["award"] == "per_amount"]
        one = product_block(heard, told=None, signed_in=False, programme=_but(heard["programme"], rules=rules))
        return replace(one, more=one.more | {"collections": collections})

    shown = {"outlet": {"handle": "outlet"}}
    pages = [page("not_in", {}), page("in", {}), page("not_in", shown), page("in", shown)]
    found = list(map(words, render(shopify_tools, theme_app, pages)))
    assert found == ["Earn up to 10 points", "Earn up to 10 points", "Earn 10 points", ""]


def test_a_cart_says_that_other_tender_earns_less(shopify_tools: Path, theme_app: Path, heard: dict[str, Any]) -> None:
    page = cart_block(heard, None, False, cart(1000))
    pages = [
        replace(page, programme=_but(heard["programme"], excludes=excludes))
        for excludes in (["gift_card_tender"], ["store_credit_tender"], ["gift_cards"])
    ]
    said = "Members earn 10 points with this order."
    assert list(map(words, render(shopify_tools, theme_app, pages))) == [said + LESS, said + LESS, said]
