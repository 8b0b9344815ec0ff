"""Pages of a draft for people who do not write documents: one for each part of the programme, forms for its items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from connector.console.forms.complaints import Told, told
from connector.console.forms.editing import Item, items_of, name_of, named_by, shown, where
from connector.console.forms.fields import Field, Form, Input, Place, Shape, Unshown, Wrong, found_at
from connector.console.forms.problems import Spot
from connector.console.forms.rows import language_said
from connector.console.forms.sentences import facts, label, sentences, title
from connector.console.forms.tables import FORMS, PARTS, TEXTS, forms_of
from connector.console.pages import Frame, page
from connector.console.words import TABLES, saying
from connector.programmes.drafting import Looked
from connector.storage.drafts import Draft
from loyalty_engine.errors import AmountError, ProgrammeError
from loyalty_engine.money import exponent_of
from loyalty_engine.programme import Programme
from loyalty_engine.texts import TAGS, Words, named

PREFIX = "v."
"""Before the names of a form's controls, so that they meet no name of ours."""


@dataclass(frozen=True, slots=True)
class FieldShown:
    """A field of a form. inputs: None where the form has no room for what the document says."""

    name: str
    label: str
    help: str
    inputs: Sequence[Input] | None
    problem: str = ""

    @property
    def is_group(self) -> bool:
        """Whether it has several controls, each with a label of its own."""
        return self.inputs is not None and (len(self.inputs) != 1 or bool(self.inputs[0].label))


