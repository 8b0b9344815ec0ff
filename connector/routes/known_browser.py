"""The cookie by which a browser is known that somebody signed in with before: wrong passwords from it have a count of
their own (``storage.attempts``). It lets nobody in, and says of nobody who they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request

from connector.access.console import is_token
from connector.routes.console import is_https
from connector.running.service import Service
from connector.storage.attempts import KNOWN_LIVES

PEOPLE_MOST = 8
"""For so many people one browser is known, those who signed in last."""


def known_by(service: Service, request: Request) -> list[str]:
    """Tokens that this browser keeps, one for each person; nobody has looked for them yet."""
    tokens = request.cookies.get(_name(service), "").split(".")[:PEOPLE_MOST]
    return [one for one in dict.fromkeys(tokens) if is_token(one)]


def known_cookie(service: Service, tokens: Sequence[str]) -> str:
    """No script reads it and no form of another site sends it; it outlives the session."""
    secure = "Secure; " if is_https(service) else ""
    seconds = int(KNOWN_LIVES.total_seconds())
    text = ".".join(tokens[:PEOPLE_MOST])
    return f"{_name(service)}={text}; Path=/; Max-Age={seconds}; HttpOnly; {secure}SameSite=Lax"


def _name(service: Service) -> str:
    return "__Host-belong-known" if is_https(service) else "belong_known"
