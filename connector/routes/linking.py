"""Linking the accounts of one person in two stores: what a store's page asks for, and the page behind the link."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Annotated
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta, Struct
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from connector.access.shopper_tokens import LINK
from connector.people import linking
from connector.people.languages import language_spoken
from connector.people.linking import Asking, Pending
from connector.people.outlooks import Outlook
from connector.routes.access import NeedsShopper
from connector.routes.errors import Problem
from connector.routes.members import member_id_of
from connector.routes.numbers import no_such_store
from connector.routes.operations import Call, Operation
from connector.routes.proving import count_anyone
from connector.routes.wallet import Word
from connector.running.service import Service
from connector.snapshot import utc_text
from connector.storage.connections import connection_of, load_connections
from connector.storage.people import load_people
from connector.storage.programmes import load_programmes
from loyalty_engine.errors import Refused
from loyalty_engine.explain.names import words_of
from loyalty_engine.texts import TAGS, Words, language_of

MAX_FORM_BYTES = 2000
STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;"
    "color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse;width:100%}th,td{padding:.5rem;text-align:end;border-bottom:1px solid #767676}"
    "th:first-child{text-align:start;overflow-wrap:anywhere}input,button{font:inherit;padding:.75rem;margin:.25rem 0}"
    "input{width:12ch;letter-spacing:.1em;text-transform:uppercase}label{display:block;font-weight:600}"
    "button{display:block;background:#14532d;color:#fff;border:0;border-radius:.25rem}"
    "[role]{border-inline-start:.25rem solid #14532d;background:#f3f7f4;padding:.75rem;font-weight:600}"
    "[role=alert]{border-color:#b42318;background:#fef3f2}"
    ":focus-visible{outline:3px solid #1d4ed8;outline-offset:2px}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_STATUS = {"link-over": 410, "wrong-code": 403}
_SENTENCE = {"link-over": "link.over", "wrong-code": "link.wrong"}


Address = Annotated[str, Meta(min_length=3, max_length=254, pattern=r"^[^\x00-\x20\x7f]+@[^\x00-\x20\x7f]+(?!\n)$")]


class LinkBody(Struct, forbid_unknown_fields=True):
    """connection: the other store. address: of the shopper's account there."""

    connection: Word
    address: Address


class ClaimAskBody(Struct, forbid_unknown_fields=True):
    """address: under which the shopper ordered without an account."""

    address: Address


class LinkAsked(Struct):
    """The same whether or not anybody has the address. code: show it; the page behind the mailed link asks for it."""

    code: str
    expires_at: str


class LinkedAccount(Struct):
    """member: who it was. store: its connection."""

    member: str
    store: str
    linked_at: str


class LinkedAccounts(Struct):
    """Accounts that were linked to this one and still are."""

    links: list[LinkedAccount]


class Unlinked(Struct):
    """The member who is one of their own again."""

    member: str


async def ask(call: Call) -> Response:
    """Have a link sent; the mail leaves after the answer, so that the answer takes no longer for known addresses."""
    shopper, body = call.shopper, call.body
    connection = await connection_of(call.session, None, body.connection)
    number = connection.number if connection else 0
    asking = Asking(shopper.programme_number, shopper.member_id, shopper.connection_number, number, body.address)
    try:
        asked = await linking.ask(call.service.pipeline, asking, call.service.settings.public_url)
    except Refused as error:
        if error.code == "store-unknown":
            raise no_such_store() from error
        if error.code == "too-many-links":
            raise Problem(429, "Too often", "No more links today.", {"Retry-After": "3600"}) from error
        raise
    return _asked(call, asked)


async def ask_claim(call: Call) -> Response:
    """Have a link sent that proves an address for what was ordered under it without an account."""
    shopper = call.shopper
    store = shopper.connection_number
    asking = Asking(shopper.programme_number, shopper.member_id, store, store, call.body.address)
    try:
        asked = await linking.ask_claim(call.service.pipeline, asking, call.service.settings.public_url)
    except Refused as error:
        if error.code == "too-many-links":
            raise Problem(429, "Too often", "No more links today.", {"Retry-After": "3600"}) from error
        raise
    return _asked(call, asked)


