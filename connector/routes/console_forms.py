"""The console's forms of a draft: what is typed changes the draft's document, and nothing else of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import HTMLResponse, Response

from connector import clock
from connector.access.console import Role
from connector.console.forms.complaints import told
from connector.console.forms.editing import (
    Document,
    Gone,
    Item,
    as_kind,
    copied,
    item_of,
    moved,
    name_of,
    replaced,
    without,
    written,
)
from connector.console.forms.fields import Form, Place, Shape, Unshown, Wrong
from connector.console.forms.problems import spot_of
from connector.console.forms.tables import FORMS, PARTS, TEXTS, forms_of
from connector.console.programme_forms import (
    PREFIX,
    Filling,
    PartShown,
    cards_of,
    form_page,
    part_page,
    place_of,
    prefix_of,
    text_rows,
    texts_of,
    texts_page,
)
from connector.programmes.drafting import Looked, pretty, read_typed
from connector.routes.console import ConsolePage, Handler, Visit
from connector.routes.console_programme import BYTES_MAX, DRAFT, draft_of, edits_of, looked_at, save_text
from connector.routes.errors import Problem as Refusal
from connector.storage.drafts import Draft
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from loyalty_engine.errors import ProgrammeError
from loyalty_engine.programme.document import MAX_CHARACTERS
from loyalty_engine.texts import TAGS


@dataclass(frozen=True, slots=True)
class Opened:
    """A draft whose document can be read."""

    draft: Draft
    document: Document
    place: Place

    @property
    def is_toml(self) -> bool:
        """Whether saving a form writes it otherwise than somebody typed it."""
        return not self.draft.document_text.lstrip().startswith("{")


def part(name: str) -> Handler:
    """The page of one part of a draft."""

    async def show(visit: Visit) -> str:
        draft = await draft_of(visit, visit.session)
        looked = await looked_at(visit, visit.session, draft.document_text)
        opened = await _opened(visit, visit.session, draft)
        document = opened.document if opened else {}
        place = opened.place if opened else await _place(visit, visit.session, {})
        complaint = told(looked.problem, document, place) if looked.problem else None
        cards = cards_of(name, document, looked, place, complaint.spot if complaint else None) if opened else None
        shown = PartShown(draft, name, looked, cards, complaint)
        return part_page(visit.frame("programme"), visit.language, shown, place, may_edit=visit.allows(Role.MANAGER))

    return show


def form(name: str) -> Handler:
    """An empty form for a new item of a part, or the form of what the address names."""

    async def show(visit: Visit) -> str | Response:
        draft = await draft_of(visit, visit.session)
        opened = await _opened(visit, visit.session, draft)
        if opened is None:
            return visit.see(_at(draft, name), "form-unread")
        chosen = FORMS.get(visit.query("of") or _first(name).name)
        if chosen is None or chosen.part != name:
            raise Refusal(404, "Not found", "")
        item = _item(opened, chosen, visit.query("n"))
        kind = _kind(item, visit.query("kind"))
        return _form(visit, opened, Filling(draft, item, kind, as_kind(item, kind)))

    return show


async def save_form(visit: Visit) -> Response:
    """Write what was changed into the document; refused where it cannot be read, or where the document then cannot be
    used because of it, unless they want it kept all the same.
    """
    opened, item = await _sent(visit)
    if _is_other(visit, item):
        return visit.see(_at(opened.draft, item.form.part), "form-meanwhile")
    kind = _kind(item, visit.form.get("kind", ""))
    table, typed = as_kind(item, kind), _typed(visit, PREFIX)
    filling = Filling(opened.draft, item, kind, as_kind(item, kind), typed)
    if opened.draft.edits != edits_of(visit):
        return _again(visit, opened, replace(filling, meanwhile=opened.draft.author))
    wrong = dict(written(item.form.fields_of(kind), table, typed, opened.place))
    if wrong:
        return _again(visit, opened, replace(filling, wrong=wrong))
    is_new = not item.key and item.form.shape is not Shape.ONE
    if not is_new and table == item.table:
        return visit.see(_at(opened.draft, item.form.part), "form-same")
    try:
        document, key = replaced(opened.document, item, table)
        text = _text(document)
    except Wrong as refused:
        return _again(visit, opened, replace(filling, wrong={"=name": refused}))
    except ProgrammeError as error:
        return _again(visit, opened, replace(filling, problem=error))
    looked = await looked_at(visit, visit.service.database.reading(), text)
    if looked.problem and visit.form.get("keep") != "yes" and _is_here(looked, document, item.form, key):
        after = replace(opened, document=document)
        return _again(visit, after, replace(filling, item=replace(item, table=table), problem=looked.problem))
    if await save_text(visit, opened.draft, opened.draft.name, text):
        return visit.see(_at(opened.draft, item.form.part), "form-saved")
    now = await draft_of(visit, visit.service.database.reading())
    return _again(visit, replace(opened, draft=now), replace(filling, draft=now, meanwhile=now.author))


def _is_here(looked: Looked, document: Document, form: Form, key: str) -> bool:
    spot = spot_of(looked.problem.path, document) if looked.problem else None
    return spot is not None and spot.form is form and spot.key == key


async def save_item(visit: Visit) -> Response:
    """An item goes up or down, is copied, or is taken away."""
    opened, item = await _sent(visit)
    part_path, deed = _at(opened.draft, item.form.part), visit.form.get("deed", "")
    if opened.draft.edits != edits_of(visit) or _is_other(visit, item):
        return visit.see(part_path, "form-meanwhile")
    if deed == "remove":
        document = without(opened.document, item)
    elif item.form.shape is Shape.MANY and item.key and deed in ("copy", "up", "down"):
        document = copied(opened.document, item)[0] if deed == "copy" else opened.document
        document = moved(document, item, {"up": -1, "down": 1}.get(deed, 0))
    else:
        raise Refusal(404, "Not found", "")
    done = await save_text(visit, opened.draft, opened.draft.name, _text(document))
    return visit.see(part_path, f"form-{deed}" if done else "form-meanwhile")


async def show_texts(visit: Visit) -> str:
    """What everything is called, language by language."""
    draft = await draft_of(visit, visit.session)
    also = visit.query("also")
    also = also if also in TAGS.values() else ""
    opened = await _opened(visit, visit.session, draft, also)
    rows = text_rows(opened.document, opened.place) if opened else None
    return _texts(visit, draft, opened, rows, also=also)


async def save_texts(visit: Visit) -> Response:
    """Write the names that were changed."""
    session = visit.service.database.reading()
    draft = await draft_of(visit, session)
    also = visit.form.get("also", "")
    opened = await _opened(visit, session, draft, also if also in TAGS.values() else "")
    if opened is None:
        return visit.see(_at(draft, TEXTS), "form-unread")
    typed = _typed(visit, PREFIX)
    if draft.edits != edits_of(visit):
        rows = text_rows(opened.document, opened.place, typed)
        return HTMLResponse(_texts(visit, draft, opened, rows, also=also, meanwhile=draft.author), 409)
    document, wrong = opened.document, {}
    for item, field in texts_of(opened.document):
        prefix = prefix_of(item)
        mine = {name.removeprefix(prefix): text for name, text in typed.items() if name.startswith(prefix)}
        now = item_of(item.form, document, item.key)
        table = dict(now.table)
        for refused in written([field], table, mine, opened.place).values():
            wrong[f"{prefix}{field.path}"] = refused
        document = replaced(document, now, table)[0]
    if wrong:
        rows = text_rows(opened.document, opened.place, typed, wrong)
        return HTMLResponse(_texts(visit, draft, opened, rows, also=also), 422)
    if document == opened.document:
        return visit.see(_at(draft, TEXTS), "form-same")
    done = await save_text(visit, draft, draft.name, _text(document))
    return visit.see(_at(draft, TEXTS), "form-saved" if done else "form-meanwhile")


# --- what they share --------------------------------------------------------------------------------------------------


def _at(draft: Draft, name: str) -> str:
    return f"{DRAFT.replace('{draft}', draft.draft_id)}/{name}"


async def _place(visit: Visit, session: Session, document: Mapping[str, Any], also: str = "") -> Place:
    books = (await load_programmes(session))[visit.programme.programme_number]
    held = books.rulebook.in_force(clock.utc_now())
    return place_of(document, visit.language, held, [also] if also else [])


async def _opened(visit: Visit, session: Session, draft: Draft, also: str = "") -> Opened | None:
    """None where the document cannot be read."""
    try:
        document = read_typed(draft.document_text)
        pretty(document)
    except ProgrammeError:
        return None
    return Opened(draft, document, await _place(visit, session, document, also))


async def _sent(visit: Visit) -> tuple[Opened, Item]:
    """The draft and the item that a form is of. Raises Problem 404."""
    session = visit.service.database.reading()
    draft = await draft_of(visit, session)
    opened, chosen = await _opened(visit, session, draft), FORMS.get(visit.form.get("of", ""))
    if opened is None or chosen is None:
        raise Refusal(404, "Not found", "")
    item = _item(opened, chosen, visit.form.get("n", ""))
    return opened, item


def _is_other(visit: Visit, item: Item) -> bool:
    """Whether somebody moved the items since, so that another one stands where the form's stood."""
    return name_of(item) != visit.form.get("was", "")


