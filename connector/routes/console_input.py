"""What a page of the console is sent: texts of an address, fields of a form, and who sent them."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from connector.crypto import same
from connector.routes.errors import Problem

FORM_BYTES_MAX = 8 * 1024
TYPED_BYTES_MAX = 256 * 1024
LONG = 200
"""Characters of a text that somebody would miss."""
SECRET = frozenset({"password", "again", "present", "new"})
FORM_TOKEN = "form"


def written(text: str) -> str:
    """What can be kept: no keyboard has NUL, and PostgreSQL keeps none, so it stands for a letter that nobody knows."""
    return text.replace("\x00", "\ufffd")


async def read_form(request: Request, form_token: str, bytes_max: int = FORM_BYTES_MAX) -> dict[str, str]:
    """What a form of ours says. Raises Problem 403 where another page sent it: nothing happens."""
    form = await _form_of(request, bytes_max)
    is_ours = request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
    if not is_ours or not same(form.get(FORM_TOKEN, "").encode(), form_token.encode()):
        raise Problem(403, "Old form", "", more={"code": "old-form"})
    return form


async def _form_of(request: Request, bytes_max: int) -> dict[str, str]:
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > bytes_max:
            raise Problem(413, "Too large", "")
    request.state.form = {name: written(value) for name, value in parse_qsl(raw.decode("utf-8", "replace"))}
    return dict(request.state.form)


async def typed_too_late(request: Request, problem: Problem) -> list[str]:
    """What somebody wrote into a form that came too late: whoever wrote for long shall not lose it. Long texts alone,
    only what a page of ours sent, and nothing secret.
    """
    is_late = problem.status == 401 or problem.more.get("code") == "old-form"
    if request.method != "POST" or not is_late or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return []
    form: dict[str, str] | None = getattr(request.state, "form", None)
    if form is None:
        try:
            form = await _form_of(request, TYPED_BYTES_MAX)
        except Problem:
            return []
    return [text for name, text in form.items() if len(text) >= LONG and name not in SECRET]