def _asked(call: Call, asked: linking.Asked) -> Response:
    """The same whether or not a mail goes out; it leaves after the answer."""
    task = BackgroundTask(linking.send, call.service.mailer, asked.mail) if asked.mail else None
    answer = msgspec.json.encode(LinkAsked(asked.code, utc_text(asked.expires_at)))
    return Response(answer, 202, media_type="application/json", background=task)


async def my_links(call: Call) -> LinkedAccounts:
    """What is linked."""
    shopper, pipeline = call.shopper, call.service.pipeline
    stores = {number: each.public_id for number, each in (await load_connections(call.session)).items()}
    links = await linking.links_of(pipeline, shopper.programme_number, shopper.member_id)
    return LinkedAccounts(
        [LinkedAccount(each.member_id, stores[each.connection_number], utc_text(each.linked_at)) for each in links]
    )


async def _why_not(call: Call, error: Refused) -> str:
    """Why not, in the shopper's language."""
    shopper, pipeline = call.shopper, call.service.pipeline
    person = (await load_people(call.session, pipeline.keys, [shopper.member_id])).get(shopper.member_id)
    now = pipeline.now()
    programme = (await load_programmes(call.session))[shopper.programme_number].rulebook.in_force(now)
    words = words_of(programme, await language_spoken(call.session, shopper.member_id, person))
    if error.code == "merged-on":
        return words.text("link.merged-on")
    return words.text("link.spent", points=words.points(error.numbers["missing"]))


async def undo(call: Call) -> Unlinked:
    """Take a link back."""
    shopper, member_id = call.shopper, member_id_of(call.path("member"))
    try:
        await linking.unlink(call.service.pipeline, shopper.programme_number, shopper.member_id, member_id)
    except Refused as error:
        if error.code == "not-linked":
            raise Problem(404, "Not linked", "There is no such link of this shopper.") from error
        if error.code in ("merged-points-spent", "merged-on"):
            more = {"code": error.code, "numbers": error.numbers}
            raise Problem(409, "Not possible now", await _why_not(call, error), more=more) from error
        raise
    call.service.wake.set()
    return Unlinked(member_id)


OPERATIONS = (
    Operation(
        "POST",
        "/v1/me/links",
        NeedsShopper(LINK),
        "Ask to link the shopper's account in another store: a link is mailed to its address.",
        ask,
        LinkAsked,
        body=LinkBody,
        status=202,
        acts=True,
        tag="storefront",
        problems={404: "There is no such store in the programme.", 429: "Too many links were asked for today."},
    ),
    Operation(
        "POST",
        "/v1/me/claims",
        NeedsShopper(LINK),
        "Ask to collect points for orders placed without an account: a link is mailed to their address.",
        ask_claim,
        LinkAsked,
        body=ClaimAskBody,
        status=202,
        acts=True,
        tag="storefront",
        problems={429: "Too many links were asked for today."},
    ),
    Operation(
        "GET",
        "/v1/me/links",
        NeedsShopper(LINK),
        "Accounts that are linked to the shopper's.",
        my_links,
        LinkedAccounts,
        acts=True,
        tag="storefront",
    ),
    Operation(
        "POST",
        "/v1/me/links/{member}/undo",
        NeedsShopper(LINK),
        "Take a link back: both accounts are as they were, but for what was spent since.",
        undo,
        Unlinked,
        acts=True,
        tag="storefront",
        problems={
            404: "There is no such link of this shopper.",
            409: "Its points are spent, or another link must be taken back first: code and numbers say which.",
        },
    ),
)