@dataclass(frozen=True, slots=True)
class ItemShown:
    """An item of a list. is_wrong: whether the draft cannot be used because of it."""

    key: str
    was: str
    title: str
    sentences: Sequence[str]
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A form on the page of its part. facts: of one with one table; items: of one with several; kinds: what a new one
    can be. is_shown: False where something else stands there in the document.
    """

    form: Form
    kinds: Sequence[tuple[str, str]]
    facts: Sequence[tuple[str, str]] = ()
    items: Sequence[ItemShown] = ()
    is_shown: bool = True
    is_wrong: bool = False

    @property
    def has_many(self) -> bool:
        """Whether it is a list."""
        return self.form.shape is not Shape.ONE


@dataclass(frozen=True, slots=True)
class PartShown:
    """One part of a draft. cards: None where the document cannot be read. complaint: why it cannot be used."""

    draft: Draft
    part: str
    looked: Looked
    cards: Sequence[Card] | None
    complaint: Told | None


@dataclass(frozen=True, slots=True)
class Filling:
    """A form that is being filled in. typed: what was sent and refused; wrong: why, by field; problem: why the document
    could not be used with it; meanwhile: who else saved the draft.
    """

    draft: Draft
    item: Item
    kind: str
    table: Mapping[str, Any]
    typed: Mapping[str, str] | None = None
    wrong: Mapping[str, Wrong] | None = None
    problem: ProgrammeError | None = None
    meanwhile: str = ""


@dataclass(frozen=True, slots=True)
class TextRow:
    """What one thing is called, language by language."""

    item: Item
    title: str
    field: FieldShown
    missing: frozenset[str]


def place_of(document: Mapping[str, Any], language: str, held: Programme, also: Iterable[str] = ()) -> Place:
    """What the fields of a document stand on. held: whose currency and time zone count where it leaves them open."""
    general = document.get("programme")
    general = general if isinstance(general, Mapping) else {}
    return Place(
        Words(language, held.points_name, held.timezone),
        TABLES[language].__contains__,
        saying(language),
        _currency(general.get("currency"), held.base_currency),
        _zone(general.get("timezone"), held.timezone),
        tuple(dict.fromkeys(["en", *sorted(_languages(document)), *also])),
        tuple(_tiers(document, language)),
    )


def _currency(written: Any, otherwise: str) -> str:
    try:
        exponent_of(written if isinstance(written, str) else "")
    except AmountError:
        return otherwise
    return str(written)


def _zone(written: Any, otherwise: str) -> ZoneInfo:
    try:
        return ZoneInfo(written if isinstance(written, str) else otherwise)
    except (OSError, ValueError, KeyError):
        return ZoneInfo(otherwise)


def _languages(document: Mapping[str, Any]) -> set[str]:
    """Those in which anything is called something."""
    found: set[str] = set()
    for form in FORMS.values():
        for field in form.fields:
            if field.widget not in ("texts", "pairs"):
                continue
            for table in _tables(form, document):
                value = table.get(field.path)
                found |= {str(code) for code in value} if isinstance(value, Mapping) else set()
    return found


def _tables(form: Form, document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    try:
        if form.shape is Shape.ONE:
            table = found_at(document, where(form, document))
            return [table] if isinstance(table, Mapping) else []
        return [item.table for item in items_of(form, document)]
    except Unshown:
        return []


def _tiers(document: Mapping[str, Any], language: str) -> Iterable[tuple[str, str]]:
    for table in _tables(FORMS["tiers"], document):
        if isinstance(table.get("id"), str):
            name = table.get("name")
            name = named(name, language) if isinstance(name, Mapping) else name
            yield table["id"], name if isinstance(name, str) else table["id"]


# --- pages ------------------------------------------------------------------------------------------------------------


def part_page(frame: Frame, language: str, shown_part: PartShown, place: Place, *, may_edit: bool) -> str:
    """The page as HTML."""
    return page(
        "programme_part.html",
        language,
        frame,
        it=shown_part,
        place=place,
        may_edit=may_edit,
        parts=PARTS,
    )


def cards_of(part: str, document: Mapping[str, Any], looked: Looked, place: Place, spot: Spot | None) -> list[Card]:
    """Every form of a part, with what the document has."""
    return [_card(form, document, looked, place, spot) for form in forms_of(part)]


def _card(form: Form, document: Mapping[str, Any], looked: Looked, place: Place, spot: Spot | None) -> Card:
    wrong = spot if spot is not None and spot.form is form else None
    kinds = [(kind, place.say(f"kind.{form.name}.{kind}")) for kind in form.kinds.names] if form.kinds else []
    try:
        if form.shape is Shape.ONE:
            table = found_at(document, where(form, document))
            if table is not None and not isinstance(table, Mapping):
                raise Unshown
            return Card(form, kinds, facts(Item(form, "", table or {}), place), is_wrong=wrong is not None)
        items = [
            ItemShown(
                item.key,
                name_of(item),
                title(item, place),
                sentences(item, looked.programme, place),
                wrong is not None and wrong.key == item.key,
            )
            for item in items_of(form, document)
        ]
    except Unshown:
        return Card(form, kinds, is_shown=False)
    return Card(form, kinds, items=items)


def form_page(
    frame: Frame, language: str, filling: Filling, document: Mapping[str, Any], place: Place, *, is_toml: bool
) -> str:
    """The page as HTML."""
    form, key = filling.item.form, filling.item.key
    complaint = told(filling.problem, document, place) if filling.problem else None
    fields = [
        _field(form, one.field, one.inputs, filling, place, complaint)
        for one in shown(form.fields_of(filling.kind), filling.table, place)
    ]
    groups: dict[str, list[FieldShown]] = {"": []}
    for field, said in zip(form.fields_of(filling.kind), fields, strict=True):
        groups.setdefault(field.group, []).append(said)
    return page(
        "programme_form.html",
        language,
        frame,
        it=filling,
        groups=[(name, inside, _is_open(inside)) for name, inside in groups.items() if inside],
        kinds=[(kind, place.say(f"kind.{form.name}.{kind}")) for kind in form.kinds.names] if form.kinds else [],
        title=title(filling.item, place) if key else "",
        was=name_of(filling.item),
        lost=named_by(document, filling.item) if key else [],
        is_new=not key and form.shape is not Shape.ONE,
        complaint=complaint,
        has_field=any(said.problem for said in fields),
        prefix=PREFIX,
        parts=PARTS,
        is_toml=is_toml,
    )


def _is_open(fields: Sequence[FieldShown]) -> bool:
    """Whether folded fields have something to say."""
    return any(field.problem or _has_values(field) for field in fields)


def _has_values(field: FieldShown) -> bool:
    if field.inputs is None:
        return True
    return field.name != "id" and any(each.value and each.value not in ("in", ">=", "points") for each in field.inputs)


def _field(
    form: Form, field: Field, inputs: Sequence[Input] | None, filling: Filling, place: Place, complaint: Told | None
) -> FieldShown:
    typed, problem = filling.typed, ""
    if typed is not None and inputs is not None:
        inputs = [retyped(each, typed) for each in inputs]
    if filling.wrong and field.path in filling.wrong:
        problem = wrong_said(filling.wrong[field.path], place)
    elif complaint is not None and complaint.spot is not None and complaint.spot.field == field.path:
        problem = complaint.sentence
    return FieldShown(field.path, label(form.name, field, place), _help(form, field, place), inputs, problem)


def retyped(each: Input, typed: Mapping[str, str]) -> Input:
    """The control with what was typed into it."""
    value = typed.get(each.name, "")
    return Input(each.name, each.label, value, each.control, each.options, each.mode, each.language)


def wrong_said(wrong: Wrong, place: Place) -> str:
    """Why what was typed cannot be used."""
    return place.say(f"wrong.{wrong.key}", **wrong.places)


def _help(form: Form, field: Field, place: Place) -> str:
    keys = (f"help.{form.name}.{field.path}", f"help.{field.path}")
    said = next((place.say(key) for key in keys if place.has(key)), "")
    usual = ""
    if field.usual and field.widget not in ("choice", "flag", "ticks", "trigger"):
        usual = place.say("forms.usual", value=field.usual)
    return " ".join(filter(None, (said, usual)))


# --- texts ------------------------------------------------------------------------------------------------------------


def text_rows(
    document: Mapping[str, Any], place: Place, typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, Wrong] | None = None,
) -> list[TextRow]:  # fmt: skip
    """Everything that has a name, with its names. wrong: by the row's name."""
    found = []
    for item, field in texts_of(document):
        inputs = shown([field], item.table, place)[0].inputs
        prefix = prefix_of(item)
        if inputs is not None:
            named = [Input(f"{prefix}{each.name}", each.label, each.value, language=each.language) for each in inputs]
            inputs = named if typed is None else [retyped(each, typed) for each in named]
        name = f"{prefix}{field.path}"
        problem = wrong_said(wrong[name], place) if wrong and name in wrong else ""
        said = FieldShown(name, label(item.form.name, field, place), "", inputs, problem)
        values = {each.name for each in inputs or () if each.value.strip()}
        missing = frozenset(each.name for each in inputs or () if values and each.name not in values)
        called = title(item, place) if item.key else ""
        found.append(TextRow(item, called, said, missing))
    return found


