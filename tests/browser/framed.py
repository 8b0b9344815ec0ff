"""The document of a frame, and what a browser lets it keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Frame, expect
from playwright.async_api import Page as Tab

from tests.browser.chromium import SECONDS_TO_SAY


@dataclass(frozen=True)
class Framed:
    """Pages come and go in it; it lasts as long as the page around."""

    frame: Frame

    @classmethod
    async def of(cls, tab: Tab, selector: str) -> Framed:
        """The frame that stands there now."""
        stands = await tab.wait_for_selector(selector)
        frame = await stands.content_frame() if stands else None
        assert frame is not None
        return cls(frame)

    async def run(self, script: str) -> Any:
        """The value of an expression in it."""
        return await self.frame.evaluate(script)

    async def says(self, words: str) -> None:
        """Until these words can be read there."""
        place = expect(self.frame.locator("main"), self.frame.url)
        await place.to_contain_text(words, use_inner_text=True, timeout=1000 * SECONDS_TO_SAY)

    async def press(self, selector: str) -> None:
        """What can be seen there."""
        await self.frame.locator(selector).first.click()


async def kept_apart(tab: Tab, framed: Framed, around: str) -> None:
    """The console's cookie is kept for this shop's pages alone; and the browser is one that gives a frame no cookie
    that its site had outside of it.
    """
    site = framed.frame.url.split("/console")[0]
    cookies = [one for one in await tab.context.cookies(site) if one["name"].startswith("__Host-")]
    assert [(one["httpOnly"], one["secure"], one["sameSite"]) for one in cookies] == [(True, True, "None")]
    assert cookies[0].get("partitionKey") == around, cookies
    await tab.context.add_cookies(
        [{"name": "seen_before", "value": "1", "url": site, "secure": True, "sameSite": "None"}]
    )
    # Until the page is there again, or whoever looks at it next meets it as it goes.
    async with (
        tab.expect_event("framenavigated", lambda one: one == framed.frame),
        tab.expect_request(lambda one: one.frame == framed.frame) as asked,
    ):
        await framed.run("location.reload()")
    await framed.frame.wait_for_load_state()
    sent = (await (await asked.value).all_headers()).get("cookie", "")
    assert "__Host-" in sent and "seen_before" not in sent, sent
