"""A member chooses on a page of the shop what others see of them, and leaves: in Chromium, on our running service."""

from __future__ import annotations

from connector import clock
from connector.access.auth import WRITE_EVENTS, create_api_key
from connector.people import boards
from connector.storage.atomic import atomic
from tests.browser.chromium import Chromium, Page
from tests.browser.looking import BUILD, overflow, unreached, violations
from tests.shopify.app.installed import PUBLIC
from tests.shopify.app.signed import bearer
from tests.shopify.theme.counter import Counter, press
from tests.shopify.theme.storefront_page import SHOP

CHOICE, MAILS = "/v1/me/leaderboard-choice", "/v1/me/mail-choice"
BOX, NAME = "belong-choosing [name=takes_part]", "belong-choosing [name=name]"


async def choosing(page: Page) -> None:
    """The block of what others see, opened by keyboard."""
    await page.go(f"{SHOP}/")
    await page.run("customElements.whenDefined('belong-choosing').then(() => 1)")
    await press(page, "belong-choosing summary")


async def mails_opened(page: Page) -> None:
    """Mails about points, opened by keyboard on a page that is loaded anew."""
    await page.go(f"{SHOP}/")
    await page.run("customElements.whenDefined('belong-mails').then(() => 1)")
    assert not await page.tab.locator("belong-mails button").is_visible(), "what is chosen now is not known yet"
    await press(page, "belong-mails summary")


async def said_by_mails(page: Page) -> str:
    """What their button would do."""
    return await page.tab.locator("belong-mails button").inner_text()


async def test_what_others_see_is_asked_for_when_it_is_opened_chosen_and_kept(
    browser: Chromium, counter: Counter
) -> None:
    counter.show("belong-privacy")
    async with browser.page(counter.answer, 320) as page:
        await page.go(f"{SHOP}/")
        assert counter.asked == [], "a page view asks nobody"
        await choosing(page)
        await page.tab.locator("belong-choosing fieldset:enabled").wait_for()
        assert not await page.tab.locator(BOX).is_checked()
        await page.run(f"document.querySelector('{BOX}').focus()")
        await page.press("Space")
        await page.run(f"document.querySelector('{NAME}').focus()")
        await page.type("<b>no</b>")
        await page.press("Enter")
        await page.until_said("This name cannot be shown.", "belong-choosing")
        await page.run(f"document.querySelector('{NAME}').select()")
        await page.type(" Moor ")
        await press(page, "belong-choosing button")
        await page.until_said("Saved.", "belong-choosing")
        assert await violations(page, "main") == []
        assert await overflow(page, "body") == []
        assert await unreached(page, "main") == []
        await page.shoot(BUILD / "theme-choosing.png")
        await choosing(page)
        await page.tab.locator("belong-choosing fieldset:enabled").wait_for()
        assert await page.tab.locator(BOX).is_checked()
        assert await page.tab.locator(NAME).input_value() == "Moor"
        # Who leaves the boards leaves no name there.
        await page.run(f"document.querySelector('{BOX}').focus()")
        await page.press("Space")
        await press(page, "belong-choosing button")
        await page.until_said("Saved.", "belong-choosing")
        await choosing(page)
        await page.tab.locator("belong-choosing fieldset:enabled").wait_for()
        assert not await page.tab.locator(BOX).is_checked()
        assert await page.tab.locator(NAME).input_value() == ""
        assert (page.complaints, page.foreign) == ([], [])


async def test_who_is_on_the_leaderboard_reads_their_place_when_it_is_in_view(
    browser: Chromium, counter: Counter
) -> None:
    counter.show("belong-board")
    async with browser.page(counter.answer, 320) as page:
        await page.go(f"{SHOP}/")
        await page.until_said("Too few show themselves", "main")
        await page.run("customElements.whenDefined('belong-place').then(() => 1)")
        service = counter.world.service.service
        (member,) = await counter.world.service.rows("SELECT programme_number, member_id FROM member")
        number = member["programme_number"]
        key = await atomic(
            service.database,
            lambda session: create_api_key(session, number, "an app", clock.utc_now(), frozenset({WRITE_EVENTS})),
        )
        review = {
            "id": "r1",
            "type": "review.approved",
            "occurred_at": clock.utc_now().isoformat(),
            "subject": {"platform": "shopify", "customer_id": str(counter.customer)},
            "object": {"kind": "review", "id": "r1"},
        }
        answer = await counter.world.browser.post("/v1/events", headers=bearer(key), json=[review])
        assert answer.json()["events"][0]["state"] == "kept", answer.text
        await counter.world.work()
        await boards.choose(service.pipeline, number, member["member_id"], True, "Moor")
        await service.boards.forget(number)
        await page.go(f"{SHOP}/")
        await page.until_said("Your place: 1, with 1.", "belong-place")
        assert await violations(page, "main") == []
        assert (page.complaints, page.foreign) == ([], [])


