"""A headless shop's page with Belong's elements, in Chromium."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from connector import clock
from connector.storage.programmes import load_programmes
from loyalty_engine.explain import words_of
from loyalty_engine.texts import language_of
from scripts import npm_packages
from tests.browser.chromium import Asked, Chromium, Page
from tests.browser.headless import SERVICE, SHOP, Front, all_shown, front
from tests.browser.looking import BUILD, must_be_fit, overflow, shifted, violations
from tests.databases import Databases


@pytest.fixture
async def shop(databases: Databases, tmp_path: Path) -> AsyncIterator[Front]:
    with databases.prepared("sqlite") as url:
        (tmp_path / "home").mkdir()
        async with front(url, tmp_path / "home") as one:
            yield one


async def opened(page: Page, query: str = "shopper=7") -> None:
    await page.go(f"{SHOP}/headless?{query}")


async def test_the_page_is_fit_for_everybody(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer) as page:
        await opened(page)
        await page.until_said("ready to use", "belong-balance")
        await all_shown(page)
        await must_be_fit(page, "headless", "body", is_still=False)
        await page.tab.emulate_media(color_scheme="dark")
        await page.shoot(BUILD / "headless-dark.png")
        assert page.dialogs == []


@pytest.mark.parametrize("language", ["en", "de", "es", "zh-CN", "zh-TW"])
async def test_days_are_those_of_the_programme_wherever_the_shopper_is(
    browser: Chromium, shop: Front, language: str
) -> None:
    """And written as in the sentences beside them. At Kiritimati it is tomorrow for most of the day."""
    rulebook = next(iter((await load_programmes(shop.service.service.database.reading())).values())).rulebook
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        async with browser.page(shop.answer, zone=zone) as page:
            await opened(page, f"shopper=7&lang={language}")
            await page.run("document.querySelector('belong-history').scrollIntoView()")
            await page.tab.locator("belong-history time").first.wait_for()
            times = await page.run(
                "[...document.querySelectorAll('.belong-table time')].map(one => [one.dateTime, one.textContent])"
            )
        words = words_of(rulebook.in_force(clock.utc_now()), language_of(language))
        assert times and [told for _, told in times] == [words.day(moment) for moment, _ in times]


def button(reward: str) -> str:
    return f"belong-redeem[data-reward={reward}] button"


async def press(page: Page, what: str) -> None:
    """By keyboard."""
    await page.run(f"document.querySelector('{what}').focus()")
    await page.press("Enter")


async def available(page: Page) -> str:
    return str(await page.run("document.querySelector('[data-belong=available]').textContent"))


async def ready(page: Page) -> None:
    await opened(page)
    await page.until_said("ready to use", "belong-balance")
    await page.until_said("Use 200 points", "belong-rewards")


async def test_points_become_a_code_once_however_often_it_is_pressed(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer, 390) as page:
        await ready(page)
        await page.run(f"[1, 2].forEach(() => document.querySelector('{button('five')}').click())")
        await press(page, button("five"))
        assert await available(page) == "162", "at once"
        await page.until_said("Your points are used", "belong-rewards")
        await page.until_said("162 points", "belong-rewards")
        code = await page.run("document.querySelector('belong-redeem code').textContent")
        assert code == (await shop.service.rows("SELECT code FROM voucher"))[0]["code"]
        link = await page.run("document.querySelector('belong-redeem[data-reward=tour]').dataset.link")
        assert link == "/headless?shopper=7&lang=en&code=[code]"
        # What cannot be had any more says so, on this very page.
        await press(page, button("tour"))
        await page.until_said("You see what becomes of it", "belong-rewards")
        assert await available(page) == "62"
        await page.shoot(BUILD / "headless-redeemed.png")
        assert page.complaints == []
    assert await shop.taken() == 2
    assert len(set(shop.keys)) == 2


async def test_a_lost_answer_is_asked_for_again_with_the_same_key(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer) as page:
        await ready(page)
        shop.lost.append("/v1/me/redemptions")
        await press(page, button("five"))
        await page.until_said("Your points are used", "belong-rewards")
    assert await shop.taken() == 1
    assert len(shop.keys) == 2 and len(set(shop.keys)) == 1


async def test_answers_that_are_lost_again_say_so_and_the_next_press_takes_no_more(
    browser: Chromium, shop: Front
) -> None:
    async with browser.page(shop.answer) as page:
        await ready(page)
        shop.lost += ["/v1/me/redemptions"] * 2
        await press(page, button("five"))
        await page.until_said("it is not sure whether it worked", "belong-rewards")
        assert await available(page) == "362", "as before, until somebody has answered"
        await page.shoot(BUILD / "headless-lost.png")
        await press(page, button("five"))
        await page.until_said("Your points are used", "belong-rewards")
        assert await available(page) == "162"
    assert await shop.taken() == 1
    assert len(set(shop.keys)) == 1


async def test_a_refusal_is_said_in_words_and_the_number_stands_as_it_was(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer) as page, browser.page(shop.answer) as other:
        await ready(page)
        await ready(other)
        await press(other, button("five"))
        await other.until_said("Your points are used", "belong-rewards")
        await press(page, button("five"))
        await page.until_said("You do not have enough points for this reward any more.", "belong-rewards")
        assert await available(page) == "362"
    assert await shop.taken() == 1


async def test_a_token_that_is_over_is_asked_for_anew_and_nobody_notices(
    browser: Chromium, shop: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = f"GET {SHOP}/headless/token"
    async with browser.page(shop.answer) as page:
        await ready(page)
        assert shop.asked.count(tokens) == 1, "one for all parts of the page"
        later = clock.utc_now() + timedelta(minutes=6)
        monkeypatch.setattr(clock, "utc_now", lambda: later)
        await press(page, button("five"))
        await page.until_said("Your points are used", "belong-rewards")
        assert shop.asked.count(tokens) == 2
    assert len(set(shop.keys)) == 1 and await shop.taken() == 1


async def test_without_network_a_press_says_so_and_works_when_it_is_back(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer) as page:
        await ready(page)
        shop.is_offline = True
        await press(page, button("five"))
        await page.until_said("it is not sure whether it worked", "belong-rewards")
        shop.is_offline = False
        await press(page, button("five"))
        await page.until_said("Your points are used", "belong-rewards")
    assert await shop.taken() == 1


@pytest.mark.parametrize("broken", ["service", "shop", "script"])
async def test_what_the_shop_wrote_stays_where_nothing_comes(browser: Chromium, shop: Front, broken: str) -> None:
    """The service is away, the shop's own server fails, or there is no script at all."""
    own = "<p>You have points. <a href='/account'>See your account</a></p>"
    script = f'<script src="{SERVICE}/storefront/belong.js" defer></script>'
    token = "/nowhere" if broken == "shop" else "/headless/token?shopper=7"
    address = "https://gone.example" if broken == "service" else SERVICE
    shop.more["/own"] = (
        f'<!doctype html><html lang="en"><head><title>Own</title>{script}</head><body><belong-shop src="{address}" '
        f'token="{token}"><belong-balance>{own}</belong-balance><belong-rewards>{own}</belong-rewards>'
        f"<belong-history>{own}</belong-history></belong-shop></body></html>"
    )
    async with browser.page(shop.answer, has_scripts=broken != "script") as page:
        await page.go(f"{SHOP}/own")
        await asyncio.sleep(0.2 if broken == "script" else 2.5)
        assert await page.tab.locator("a[href='/account']:visible").count() == 3
        assert page.complaints == []


