"""Every page of the console, on the demo's data: found by what the service declares, so that none is forgotten."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from connector.console.forms.tables import PARTS
from connector.routes.console import SECOND
from connector.routes.console_me import ME
from connector.routes.console_members import PARTS as MEMBER_PARTS
from connector.routes.console_pages import PAGES
from connector.sandbox.demo import Stage
from tests.browser.chromium import Chromium, Page
from tests.browser.console_deeds import do_everything
from tests.browser.visitors import from_the_shop, with_a_password

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
    "/console/activity/letter?id={letter}": "SELECT 'delivery:' || shard || ':' || id FROM delivery WHERE state = 2 "
    "ORDER BY received_at_us DESC, id DESC LIMIT 1",
    "/console/segments/{bulk}": "SELECT bulk_id FROM bulk_adjust ORDER BY created_at_us DESC LIMIT 1",
    "/console/settings/webhooks/{id}": "SELECT public_id FROM webhook_endpoint ORDER BY number DESC LIMIT 1",
    "/console/privacy/{id}": "SELECT request_id FROM shop_privacy ORDER BY at_us DESC LIMIT 1",
}
AS_KEPT = {"redemption_id", "bulk_id"}
"""Ids that stand in an address as they do in the database."""
# Pages that show one part of what they are about at a time.
PART_OF = {"/console/members/{id}": tuple(MEMBER_PARTS)}
# What the address of a page asks for behind its path.
ASKED = {"/console/activity/letter": "?id={letter}"}
# What is about whoever looks at it: it is looked at by somebody with a password, who alone has the second one.
OWN = {ME: "console-settings-me-password", SECOND: "console-settings-me-second"}
"""Names of their pictures."""


class Unknown(Exception):
    """A page of which nobody has said which one is looked at, or that is not there."""


@dataclass(frozen=True)
class Place:
    """One page. name: of its pictures, the same as long as the page is declared so. page: in which it is looked at."""

    name: str
    path: str
    page: Page


def name_of(declared: str) -> str:
    """``/console/members/{id}`` is ``console-members-id``."""
    return "-".join(re.findall(r"[a-z_]+", declared))


@asynccontextmanager
async def walked(browser: Chromium, stage: Stage, width: int = 1280, *, tabs: int = 1) -> AsyncIterator[list[Place]]:
    """Every page that is declared and shows itself: neither a way to another page nor a file. Raises Unknown.

    tabs: in so many at once it can be looked at most of them.
    """
    async with (
        from_the_shop(browser, stage, width, tabs) as owner,
        with_a_password(browser, stage, width, 1) as person,
    ):
        await do_everything(stage, owner.tabs[0], person.tabs[0])
        found: list[Place] = []
        for declared in (each.path for each in PAGES if each.method == "GET"):
            page = owner.tabs[len(found) % tabs]
            if declared != SECOND:
                found += await _of(stage, owner.client, page, declared, name_of(declared))
            if declared in OWN:
                found += await _of(stage, person.client, person.tabs[0], declared, OWN[declared])
        yield found


async def _of(stage: Stage, client: httpx.AsyncClient, page: Page, declared: str, name: str) -> list[Place]:
    path = await _filled(stage, declared + ASKED.get(declared, ""))
    answer = await client.get(path, headers={"accept": "text/html"})
    if answer.is_redirect or "attachment" in answer.headers.get("content-disposition", ""):
        return []
    if answer.status_code != 200:
        raise Unknown(f"{path}, declared as {declared}, answers {answer.status_code}.")
    parts = [Place(f"{name}-{part}", f"{path}?part={part}", page) for part in PART_OF.get(declared, ())]
    return [Place(name, path, page), *parts]


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
        is_uuid = name not in AS_KEPT and re.fullmatch(r"[0-9a-f]{32}", str(found)) is not None
        declared = re.sub(r"\{\w+\}", str(uuid.UUID(found)) if is_uuid else str(found), declared, count=1)
    return declared