def _first(part_name: str) -> Form:
    """The form that a part opens with: of a new item, if it has any."""
    return next((one for one in forms_of(part_name) if one.shape is not Shape.ONE), forms_of(part_name)[0])


def _item(opened: Opened, chosen: Form, key: str) -> Item:
    try:
        return item_of(chosen, opened.document, key)
    except (Gone, Unshown) as error:
        raise Refusal(404, "Not found", "") from error


def _kind(item: Item, asked: str) -> str:
    kinds = item.form.kinds
    if kinds is None:
        return ""
    return asked if asked in kinds.names else kinds.of(item.table) if item.table else kinds.names[0]


def _typed(visit: Visit, prefix: str) -> dict[str, str]:
    """What stands in the controls. A browser sends line ends of its own."""
    return {
        name.removeprefix(prefix): text.replace("\r\n", "\n")
        for name, text in visit.form.items()
        if name.startswith(prefix)
    }


def _text(document: Document) -> str:
    """Raises ProgrammeError for one that nobody could read again."""
    text = pretty(document)
    if len(text) > MAX_CHARACTERS:
        raise ProgrammeError("document", "too-long", high=MAX_CHARACTERS)
    return text


def _form(visit: Visit, opened: Opened, filling: Filling) -> str:
    return form_page(
        visit.frame("programme"),
        visit.language,
        filling,
        opened.document,
        opened.place,
        is_toml=opened.is_toml,
    )


