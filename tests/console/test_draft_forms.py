"""Forms of a draft: every setting of a document has a field, and what nobody changed stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.console.forms.earning import ACTIVITIES
from connector.console.forms.editing import (
    Item,
    as_kind,
    copied,
    item_of,
    items_of,
    moved,
    replaced,
    shown,
    without,
    written,
)
from connector.console.forms.fields import NAME, Form, Shape, Unshown, Wrong, found_at
from connector.console.forms.numbers import decimal_typed, plain_number, whole_typed
from connector.console.forms.problems import spot_of
from connector.console.forms.sentences import label, sentences, title
from connector.console.forms.tables import FORMS, ONLY_IN_THE_DOCUMENT
from connector.console.programme_forms import place_of, text_rows, texts_of
from connector.console.words import TABLES
from connector.programmes.drafting import pretty, read_typed
from connector.programmes.files import template, template_names
from loyalty_engine.errors import ProgrammeError
from loyalty_engine.programme import canonical_json, parse_programme
from loyalty_engine.programme.fields import Table
from loyalty_engine.programme.model import Programme, RewardKind
from loyalty_engine.programme.tiers import METRICS, WINDOW_NAMES
from tests.builders import DOCUMENT, OPENED
from tests.console.full_document import FULL

HELD = Programme(1, datetime(2026, 1, 1, tzinfo=UTC), "Circle", "Europe/Berlin", "EUR")
STRANGE: list[dict[str, Any]] = [
    {"rules": "none"},
    {"rules": [3]},
    {"rules": [{"when": ["x"], "caps": {"per": 1}, "from": 7, "name": 3, "points": "many", "on": ["x"]}]},
    {"rewards": [{"kind": "kingdom", "value": [1], "tiers": "gold", "percent": True}]},
    {"tiers": [{"qualify": {"spend": 1, "or_spend": 2}, "benefits": "x", "multiplier": -1}]},
    {"badges": [{"rule": "orders >= 1 or orders >= 2", "season": [1], "levels": 3}]},
    {"levels": [{"require": [1], "keep": 3}]},
    {"points": {"earn": {"per_unit": 1, "rates": {"EUR": 2}, "exclude": ["moonshine"], "lanes": 3}}},
    {"points": {"actions": {"visit": 3}, "redeem": {"steps": {}}}},
    {"points": 5, "programme": "Circle", "referral": [], "tiers": {}},
    {"programme": {"points_name": {"en": ["one"]}, "name": "a\nb", "currency": "shop", "timezone": "Mars"}},
]


def documents() -> list[dict[str, Any]]:
    """Everything that comes with us, one with every setting, and some that nobody could use."""
    default = read_typed(Path("tests/engine/data/default-programme.toml").read_text("utf-8"))
    return [FULL, DOCUMENT, default, *(template(name) for name in template_names()), *STRANGE]  # type: ignore[list-item]


def all_items(document: Mapping[str, Any]) -> Iterator[Item]:
    for form in FORMS.values():
        try:
            found = [item_of(form, document, "")] if form.shape is Shape.ONE else items_of(form, document)
        except Unshown:
            continue
        yield from found


@pytest.mark.parametrize("language", list(TABLES))
@pytest.mark.parametrize("number", range(len(documents())))
def test_a_form_that_is_sent_unchanged_changes_nothing(number: int, language: str) -> None:
    document = documents()[number]
    place = place_of(document, language, HELD)
    for item in all_items(document):
        kind = item.form.kind_of(item.table)
        table = as_kind(item, kind)
        fields = item.form.fields_of(kind)
        typed = {each.name: each.value for one in shown(fields, table, place) for each in one.inputs or ()}
        # A browser leaves out what is empty, as our reading of forms does.
        assert written(fields, table, {name: text for name, text in typed.items() if text}, place) == {}
        assert table == item.table and repr(table) == repr(dict(item.table))
        assert canonical_json(replaced(document, item, table)[0]) == canonical_json(
            document if item.table or item.key else replaced(document, item, {})[0]
        )


def test_one_change_changes_one_setting() -> None:
    place = place_of(FULL, "en", HELD)
    changed = 0
    for item in all_items(FULL):
        kind = item.form.kind_of(item.table)
        fields = item.form.fields_of(kind)
        typed = {each.name: each.value for one in shown(fields, item.table, place) for each in one.inputs or ()}
        for one in shown(fields, item.table, place):
            for each in one.inputs or ():
                if each.control != "text" or not each.value.isdigit():
                    continue
                table = as_kind(item, kind)
                assert written(fields, table, {**typed, each.name: "7"}, place) == {}, (item.form.name, each.name)
                others = [path for field in fields if field is not one.field for path in (field.path, *field.also)]
                nested = [path for path in others if not one.field.path.startswith(path.partition(".")[0])]
                assert all(found_at(table, path) == found_at(item.table, path) for path in nested)
                changed += table != item.table
    assert changed > 25


# --- every setting of the format --------------------------------------------------------------------------------------


def asked_of(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every place of a document that the engine asks for, whether it is written or not."""
    asked: set[str] = set()
    take, has = Table.take, Table.has

    def noting(method: Any) -> Any:
        def noted(self: Table, key: str) -> Any:
            asked.add(re.sub(r"\[\d+\]", "[]", self.at(key)))
            return method(self, key)

        return noted

    monkeypatch.setattr(Table, "take", noting(take))
    monkeypatch.setattr(Table, "has", noting(has))
    parse_programme(FULL, 1, OPENED)
    actions = {**FULL["points"]["actions"], "referral": FULL["referral"]}
    short = {**FULL, "points": {**FULL["points"], "actions": actions}}
    del short["referral"]
    parse_programme(short, 1, OPENED)
    del actions["goodwill"]
    parse_programme({**short, "adjust": {"max": 300}}, 1, OPENED)
    return asked