async def test_a_guest_reads_what_the_shop_says_and_nobody_asks_the_service(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer) as page:
        await opened(page, "")
        await page.until_said("Sign in to see yours.", "belong-balance")
        await page.run("new Promise((resolve) => setTimeout(resolve, 500))")
        assert not [one for one in shop.asked if "/v1/" in one]


@pytest.mark.parametrize(
    ("tag", "words", "title"),
    [
        ("de", "de", "Dein Stand"),
        ("es", "es", "Tu saldo"),
        ("zh-CN", "zh-Hans", "您的余额"),
        ("zh-TW", "zh-Hant", "您的餘額"),
        ("ar", "en", "Your balance"),
    ],
)
async def test_a_page_speaks_its_language_and_loads_no_other(
    browser: Chromium, shop: Front, tag: str, words: str, title: str
) -> None:
    async with browser.page(shop.answer, 390) as page:
        await opened(page, f"shopper=7&lang={tag}")
        await page.until_said(title, "belong-balance")
        await page.until_said("5", "belong-rewards")
        tables = {one.rpartition("/")[2] for one in shop.asked if "/words-" in one}
        assert tables == {f"words-{words}.json"}
        assert await page.run("getComputedStyle(document.querySelector('belong-balance')).direction") == (
            "rtl" if tag == "ar" else "ltr"
        )
        assert await overflow(page, "body") == []
        assert await violations(page, "main") == []
        await page.shoot(BUILD / f"headless-{tag}.png")


