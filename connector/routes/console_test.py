"""The console's pages of test mode: a test shop, its clock, its shoppers, and the way to live."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from starlette.responses import HTMLResponse, Response

from connector import clock
from connector.access.console import Role
from connector.console.refused import refusal
from connector.console.test_shop import Choices, Way, begin_page, first_page, shopper_page
from connector.programmes.drafting import look
from connector.registry import PLATFORMS
from connector.rehearsal.deeds import DEEDS
from connector.rehearsal.founding import Founding
from connector.rehearsal.keeper import is_going
from connector.rehearsal.state import State
from connector.routes.console import ConsolePage, Visit
from connector.routes.errors import Problem
from connector.storage.connections import load_connections
from connector.storage.drafts import Draft, find_draft, list_drafts
from connector.storage.mail_settings import settings_text
from connector.storage.programmes import document_of_version, load_programmes
from connector.storage.session import Session
from connector.storage.test_shops import KeptShop
from loyalty_engine.errors import Refused
from loyalty_engine.explain import reward_refusal
from loyalty_engine.texts import Words

HERE = "/console/test"
SHOPPER = HERE + "/shoppers/{shopper}"
STEPS: Mapping[str, timedelta] = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
_REF = re.compile(r"[0-9]{1,3}")
_REVISION = re.compile(r"[0-9]{1,9}")


async def show(visit: Visit) -> str | Response:
    """The test shop, or how to begin one."""
    return await _shown(visit)


async def show_shopper(visit: Visit) -> str | Response:
    """One shopper, with everything that they can do."""
    return await _shown(visit, visit.path("shopper"))


async def begin(visit: Visit) -> str | Response:
    """A test shop of the programme that holds, or of a draft. One that is there stays."""
    _ = visit.once
    shops, number, session = visit.service.test_shops, visit.programme.programme_number, _reading(visit)
    made = False
    if await shops.find(number) is None:
        try:
            document, origin, draft = await _document(visit, visit.form.get("origin", ""))
            books = (await load_programmes(session))[number]
            stores = [one for one in (await load_connections(session)).values() if one.programme_number == number]
            given = Founding(
                document,
                origin,
                draft,
                visit.language,
                _platform(document, [one.platform for one in stores]),
                settings_text(books.mails),
                clock.utc_now(),
            )
            made = await shops.begin(number, given)
        except Refused as refused:
            return await _again(visit, refused)
    return visit.see(HERE, "test-begun" if made else "test-there")


def _platform(document: Mapping[str, Any], platforms: Sequence[str]) -> str:
    """That of the store that can give what the text has as rewards: not every one has store credit."""
    wanted = {"store_credit"} & {reward["kind"] for reward in document.get("rewards", ())}
    able = [name for name in platforms if wanted <= PLATFORMS[name].voucher_kinds]
    return [*able, *platforms, "woocommerce"][0]


async def end(visit: Visit) -> Response:
    """Nothing is left of the one that somebody saw; one that was begun since goes on."""
    seen = visit.form.get("revision", "")
    if not _REVISION.fullmatch(seen):
        raise Problem(404, "Not found", "")
    ended = await visit.service.test_shops.end(visit.programme.programme_number, int(seen))
    return visit.see(HERE, "test-ended" if ended else "test-ended-before")


async def move(visit: Visit) -> str | Response:
    """The clock goes on by a step, to what comes next, or the rest of its way; or it stays where it is."""
    shops, number = visit.service.test_shops, visit.programme.programme_number
    found, once, by = await shops.find(number), visit.once, visit.form.get("by", "")
    if found is None:
        return visit.see(HERE, "test-gone")
    shop, state = found
    try:
        if by == "stop":
            await shops.stop(number, once)
            return visit.see(_back(visit), "test-stopped")
        if by == "on":
            await shops.go_on(number, once)
            return await _moved(visit)
        if by == "next":
            coming = (await shops.look(shop, visit.language, "")).coming
            if not coming and once not in state.once:
                raise Refused("test-nothing-comes")
            until = coming[0].at if coming else state.now
        elif by in STEPS:
            until = state.now + STEPS[by]
        else:
            raise Problem(404, "Not found", "")
        await shops.move(number, once, until)
    except Refused as refused:
        return await _again(visit, refused)
    return await _moved(visit)


async def _moved(visit: Visit) -> Response:
    """What is to be said of a clock that was set going: whether it is there."""
    found = await visit.service.test_shops.find(visit.programme.programme_number)
    return visit.see(_back(visit), "test-moved" if found is None or found[1].move is None else "test-moving")


async def do(visit: Visit) -> str | Response:
    """A shopper does something, or somebody new comes."""
    kind, once = visit.form.get("deed", ""), visit.once
    if kind not in DEEDS:
        raise Problem(404, "Not found", "")
    return await _acted(
        visit, visit.service.test_shops.deed(visit.programme.programme_number, once, kind, visit.form), f"test-{kind}"
    )


async def change(visit: Visit) -> str | Response:
    """The tested programme gets the text of a draft as it is now, or what holds live."""
    once = visit.once
    try:
        document, origin, draft = await _document(visit, visit.form.get("origin", ""))
    except Refused as refused:
        return await _again(visit, refused)
    work = visit.service.test_shops.change(visit.programme.programme_number, once, document, origin, draft)
    return await _acted(visit, work, "test-changed")


async def _acted(visit: Visit, work: Awaitable[None], said: str) -> str | Response:
    try:
        await work
    except Refused as refused:
        if refused.code == "test-over":
            return visit.see(HERE, "test-gone")
        return await _again(visit, refused)
    return visit.see(_back(visit), said)


def _back(visit: Visit) -> str:
    """The page that the form was on."""
    ref = visit.form.get("at", "")
    return f"{HERE}/shoppers/{ref}" if _REF.fullmatch(ref) else HERE


async def _again(visit: Visit, refused: Refused) -> Response:
    """The page that the form was on, with the reason why nothing was done."""
    ref = visit.form.get("at", "")
    html = await _shown(visit, ref if _REF.fullmatch(ref) else "", refused)
    return html if isinstance(html, Response) else HTMLResponse(html, 409)


async def _shown(visit: Visit, ref: str = "", refused: Refused | None = None) -> str | Response:
    shops, number = visit.service.test_shops, visit.programme.programme_number
    found = await shops.find(number)
    if found is None:
        if ref and refused is None:
            raise Problem(404, "Not found", "")
        choices = await _choices(visit, None, _why(visit, refused, None))
        if choices.may:
            shops.get_ready()
        return begin_page(visit.frame("test"), visit.language, choices)
    if ref and found[1].shopper(ref) is None:
        raise Problem(404, "Not found", "")
    try:
        seen = await shops.look(found[0], visit.language, ref)
    except Refused as error:
        raise Problem(503, "Busy", "", {"Retry-After": "5"}) from error
    typed = visit.form if refused else {}
    choices = replace(await _choices(visit, found, _why(visit, refused, seen.words)), typed=typed)
    draw = shopper_page if ref else first_page
    return draw(visit.frame("test"), visit.language, choices, seen, ref)


def _why(visit: Visit, refused: Refused | None, words: Words | None) -> str:
    """What a shopper would read where a reward cannot be had; else what merchants read."""
    if refused is None:
        return ""
    if words is not None and words.has(f"reward-refusal.{refused.code}"):
        return reward_refusal(refused.code, refused.numbers, words)
    why = refused.numbers.get("why", "")
    return refusal(visit.language, refused) + (f" ({why})" if why else "")


async def _choices(visit: Visit, found: tuple[KeptShop, State] | None, refused: str) -> Choices:
    state = found[1] if found else None
    session, number = _reading(visit), visit.programme.programme_number
    rulebook = (await load_programmes(session))[number].rulebook
    drafts = await list_drafts(session, number)
    tested = next((one for one in drafts if state and one.draft_id == state.draft), None)
    version = rulebook.in_force(clock.utc_now()).version
    may = visit.allows(Role.MANAGER)
    if found is None:
        return Choices(version, drafts, tested, may, refused)
    return Choices(version, drafts, tested, may, refused, revision=found[0].revision, way=_way(visit.language, *found))


def _way(language: str, shop: KeptShop, state: State) -> Way | None:
    if state.move is None:
        return None
    until, since = state.move.until, state.since
    why = "" if is_going(shop, state) else state.move.halted or "test-broke"
    said = refusal(language, Refused(why)) if why else ""
    return Way(until, (state.now - since).days, (until - since).days, said)


async def _document(visit: Visit, origin: str) -> tuple[Mapping[str, Any], str, str]:
    """The document that a test is made from, how it is called, and the draft's id. Raises Refused."""
    session, number = _reading(visit), visit.programme.programme_number
    books = (await load_programmes(session))[number]
    if origin == "version":
        version = books.rulebook.in_force(clock.utc_now()).version
        document = await document_of_version(session, number, version)
        assert document is not None, "the version that holds has a document"
        return document, f"version:{version}", ""
    draft = await _draft(session, number, origin.removeprefix("draft:"))
    found = await look(session, books, draft.document_text, visit.language, clock.utc_now())
    if found.document is None:
        why = f"{found.problem.path}: {found.problem.problem}" if found.problem else ""
        raise Refused("test-document-refused", {"why": why})
    return found.document, f"draft:{draft.name}", draft.draft_id


async def _draft(session: Session, number: int, draft_id: str) -> Draft:
    found = await find_draft(session, number, draft_id) if len(draft_id) == 36 else None
    if found is None:
        raise Problem(404, "Not found", "")
    return found


def _reading(visit: Visit) -> Session:
    return visit.service.database.reading()


PAGES = (
    # None of them is read in one transaction: the process of test shops takes as long as it takes.
    ConsolePage("GET", HERE, Role.READ_ONLY, show, acts=True),
    ConsolePage("GET", SHOPPER, Role.READ_ONLY, show_shopper, acts=True),
    ConsolePage("POST", HERE + "/begin", Role.MANAGER, begin, acts=True),
    ConsolePage("POST", HERE + "/end", Role.MANAGER, end, acts=True),
    ConsolePage("POST", HERE + "/clock", Role.MANAGER, move, acts=True),
    ConsolePage("POST", HERE + "/deeds", Role.MANAGER, do, acts=True),
    ConsolePage("POST", HERE + "/change", Role.MANAGER, change, acts=True),
)
