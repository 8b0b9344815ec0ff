"""The page behind every mail, where a member chooses which they get (RFC 8058 for the mail program's own button).

Looking at it changes nothing: programs that try every link of a mail would stop mails that people want.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from connector.people.mail_choices import Choices, choose, look_at_choices
from connector.routes.proving import count_unproven
from connector.running.service import Service
from loyalty_engine.errors import Refused
from loyalty_engine.texts import TAGS, Words, language_of

PATH = "/mails"
MAX_FORM_BYTES = 2000
STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}fieldset{border:0;margin:1rem 0;padding:0}legend{padding:0}"
    "label{display:flex;gap:.75rem;align-items:center;min-height:2.75rem}input{width:1.25rem;height:1.25rem;margin:0}"
    "button{display:block;font:inherit;padding:.75rem 1rem;margin:1rem 0;border:1px solid #14532d;border-radius:.25rem;"
    "background:#14532d;color:#fff}button.plain{background:transparent;color:inherit;border-color:currentcolor}"
    "[role]{border-inline-start:.25rem solid #14532d;background:#f3f7f4;padding:.75rem;font-weight:600}"
    "[role=alert]{border-color:#b42318;background:#fef3f2}:focus-visible{outline:3px solid #1d4ed8;outline-offset:2px}"
    "@media(prefers-color-scheme:dark){body{color:#f2f2f2;background:#101211}[role]{background:#1d201f}"
    "[role=alert]{background:#3b1410}:focus-visible{outline-color:#93c5fd}}"
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


def pages(service: Service) -> list[Route]:
    """The page, and what its buttons do."""

    async def show(request: Request) -> Response:
        try:
            choices = await look_at_choices(service.pipeline, request.path_params["token"])
        except Refused:
            return _unknown(service, request)
        return _page(choices.words, _form(choices))

    async def act(request: Request) -> Response:
        form = await _form_of(request)
        # The mail program's button, or ours for none at all: whoever presses it is not asked what for.
        is_all = form.get("List-Unsubscribe") == ["One-Click"] or "none" in form
        wanted = [] if is_all else form.get("kind", [])
        try:
            choices = await choose(service.pipeline, request.path_params["token"], wanted)
        except Refused:
            return _unknown(service, request)
        gets_some = any(choices.gets(kind) for kind in choices.kinds)
        said = choices.words.text("mail.page.done" if gets_some else "mail.page.none-done")
        return _page(choices.words, f'<p role="status">{escape(said)}</p>{_form(choices)}')

    path = f"{PATH}/{{token}}"
    return [Route(path, show, methods=["GET"]), Route(path, act, methods=["POST"])]


async def _form_of(request: Request) -> dict[str, list[str]]:
    """What a form says, as browsers send it or, of a mail program's button, as ``multipart/form-data``."""
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > MAX_FORM_BYTES:
            return {}
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return {"List-Unsubscribe": ["One-Click"]} if b'name="List-Unsubscribe"' in raw and b"One-Click" in raw else {}
    return parse_qs(raw.decode("utf-8", "replace"))


def _unknown(service: Service, request: Request) -> Response:
    count_unproven(service.rates, request)
    words = Words(language_of(request.headers.get("accept-language", "").partition(",")[0].partition(";")[0]))
    return _page(words, f'<p role="alert">{escape(words.text("mail.page.over"))}</p>', 404)


def _form(choices: Choices) -> str:
    words = choices.words
    boxes = "".join(
        f'<label><input type="checkbox" name="kind" value="{kind}"{" checked" if choices.gets(kind) else ""}> '
        f"{escape(words.text(f'mail.kind.{kind}'))}</label>"
        for kind in choices.kinds
    )
    return (
        f'<form method="post"><fieldset><legend>{escape(words.text("mail.page.what", programme=choices.programme))}'
        f"</legend>{boxes}</fieldset><p>{escape(words.text('mail.page.note'))}</p>"
        f"<button>{escape(words.text('mail.page.save'))}</button>"
        f'<button class="plain" name="none" value="yes">{escape(words.text("mail.page.none"))}</button></form>'
    )


def _page(words: Words, content: str, status: int = 200) -> HTMLResponse:
    title = escape(words.text("mail.page.title"))
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="{TAGS[words.language]}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{content}</main></body></html>",
        status,
        HEADERS,
    )