def texts_of(document: Mapping[str, Any]) -> list[tuple[Item, Field]]:
    """Every field for texts of every table."""
    found = []
    for form in FORMS.values():
        fields = [field for field in form.fields if field.widget in ("texts", "pairs")]
        try:
            if form.shape is Shape.ONE:
                items = [Item(form, "", table) for table in _tables(form, document)] if fields else []
            else:
                items = items_of(form, document) if fields else []
        except Unshown:
            continue
        found += [(item, field) for item in items for field in fields]
    return found


def prefix_of(item: Item) -> str:
    """Before the names of an item's controls."""
    return f"{item.form.name}|{item.key}|"


def texts_page(
    frame: Frame, language: str, draft: Draft, rows: Sequence[TextRow] | None, place: Place | None, *,
    may_edit: bool, is_toml: bool, meanwhile: str = "", also: str = "",
) -> str:  # fmt: skip
    """The page as HTML. rows: None where the document cannot be read. also: a language that is being added."""
    return page(
        "programme_texts.html",
        language,
        frame,
        draft=draft,
        rows=rows,
        part=TEXTS,
        parts=PARTS,
        may_edit=may_edit,
        is_toml=is_toml,
        meanwhile=meanwhile,
        also=also,
        addable=[(tag, language_said(tag, place)) for tag in TAGS.values() if place and tag not in place.languages],
        prefix=PREFIX,
    )
