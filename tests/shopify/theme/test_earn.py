"""What Liquid reckons for a product and a cart is never more than the engine gives: its vectors, each in two shops.

In one, prices hold no tax; in the other they do, and then what earns is not known. Liquid is liquidjs here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.shopify.app.node import node
from tests.shopify.theme.rendering import RENDER, THEME

VECTORS = Path(__file__).parents[2] / "data" / "earn_vectors.json"
UNKNOWN = -1
THREE_PLACES = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}


def vectors() -> tuple[list[dict[str, Any]], dict[str, int]]:
    told = json.loads(VECTORS.read_text("utf-8"))
    return told["cases"], told["places"]


def scenes(case: dict[str, Any], places: dict[str, int], taxes_included: bool) -> dict[str, Any]:
    """The objects that Liquid has of a vector's cart, in hundredths whatever the currency."""
    basket = case["basket"]
    scale = 10 ** (2 - places.get(basket["currency"], 2)) if basket["currency"] not in THREE_PLACES else 1
    items = [_item(line, scale, taxes_included) for line in basket["lines"]]
    told = {"tier": {"id": case["tier"]}} if case["tier"] else None
    scene: dict[str, Any] = {
        "programme": case["summary"],
        "told": told,
        "currency": basket["currency"],
        "taxes_included": taxes_included,
    }
    if basket["is_whole"]:
        scene["basket"] = {
            "items": items,
            "item_count": sum(item["quantity"] for item in items),
            "total_discount": basket["coupons_minor"] * scale,
            "cart_level_discount_applications": [],
        }
    else:
        [item] = items
        scene["goods"] = {**item["product"], "gift_card?": item["gift_card"]}
        scene["unit"] = {**item["variant"], "price": item["final_line_price"]}
    return scene


def _item(line: dict[str, Any], scale: int, taxes_included: bool) -> dict[str, Any]:
    quantity, sale = line.get("quantity", 1), line.get("sale", [])
    usual = sum(sale) * quantity
    is_on_sale = bool(sale) and 0 < 2 * line.get("shelf_minor", 0) < usual
    net = line.get("net_minor", 0)
    gross = net + (line.get("tax_minor", 0) if taxes_included else 0)
    price = gross * scale
    return {
        "product": {"id": int(line["product"]), "tags": line.get("tags", []), "collections": []},
        "variant": {
            "id": int(line.get("variant", 0)),
            "sku": line.get("sku", ""),
            "price": price,
            "compare_at_price": price + 1 if is_on_sale else None,
        },
        "quantity": quantity,
        "final_line_price": price,
        "original_line_price": max(line.get("list_minor") or net, 0) * scale,
        "gift_card": line.get("is_gift_card", False),
    }


def reckoned(tools: Path, folder: Path, given: list[tuple[str, dict[str, Any]]]) -> list[tuple[int, int]]:
    """(least, most) of each (now, scene)."""
    pages = [
        {
            "file": "snippets/belong-earn.liquid", "language": "en.default", "zone": "Europe/Berlin", "escapes": True,
            "now": now, "globals": {}, "scope": scene,
        }
        for now, scene in given
    ]  # fmt: skip
    done = node(RENDER, tools, given=json.dumps({"folder": str(folder / THEME), "pages": pages}))
    assert done.returncode == 0, done.stderr[-3000:]
    found = []
    for text in json.loads(done.stdout):
        least, most = text.split()
        found.append((int(least), int(most)))
    return found


@pytest.mark.parametrize(("taxes_included", "exact_least"), [(False, 0.5), (True, 0.25)])
def test_no_more_is_promised_than_the_engine_gives(
    shopify_tools: Path, theme_app: Path, taxes_included: bool, exact_least: float
) -> None:
    """Whatever cannot be known here makes the range wider, or nothing is said; what is paid by gift card is not known
    before a checkout, so those orders are reckoned as if nothing were. exact_least: share of cases met exactly.
    """
    cases, places = vectors()
    cases = [case for case in cases if not paid_otherwise(case["basket"])]
    assert len(cases) > 200
    given = [(case["now"], scenes(case, places, taxes_included)) for case in cases]
    found = reckoned(shopify_tools, theme_app, given)
    wrong = []
    for case, (least, most) in zip(cases, found, strict=True):
        low, high = case["points"]
        # Of a product nobody knows what else the order holds, so there is no most.
        is_open = most == UNKNOWN or not case["basket"]["is_whole"] or (least, most) == (0, 0)
        if least > low or (most < high and not is_open):
            wrong.append((case["name"], (least, most), (low, high)))
    assert wrong == []
    exact = [case["name"] for case, bounds in zip(cases, found, strict=True) if list(bounds) == case["points"]]
    assert len(exact) / len(cases) > exact_least
    silent = [case for case, bounds in zip(cases, found, strict=True) if bounds == (0, 0) and case["points"][1] > 0]
    assert {case["name"] for case in silent if not case["name"].startswith("random")} == {"a rate for KWD"}
    assert len(silent) / len(cases) < 0.2


def paid_otherwise(basket: dict[str, Any]) -> bool:
    return bool(basket["gift_card_minor"] or basket["store_credit_minor"])


def test_a_vector_that_says_less_would_be_seen(shopify_tools: Path, theme_app: Path) -> None:
    """Or nothing that is reckoned too high would be."""
    cases, places = vectors()
    case = next(one for one in cases if one["name"] == "one point per euro, rounded down")
    [found] = reckoned(shopify_tools, theme_app, [(case["now"], scenes(case, places, False))])
    assert found == (74, 74)
    dearer = json.loads(json.dumps(case))
    dearer["summary"]["earn"]["rules"][0]["rates"]["EUR"] = "2"
    [found] = reckoned(shopify_tools, theme_app, [(case["now"], scenes(dearer, places, False))])
    assert found == (149, 149)
