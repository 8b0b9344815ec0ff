"""Every page of the console, on the demo's data: found by what the service declares, so that none is forgotten."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from connector import clock
from connector.access.console import Role, Visitor, digest_of, new_token
from connector.console.forms.tables import PARTS
from connector.routes.console_members import PARTS as MEMBER_PARTS
from connector.routes.console_pages import PAGES
from connector.routes.handing_over import ENTRANCE
from connector.sandbox.demo import Stage
from connector.storage.atomic import atomic
from connector.storage.connections import load_connections
from connector.storage.console_sessions import keep_hand_over
from tests.browser.chromium import Answer, Asked

MEMBER = "SELECT member_id FROM entry GROUP BY member_id ORDER BY count(*) DESC, member_id LIMIT 1"
DRAFT = "SELECT draft_id FROM programme_draft"
# Which one of many is looked at: the first row, a column for each part of the path.
ONE_OF = {
    "/console/members/{id}": MEMBER,
    "/console/members/{id}/merge": MEMBER,
    "/console/members/{id}/unmerge": MEMBER,
    "/console/members/{id}/data": MEMBER,
    "/console/members/{id}/redemptions/{redemption}": "SELECT member_id, redemption_id FROM redemption "
    "WHERE redemption_state = 'used' ORDER BY redemption_id LIMIT 1",
    "/console/badges/holders/{badge}": "SELECT badge FROM badge_change ORDER BY at_us DESC, badge LIMIT 1",
    "/console/customers/{customer}": "SELECT customer_ref FROM identity ORDER BY customer_ref LIMIT 1",
    "/console/orders/{order_ref}": "SELECT source_ref FROM reason WHERE source_ref LIKE 'woocommerce:%:order:%' "
    "ORDER BY source_ref DESC LIMIT 1",
    "/console/connection/{connection}": "SELECT public_id FROM connection ORDER BY number DESC LIMIT 1",
    "/console/programme/versions/{version}": "SELECT max(version) FROM programme_version",
    "/console/programme/drafts/{draft}": DRAFT,
    **{f"/console/programme/drafts/{{draft}}/{part}": DRAFT for part in PARTS},
    **{f"/console/programme/drafts/{{draft}}/{part}/form": DRAFT for part in PARTS},
    "/console/test/shoppers/{shopper}": "SELECT programme_number FROM test_shop",
}
# Pages that show one part of what they are about at a time.
PART_OF = {"/console/members/{id}": tuple(MEMBER_PARTS)}
# What no page of the demo's WooCommerce shop leads to, and where it is looked at instead.
ELSEWHERE = {
    "/console/activity/letter": "tests/browser/test_console_seen.py",
    "/console/privacy": "tests/shopify/app",
    "/console/privacy/{id}": "tests/shopify/app",
    "/console/segments/{bulk}": "tests/browser/test_console_seen.py",
    "/console/settings/webhooks/{id}": "tests/browser/test_console_seen.py",
    "/console/settings/me/second": "tests/browser/test_access_seen.py",
}


class Unknown(Exception):
    """A page of which nobody has said which one is looked at, or that is not there."""


@dataclass(frozen=True)
class Place:
    """One page. name: of its pictures, the same as long as the page is declared so."""

    name: str
    path: str


def name_of(declared: str) -> str:
    """``/console/members/{id}`` is ``console-members-id``."""
    return "-".join(re.findall(r"[a-z_]+", declared))


@asynccontextmanager
async def entered(stage: Stage, language: str = "en", name: str = "Ada Example") -> AsyncIterator[httpx.AsyncClient]:
    """A browser of an owner of the demo's WooCommerce shop."""
    service = stage.service
    connections = (await load_connections(service.database.reading())).values()
    shop = next(one for one in connections if one.platform == "woocommerce")
    visitor = Visitor(shop.programme_number, shop.number, "wp:1", name, Role.OWNER, language, stage.woocommerce_url)
    token = new_token()
    await atomic(
        service.database,
        lambda session: keep_hand_over(session, digest_of(token), visitor, "/console", clock.utc_now()),
    )
    async with httpx.AsyncClient(base_url=stage.url, trust_env=False, timeout=60) as client:
        answer = await client.get(f"{ENTRANCE}{token}")
        assert answer.status_code == 303, answer.text
        yield client


def asking(stage: Stage, client: httpx.AsyncClient) -> Answer:
    """What the service answers to whoever has entered."""

    async def answer(asked: Asked) -> httpx.Response | None:
        if not asked.url.startswith(f"{stage.url}/"):
            return None
        path = asked.url.removeprefix(stage.url).partition("#")[0]
        return await client.request(asked.method, path, content=asked.body, headers={"accept": "text/html"})

    return answer


async def places(stage: Stage, client: httpx.AsyncClient) -> list[Place]:
    """Every page that is declared and shows itself: neither a way to another page nor a file. Raises Unknown."""
    found = []
    for declared in PAGES:
        if declared.method != "GET" or declared.path in ELSEWHERE:
            continue
        path = await _filled(stage, declared.path)
        answer = await client.get(path, headers={"accept": "text/html"})
        if answer.is_redirect or "attachment" in answer.headers.get("content-disposition", ""):
            continue
        if answer.status_code != 200:
            raise Unknown(f"{path}, declared as {declared.path}, answers {answer.status_code}.")
        name = name_of(declared.path)
        parts = [Place(f"{name}-{part}", f"{path}?part={part}") for part in PART_OF.get(declared.path, ())]
        found += [Place(name, path), *parts]
    return found


def one_of(declared: str) -> str:
    """The statement that finds which one is looked at. Raises Unknown."""
    if declared not in ONE_OF:
        raise Unknown(f"Say in ONE_OF of tests/browser/console_walk.py which {declared} is looked at.")
    return ONE_OF[declared]


async def _filled(stage: Stage, declared: str) -> str:
    if "{" not in declared:
        return declared
    rows = await stage.service.database.reading().rows(one_of(declared))
    if not rows:
        raise Unknown(f"The demo has nothing for {declared}: {ONE_OF[declared]}")
    for name, found in dict(rows[0]).items():
        is_member = name == "member_id" or (name != "redemption_id" and re.fullmatch(r"[0-9a-f]{32}", str(found)))
        declared = re.sub(r"\{\w+\}", str(uuid.UUID(found)) if is_member else str(found), declared, count=1)
    return declared
