"""The page that answers whether books and shop match, from its agreement to its words."""

from __future__ import annotations

from datetime import UTC, datetime
from string import Formatter
from typing import Any

import pytest

from connector.console.books_match import ShopShown, books_page
from connector.console.words import TABLES
from connector.ingest.agreement import Agreement, Verdict
from connector.people.actors import Actor
from connector.platforms import Connection
from connector.storage.findings import Difference, Done, Finding, Run
from loyalty_engine.texts import LANGUAGES, TAGS
from tests.console.reading import Reader
from tests.console.visiting import HOSTILE

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def order(total: int, back: int = 0) -> dict[str, Any]:
    return {"shop_status": "paid", "total_minor": total, "refunded_minor": back, "currency": "EUR"}


def finding(done: Done, difference: Difference = Difference.EXTRA, name: str = "#7", **more: Any) -> Finding:
    return Finding("433", difference, name, order(123450), more.pop("theirs", None), done, NOW, **more)


def shop(verdict: Verdict, *findings: Finding, held: int = 0, problem: str | None = None) -> ShopShown:
    connection = Connection(2, "b7f2", 1, "woocommerce", "shop.example", "https://shop.example", {})
    window = Run(2, 1, "window", NOW, NOW, 1200, 1234, problem)
    since = NOW if held else None
    return ShopShown(Agreement(connection, verdict, window, None, None, None, {}, held, since, 3, 0), findings)


def test_codes_and_snapshots_are_shown_as_what_they_are() -> None:
    code = Finding("AB-CD", Difference.ORPHAN_VOUCHER, "AB-CD", None, {"redemption": "r1"}, Done.HELD, NOW, "voucher")
    ours, theirs = {"version": [1, 7]}, {"version": [1, 6]}
    snapshot = Finding("m1", Difference.STALE_SNAPSHOT, "m1", ours, theirs, Done.REPAIRED, NOW, "snapshot")
    read = Reader(books_page([shop(Verdict.DIFFER, code, snapshot, held=1)], "en", NOW, 500))
    assert "code AB-CD" in read.said and "version 1.7" in read.said and "version 1.6" in read.said
    # A single code cannot be let go by the command for orders.
    assert read.said.count("belong reconcile --fix") == 1 and "--order" not in read.said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verdict", Verdict)
def test_every_answer_is_a_whole_page_in_every_language(language: str, verdict: Verdict) -> None:
    findings = [finding(done, difference) for done in Done for difference in Difference]
    read = Reader(books_page([shop(verdict, *findings)], language, NOW, 500))
    assert read.open == []
    assert read.attributes["html.lang"] == TAGS[language]
    words = TABLES[language]
    for key in (f"books.{verdict}", *(f"difference.{one}" for one in Difference), *(f"done.{one}" for one in Done)):
        assert words[key] in read.said


def test_what_is_held_says_how_many_and_how_to_let_it_go() -> None:
    found = finding(Done.HELD)
    read = Reader(books_page([shop(Verdict.DIFFER, found, held=21)], "en", NOW, 500))
    assert "21 differences would take points" in read.said
    assert 'belong reconcile --fix 2 --reason "..."' in read.said
    assert 'belong reconcile --fix 2 --order 433 --reason "..."' in read.said


def test_nothing_is_said_of_a_brake_that_is_not_on() -> None:
    read = Reader(books_page([shop(Verdict.MATCH, finding(Done.REPAIRED, theirs=order(100, 30)))], "de", NOW, 500))
    assert TABLES["de"]["books.brake"] not in read.said
    assert "--fix" not in read.said
    assert "1.234,50\u00a0€" in read.said and "0,30\u00a0€ erstattet" in read.said


def test_names_from_shops_and_persons_are_text() -> None:
    who = Actor("anna", "api", HOSTILE)
    found = finding(Done.RELEASED, name=HOSTILE, who=who, why=HOSTILE)
    text = books_page([shop(Verdict.UNKNOWN, found, problem=HOSTILE)], "en", NOW, 500)
    assert "script" not in Reader(text).tags
    assert Reader(text).said.count(HOSTILE) == 4


def test_a_list_that_is_cut_off_says_so() -> None:
    full = [finding(Done.ASKED)] * 2
    assert "Only the newest 2" in books_page([shop(Verdict.MATCH, *full)], "en", NOW, 2)
    assert "Only the newest" not in books_page([shop(Verdict.MATCH, *full)], "en", NOW, 3)
    assert TABLES["en"]["books.none"] in books_page([shop(Verdict.MATCH)], "en", NOW, 3)
    assert TABLES["en"]["books.nothing"] in books_page([], "en", NOW, 3)


def test_every_language_has_the_same_words_with_the_same_places() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    assert tuple(TABLES) == LANGUAGES
    for words in TABLES.values():
        assert {key: places(text) for key, text in words.items()} == {
            key: places(text) for key, text in TABLES["en"].items()
        }