def places_of(form: Form) -> Iterator[str]:
    base = {Shape.ONE: form.path, Shape.MANY: f"{form.path}[]", Shape.NAMED: f"{form.path}.*"}[form.shape]
    for field in form.fields:
        for path in (field.path, *field.also):
            yield f"{base}.{path}"
            if form.short:
                yield f"{form.short}.{path}"


def test_every_setting_has_a_field_or_is_said_to_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asked_of(monkeypatch)
    known = {path for form in FORMS.values() for path in places_of(form)} | set(ONLY_IN_THE_DOCUMENT)
    actions = set(FULL["points"]["actions"]) - {"goodwill"}
    generalised = set()
    for path in asked:
        for name in sorted(actions):
            path = re.sub(rf"^points\.actions\.{re.escape(name)}(?=\.|$)", "points.actions.*", path)
        generalised.add(path)
    assert "points.earn.step" in generalised and "rewards[].credit_days" in generalised
    groups = {path.rpartition(".")[0] for path in generalised}
    missing = {
        path
        for path in generalised
        if path not in groups
        and not any(path == one or path.startswith((f"{one}.", f"{one}[")) for one in known)
        and not any(one.startswith((f"{path}.", f"{path}[")) for one in known)
    }
    assert missing == set()
    stale = {one for one in known if not any(path == one or path.startswith(f"{one}.") for path in generalised)}
    assert {one for one in stale if not one.endswith(NAME) and ".or_" not in one} == set()


def test_a_setting_that_no_form_knows_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = tuple(field for field in FORMS["rewards"].fields if field.path != "stock")
    monkeypatch.setitem(FORMS, "rewards", Form("rewards", "rewards", "rewards", Shape.MANY, fields))
    with pytest.raises(AssertionError, match="stock"):
        test_every_setting_has_a_field_or_is_said_to_have_none(monkeypatch)


def test_kinds_are_those_that_the_engine_knows() -> None:
    assert FORMS["rewards"].kinds is not None and set(FORMS["rewards"].kinds.names) == set(RewardKind)
    for metric in METRICS:
        also = next(field.also for field in FORMS["tiers"].fields if field.path == f"qualify.{metric}")
        assert f"qualify.or_{metric}" in also and len(also) == 2 * (1 + len(WINDOW_NAMES)) - 1
    assert {"visit", "review", "birthday", "helpful_vote"} <= set(ACTIVITIES)


