"""A real service whose programme asks first, and a real WordPress: a customer joins, earns, leaves and comes back."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.connector.home import Home
from tests.plugins import php, shop_processes, sites
from tests.plugins.sites import Site

STORIES = Path(__file__).parent / "wordpress" / "joining-stories.php"
SECONDS = 60
RULES = """
schema = 2

[programme]
name = "Tea"
timezone = "shop"
currency = "shop"
enrolment = "consent"

[points.earn]
per_unit = 1
pending_days = 0
"""


def until_read(site: Site, words: str) -> str:
    """Drain as cron would, only sooner, until customer 1 reads these words."""
    ends, page = time.monotonic() + SECONDS, ""
    while time.monotonic() < ends:
        shop_processes.run(site, "drain", "1")
        page = str(shop_processes.run(site, "page", script=STORIES))
        if words in page:
            return page
    raise AssertionError(f"never {words!r}, but {page}")


def chosen(site: Site, choice: str) -> Any:
    return shop_processes.run(site, "choose", choice, script=STORIES)


def test_who_agrees_earns_from_then_on_and_who_leaves_comes_back(
    tmp_path: Path, database_url: str, installed: Callable[[str], Site]
) -> None:
    if sites.is_real():
        pytest.skip("the double is enough for this")
    home = Home.at_one_address(tmp_path / "home", DATABASE_URL=database_url)
    code = home.pairing_code("--name", "Tea")
    document = tmp_path / "rules.toml"
    document.write_text(RULES, encoding="utf-8")
    home.must("programme", "publish", str(document), "--reason", "Who agrees")
    with sites.copy(installed("newest"), php.SYSTEM) as site, home.serving():
        shop_processes.run(site, "pair", code)
        shop_processes.run(site, "make", "1")
        page = until_read(site, ">Take part</button>")
        assert "You can leave at any time." in page
        assert chosen(site, "leave") == [404, "You are not a member yet, so there is nothing to choose."]
        status, said = chosen(site, "join")
        assert (status, said.partition("!")[0]) == (200, "Welcome")
        until_read(site, "Your balance")
        # A shop tells whole seconds: what is paid in the second of joining was paid before it.
        time.sleep(1)
        shop_processes.run(site, "make", "1")
        # The order of before they agreed earns nothing.
        until_read(site, ">40</span>")
        assert chosen(site, "leave") == [200, "You have left the programme. Orders earn nothing now."]
        until_read(site, ">Take part again</button>")
        assert chosen(site, "join")[0] == 200
        page = until_read(site, "Leave the programme")
        assert ">40</span>" in page and ">Take part again</button>" not in page
    home.must("verify")
