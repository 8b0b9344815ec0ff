"""Why a draft cannot be used is said in the reader's language, wherever there are words for what the engine says."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from connector.console.forms.complaints import key_of, told
from connector.console.forms.fields import Place
from connector.console.programme_forms import place_of
from connector.console.words import TABLES
from loyalty_engine.errors import ProgrammeError
from loyalty_engine.programme import parse_programme
from loyalty_engine.programme.model import Warned
from loyalty_engine.programme.resolve import AVERAGE_ORDER
from tests.builders import OPENED
from tests.console.full_document import FULL
from tests.engine.programmes import parsed
from tests.engine.test_programme_refused import CASES


def altered(path: str, value: Any) -> dict[str, Any]:
    """The full document with one place changed; None takes it away."""
    document = copy.deepcopy(FULL)
    *way, last = path.split(".")
    table: Any = document
    for name in way:
        table = table[int(name)] if name.isdigit() else table.setdefault(name, {})
    if value is None:
        del table[last]
    else:
        table[int(last) if isinstance(table, list) else last] = value
    return document


BROKEN: list[tuple[str, str, Any]] = [
    ("range", "points.redeem.hold_minutes", 0),
    ("range", "rewards.0.stock", 0),
    ("decimal", "rewards.1.percent", "ten"),
    ("amount", "rewards.0.value", "ten"),
    ("too-much", "rewards.1.percent", 101),
    ("places", "rewards.0.value", Decimal("1.234")),
    ("text", "rewards.4.product", ""),
    ("gives-nothing", "rules.1.per_item", None),
    ("end-before", "rules.0.until", "2026-11-01"),
    ("end-before", "badges.2.season", ["2026-12-27", "2026-12-01"]),
    ("factor-one", "rules.0.factor", 1),
    ("nothing-to-multiply", "rules.0", {"id": "advent", "factor": 2, "on": "photo"}),
    ("zero", "rewards.0.value", 0),
    ("zero", "rewards.1.percent", 0),
    ("id", "rewards.0.id", "a b"),
    ("twice", "rewards.0.id", "percent"),
    ("no-tier", "rewards.1.tiers", ["platinum"]),
    ("per-alone", "rewards.3.per_member", None),
    ("not-above", "tiers.2", {"id": "top", "qualify": {"spend": 10}}),
    ("not-reached", "tiers.1.qualify", None),
    ("first-tier", "tiers.0.qualify", "invite"),
    ("cap-below", "rules.3.caps", [{"per": "year", "points": 2}]),
    ("cap-below", "points.limits.non_purchase_per_month", 2),
    ("points-or-times", "caps.0.times", 3),
    ("pending-longer", "points.expiry.days", 5),
    ("no-end", "points.expiry", {"mode": "fixed"}),
    ("never-and-end", "points.expiry.mode", "never"),
    ("no-notice", "points.expiry.remind_days", []),
    ("notice-early", "points.expiry", {"mode": "fixed", "months": 1, "remind_days": [60]}),
    ("not-falling", "points.expiry.remind_days", [7, 30]),
    ("over-already", "rewards.4.until", "2020-01-01"),
    ("over-share", "points.redeem.max_share", Decimal("0.05")),
    ("zone", "programme.timezone", "Mars"),
    ("currency", "programme.currency", "euro"),
    ("step-order", "points.redeem.steps.1.points", 50),
    ("not-for-orders", "rules.1.min_chars", 3),
    ("order-missing", "rules.3.when", {"place": 2}),
    ("no-second-person", "adjust", {"second_person_days": 3}),
    ("end-missing", "wind_down.redeem_until", None),
    ("redeem-before", "wind_down.redeem_until", "2029-01-01"),
    ("no-criterion", "badges.2.rule", None),
    ("no-criterion", "badges.0.levels", {}),
    ("not-rising", "badges.0.levels.gold", "answers_accepted >= 1"),
    ("no-rule-on", "points.limits.earn_per_day_photo", 3),
    ("never-holds", "rules.1.when.sku", []),
    ("not-earned-in", "rewards.0.value.JPY", 500),
]


@pytest.mark.parametrize(("name", "path", "value"), BROKEN)
def test_what_the_engine_complains_of_is_said_in_the_readers_language(name: str, path: str, value: Any) -> None:
    document = altered(path, value)
    if path.startswith("adjust"):
        del document["points"]["actions"]["goodwill"]
    with pytest.raises(ProgrammeError) as refused:
        parse_programme(document, 1, OPENED)
    assert key_of(refused.value) == f"complaint.{name}"
    for language in TABLES:
        found = told(refused.value, document, place(language, document))
        assert found.sentence.startswith(TABLES[language][f"complaint.{name}"].partition("{")[0])
        assert found.spot is not None and found.at.startswith(f"/{found.spot.form.part}/form?of={found.spot.form.name}")
        assert found.about and refused.value.path not in found.about


@pytest.mark.parametrize(("setting", "value", "path", "words"), CASES)
def test_whatever_the_engine_complains_of_can_be_said(setting: str, value: Any, path: str, words: str) -> None:
    with pytest.raises(ProgrammeError) as refused:
        parsed((setting, value))
    for language in TABLES:
        said = told(refused.value, {}, place(language, {})).sentence
        assert said and "{" not in said and (language == "en" or refused.value.problem not in said)


def test_a_thing_is_named_by_its_name_and_mended_in_its_form() -> None:
    document = altered("rewards.1.percent", 101)
    with pytest.raises(ProgrammeError) as refused:
        parse_programme(document, 1, OPENED)
    found = told(refused.value, document, place("de", document))
    assert (found.about, found.at) == ("percent, Nachlass auf die Bestellung (%)", "/rewards/form?of=rewards&n=1")
    assert found.sentence == "101 ist zu viel; höchstens 100."


def test_what_only_the_text_has_is_named_as_it_stands_there() -> None:
    found = told(ProgrammeError("tires", "unknown-near", near="tiers"), {"tires": 1}, place("de", {}))
    assert (found.about, found.at) == ("tires", "#document")
    assert found.sentence == "„tires“ ist hier nicht bekannt. Meinten Sie „tiers“?"


def test_a_tier_is_called_by_its_name_and_a_number_as_its_reader_writes_it() -> None:
    document = {"tiers": [{"id": "a", "name": {"en": "Friend", "de": "Freund"}}, {"id": "b", "name": {"en": "Circle"}}]}
    error = ProgrammeError("tiers[1].qualify", "not-above", metric="spend", tier="b", lower="a")
    found = told(error, document, place("de", document))
    assert found.about.startswith("Circle")
    assert found.sentence == "Was „Circle“ verlangt, muss über dem liegen, was „Freund“ verlangt."
    most = told(ProgrammeError("rewards.x.points", "never-so-many", most=20_000), {}, place("de", {}))
    assert most.sentence == "Niemand kann je mehr Punkte haben als 20.000."


def test_warnings_are_said_in_the_readers_language() -> None:
    unreported = Warned("badges.helper", "cannot-be-earned-yet", {"missing": ("answers_accepted", "custom.tasting")})
    document = {"badges": [{"id": "helper", "name": {"en": "Helper", "de": "Helfer"}, "rule": "answers_accepted >= 1"}]}
    found = told(unreported, document, place("de", document))
    assert (found.about, found.at) == ("Helfer", "/badges/form?of=badges&n=0")
    assert "Angenommene Antworten" in found.sentence and "tasting" in found.sentence
    for language in TABLES:
        shown = place(language, document)
        for warned in (
            Warned("rewards.x", "generous", {"percent": "33.3"}),
            Warned("tiers[1].benefits", "shop-unknown", {"what": AVERAGE_ORDER, "value": Decimal("50.00")}),
            unreported,
        ):
            said = told(warned, document, shown).sentence
            assert language == "en" or warned.sentence != said
            assert (said.count(AVERAGE_ORDER) == 0) or language == "en"
    assert "33,3" in told(Warned("rewards.x", "generous", {"percent": "33.3"}), {}, place("de", {})).sentence


def place(language: str, document: Mapping[str, Any]) -> Place:
    return place_of(document, language, parse_programme(FULL, 1, OPENED))