@pytest.mark.parametrize("language", list(TABLES))
def test_every_field_kind_and_option_has_words(language: str) -> None:
    place = place_of(FULL, language, HELD)
    for form in FORMS.values():
        assert place.has(f"forms.{form.name}") and place.has(f"forms.{form.name}-text")
        for kind in form.kinds.names if form.kinds else ():
            assert place.has(f"kind.{form.name}.{kind}")
        if form.shape is not Shape.ONE:
            assert place.has(f"lost.{form.name}")
        for field in form.fields:
            assert label(form.name, field, place)
            assert not field.group or place.has(f"group.{field.group}")
            for option in field.options:
                keys = (f"option.{field.path.rpartition('.')[2]}.{option}", f"option.{option}", f"operator.{option}")
                in_engine = field.said and place.words.has(f"{field.said}.{option}")
                assert option == "tiers" or in_engine or any(map(place.has, keys)), (form.name, field.path, option)


# --- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1000", "1000"),
        ("1,5", "1.5"),
        ("1.50", "1.50"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("12 000", "12000"),
        ("12\u202f000,5", "12000.5"),
        ("12'000", "12000"),
        ("１２３", "123"),
        ("1000,000", "1000.000"),
    ],
)
def test_numbers_are_read_however_people_write_them(typed: str, read: str) -> None:
    assert plain_number(typed) == read


@pytest.mark.parametrize("typed", ["1,000", "1.000", "250.000", "12,500"])
def test_a_number_that_has_two_readings_is_refused_with_both(typed: str) -> None:
    with pytest.raises(Wrong) as refused:
        plain_number(typed)
    assert refused.value.key == "two-readings"
    many, one = refused.value.places["many"], refused.value.places["one"]
    assert int(many) == 1000 * Decimal(one) and plain_number(one) == one and plain_number(many) == many