async def test_nothing_on_the_page_moves_when_it_comes(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer) as page:
        for width in (390, 1280):
            await page.size(width)
            await opened(page)
            await page.until_said("ready to use", "belong-balance")
            await page.until_said("Use 200 points", "belong-rewards")
            await page.run("new Promise((resolve) => setTimeout(resolve, 300))")
            assert await shifted(page) == []


async def test_who_leaves_is_asked_twice_and_comes_back_with_a_press(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer) as page:
        await ready(page)
        await page.run("document.querySelector('belong-privacy').scrollIntoView()")
        await page.until_said("Leave the programme", "belong-privacy")
        assert not await page.run("document.querySelector('belong-leave button').checkVisibility()")
        await press(page, "details:has(belong-leave) summary")
        await press(page, "belong-leave button")
        await page.until_said("You have left the programme.", "belong-balance")
        assert await page.run("document.querySelector('belong-rewards').childElementCount") == 0
        await press(page, "belong-join button")
        await page.until_said("ready to use", "belong-balance")
        await page.until_said("Use 200 points", "belong-rewards")
        assert page.complaints == []


async def test_a_board_says_that_too_few_show_themselves_and_then_who_does_with_the_own_place(
    browser: Chromium, shop: Front
) -> None:
    """Names that members chose may hold any sign; ours are refused at the door, and stay text all the same."""
    places = [
        {"rank": 1, "name": "<img src=x onerror=alert(1)>", "value": 1234, "badges": 2, "is_me": False},
        {"rank": 2, "name": "نور", "value": 3, "badges": 0, "is_me": True},
        {"rank": 3, "name": "W" * 40, "value": 1, "badges": 0, "is_me": False},
    ]
    board = {"title": "Approved reviews since 1 November 2026", "places": places, "me": {"rank": 2, "value": 3}}
    path = f"{SERVICE}/v1/me/leaderboards/reviews_approved"

    async def full(asked: Asked) -> httpx.Response | None:
        if asked.method == "GET" and asked.url.startswith(path):
            return httpx.Response(200, json=board, headers={"Access-Control-Allow-Origin": "*"})
        return await shop.answer(asked)

    async with browser.page(shop.answer, 320) as page:
        await ready(page)
        await page.run("document.querySelector('belong-board').scrollIntoView()")
        await page.until_said("Too few show themselves for a leaderboard yet.", "belong-board")
    for direction in ("ltr", "rtl"):
        async with browser.page(full, 320) as page:
            await ready(page)
            await page.run(f"document.documentElement.dir = '{direction}'")
            await page.run("document.querySelector('belong-board').scrollIntoView()")
            await page.until_said("Your place: 2, with 3.", "belong-board")
            assert await page.run("document.querySelector('belong-board [aria-current] bdi').textContent") == "نور"
            assert await page.run("document.querySelector('belong-board img')") is None
            assert await violations(page, "belong-board") == []
            assert await overflow(page, "body") == []
            await page.shoot(BUILD / f"headless-board-{direction}.png")
            assert page.dialogs == []


