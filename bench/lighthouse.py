"""``lighthouse``: what Belong costs a shop's pages in Lighthouse's points.

The pages are those of all three kinds of shop, each for a shopper who is signed in and has points: with Belong, and as
they are without it. Each in turns; of each category the median.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, redirect_stdout
from pathlib import Path

from bench import headless_pages, theme_pages, wordpress_pages
from bench.cpu import load_average
from bench.databases import Databases
from bench.lighthouse_report import CATEGORIES, Lighthouse, Scores, has_asked, scores_of
from bench.measure import Figure, expect, progress
from bench.page_pair import PagePair
from bench.sizes import Sizes
from bench.watch import run_loop
from scripts.debian_packages import DebianUnavailable
from scripts.npm_packages import NpmUnavailable

MUST_DROP = 2.0
"""Points of a hundred, of each category."""
Shop = Callable[[Path], AbstractAsyncContextManager[Sequence[PagePair]]]
"""Its pages, while it is open; what it is made of goes to a folder. Raises DebianUnavailable or NpmUnavailable."""
SHOPS: Mapping[str, Shop] = {
    "headless": headless_pages.opened,
    "woocommerce": wordpress_pages.opened,
    "theme": theme_pages.opened,
}


def run(kinds: Sequence[Databases], sizes: Sizes) -> list[Figure]:
    """One figure for each category of each page. Shops whose numbers a service makes have databases of their own."""
    with tempfile.TemporaryDirectory(prefix="belong-bench-lighthouse-") as folder:
        # What it gets, it says on standard output, where results alone go.
        with redirect_stdout(sys.stderr):
            found: list[Figure] = run_loop(_all(Path(folder), sizes))
    for one in found:
        held = "held" if one.value <= MUST_DROP else "not held"
        progress(f"{one.case}: a drop of {one.value:g} points, at most {MUST_DROP:g} were asked for: {held}.")
    return found


def figures(page: str, taken: Mapping[str, Sequence[Scores]]) -> list[Figure]:
    """By how many points the median of each category is lower with Belong; below zero: it is higher."""
    found = []
    for category in CATEGORIES:
        seen = {name: [one[category] for one in runs] for name, runs in taken.items()}
        medians = {name: statistics.median(values) for name, values in seen.items()}
        extra = {
            **medians,
            **{f"{name}_lowest": min(values) for name, values in seen.items()},
            **{f"{name}_highest": max(values) for name, values in seen.items()},
            "rounds": float(len(seen["with"])),
        }
        drop = medians["without"] - medians["with"]
        case = f"{page}, drop of {category}"
        found.append(Figure("lighthouse", case, drop, "points", MUST_DROP, None, load_average(), extra))
    return found


async def _all(home: Path, sizes: Sizes) -> list[Figure]:
    """Shop by shop, so that none is at work while another is measured."""
    found: list[Figure] = []
    for name, shop in SHOPS.items():
        progress(f"preparing {name}")
        (home / name).mkdir()
        try:
            lighthouse = Lighthouse.found(home)
            async with shop(home / name) as pairs:
                for pair in pairs[: sizes.pages_each]:
                    found += figures(pair.name, await _measured(lighthouse, pair, sizes.rounds))
        except (DebianUnavailable, NpmUnavailable) as why:
            progress(f"lighthouse is left out for {name}: there is nothing to measure it with ({why}).")
    return found


async def _measured(lighthouse: Lighthouse, pair: PagePair, rounds: int) -> dict[str, list[Scores]]:
    taken: dict[str, list[Scores]] = {"without": [], "with": []}
    for number in range(rounds):
        for name in taken if number % 2 == 0 else reversed(taken):
            report = await lighthouse.report(pair.urls[name])
            what = f"whether {pair.name} {name} Belong has something of ours"
            expect(what, has_asked(report, pair.sign), name == "with")
            scores = scores_of(report)
            taken[name].append(scores)
            told = "  ".join(f"{category} {points:g}" for category, points in scores.items())
            progress(f"round {number + 1}/{rounds}  {pair.name:22}{name:8}{told}")
    return taken
