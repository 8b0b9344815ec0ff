"""People who sign in to the console themselves, for tests: they join by an address, and sign in with a form."""

from __future__ import annotations

import re
from collections.abc import Sequence

import httpx
from argon2 import PasswordHasher

from connector import clock
from connector.access.console import Role
from connector.people.actors import SYSTEM
from connector.signing_in.inviting import invite
from connector.signing_in.passwords import Passwords
from tests.connector.outside import Outside, client_of

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""Tests sign in often, and what takes long is tested by itself."""
PASSWORD = "correct horse battery staple"
ADDRESS = "ada@shop.example"


def hurried(service: Outside) -> Outside:
    """Passwords cost next to nothing."""
    service.service.passwords = Passwords(QUICK)
    return service


def form_of(html: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', html)
    assert found is not None
    return found[1]


def path_of(url: str) -> str:
    """Without the host."""
    return "/" + url.split("/", 3)[3]


async def invited(service: Outside, role: Role = Role.OWNER, address: str = ADDRESS, programme: int = 0) -> str:
    """The path of an address to join."""
    number = programme or service.connections["woocommerce"].programme_number
    given = await invite(service.service, number, role, address, "en", SYSTEM, clock.utc_now())
    return path_of(given.url)


async def joined(
    service: Outside,
    role: Role = Role.OWNER,
    address: str = ADDRESS,
    *,
    programme: int = 0,
    name: str = "Ada",
    host: str = "127.0.0.1",
) -> httpx.AsyncClient:
    """A browser of somebody who has just joined."""
    browser = client_of(service.app, (host, 50000))
    path = await invited(service, role, address, programme)
    answer = await join(browser, path, name=name)
    assert answer.status_code == 303, answer.text
    return browser


async def join(browser: httpx.AsyncClient, path: str, **typed: str) -> httpx.Response:
    """Fill in the form of an address to join."""
    return await fill(browser, path, form_of((await browser.get(path)).text), **typed)


async def fill(browser: httpx.AsyncClient, path: str, form: str, **typed: str) -> httpx.Response:
    """Send a form that is open already."""
    sent = {"name": "Ada", "password": PASSWORD, "again": PASSWORD, "language": "en", **typed, "form": form}
    return await browser.post(path, data=sent)


async def opened_forms(service: Outside, paths: Sequence[str]) -> list[tuple[httpx.AsyncClient, str, str]]:
    """A browser for each, with the form before it: (browser, path, the form's token)."""
    browsers = [client_of(service.app) for _ in paths]
    return [(one, path, form_of((await one.get(path)).text)) for one, path in zip(browsers, paths, strict=True)]


async def signs_in(
    browser: httpx.AsyncClient, address: str = ADDRESS, password: str = PASSWORD, to: str = "/console"
) -> httpx.Response:
    """Fill in the form of the sign-in page."""
    form = form_of((await browser.get("/console/sign-in", params={"to": to})).text)
    return await browser.post(
        "/console/sign-in", data={"form": form, "to": to, "address": address, "password": password}
    )
