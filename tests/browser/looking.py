"""What every page must bear: rules that axe-core knows, narrow screens, large text, a keyboard, the other direction."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any, Protocol

from scripts import npm_packages
from tests.browser.chromium import Page

BUILD = npm_packages.ROOT / "build" / "browser"
"""Screenshots, for people; never read again."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE, DESK, NARROW = 390, 1280, 320
BYTES_MAX = 100_000
"""Of a page with all that it needs, compressed."""
STOPS_MAX = 150
_AXE: list[str] = []

REACHABLE = """
[...document.querySelectorAll(WITHIN)].flatMap(place => [...place.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')])
  .filter(one => !one.disabled && one.checkVisibility({checkVisibilityCSS: true, contentVisibilityAuto: true}))
"""
TOO_WIDE = """
(() => {
  const whole = document.documentElement;
  const room = whole.clientWidth;
  if (whole.scrollWidth <= room) return [];
  const ours = [...document.querySelectorAll(WITHIN)].flatMap(one => [one, ...one.querySelectorAll('*')]);
  const wide = ours.filter(one => {
    const box = one.getBoundingClientRect();
    return box.right > room + 1 || box.left < -1;
  });
  const told = wide.slice(-5).map(one => one.outerHTML.slice(0, 160));
  return wide.length === 0 ? [] : [`is ${whole.scrollWidth} wide`, ...told];
})()
"""
BEFORE_IT = """
(() => {
  const place = document.querySelector(WITHIN);
  if (place === document.body) return document.activeElement.blur();
  const kept = place.getAttribute('tabindex');
  place.tabIndex = -1;
  place.focus();
  if (kept === null) place.removeAttribute('tabindex'); else place.setAttribute('tabindex', kept);
})()
"""
SHIFTED = """
new Promise((resolve) => {
  const told = [];
  const what = (one) => one.node ? (one.node.outerHTML || one.node.data).slice(0, 160) : 'gone';
  const seen = new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      const isNew = !one.hadRecentInput && one.startTime > (window.belongLooked || 0);
      if (isNew) told.push(`${one.value}: ${one.sources.map(what).join(' ')}`);
    }
  });
  seen.observe({type: 'layout-shift', buffered: true});
  setTimeout(() => resolve(told), 200);
})
"""
FOCUS = """
(() => {
  const one = document.activeElement;
  if (!one || one === document.body || !one.closest(WITHIN)) return null;
  const style = getComputedStyle(one);
  one.belongReached = true;
  return {
    what: one.outerHTML.slice(0, 120),
    others: one.type !== 'radio' ? 0 : REACHABLE.filter(
      other => other.type === 'radio' && other.name === one.name && other.form === one.form).length - 1,
    isSeen: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none',
  };
})()
"""


class Document(Protocol):
    """A tab's, or that of a frame."""

    async def run(self, script: str) -> Any: ...