async def test_a_choice_whose_answer_is_lost_says_so_and_can_be_made_again(browser: Chromium, counter: Counter) -> None:
    counter.show("belong-privacy")
    async with browser.page(counter.answer, 390) as page:
        await choosing(page)
        await page.tab.locator("belong-choosing fieldset:enabled").wait_for()
        counter.lost += [CHOICE] * 2
        await press(page, "belong-choosing button")
        await page.until_said("it is not sure whether it worked", "belong-choosing")
        await press(page, "belong-choosing button")
        await page.until_said("Saved.", "belong-choosing")


async def test_who_is_not_signed_in_any_more_can_choose_nothing_and_reads_why(
    browser: Chromium, counter: Counter
) -> None:
    """What is chosen now is not known, so nothing on the page may be sent over it."""
    counter.show("belong-privacy")
    counter.cookies.clear()
    async with browser.page(counter.answer) as page:
        await choosing(page)
        await page.until_said("Please log in to use your points.", "belong-choosing")
        assert await page.tab.locator("belong-choosing fieldset:disabled").count() == 1
    assert not [one for one in counter.asked if PUBLIC in one]


async def test_mails_are_agreed_to_and_stopped_by_keyboard_and_the_service_knows_it(
    browser: Chromium, counter: Counter
) -> None:
    counter.show("belong-privacy")
    async with browser.page(counter.answer, 320) as page:
        await mails_opened(page)
        await page.until_said("You get none of these mails.", "belong-mails")
        assert await said_by_mails(page) == "Send me these mails"
        # Lost on its way, and the same press again.
        counter.lost += [MAILS] * 2
        await press(page, "belong-mails button")
        await page.until_said("it is not sure whether it worked", "belong-mails")
        await press(page, "belong-mails button")
        await page.until_said("You have agreed to these mails.", "belong-mails")
        assert await violations(page, "main") == []
        assert await overflow(page, "body") == []
        assert await unreached(page, "main") == []
        await page.shoot(BUILD / "theme-mails.png")
        await mails_opened(page)
        await page.until_said("You have agreed to these mails.", "belong-mails")
        assert await said_by_mails(page) == "Stop these mails"
        assert str(await page.tab.locator("belong-mails a").get_attribute("href")).startswith(f"{PUBLIC}/mails/")
        await press(page, "belong-mails button")
        await page.until_said("You get none of these mails.", "belong-mails")
        await mails_opened(page)
        await page.until_said("You get none of these mails.", "belong-mails")
        assert (page.complaints, page.foreign) == ([], [f"{PUBLIC}{MAILS}"] * 2), "but for what was lost"


async def test_who_leaves_is_asked_twice_and_the_shop_is_told(browser: Chromium, counter: Counter) -> None:
    counter.show("belong-privacy")
    async with browser.page(counter.answer, 390) as page:
        await page.go(f"{SHOP}/")
        await page.run("customElements.whenDefined('belong-leave').then(() => 1)")
        assert not await page.tab.locator("belong-leave button").is_visible()
        await press(page, "details:has(belong-leave) summary")
        await press(page, "belong-leave button")
        await page.until_said("You have left the programme.", "belong-leave")
        await page.shoot(BUILD / "theme-left.png")
        # The page is older than that.
        await press(page, "belong-choosing summary")
        await page.tab.locator("belong-choosing fieldset:enabled").wait_for()
        await page.run(f"document.querySelector('{BOX}').click()")
        await press(page, "belong-choosing button")
        await page.until_said("You take no part in the programme at the moment.", "belong-choosing")
        await counter.settle()
        counter.show("belong-points", "belong-privacy")
        await page.go(f"{SHOP}/")
        await page.until_said("Take part again", "main")
        assert await page.tab.locator("belong-choosing").count() == 0
    assert await counter.first("SELECT status AS told FROM member") == "left"