def _again(visit: Visit, opened: Opened, filling: Filling) -> Response:
    return HTMLResponse(_form(visit, opened, filling), 409 if filling.meanwhile else 422)


def _texts(visit: Visit, draft: Draft, opened: Opened | None, rows: Any, *, also: str, meanwhile: str = "") -> str:
    place = opened.place if opened else None
    return texts_page(
        visit.frame("programme"),
        visit.language,
        draft,
        rows,
        place,
        may_edit=visit.allows(Role.MANAGER),
        is_toml=opened is not None and opened.is_toml,
        meanwhile=meanwhile,
        also=also,
    )


PAGES = (
    *(ConsolePage("GET", f"{DRAFT}/{name}", Role.READ_ONLY, part(name)) for name in PARTS if name != TEXTS),
    *(ConsolePage("GET", f"{DRAFT}/{name}/form", Role.MANAGER, form(name)) for name in PARTS if name != TEXTS),
    ConsolePage("POST", f"{DRAFT}/form", Role.MANAGER, save_form, acts=True, bytes_max=BYTES_MAX),
    ConsolePage("POST", f"{DRAFT}/item", Role.MANAGER, save_item, acts=True),
    ConsolePage("GET", f"{DRAFT}/{TEXTS}", Role.READ_ONLY, show_texts),
    ConsolePage("POST", f"{DRAFT}/{TEXTS}", Role.MANAGER, save_texts, acts=True, bytes_max=BYTES_MAX),
)
