"""G17: whatever people are called, it is text: in the console, on a shop's pages, on the simulated shops' pages."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.console.member_list import MemberRow, lines
from connector.console.members import PersonShown
from connector.delivering.letters import Letter, Links, Part, one_line, write
from connector.delivering.mail import Mail, message_of
from connector.errors import Permanent
from connector.storage.member_lists import Listed
from loyalty_engine.explain.notices import notice_text
from loyalty_engine.texts import LANGUAGES, Words
from tests.browser import shop
from tests.browser.chromium import Answer, Asked, Chromium
from tests.browser.hostile_names import COUNT, hostile_names, must_run_nowhere, provoked, written_over
from tests.browser.shop import ADDRESS
from tests.builders import OPENED
from tests.connector.outside import order_body, outside
from tests.connector.plugin_calls import plugin_of
from tests.console.visiting import PUBLIC, called, member_of, signed_in
from tests.databases import Databases
from tests.plugins import php, sites
from tests.plugins.sites import Site
from tests.sandbox.shops import Receiver, shopify, woocommerce
from tests.sandbox.test_storefront import SNAPSHOT, STANDING, push, tell

PAGES = "https://pages.example.test/"
AT_ONCE = 50
SIGNED_IN_FOR = 40
"""Pages that one session may ask for in a row."""
SHOP_PAGE, CHOOSE = "https://shop.example/?belong=points", "https://belong.example/mails/1-x"
TOLD = ("welcome", "points-earned", "tier-reached", "badge-awarded", "reward-ready")
HEADERS = (
    "From To Subject Date Message-ID Auto-Submitted List-Unsubscribe List-Unsubscribe-Post Content-Language "
    "Content-Type MIME-Version"
).split()
ATTRIBUTES = {
    *(("html", name) for name in ("lang", "dir")),
    *(("meta", name) for name in ("charset", "name", "content")),
    *((tag, "style") for tag in ("body", "div", "p", "h1", "a")),
    *((tag, "class") for tag in ("body", "div", "p", "a")),
    ("a", "href"),
}
"""All that elements of a letter have."""
NAMES = frozenset({"name", "text", "why", "why_not", "code", "state_text"})


class Markup(HTMLParser):
    """What the markup of a letter consists of beside its text; line breaks are text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: set[tuple[str, str]] = set()
        self.links: list[str] = []
        self.other: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "br":
            self.elements.append(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    def handle_pi(self, data: str) -> None:
        self.other.append(data)


def framed(pages: list[str]) -> Answer:
    """Many pages in one, without the headers that would hold back what their HTML lets out."""
    around = "".join(f"<iframe src='/{number}'></iframe>" for number in range(len(pages)))

    async def answer(asked: Asked) -> httpx.Response | None:
        path = asked.url.removeprefix(PAGES)
        if path == asked.url or path not in ("", "favicon.ico", *map(str, range(len(pages)))):
            return None
        html = pages[int(path)] if path.isdigit() else f"<!doctype html><title>Pages</title>{around}"
        return httpx.Response(200, text=html, headers={"Content-Type": "text/html; charset=utf-8"})

    return answer


async def all_read(browser: Chromium, pages: list[str]) -> set[int]:
    """The numbers of the names that can be read on these pages, of which nothing runs."""
    read = set()
    for first in range(0, len(pages), AT_ONCE):
        async with browser.page(framed(pages[first : first + AT_ONCE])) as page:
            read |= await must_run_nowhere(page, PAGES)
    return read


async def test_a_name_that_is_no_text_is_seen_to_run(browser: Chromium) -> None:
    """The names do what they are made for, and these tests see it."""
    pages = [f"<p>{name}</p>" for name in hostile_names(AT_ONCE)]
    async with browser.page(framed(pages)) as page:
        found = await provoked(page, PAGES)
    assert len(set(found["ran"])) > AT_ONCE // 4 and len(found["wrong"]) > AT_ONCE // 4, found


async def test_hostile_names_run_nowhere(browser: Chromium, databases: Databases, tmp_path: Path) -> None:
    """G17, the console: each name is a member's, and that of whoever reads the page."""
    names, pages = hostile_names(), []
    with databases.prepared("sqlite") as url:
        async with outside(url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as service:
            plugin = await plugin_of(service)
            await service.deliver("woocommerce", order_body("woocommerce", 5123, 1000))
            await service.work()
            member = await member_of(service)
            for number, name in enumerate(names):
                if number % SIGNED_IN_FOR == 0:
                    client = await signed_in(service, plugin)
                await called(service, name)
                answer = await client.get(f"/console/members/{member}")
                assert answer.status_code == 200, (number, name)
                pages.append(answer.text)
    assert await all_read(browser, pages) == set(range(COUNT))


def letter_of(name: str, language: str) -> Letter:
    """Everything in it that somebody names is called by one name: programme, points, tier, badge, reward, order, and
    whoever it is for.
    """
    named = {(kind, "x"): name for kind in ("tier", "badge", "reward")}
    words = Words(language, (name, name), names=named)
    day = "2026-12-24T00:00:00+00:00"
    inputs = {"points": 5, "order": name, "programme": name, "metric": "orders", "day": day, "expires_at": day}
    told = [notice_text(kind, {**inputs, "tier": "x", "badge": "x", "reward": "x"}, words) for kind in TOLD]
    parts = [Part(one.title, (one.text,)) for one in told]
    return Letter(words, name, "#14532d", parts, first_name=name, links=Links(CHOOSE, SHOP_PAGE))


async def test_hostile_names_run_nowhere_in_a_mail(browser: Chromium) -> None:
    """G17, mails: no name makes a header, a part or an element, or leads anywhere; or no mail is written at all."""
    pages, written = [], 0
    plain = {language: Markup(write(letter_of("Ada", language)).html) for language in LANGUAGES}
    for number, name in enumerate(hostile_names()):
        language = LANGUAGES[number % len(LANGUAGES)]
        letter = write(letter_of(name, language))
        found = Markup(letter.html)
        assert (found.elements, found.attributes, found.other) == (plain[language].elements, ATTRIBUTES, []), name
        assert found.links == [SHOP_PAGE, CHOOSE], name
        pages.append(letter.html)
        # No programme can name a sender at greater length.
        mail = Mail(
            "ada@example.test", letter.subject, letter.text, "en", "k", OPENED, letter.html, one_line(name)[:60], CHOOSE
        )
        try:
            message = message_of(mail, "Circle <hi@shop.example>")
        except Permanent:
            continue
        read = message_from_bytes(message.as_bytes(), policy=policy.default)
        assert sorted(read.keys()) == sorted(HEADERS) and read["To"] == mail.to, name
        assert read["From"].addresses[0].addr_spec == "hi@shop.example" and len(read["From"].addresses) == 1, name
        assert read["List-Unsubscribe"] == f"<{CHOOSE}>", name
        assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"], name
        written += 1
    assert written > COUNT // 2
    assert await all_read(browser, pages) == set(range(COUNT))


def test_markup_of_a_name_that_is_not_kept_as_text_is_seen() -> None:
    """The test above compares what stands in a letter; a name that breaks out of it makes a difference there."""
    plain = write(letter_of("Ada", "en")).html
    for name in ("<b>x</b>", "<!-- x -->", "<a href=//evil.example>x</a>", "<p onclick=x>"):
        broken = Markup(plain.replace("Ada", name, 1))
        same = Markup(plain)
        assert (broken.elements, broken.attributes, broken.other) != (same.elements, same.attributes, same.other), name


def test_no_cell_of_hostile_names_is_a_formula() -> None:
    """G17, CSV: the file of members, for each name in every column that people fill."""
    names, cells = hostile_names(), []
    for name in names:
        person = PersonShown("0" * 32, name, name, [(name, name)])
        listed = Listed("0" * 32, name, OPENED, -5, 10, name, None, (0, ""))
        cells += [
            cell
            for row in csv.reader(io.StringIO(lines([MemberRow(person, listed)], "UTC", with_names=True), newline=""))
            for cell in row
        ]
    assert len(cells) >= 2 * len(names)
    formulas = [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and cell != "-5"]
    assert formulas == []


@pytest.mark.parametrize("platform", ["shopify", "woocommerce"])
async def test_hostile_names_run_nowhere_in_a_simulated_shop(browser: Chromium, platform: str) -> None:
    """G17, the simulated shops: names of shoppers, goods, rewards, badges and tiers."""
    names = hostile_names()
    one = shopify(Receiver()) if platform == "shopify" else woocommerce(Receiver())
    for name in names[::2]:
        one.register_customer(f"{len(one.truth.customers)}@example.test", name, "Example")
    ada = one.register_customer("ada@example.test", "Ada", "Example")
    many = {
        key: told * 40 if isinstance(told, list) and isinstance(told[0], dict) else told
        for key, told in {**SNAPSHOT, **STANDING}.items()
    }
    told, used = written_over(many, names[1::2], NAMES)
    push(one, ada, told)
    summary: dict[str, Any] = {"badges": [{"id": "photographer", "rarity": {"en": names[3]}}]}
    tell(one, summary)

    async def answer(asked: Asked) -> httpx.Response | None:
        path = asked.url.removeprefix(PAGES)
        if path == asked.url:
            return None
        async with httpx.AsyncClient(transport=httpx.ASGITransport(one.app), base_url="http://127.0.0.1:8000") as http:
            given = await http.request(asked.method, f"/{path}", content=asked.body)
        given.headers.pop("content-security-policy", None)
        return given

    async with browser.page(answer) as page:
        read = await must_run_nowhere(page, f"{PAGES}?shopper={ada.id}")
    assert len(read) >= len(names) // 2 + min(used, 100)


async def test_hostile_names_run_nowhere_in_wordpress(
    browser: Chromium, installed: Callable[[str], Site], tmp_path: Path
) -> None:
    """G17, the plugin's widgets: every text of a snapshot and of a programme, and the name of the customer."""
    with sites.copy(installed("newest"), php.SYSTEM) as site:
        (site.folder / "names.json").write_text(json.dumps(hostile_names()), "utf-8")
        shutil.copy(shop.HERE / "hostile.php", site.folder)
        async with shop.opened(site, is_connected=True) as one:
            tests = str(sites.PLUGIN / "tests")
            done = site.run(php.SYSTEM, str(site.folder / "hostile.php"), str(site.wordpress), tests)
            assert done.code == 0, done.said
            one.cookies["hostile"] = json.loads(done.said)
            read: set[int] = set()
            for path in ("/account/points-and-badges/", "/product/", "/cart/", "/checkout/", "/block-cart/", "/rules/"):
                async with browser.page(one.for_person("hostile")) as page:
                    read |= await must_run_nowhere(page, ADDRESS + path)
    assert len(read) == COUNT