async def test_what_others_see_is_chosen_and_a_code_for_friends_is_there(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer) as page:
        await ready(page)
        await page.run("document.querySelector('belong-privacy').scrollIntoView()")
        await page.until_said("Show me on leaderboards", "belong-privacy")
        await page.run("document.querySelector('belong-privacy [type=checkbox]').click()")
        await page.run("document.querySelector('belong-privacy [name=name]').focus()")
        await page.type("<b>no</b>")
        await press(page, "belong-privacy [type=submit]")
        await page.until_said("This name cannot be shown.", "belong-privacy")
        await page.run("document.querySelector('belong-privacy [name=name]').value = 'Moor'")
        await press(page, "belong-privacy [type=submit]")
        await page.until_said("Saved.", "belong-privacy")
        await press(page, "belong-invite button")
        await page.until_said("Your code:", "belong-referral")
        code = await page.run("document.querySelector('belong-invite code').textContent")
        assert await shop.service.number("SELECT count(*) FROM referral_code WHERE code = $1", code) == 1
        await opened(page)
        await page.until_said(code, "belong-referral")
        await page.run("document.querySelector('belong-privacy').scrollIntoView()")
        await page.until_said("Show me on leaderboards", "belong-privacy")
        assert await page.run("document.querySelector('belong-privacy [name=name]').value") == "Moor"


async def mails_opened(page: Page) -> None:
    """On a page that is loaded anew, by keyboard."""
    await ready(page)
    await page.run("document.querySelector('belong-privacy').scrollIntoView()")
    await page.until_said("Choose whether you get them", "belong-privacy")
    assert not await page.run("document.querySelector('belong-mails button').checkVisibility()")
    await press(page, "belong-mails summary")


async def test_mails_are_agreed_to_stay_agreed_to_and_are_stopped(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer, 390) as page:
        await mails_opened(page)
        await page.until_said("You get none of these mails.", "belong-mails")
        await press(page, "belong-mails button")
        await page.until_said("You have agreed to these mails.", "belong-mails")
        assert await page.run("document.activeElement.textContent") == "Stop these mails"
        assert await violations(page, "body") == []
        assert await overflow(page, "body") == []
        await page.run("document.querySelector('belong-mails').scrollIntoView()")
        await page.shoot(BUILD / "headless-mails.png")
        await mails_opened(page)
        await page.until_said("You have agreed to these mails.", "belong-mails")
        leads = await page.run("document.querySelector('belong-mails a').href")
        assert leads.startswith(f"{SERVICE}/mails/")
        await press(page, "belong-mails button")
        await page.until_said("You get none of these mails.", "belong-mails")
        await mails_opened(page)
        await page.until_said("You get none of these mails.", "belong-mails")
        assert await page.run("document.querySelector('belong-mails button').textContent") == "Send me these mails"
        assert page.complaints == []


async def test_the_page_of_the_quick_start_works_by_copy_and_paste(browser: Chromium, shop: Front) -> None:
    text = (npm_packages.ROOT / "docs" / "headless.md").read_text("utf-8")
    html = text.split("```html\n", 1)[1].split("```", 1)[0]
    shop.more["/points"] = html.replace("/belong/token", "/headless/token?shopper=7")
    async with browser.page(shop.answer, 390) as page:
        await page.go(f"{SHOP}/points")
        await page.until_said("ready to use", "belong-balance")
        await all_shown(page)
        await press(page, button("five"))
        await page.until_said("Your points are used", "belong-rewards")
        assert await page.run("[...document.querySelectorAll('belong-shop > *')].every((one) => one.children.length)")
        assert await violations(page, "main") == []
        assert await overflow(page, "body") == []
        await page.shoot(BUILD / "headless-quick-start.png")
        assert (page.complaints, page.foreign) == ([], [])


async def test_a_function_may_give_the_token_and_a_press_is_told_to_the_shop(browser: Chromium, shop: Front) -> None:
    shop.more["/own"] = (
        '<!doctype html><html lang="en"><head><title>Own</title><script>belong = {token: () => '
        "fetch('/headless/token?shopper=7').then((one) => one.json())}; addEventListener('belong:redeemed', (event) => "
        "{ document.title = event.detail.code; });</script>"
        f'<script src="{SERVICE}/storefront/belong.js" defer></script></head>'
        f'<body><belong-rewards src="{SERVICE}"></belong-rewards></body></html>'
    )
    async with browser.page(shop.answer) as page:
        await page.go(f"{SHOP}/own")
        await page.until_said("Use 100 points", "belong-rewards")
        await press(page, button("five"))
        await page.until_said("Your points are used", "belong-rewards")
        code = await page.run("document.querySelector('belong-redeem code').textContent")
        for _ in range(200):
            if await page.run("document.title") == code:
                break
            await asyncio.sleep(0.1)
        assert await page.run("document.title") == code