@pytest.mark.parametrize(
    "typed", ["", "x", "1e5", "--1", "1,2,3", "1.2.3", "1,,2", "0x10", "١٢", "9" * 40, "NaN", "-1"]
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(Wrong):
        decimal_typed(typed)


@given(st.integers(min_value=-(10**9), max_value=10**9))
def test_a_whole_number_is_read_as_it_is_shown(number: int) -> None:
    assert whole_typed(str(number), -(10**9)) == number


# --- items, problems, words -------------------------------------------------------------------------------------------


def test_items_are_moved_copied_and_taken_away() -> None:
    rewards = items_of(FORMS["rewards"], FULL)
    up = moved(FULL, rewards[2], -1)
    assert [one["id"] for one in up["rewards"]][:3] == ["amount", "slider", "percent"]
    assert moved(FULL, rewards[0], -1) == FULL and moved(FULL, rewards[-1], 1) == FULL
    twice, key = copied(FULL, rewards[1])
    assert key == "2" and twice["rewards"][2] == {**FULL["rewards"][1], "id": "percent-2"}
    fewer = without(FULL, rewards[1])
    assert [one["id"] for one in fewer["rewards"]] == [one["id"] for one in FULL["rewards"] if one["id"] != "percent"]
    action = next(one for one in items_of(FORMS["actions"], FULL) if one.key == "birthday")
    assert set(without(FULL, action)["points"]["actions"]) == set(FULL["points"]["actions"]) - {"birthday"}
    assert len(FULL["rewards"]) == 7


@pytest.mark.parametrize("odd", [[], {}, 5, None])
def test_an_id_or_a_name_that_is_no_text_stands_in_nobodys_way(odd: object) -> None:
    form = FORMS["rules"]
    new, _ = replaced({"rules": [{"id": odd}]}, Item(form, "", {}), {"id": odd, "name": {"en": odd}})
    assert new["rules"] == [{"id": odd}, {"id": "rule", "name": {"en": odd}}]
    new, _ = copied({"rules": [{"id": odd}, {"id": "a"}]}, Item(form, "1", {"id": "a"}))
    assert new["rules"][2] == {"id": "a-2"}


def test_a_grade_that_is_no_text_is_no_level_of_a_badge() -> None:
    badge = {"id": "a", "rule": {"orders": 3}, "tier": ["x"]}
    assert as_kind(Item(FORMS["badges"], "0", badge), "levels")["levels"] == {"bronze": {"orders": 3}}


def test_a_new_item_gets_an_id_of_its_own() -> None:
    new = Item(FORMS["rewards"], "", {})
    document, key = replaced(FULL, new, {"kind": "perk", "name": {"en": "Ein Täßchen Tee!"}})
    assert document["rewards"][int(key)]["id"] == "ein-t-chen-tee"
    again, _ = replaced(document, new, {"kind": "perk", "name": "Ein Täßchen Tee!"})
    assert again["rewards"][-1]["id"] == "ein-t-chen-tee-2"
    with pytest.raises(Wrong):
        replaced(FULL, Item(FORMS["actions"], "", {}), {NAME: "birthday", "points": 3})


@pytest.mark.parametrize(
    ("path", "spot"),
    [
        ("rewards[1].percent", ("rewards", "1", "percent")),
        ("rewards.percent.tiers", ("rewards", "1", "tiers")),
        ("rewards.off-250.value.USD", ("steps", "1", "value")),
        ("rules.advent.when.tier", ("rules", "0", "when.tier")),
        ("rules[0].when.order_value.at_least", ("rules", "0", "when.order_value")),
        ("rules.base", ("earn", "", "")),
        ("rules.birthday.points", ("actions", "birthday", "points")),
        ("points.earn.rates.EUR", ("earn", "", "per_unit")),
        ("points.earn.pending_days", ("ripening", "", "pending_days")),
        ("points.expiry.months", ("expiry", "", "months")),
        ("points.actions.review_verified.min_chars", ("actions", "review_verified", "min_chars")),
        ("points.redeem.steps[0].points", ("steps", "0", "points")),
        ("tiers[1].qualify.spend_12m", ("tiers", "1", "qualify.spend")),
        ("tiers[1].qualify", ("tiers", "1", "")),
        ("levels[1].require.visit_days", ("levels", "1", "require")),
        ("levels[1].require.window_days", ("levels", "1", "require.window_days")),
        ("badges[0].levels.gold", ("badges", "0", "levels.gold")),
        ("caps.launch", ("caps", "0", "")),
        ("referral.friend", ("referral", "", "friend")),
        ("points.actions.goodwill.max", ("adjust", "", "max")),
        ("programme.base_rates.USD", ("programme", "", "base_rates")),
    ],
)
def test_a_problem_has_its_field(path: str, spot: tuple[str, str, str]) -> None:
    found = spot_of(path, FULL)
    assert found is not None and (found.form.name, found.key, found.field) == spot


@pytest.mark.parametrize("path", ["document", "schema", "measure.alpha", "tires"])
def test_a_problem_of_the_document_alone_has_none(path: str) -> None:
    assert spot_of(path, FULL) is None


@pytest.mark.parametrize("language", list(TABLES))
def test_items_are_told_in_words_with_and_without_a_usable_document(language: str) -> None:
    place = place_of(FULL, language, HELD)
    programme = parse_programme(FULL, 2, OPENED)
    for item in all_items(FULL):
        if item.key:
            assert title(item, place) and sentences(item, programme, place)
            assert sentences(item, None, place) or item.form.name in ("tiers", "levels")


def test_texts_are_listed_with_what_is_missing() -> None:
    place = place_of(FULL, "en", HELD, ["es"])
    assert place.languages == ("en", "de", "zh-Hant", "es")
    rows = {row.field.name: row for row in text_rows(FULL, place)}
    gold = rows["tiers|1|name"]
    assert gold.missing == {"tiers|1|name.de", "tiers|1|name.es"}
    assert rows["rules|0|name"].missing == frozenset()
    assert len(rows) == len(texts_of(FULL))


def test_the_full_document_can_be_used() -> None:
    assert parse_programme(read_typed(pretty(FULL)), 1, OPENED).badges
    with pytest.raises(ProgrammeError):
        parse_programme({**FULL, "tires": 1}, 1, OPENED)


@pytest.mark.parametrize("name", template_names())
def test_what_is_shown_to_be_edited_is_the_same_document(name: str) -> None:
    document = template(name)
    shown = pretty(document)
    assert canonical_json(read_typed(shown)) == canonical_json(document)
    assert max(map(len, shown.splitlines())) < 160
