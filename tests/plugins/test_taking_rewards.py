"""A real service and a real WordPress: a member takes rewards on My Account, once for each press."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.connector.home import Home
from tests.plugins import php, shop_processes, sites
from tests.plugins.sites import Site

STORIES = Path(__file__).parent / "wordpress" / "taking-stories.php"
SECONDS = 60
COFFEE = "A coffee on us"
RULES = f"""
schema = 2

[programme]
name = "Tea"
timezone = "shop"
currency = "shop"

[points.earn]
per_unit = 10
pending_days = 0

[[rewards]]
id = "coffee"
kind = "perk"
points = 100
name = {{ en = "{COFFEE}" }}

[[rewards]]
id = "five"
kind = "amount"
points = 500
value = 5.00
name = {{ en = "5 off" }}
"""
FORM = re.compile(r"<form method=\"post\">(.*?)</form>", re.DOTALL)
FIELD = re.compile(r"<input type=\"hidden\" name=\"([^\"]+)\"[^>]* value=\"([^\"]*)\">")


@dataclass(frozen=True)
class Shop:
    """A paired site and its service's home. Customer 1 has 1,200 points of three orders of 40.00."""

    site: Site
    home: Home

    def page(self) -> str:
        return str(shop_processes.run(self.site, "page", script=STORIES))

    def form(self, reward: str) -> str:
        """What a browser would send of the page as it is now."""
        forms = [dict(FIELD.findall(one)) for one in FORM.findall(self.page())]
        [found] = [one for one in forms if one.get("belong_take_reward") == reward]
        return json.dumps({name: unescape(value) for name, value in found.items()})

    def press(self, form: str, *start: str, how: str = "press") -> str:
        [said] = shop_processes.run(self.site, how, form, *start, script=STORIES)
        return unescape(str(said["notice"]))

    def until(self, available: int, words: str = "") -> None:
        """Drain as cron would, only sooner, until the shop was told this number, and these words stand on the page."""
        ends, shown = time.monotonic() + SECONDS, None
        while time.monotonic() < ends:
            shown, _ = shop_processes.run(self.site, "drain", "1")
            if shown and shown["available"] == available and (not words or words in self.page()):
                return
        raise AssertionError(f"never {available} available and {words!r}, but {shown}")

    def waiting(self) -> list[dict[str, Any]]:
        """Perks that somebody should give."""
        return [one for one in self._known() if one["kind"] == "perk"]

    def _known(self) -> list[dict[str, Any]]:
        shown, _ = shop_processes.run(self.site, "drain", "1")
        return [one for one in shown["vouchers"] if one["state"] == "requested"]


@pytest.fixture
def shop(tmp_path: Path, database_url: str, installed: Callable[[str], Site]) -> Iterator[Shop]:
    if sites.is_real():
        pytest.skip("the double is enough for this")
    home = Home.at_one_address(tmp_path / "home", DATABASE_URL=database_url)
    code = home.pairing_code("--name", "Tea", "--pending-days", "0")
    document = tmp_path / "rules.toml"
    document.write_text(RULES, encoding="utf-8")
    home.must("programme", "publish", str(document), "--reason", "Rewards")
    with sites.copy(installed("newest"), php.SYSTEM) as site, home.serving():
        shop_processes.run(site, "pair", code)
        shop_processes.run(site, "make", "3")
        shop = Shop(site, home)
        shop.until(1200, COFFEE)
        yield shop
    home.must("verify")


def test_a_press_takes_a_reward_once_whatever_becomes_of_it(shop: Shop, tmp_path: Path) -> None:
    _clicks_at_once_ask_for_one_coffee(shop, tmp_path)
    _after_a_lost_reply_the_next_press_is_the_same_one(shop)
    _what_was_given_is_said_to_be(shop)
    _a_code_comes_for_points_and_what_is_gone_is_refused_in_words(shop)


def _clicks_at_once_ask_for_one_coffee(shop: Shop, tmp_path: Path) -> None:
    """Two of the form, and one of its script, whose answer was late."""
    form, start = shop.form("coffee"), tmp_path / "start"
    with ThreadPoolExecutor(3) as pool:
        clicks = [pool.submit(shop.press, form, str(start), how=how) for how in ("press", "press", "send")]
        time.sleep(1)
        start.touch()
        said = {click.result() for click in clicks}
    assert said == {
        f'Your points are used for "{COFFEE}". It stands under your vouchers, where you see what becomes of it; '
        "show it to us when you come for it."
    }
    assert "asked for</span>" in shop.page()
    shop.until(1100, "asked for</span>")
    assert len(shop.waiting()) == 1


def _after_a_lost_reply_the_next_press_is_the_same_one(shop: Shop) -> None:
    said = shop.press(shop.form("coffee"), how="lose-reply")
    assert "it is not sure whether it worked" in said
    # The form of a page that was loaded anew.
    assert "Your points are used" in shop.press(shop.form("coffee"))
    shop.until(1000)
    assert len(shop.waiting()) == 2


def _what_was_given_is_said_to_be(shop: Shop) -> None:
    given, other = shop.waiting()
    shop.home.must("perk", "give", given["id"])
    shop.home.must("perk", "refuse", other["id"], "--reason", "Closed")
    shop.until(1100, "given</span>")
    assert "could not be given</span>" in shop.page()
    assert shop.waiting() == []


def _a_code_comes_for_points_and_what_is_gone_is_refused_in_words(shop: Shop) -> None:
    old = shop.form("five")
    code = re.search(r"in a moment: ([0-9A-Z-]+)\.", shop.press(shop.form("five")))
    assert code and f'<code translate="no">{code[1]}</code>' in shop.page()
    shop.until(600)
    shop.press(shop.form("five"))
    # The page of before offers it still, and the service does not.
    assert "cannot be had at the moment" in shop.press(old) or "not have enough points" in shop.press(old)
    shop.until(100)
    assert "5 off" in shop.page() and "for: 5 off" not in shop.page()