async def violations(page: Document, within: str) -> list[Any]:
    """Of WCAG 2.2 AA, in what a selector names: rule and the first elements that break it."""
    if not _AXE:
        path = npm_packages.install() / "axe-core" / "axe.min.js"
        _AXE.append(await asyncio.to_thread(path.read_text, "utf-8"))
    if not await page.run("'axe' in window"):
        await page.run(_AXE[0] + "; 1")
    options = json.dumps({"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]})
    found = await page.run(
        f"axe.run({{include: [{json.dumps(within)}]}}, {options}).then(told => "
        "({passed: told.passes.length, violations: told.violations.map(one => "
        "[one.id, one.help, one.nodes.slice(0, 3).map(node => [node.html.slice(0, 200), node.failureSummary])])}))"
    )
    # Rules that found nothing to look at prove nothing.
    assert found["passed"] > 1, found
    return list(found["violations"])


async def overflow(page: Document, within: str) -> list[str]:
    """What of it makes the page wider than the window; empty if nothing does."""
    return list(await page.run(TOO_WIDE.replace("WITHIN", json.dumps(within))))


async def unreached(page: Page, within: str) -> list[str]:
    """What no press of Tab reaches from before it until behind it, or what is reached and not seen to be."""
    place = json.dumps(within)
    reachable = REACHABLE.replace("WITHIN", place)
    where = FOCUS.replace("REACHABLE", f"({reachable})").replace("WITHIN", place)
    wrong: list[str] = []
    await page.run(BEFORE_IT.replace("WITHIN", place))
    for _ in range(STOPS_MAX):
        await page.press("Tab")
        stop = await page.run(where)
        if stop is None:
            break
        stops = [stop]
        # Tab stops once at the radio buttons of one question; the arrow keys go round them, back to the one chosen.
        for _ in range(stop["others"] + 1 if stop["others"] else 0):
            await page.press("ArrowDown")
            stops.append(await page.run(where))
        wrong += [f"not seen: {one['what']}" for one in stops if not one["isSeen"]]
    missed = await page.run(f"{reachable}.filter(one => !one.belongReached).map(one => one.outerHTML.slice(0, 160))")
    await page.run("document.activeElement.blur()")
    return wrong + list(missed)


async def shifted(page: Page) -> list[str]:
    """What moved since the page came, or was looked at in other sizes, but for what follows a key or a click: empty for
    a layout shift of zero.
    """
    return list(await page.run(SHIFTED))


def weight(page: Page, *kinds: str) -> int:
    """Bytes of what the page was sent, each compressed. kinds: Document, Stylesheet, Script."""
    return sum(len(gzip.compress(content, 9)) for kind, content in page.sent if kind in kinds)


async def must_be_fit(page: Page, name: str, within: str, *, is_still: bool = True) -> None:
    """All of it, with screenshots as they are on a desk, on a phone, with large text, and from right to left.

    is_still: nothing moves while it comes.
    """
    assert (page.complaints, page.foreign) == ([], []), (name, page.complaints, page.foreign)
    wrong: dict[str, Any] = {
        "moved": await shifted(page) if is_still else [],
        "axe": await violations(page, within),
        "keyboard": await unreached(page, within),
    }
    await page.shoot(_at(name, "desk"))
    await page.size(PHONE)
    wrong["phone"] = await overflow(page, within)
    wrong["axe on a phone"] = await violations(page, within)
    await page.shoot(_at(name, "phone"))
    await page.run("document.documentElement.style.fontSize = '200%'")
    wrong["large text"] = await overflow(page, within)
    await page.shoot(_at(name, "large"))
    await page.run("document.documentElement.style.fontSize = ''; document.documentElement.dir = 'rtl'")
    wrong["right to left"] = await overflow(page, within)
    await page.shoot(_at(name, "rtl"))
    await page.run("document.documentElement.dir = 'ltr'")
    await page.size(DESK)
    await page.run("new Promise((done) => setTimeout(() => done(window.belongLooked = performance.now()), 100))")
    broken = {why: what for why, what in wrong.items() if what}
    assert broken == {}, f"{name}: {json.dumps(broken, indent=1, ensure_ascii=False)}"


async def wrong_with(page: Page, address: str) -> dict[str, Any]:
    """What is wrong with a page, by what it breaks."""
    await page.tab.emulate_media(color_scheme="light")
    await page.go(address)
    wrong: dict[str, Any] = {"moves": await shifted(page), "rules": await violations(page, "body")}
    wrong["keyboard"] = await unreached(page, "body")
    wrong["bytes"] = max(0, weight(page, "Document", "Stylesheet", "Script") - BYTES_MAX)
    await page.tab.emulate_media(color_scheme="dark")
    wrong["rules at night"] = await violations(page, "body")
    await page.size(NARROW)
    wrong["too wide"] = await overflow(page, "body")
    await page.size(DESK)
    wrong["complaints"] = page.complaints + page.foreign
    return {why: what for why, what in wrong.items() if what}


def _at(name: str, how: str) -> Path:
    BUILD.mkdir(parents=True, exist_ok=True)
    return BUILD / f"{name}-{how}.png"
