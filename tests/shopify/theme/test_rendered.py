"""What a page of the shop shows, from metafields that the service really made. Liquid is liquidjs, not Shopify's."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.shopify.theme.rendering import BLOCKS, LAUNCHER, Shown, render

LANGUAGES = ("en.default", "de", "es", "zh-CN", "zh-TW")
HOSTILE = "<img src=x onerror=alert(1)>\"' & {{ 7 | times: 7 }}"


def changed(text: str, **parts: Any) -> str:
    return json.dumps(json.loads(text) | parts)


def hostile(part: Any) -> Any:
    """The same with every text that people write made hostile."""
    if isinstance(part, dict):
        names = {"name", "text", "title", "why", "why_not", "code", "link", "state_text", "points_name"}
        return {key: HOSTILE if key in names and isinstance(one, str) else hostile(one) for key, one in part.items()}
    if isinstance(part, list):
        return [HOSTILE if isinstance(one, str) else hostile(one) for one in part]
    return part


def words(html: str) -> str:
    """What people read."""
    html = re.sub(r"<(style|script|template|noscript)\b.*?</\1>", " ", html, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_member_reads_their_numbers(shopify_tools: Path, theme_app: Path, heard: dict[str, Any]) -> None:
    told = json.loads(heard["summary_after"])
    pages = [Shown(block, heard["summary_after"], heard["programme"]) for block in (*BLOCKS, LAUNCHER)]
    found = dict(zip((*BLOCKS, LAUNCHER), map(words, render(shopify_tools, theme_app, pages)), strict=True))
    balance = f"Your balance {told['available']} points ready to use"
    assert found["belong-points"].startswith(balance)
    assert "Your tier Silver" in found["belong-tier"]
    assert "Your vouchers 3 EUR off" in found["belong-rewards"]
    assert "First order Bronze · since" in found["belong-badges"]
    assert "You get 100 points and your friend 50 points" in found["belong-referral"]
    assert "How Circle works" in found["belong-rules"]
    assert all(unescape(way) in unescape(found["belong-ways"]) for way in json.loads(heard["programme"])["ways"]["en"])
    assert "What happened, and why" in found["belong-history"]
    assert all(" ".join(one["why"].split()) in unescape(found["belong-history"]) for one in told["entries"])
    assert found["belong-privacy"].startswith("What others see of you Nothing, unless you want it.")
    assert balance in found[LAUNCHER]
    assert found[LAUNCHER].startswith(f"{told['available']} points")


@pytest.mark.parametrize("escapes", [True, False])
def test_what_people_wrote_stays_text(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any], escapes: bool
) -> None:
    """Whether `t` escapes or not: nothing becomes HTML, and nothing is escaped twice."""
    told = hostile(json.loads(heard["summary_after"]))
    told["referral"] |= {"code": HOSTILE, "link": HOSTILE}
    programme = json.dumps(hostile({**json.loads(heard["programme"]), "board": BOARD}))
    # What a member chose is not in the page; the service answers it, to who opens it.
    shown = [block for block in (*BLOCKS, LAUNCHER) if block != "belong-privacy"]
    pages = [Shown(block, json.dumps(told), programme, escapes=escapes) for block in shown]
    for page, html in zip(pages, render(shopify_tools, theme_app, pages), strict=True):
        assert "<img" not in html, page.block
        assert HOSTILE in unescape(words(html)), page.block
        assert "&lt;" not in unescape(html), page.block


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_days_and_words_are_those_of_the_page(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any], language: str
) -> None:
    ends = [{"points": 1, "ends_at": "2026-12-31T23:00:00Z", "warned": True}]
    told = changed(heard["summary"], available=1_234_567, pending=1_000, lifetime=900_719_925_474_099, ends=ends)
    pages = [Shown(block, told, heard["programme"], language=language) for block in ("belong-points", "belong-rules")]
    balance, rules = map(words, render(shopify_tools, theme_app, pages))
    numbers, day, how = {
        "en.default": ("1,234,567 points 1,000 900,719,925,474,099", "Dec 31, 2026", "How Circle works"),
        "de": ("1.234.567 points 1.000 900.719.925.474.099", "31.12.2026", "So funktioniert Circle"),
        "es": ("1.234.567 points 1000 900.719.925.474.099", "31/12/2026", "Así funciona Circle"),
        "zh-CN": ("1,234,567 points 1,000 900,719,925,474,099", "2026年12月31日", "Circle如何运作"),
        "zh-TW": ("1,234,567 points 1,000 900,719,925,474,099", "2026年12月31日", "Circle如何運作"),
    }[language]
    for number in numbers.replace(" points", "").split():
        assert number in balance, balance
    assert day in balance, balance
    assert how in rules
    sentence = json.loads(heard["programme"])["rules"][
        {"en.default": "en", "zh-CN": "zh-Hans", "zh-TW": "zh-Hant"}.get(language, language)
    ][0]["sentences"][0]
    assert sentence in rules.replace("&quot;", '"').replace("&#39;", "'").replace("&amp;", "&")


def test_a_guest_reads_the_way_in_and_the_rules(shopify_tools: Path, theme_app: Path, heard: dict[str, Any]) -> None:
    pages = [Shown(block, None, heard["programme"], signed_in=False) for block in (*BLOCKS, LAUNCHER)]
    found = dict(zip((*BLOCKS, LAUNCHER), render(shopify_tools, theme_app, pages), strict=True))
    assert "Log in or create an account" in words(found["belong-points"])
    assert 'href="/account/login"' in found["belong-points"]
    assert {name for name, html in found.items() if not words(html)} == {
        "belong-tier", "belong-rewards", "belong-badges", "belong-referral", "belong-history",
        "belong-privacy",
    }  # fmt: skip
    assert words(found[LAUNCHER]).startswith("Points and rewards Members collect points")
    assert "How Circle works" in words(found[LAUNCHER])
    assert words(found["belong-ways"]).startswith("Ways to earn 1 point for every €1.00 of goods")


BOARD = {
    "measure": "reviews_approved",
    "titles": {"en": "Approved reviews since 1 November 2026", "de": "Freigegebene Bewertungen seit 1. November 2026"},
    "places": [
        {"rank": 1, "name": "Ada", "value": 1234, "badges": 2},
        {"rank": 1, "name": "7KQ2MXAB", "value": 1234, "badges": 0},
        {"rank": 3, "name": "Moor", "value": 1, "badges": 0},
    ],
}


def test_a_guest_reads_the_leaderboard_in_the_language_of_the_page_and_a_member_finds_room_for_their_place(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any]
) -> None:
    few = json.loads(heard["programme"])["board"]
    assert few["places"] == [], "nobody of this shop shows themselves"
    programme = changed(heard["programme"], board=BOARD)
    pages = [
        Shown("belong-board", None, programme, signed_in=False, language="de"),
        Shown("belong-board", heard["summary"], programme),
        Shown("belong-board", None, heard["programme"], signed_in=False),
        Shown("belong-board", None, changed(heard["programme"], board=None), signed_in=False),
    ]
    german, member, alone, none = render(shopify_tools, theme_app, pages)
    assert words(german) == (
        "Rangliste Freigegebene Bewertungen seit 1. November 2026 1 Ada Abzeichen: 2 1.234 1 7KQ2MXAB 1.234 3 Moor 1"
    )
    assert "belong-place" not in german
    assert 'data-path="/v1/me/leaderboards/reviews_approved?limit=1"' in member
    assert 'data-said="Your place: [rank], with [value]."' in member
    assert words(alone) == "Leaderboard Too few show themselves for a leaderboard yet."
    assert words(none) == ""


@pytest.mark.parametrize(
    ("parts", "reads"),
    [
        ({"ways": {"de": ["Ein Punkt."], "en": ["One point."]}}, "So sammelst du Ein Punkt."),
        ({"ways": {"en": ["One point."]}}, "So sammelst du One point."),
        ({"ways": {}}, ""),
        ({"earn": {"earn_until": "2020-01-01T00:00:00Z"}}, ""),
    ],
)
def test_ways_to_earn_are_in_the_language_of_the_page_and_none_when_nothing_is_earned(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any], parts: dict[str, Any], reads: str
) -> None:
    """A service before this one says no ways; the programme stands still, or has ended."""
    programme = changed(heard["programme"], language="en", **parts)
    page = Shown("belong-ways", None, programme, signed_in=False, language="de")
    assert words(render(shopify_tools, theme_app, [page])[0]) == reads


@pytest.mark.parametrize(
    ("told", "reads"),
    [
        ({"status": "left"}, "You have left the programme"),
        ({"status": "blocked"}, "Your membership rests"),
        (None, "There are no points of yours to show yet"),
    ],
)
def test_who_takes_no_part_reads_why(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any], told: dict[str, Any] | None, reads: str
) -> None:
    summary = None if told is None else changed(heard["summary"], **told)
    pages = [Shown(block, summary, heard["programme"]) for block in ("belong-points", "belong-rewards", LAUNCHER)]
    points, rewards, launcher = map(words, render(shopify_tools, theme_app, pages))
    assert points.startswith(reads)
    assert reads in launcher
    assert rewards == ""


@pytest.mark.parametrize("schemas", [(None, None), (3, None), (3, 2)])
def test_what_was_never_told_or_is_of_another_shape_shows_nothing(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any], schemas: tuple[int | None, int | None]
) -> None:
    told, programme = schemas
    summary = None if told is None else changed(heard["summary"], schema=told)
    rules = None if programme is None else changed(heard["programme"], schema=programme)
    pages = [Shown(block, summary, rules) for block in (*BLOCKS, LAUNCHER)]
    assert [words(html) for html in render(shopify_tools, theme_app, pages)] == [""] * len(pages)


def test_a_member_without_anything_reads_a_zero(shopify_tools: Path, theme_app: Path, heard: dict[str, Any]) -> None:
    empty = changed(
        heard["summary"], available=0, pending=0, lifetime=0, tier=None, badges=[], next_badge=None, level=None,
        rewards=[], vouchers=[], ends=[], pending_lots=[], referral=None, texts={}, expiring=None,
        entries=[],
    )  # fmt: skip
    pages = [Shown(block, empty, heard["programme"]) for block in BLOCKS]
    found = dict(zip(BLOCKS, map(words, render(shopify_tools, theme_app, pages)), strict=True))
    assert found["belong-points"] == "Your balance 0 points ready to use Earned in all 0"
    assert {name for name, text in found.items() if not text} == set(BLOCKS) - {
        "belong-points",
        "belong-ways",
        "belong-rules",
        "belong-history",
        "belong-board",
        "belong-privacy",
    }
    assert found["belong-history"] == "What happened, and why Nothing yet."
    owing = changed(empty, deficit=25)
    [html] = render(shopify_tools, theme_app, [Shown("belong-points", owing, heard["programme"])])
    assert "25 points are owed" in words(html)


@pytest.mark.parametrize(
    ("names", "number", "reads"),
    [(["star", "stars"], 1, "1 star"), (["star", "stars"], 2, "2 stars"), (None, 1, "1 point"), (None, 0, "0 points")],
)
def test_the_launcher_counts_as_people_do(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any], names: list[str] | None, number: int, reads: str
) -> None:
    told = changed(heard["summary"], points_name=names, available=number)
    [html] = render(shopify_tools, theme_app, [Shown(LAUNCHER, told, heard["programme"])])
    assert words(html).startswith(f"{reads} Your balance {reads} ready to use")


def test_the_link_that_applies_a_code_carries_all_of_it(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any]
) -> None:
    """A merchant's own prefix may have signs that mean something in an address."""
    [voucher, *_] = json.loads(heard["summary_after"])["vouchers"]
    told = changed(heard["summary_after"], vouchers=[voucher | {"state": "issued", "code": "A/B C?#&1+"}])
    [html] = render(shopify_tools, theme_app, [Shown("belong-rewards", told, heard["programme"])])
    assert 'href="/discount/A%2FB%20C%3F%23%261%2B?redirect=%2Fcart"' in html
    assert '<code translate="no">A/B C?#&amp;1+</code>' in html
