"""What must hold whatever shoppers have set for themselves: high contrast, less motion, a dark screen, a narrow one."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from tests.browser.chromium import Page
from tests.browser.looking import BUILD, overflow, unreached, violations

NARROW = 320
CONTRAST = 3.0
"""Of what has to be told apart and is no text: WCAG 1.4.11."""

# Nothing of a shop's own: whether that moves is not ours.
MOVING = """
[...document.querySelectorAll('.belong, .belong *, [class*=belong-], [class*=belong-] *')].flatMap((one) => {
  const style = getComputedStyle(one);
  const seconds = (text) => Math.max(...text.split(',').map(parseFloat));
  const moves = seconds(style.transitionDuration) > 0
    || (style.animationName !== 'none' && seconds(style.animationDuration) > 0);
  return moves ? [one.outerHTML.slice(0, 120)] : [];
})
"""
LUMINANCES = """
async ([image, places]) => {
  const drawn = await createImageBitmap(await (await fetch(image)).blob());
  const canvas = new OffscreenCanvas(drawn.width, drawn.height);
  const pen = canvas.getContext('2d');
  pen.drawImage(drawn, 0, 0);
  return places.map(([x, y]) => {
    const at = (share, size) => Math.min(size - 1, Math.floor(share * size));
    const [red, green, blue] = [...pen.getImageData(at(x, drawn.width), at(y, drawn.height), 1, 1).data].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
}
"""
# What can be pressed has an edge of its own where no colour of a shop is left: links are underlined instead.
EDGELESS = """
[...document.querySelectorAll(WITHIN)].flatMap(place => [...place.querySelectorAll(
    '[class*=belong] button, .belong-launcher > summary, .belong-launcher__panel')])
  .filter(one => one.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}))
  .filter(one => ['none', 'hidden'].includes(getComputedStyle(one).borderTopStyle)
    || parseFloat(getComputedStyle(one).borderTopWidth) < 1)
  .map(one => one.outerHTML.slice(0, 120))
"""


async def must_suit_settings(page: Page, name: str, within: str) -> None:
    """One page that is loaded, in 320 pixels, under each setting in turn; with screenshots."""
    await page.size(NARROW)
    wrong: dict[str, Any] = {"narrow": await overflow(page, within), "bars": await unclear_bars(page, within)}
    for scheme in ("light", "dark"):
        await page.tab.emulate_media(forced_colors="active", color_scheme=scheme)
        wrong |= await _in_high_contrast(page, within, f"high contrast, {scheme}")
        await page.shoot(BUILD / f"{name}-contrast-{scheme}.png")
    await page.tab.emulate_media(forced_colors="none", color_scheme="dark")
    wrong["dark"] = await violations(page, within)
    wrong["dark: bars"] = await unclear_bars(page, within)
    wrong["dark: medals"] = await unclear_medals(page, within)
    wrong["dark: keyboard"] = await unreached(page, within)
    await page.shoot(BUILD / f"{name}-dark.png")
    await page.tab.emulate_media(color_scheme="light", reduced_motion="reduce")
    wrong["less motion"] = await page.run(MOVING)
    await page.tab.emulate_media(reduced_motion="no-preference")
    broken = {why: what for why, what in wrong.items() if what}
    assert broken == {}, f"{name}: {json.dumps(broken, indent=1, ensure_ascii=False)}"


async def _in_high_contrast(page: Page, within: str, setting: str) -> dict[str, Any]:
    return {
        f"{setting}: keyboard": await unreached(page, within),
        f"{setting}: bars": await unclear_bars(page, within),
        f"{setting}: medals": await unclear_medals(page, within),
        f"{setting}: edges": await page.run(EDGELESS.replace("WITHIN", json.dumps(within))),
    }


async def unclear_bars(page: Page, within: str) -> list[str]:
    """Progress bars of which nobody sees how full they are."""
    unclear = []
    for bar in await page.tab.locator(f"{within} progress:visible").all():
        share = float(await bar.get_attribute("value") or 0) / float(await bar.get_attribute("max") or 1)
        assert 0.1 < share < 0.9, "a bar that is neither full nor empty has two sides to look at"
        full, empty = await _luminances(page, await bar.screenshot(), [(share / 2, 0.5), ((1 + share) / 2, 0.5)])
        if _contrast(full, empty) < CONTRAST:
            unclear.append(f"{_contrast(full, empty):.2f} at {share:.0%}")
    return unclear


async def unclear_medals(page: Page, within: str) -> list[str]:
    """Medals that do not stand out of the page, or look like one of another level; words say the level as well."""
    unclear: list[str] = []
    seen: dict[str, float] = {}
    for level in ("bronze", "silver", "gold"):
        for medal in (await page.tab.locator(f"{within} svg.belong-{level}:visible").all())[:1]:
            shares = [step / 40 for step in range(40)]
            across = await _luminances(page, await medal.screenshot(), [(x, 0.375) for x in shares])
            middle, around = across[20], across[0]
            if max(_contrast(one, around) for one in across) < CONTRAST:
                unclear.append(f"{level} does not stand out")
            unclear += [f"{level} looks like {other}" for other, one in seen.items() if abs(one - middle) < 0.01]
            seen[level] = middle
    return unclear


async def _luminances(page: Page, png: bytes, places: Sequence[tuple[float, float]]) -> list[float]:
    """Relative luminance (0 to 1) at shares of width and height. On a page of its own: a shop's may forbid images."""
    tab = await page.tab.context.new_page()
    try:
        image = f"data:image/png;base64,{base64.b64encode(png).decode()}"
        return list(await tab.evaluate(LUMINANCES, [image, [list(place) for place in places]]))
    finally:
        await tab.close()


def _contrast(one: float, other: float) -> float:
    """As WCAG reckons it: 1 to 21."""
    lighter, darker = max(one, other), min(one, other)
    return (lighter + 0.05) / (darker + 0.05)