def pages(service: Service) -> list[Route]:
    """The page behind a mailed link."""

    async def show(request: Request) -> Response:
        count_anyone(service.rates, request)
        try:
            pending = await linking.look(service.pipeline, request.path_params["token"])
        except Refused as error:
            return _refused(request, error)
        return _page(pending.words, _form(pending), title_key=_title(pending))

    async def join(request: Request) -> Response:
        count_anyone(service.rates, request)
        token = request.path_params["token"]
        try:
            pending = await linking.look(service.pipeline, token)
        except Refused as error:
            return _refused(request, error)
        words, title = pending.words, _title(pending)
        try:
            orders = await linking.confirm(service.pipeline, token, await _code(request))
        except Refused as error:
            impossible = "link.not-possible" if pending.outlook else "claim.not-possible"
            alert = f'<p role="alert">{escape(words.text(_SENTENCE.get(error.code, impossible)))}</p>'
            again = _form(pending) if error.code == "wrong-code" else ""
            return _page(words, alert + again, _STATUS.get(error.code, 409), title)
        service.wake.set()
        return _page(words, f'<p role="status">{escape(_done(words, pending, orders))}</p>', title_key=title)

    return [Route("/link/{token}", show, methods=["GET"]), Route("/link/{token}", join, methods=["POST"])]


async def _code(request: Request) -> str:
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > MAX_FORM_BYTES:
            return ""
    return dict(parse_qsl(raw.decode("utf-8", "replace"))).get("code", "")


def _refused(request: Request, error: Refused) -> Response:
    words = Words(language_of(request.headers.get("accept-language", "").partition(",")[0].partition(";")[0]))
    text = escape(words.text(_SENTENCE.get(error.code, "link.not-possible")))
    return _page(words, f'<p role="alert">{text}</p>', _STATUS.get(error.code, 409))


def _title(pending: Pending) -> str:
    return "link.title" if pending.outlook else "claim.title"


def _done(words: Words, pending: Pending, orders: int) -> str:
    if pending.outlook is None:
        return words.counted("claim.done", orders)
    return words.text("link.done", points=words.points(pending.outlook.merged["available"]))


def _form(pending: Pending) -> str:
    words = pending.words
    if pending.outlook is None:
        what = words.counted("claim.what", pending.orders, store=pending.asking)
        return f"<p>{escape(what)}</p>" + _code_form(words, pending, "claim.button")
    return _comparison(words, pending, pending.outlook) + _code_form(words, pending, "link.button")


def _comparison(words: Words, pending: Pending, outlook: Outlook) -> str:
    stores = {"asking": pending.asking, "asked": pending.asked}
    head = "".join(f'<th scope="col">{escape(words.text(key))}</th>' for key in ("link.available", "link.balance"))
    rows = [
        (words.text("link.yours", store=pending.asked), outlook.going),
        (words.text("link.theirs", store=pending.asking), outlook.staying),
        (words.text("link.together"), outlook.merged),
    ]
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{words.number(numbers["available"])}</td>'
        f"<td>{words.number(numbers['points'])}</td></tr>"
        for name, numbers in rows
    )
    once = words.counted("link.once", len(outlook.once)) if outlook.once else ""
    return (
        f"<p>{escape(words.text('link.what', **stores))}</p><table><thead><tr><td></td>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>{f'<p>{escape(once)}</p>' if once else ''}"
    )


def _code_form(words: Words, pending: Pending, button: str) -> str:
    return (
        f"<p>{escape(words.text('link.warning', asking=pending.asking))}</p>"
        f'<form method="post"><label for="code">{escape(words.text("link.code", asking=pending.asking))}</label>'
        '<input id="code" name="code" required autocomplete="one-time-code" maxlength="12" spellcheck="false">'
        f"<button>{escape(words.text(button))}</button></form>"
    )


def _page(words: Words, content: str, status: int = 200, title_key: str = "link.title") -> HTMLResponse:
    title = escape(words.text(title_key))
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="{TAGS[words.language]}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{content}</main></body></html>",
        status,
        HEADERS,
    )
