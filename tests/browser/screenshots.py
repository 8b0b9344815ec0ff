"""Pictures of every page, on the demo's data, and the tour that shows them: `python -m tests.browser.screenshots`.

Pages are found by themselves (console_walk); a page that is gone loses its picture. docs/screenshots holds nothing
else.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from connector.sandbox.demo import Stage, lived
from scripts import debian_packages
from scripts.npm_packages import ROOT
from tests.browser import chromium
from tests.browser.chromium import Answer, Asked, Chromium, Page
from tests.browser.console_walk import walked
from tests.browser.door_walk import doors
from tests.browser.headless import all_shown
from tests.browser.plugin_walk import plugin_pages

FOLDER = ROOT / "docs" / "screenshots"
SHOPPERS, SEED = 120, 7
DESK, PHONE, HEIGHT_MAX = 1024, 320, 1800
BYTES_MAX = 6_000_000
"""Of all pictures: they are part of what people clone."""
AT_ONCE = 20
"""Files that one run of pngquant takes: a line of a shell is not endless."""
ALSO_SMALL_AND_DARK = ("console-home", "console-members", "console-members-id", "console-books")
SENT = ("authorization", "content-type", "origin", "accept-language", "idempotency-key")
_WITHOUT_OUR_FOLDER = """
for (const one of document.querySelectorAll('code'))
  one.textContent = one.textContent.replace(OURS, 'belong-data');
"""
# Where this machine keeps what is temporary is of no use to whoever looks.
TOUR = """# A look at every page

Pictures of the demo's shops and of both plugins, taken by `scripts/screenshots`, which finds the console's pages by
itself. Long pages are cut.
"""


@dataclass(frozen=True)
class Picture:
    """One file. title: of the page."""

    name: str
    title: str
    path: str


async def take(folder: Path, shoppers: int = SHOPPERS) -> list[Picture]:
    """Every picture, in a folder that holds nothing else afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory(prefix="belong-screenshots-") as home:
        async with chromium.running() as browser:
            # One installation after the other: a process has one at a time.
            at_the_door = await _of_the_door(browser, Path(home) / "fresh", folder)
            async with lived(Path(home) / "demo", SEED, shoppers) as stage:
                taken = await _of_the_console(browser, stage, folder)
                taken += await _of_the_shops(browser, stage, folder)
            return [*at_the_door, *taken, *await _of_the_plugins(browser, Path(home), folder)]


async def _of_the_door(browser: Chromium, home: Path, folder: Path) -> list[Picture]:
    taken = []
    async for shown in doors(browser, home, DESK):
        title = str(await shown.page.run("document.querySelector('h1').innerText"))
        taken.append(await _shot(shown.page, folder, Picture(shown.name, title, shown.declared)))
    return taken


async def _of_the_console(browser: Chromium, stage: Stage, folder: Path) -> list[Picture]:
    taken = []
    async with walked(browser, stage, DESK) as places:
        for place in places:
            page = place.page
            await page.go(stage.url + place.path)
            await page.run(_WITHOUT_OUR_FOLDER.replace("OURS", json.dumps(str(stage.service.settings.home))))
            title = str(await page.run("document.querySelector('h1').innerText"))
            taken.append(await _shot(page, folder, Picture(place.name, title, place.path)))
            if place.name in ALSO_SMALL_AND_DARK:
                await page.tab.emulate_media(color_scheme="dark")
                taken.append(await _shot(page, folder, Picture(f"{place.name}-dark", f"{title}, dark", place.path)))
                await page.tab.emulate_media(color_scheme="light")
                narrow = Picture(f"{place.name}-narrow", f"{title}, 320 pixels wide", place.path)
                taken.append(await _shot(page, folder, narrow, PHONE))
    return taken


async def _of_the_shops(browser: Chromium, stage: Stage, folder: Path) -> list[Picture]:
    taken = []
    for name, shop, url in (
        ("Shopify", stage.shopify, stage.shopify_url),
        ("WooCommerce", stage.woocommerce, stage.woocommerce_url),
    ):
        shopper = max(shop.truth.live_customers(), key=lambda one: (len(shop.snapshot_of(one) or ""), one.id))
        async with browser.page(_shown(url, stage.url), DESK) as page:
            await page.go(f"{url}/?shopper={shopper.id}")
            picture = Picture(f"shop-{name.lower()}", f"A shopper's page in the simulated {name}", "/")
            taken.append(await _shot(page, folder, picture))
            narrow = Picture(f"{picture.name}-narrow", f"{picture.title}, 320 pixels wide", "/")
            taken.append(await _shot(page, folder, narrow, PHONE))
            if name == "WooCommerce":
                await page.go(f"{url}/headless?shopper={shopper.id}")
                await page.until_said("points", "belong-balance")
                await all_shown(page)
                headless = Picture("shop-headless", "A page with the elements of headless shops", "/headless")
                taken.append(await _shot(page, folder, headless))
    return taken


async def _of_the_plugins(browser: Chromium, home: Path, folder: Path) -> list[Picture]:
    taken = []
    async for shown in plugin_pages(browser, home, DESK):
        taken.append(await _shot(shown.page, folder, Picture(shown.name, shown.title, shown.path)))
        narrow = Picture(f"{shown.name}-narrow", f"{shown.title}, 320 pixels wide", shown.path)
        taken.append(await _shot(shown.page, folder, narrow, PHONE))
    return taken


def _shown(*urls: str) -> Answer:
    async def answer(asked: Asked) -> httpx.Response | None:
        if not any(asked.url.startswith(f"{url}/") for url in urls):
            return None
        headers = {name: text for name, text in asked.headers.items() if name in SENT}
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            return await http.request(asked.method, asked.url, content=asked.body, headers=headers)

    return answer


async def _shot(page: Page, folder: Path, picture: Picture, width: int = DESK) -> Picture:
    """From the top, as far down as a tour needs."""
    await page.size(width, 400)
    height = min(HEIGHT_MAX, int(await page.run("document.documentElement.scrollHeight")))
    await page.size(width, max(height, 400))
    await page.tab.screenshot(path=folder / f"{picture.name}.png", animations="disabled")
    await page.size(DESK)
    return picture


def make_small(folder: Path) -> None:
    """All of them in 256 colours each, which nobody sees: about a third of the bytes. Raises DebianUnavailable."""
    debian_packages.require({"pngquant": "--version"}, ["pngquant"])
    files = sorted(map(str, folder.glob("*.png")))
    for start in range(0, len(files), AT_ONCE):
        options = ["--nofs", "--speed", "1", "--strip", "--force", "--ext", ".png", "256"]
        subprocess.run(["pngquant", *options, *files[start : start + AT_ONCE]], check=True)


def tour(pictures: Sequence[Picture]) -> str:
    """The page that shows them, in the console's order."""
    parts = [f"## {one.title}\n\n![{one.title}]({one.name}.png)\n" for one in pictures]
    return "\n".join([TOUR, *parts])


def main() -> int:
    pictures = asyncio.run(take(FOLDER))
    make_small(FOLDER)
    (FOLDER / "README.md").write_text(tour(pictures), encoding="utf-8")
    size = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    print(f"{len(pictures)} pictures, {size / 1e6:.1f} MB, in {FOLDER.relative_to(ROOT)}")
    if size > BYTES_MAX:
        print(f"They must stay under {BYTES_MAX / 1e6:.0f} MB.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
