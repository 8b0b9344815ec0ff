"""A shopper acts on a page of the shop, in Chromium: the page's own script, the simulated Shopify's app proxy and our
running service, nothing in between but a network that may lose an answer.

Complaint C21, as far as this shop's pages go: what cannot be had takes no points, and a press takes them once.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.commands.programme import pause_programme
from connector.running.scheduler import tell_programmes
from tests.browser.chromium import Chromium, Page
from tests.browser.looking import BUILD, violations
from tests.databases import Databases
from tests.shopify.app.installed import PUBLIC, world
from tests.shopify.theme.counter import REDEMPTIONS, Counter, press
from tests.shopify.theme.rendering import LAUNCHER, Shown, render
from tests.shopify.theme.storefront_page import SHOP, page_of


def button(name: str) -> str:
    return f"belong-redeem[data-reward={name}] button"


async def opened(page: Page) -> None:
    await page.go(f"{SHOP}/")
    await page.run(
        "Promise.all(['belong-redeem', 'belong-copy'].map(one => customElements.whenDefined(one))).then(() => 1)"
    )


async def test_a_press_gives_a_code_once_however_often_it_is_pressed(browser: Chromium, counter: Counter) -> None:
    counter.show("belong-rewards")
    async with browser.page(counter.answer, 390) as page:
        await opened(page)
        await page.run(f"[1, 2].forEach(() => document.querySelector('{button('five')}').click())")
        await press(page, button("five"))
        await page.until_said("This is your code", "main")
        await page.until_said("Use it in the cart", "main")
        code = await page.run("document.querySelector('belong-redeem code').textContent")
        assert code == await counter.first("SELECT code AS told FROM voucher")
        assert code in {one.code for one in counter.world.shop.coupons.by_id.values()}
        link = await page.run("document.querySelector('belong-redeem a').getAttribute('href')")
        assert link == f"/discount/{code}?redirect=%2Fcart"
        await press(page, "belong-redeem belong-copy button")
        await page.until_said("Copied.", "belong-copy button")
        assert await violations(page, "main") == []
        await page.shoot(BUILD / "theme-redeemed.png")
        assert counter.asked.count(f"POST {PUBLIC}{REDEMPTIONS}") == 1
        # The page of the next visit knows the voucher.
        await counter.settle()
        counter.show("belong-rewards", LAUNCHER)
        await opened(page)
        await page.until_said(code, "main")
        assert page.complaints == [] and page.foreign == []
    assert await counter.taken() == 1


@pytest.mark.parametrize("is_loaded_again", [False, True])
async def test_a_lost_answer_says_so_and_the_next_press_takes_no_more(
    browser: Chromium, counter: Counter, is_loaded_again: bool
) -> None:
    counter.show("belong-rewards")
    async with browser.page(counter.answer) as page:
        await opened(page)
        counter.lost += [REDEMPTIONS] * 2
        await press(page, button("five"))
        await page.until_said("it is not sure whether it worked", "main")
        assert await counter.taken() == 1, "the service has acted"
        await page.shoot(BUILD / "theme-lost.png")
        if is_loaded_again:
            await opened(page)
        await press(page, button("five"))
        await page.until_said("This is your code", "main")
        assert await page.run("document.querySelector('belong-redeem code').textContent") == await counter.first(
            "SELECT code AS told FROM voucher"
        )
    assert counter.asked.count(f"POST {PUBLIC}{REDEMPTIONS}") == 3
    assert await counter.taken() == 1


async def test_a_lost_answer_is_asked_for_again_and_numbers_on_the_page_follow(
    browser: Chromium, counter: Counter
) -> None:
    """What was pushed to the shop is old after a press; the page asks what holds now, wherever it shows it."""
    counter.show("belong-points", "belong-rewards", LAUNCHER)
    numbers = "[...document.querySelectorAll('[data-belong=available]')].map((one) => one.textContent)"
    async with browser.page(counter.answer) as page:
        await opened(page)
        assert await page.run(numbers) == ["418"] * 3
        counter.lost.append(REDEMPTIONS)
        await press(page, button("five"))
        await page.until_said("This is your code", "main")
        await page.until_said("118 points ready to spend", "belong-redeem[data-reward=five]")
        assert await page.run(numbers) == ["118"] * 3
        assert (page.complaints, len(page.foreign)) == ([], 1)
    assert await counter.taken() == 1


async def test_a_refusal_is_said_in_words_and_takes_no_points(browser: Chromium, counter: Counter) -> None:
    """What the page was told is old by now: the points went elsewhere. Then the programme rests."""
    counter.show("belong-rewards")
    async with browser.page(counter.answer) as page:
        await opened(page)
        await counter.spend(400)
        entries = await counter.world.number("SELECT count(*) FROM entry")
        await press(page, button("five"))
        await page.until_said("You do not have enough points for this reward any more.", "main")
        await page.shoot(BUILD / "theme-refused.png")
        connection = await counter.world.connection()
        assert connection is not None
        programme = {"programme": connection.programme_number, "reason": "stocktaking"}
        await pause_programme(counter.world.service.service, programme)
        await press(page, button("five"))
        await page.until_said("Points cannot be used at the moment; they stay yours.", "main")
    assert await counter.taken() == 1
    assert await counter.world.number("SELECT count(*) FROM entry") == entries


async def test_how_many_points_is_chosen_and_then_used(browser: Chromium, counter: Counter) -> None:
    counter.show(LAUNCHER)
    async with browser.page(counter.answer, 390) as page:
        await page.go(f"{SHOP}/")
        assert not [one for one in counter.asked if "token" in one]
        await press(page, ".belong-launcher > summary")
        await page.run("customElements.whenDefined('belong-redeem').then(() => 1)")
        await press(page, button("slide"))
        await page.until_said("How many: 10 to 410, in steps of 10", ".belong-launcher")
        assert await page.run("document.activeElement.type") == "number"
        await page.run("document.activeElement.select()")
        await page.type("255")
        await press(page, button("slide"))
        assert await counter.taken() == 0, "no step"
        await page.run(
            "(() => { const one = document.querySelector('belong-redeem input'); one.focus(); one.select(); })()"
        )
        await page.type("250")
        await page.until_said("Use 250", button("slide"))
        assert await violations(page, ".belong-launcher") == []
        await page.shoot(BUILD / "theme-slider.png")
        await press(page, button("slide"))
        await page.until_said("This is your code", ".belong-launcher")
        await page.shoot(BUILD / "theme-launcher-redeemed.png")
    assert await counter.first("SELECT points AS told FROM redemption") == 250
    assert await counter.taken() == 1


async def test_a_code_for_friends_is_there_when_it_is_asked_for(browser: Chromium, counter: Counter) -> None:
    counter.show("belong-referral")
    async with browser.page(counter.answer, 390) as page:
        await opened(page)
        await press(page, "belong-invite button")
        await page.until_said("Your code:", "main")
        code = await page.run("document.querySelector('belong-invite code').textContent")
        assert await counter.world.number("SELECT count(*) FROM referral_code WHERE code = $1", code) == 1
        assert await violations(page, "main") == []
        await page.shoot(BUILD / "theme-invited.png")
        await counter.settle()
        counter.show("belong-referral")
        await opened(page)
        await page.until_said(code, "main")


async def test_who_is_not_signed_in_any_more_reads_that(browser: Chromium, counter: Counter) -> None:
    counter.show("belong-rewards", "belong-referral")
    counter.cookies.clear()
    async with browser.page(counter.answer) as page:
        await opened(page)
        for what in (button("five"), "belong-invite button"):
            await press(page, what)
            place = what.partition(" ")[0]
            await page.until_said("Please log in to use your points.", place)
    assert not [one for one in counter.asked if PUBLIC in one]
    assert await counter.taken() == 0


async def test_the_shop_may_have_given_the_proxy_another_address(browser: Chromium, counter: Counter) -> None:
    counter.world.shop.proxy.prefix, counter.world.shop.proxy.subpath = "a", "circle"
    counter.show("belong-rewards", proxy="/a/circle")
    async with browser.page(counter.answer) as page:
        await opened(page)
        await press(page, button("five"))
        await page.until_said("This is your code", "main")
    assert f"GET {SHOP}/a/circle/token" in counter.asked
    assert await counter.taken() == 1


async def test_who_is_asked_first_takes_part_by_a_press(
    browser: Chromium, databases: Databases, tmp_path: Path, shopify_tools: Path, theme_app: Path
) -> None:
    asks = {"programme": {"name": "Circle", "timezone": "shop", "currency": "shop", "enrolment": "consent"}}
    with databases.prepared("sqlite") as url:
        (tmp_path / "home").mkdir()
        async with world(url, tmp_path / "home", more=asks) as w:
            await w.joined()
            customer = w.customer()
            await w.work()
            await tell_programmes(w.service.service)
            counter = Counter(w, theme_app, shopify_tools, customer, w.shop.proxy.sign_in(customer))
            assert w.shop.programme is not None
            block = Shown("belong-points", None, w.shop.programme)
            counter.html = page_of({"belong-points": render(shopify_tools, theme_app, [block])[0]})
            async with browser.page(counter.answer, 390) as page:
                await page.go(f"{SHOP}/")
                await page.until_said("You can leave at any time.", "main")
                assert await w.number("SELECT count(*) FROM member") == 0
                await press(page, "belong-join button")
                await page.until_said("Welcome!", "main")
                assert await violations(page, "main") == []
                await page.shoot(BUILD / "theme-joined.png")
                assert (page.complaints, page.foreign) == ([], [])
            assert await w.number("SELECT count(*) FROM member") == 1
