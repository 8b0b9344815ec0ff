"""Every page of the console bears looking at, on a desk and on the narrowest phone, by day and by night."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from connector.sandbox.demo import lived
from tests.browser import chromium
from tests.browser.chromium import Page
from tests.browser.console_walk import Place, Unknown, name_of, one_of, walked
from tests.browser.looking import wrong_with

SHOPPERS = 20
SEED = 7
TABS = 2
"""Are looked at side by side: a browser gives each a process of its own."""
PARTS = 3
"""Of the walk, a test each: on a busy machine all of it takes longer than one test may."""
LED_TO = {
    "console-activity-letter",
    "console-privacy",
    "console-segments-bulk",
    "console-settings-webhooks-id",
    "console-settings-me-password",
    "console-settings-me-second",
}
"""Where somebody has to do something first."""


@dataclass(frozen=True)
class Walk:
    """Where the service is, and all places."""

    url: str
    places: list[Place]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def walk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Walk]:
    async with (
        chromium.running_or_skipped() as browser,
        lived(tmp_path_factory.mktemp("walk") / "home", SEED, SHOPPERS) as stage,
        walked(browser, stage, tabs=TABS) as places,
    ):
        yield Walk(stage.url, places)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("part", range(PARTS))
async def test_every_page_of_the_console_bears_looking_at(walk: Walk, part: int) -> None:
    broken: dict[str, Any] = {}
    places = walk.places[part * len(walk.places) // PARTS : (part + 1) * len(walk.places) // PARTS]

    async def look(page: Page) -> None:
        for place in places:
            if place.page is page and (wrong := await wrong_with(page, walk.url + place.path)):
                broken[place.name] = wrong

    await asyncio.gather(*(look(page) for page in {id(place.page): place.page for place in places}.values()))
    assert broken == {}, json.dumps(broken, indent=1, ensure_ascii=False)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_walk_comes_to_pages_where_somebody_has_to_do_something_first(walk: Walk) -> None:
    assert LED_TO <= {place.name for place in walk.places}


def test_a_page_has_one_name_and_a_new_one_must_be_known() -> None:
    assert name_of("/console/members/{id}/orders") == "console-members-id-orders"
    with pytest.raises(Unknown, match="which /console/teapots/{id} is looked at"):
        one_of("/console/teapots/{id}")
