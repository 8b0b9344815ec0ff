"""The console's page of a programme's languages and time zone. A change is a draft, as every change of a programme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import HTMLResponse, Response

from connector import clock
from connector.access.console import Role
from connector.console.forms.complaints import Told, told
from connector.console.own_texts import NAME_MAX, OwnTexts, keys_of, own_texts_page
from connector.console.programme_forms import place_of
from connector.console.words import TABLES
from connector.programmes.drafting import look, pretty, read_typed
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_programme import HERE as PROGRAMME
from connector.routes.console_programme import Written, begin_draft
from connector.routes.console_settings import SETTINGS
from connector.storage.drafts import find_draft
from connector.storage.programmes import latest_document, load_programmes
from connector.storage.session import Session
from loyalty_engine.texts import TAGS

HERE = f"{SETTINGS}/programme"


async def show(visit: Visit) -> str:
    """What holds now."""
    return await _page(visit, visit.session)


async def _page(
    visit: Visit,
    session: Session,
    name: str | None = None,
    points: Mapping[str, tuple[str, str]] | None = None,
    problem: str = "",
    complaint: Told | None = None,
) -> str:
    programme = (await load_programmes(session))[visit.programme.programme_number].rulebook.versions[-1]
    shown = OwnTexts(
        programme,
        programme.name if name is None else name,
        _points_of(programme.points_name) if points is None else points,
        clock.utc_now(),
        problem,
        complaint,
    )
    return own_texts_page(visit.frame("settings"), visit.language, shown)


async def draft(visit: Visit) -> Response:
    """A draft with these names."""
    draft_id, number, database = visit.once, visit.programme.programme_number, visit.service.database
    name, points = visit.form.get("name", "").strip()[:NAME_MAX], _typed(visit)
    session, now = database.reading(), clock.utc_now()
    if await find_draft(session, number, draft_id) is not None:
        return visit.see(f"{PROGRAMME}/drafts/{draft_id}", "draft-begun")
    books = (await load_programmes(session))[number]
    latest, document = books.rulebook.versions[-1], await latest_document(session, number)
    if (name, points) == (latest.name, _points_of(latest.points_name)):
        return HTMLResponse(await _page(visit, session, problem="unchanged"), 422)
    text = pretty(_changed(document, name, points))
    looked = await look(session, books, text, visit.language, now)
    if looked.problem is not None:
        written_now = read_typed(text)
        complaint = told(looked.problem, written_now, place_of(written_now, visit.language, latest))
        return HTMLResponse(await _page(visit, session, name, points, complaint=complaint), 422)
    called = TABLES[visit.language]["own.draft-name"]

    async def written(_: Session) -> Written:
        return Written(called, text, latest.version)

    return await begin_draft(visit, written)


def _typed(visit: Visit) -> dict[str, tuple[str, str]]:
    """Both forms of each language, as typed."""

    def typed(form: str, language: str) -> str:
        return visit.form.get(f"{form}.{language}", "").strip()[:NAME_MAX]

    return {language: (typed("one", language), typed("many", language)) for language in TAGS}


def _points_of(names: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """What points are called in each language; empty where nothing is written in it."""
    return {language: next((names[key] for key in keys_of(language) if key in names), ("", "")) for language in TAGS}


def _changed(document: Mapping[str, Any], name: str, points: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """The document with these names; languages that this page does not know stay."""
    own = dict(document["programme"])
    known = {key for language in TAGS for key in keys_of(language)}
    kept = {code: forms for code, forms in own.get("points_name", {}).items() if code not in known}
    said = {TAGS[language]: list(forms) for language, forms in points.items() if any(forms)}
    return {**document, "programme": {**own, "name": name, "points_name": {**said, **kept}}}


PAGES = (
    ConsolePage("GET", HERE, Role.MANAGER, show),
    ConsolePage("POST", f"{HERE}/draft", Role.MANAGER, draft, acts=True),
)
