"""Which pages ``bench.console`` asks for: every one that the console declares, so that a new one is measured, too.

A part of an address that names something is filled in from the database. What a page shows by its query is asked for
besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bench.measure import WrongResult
from connector.console.forms.tables import PARTS
from connector.routes.console_members import PARTS as OF_MEMBER
from connector.routes.console_pages import PAGES
from connector.storage.dead_letters import KINDS as SET_ASIDE
from connector.storage.dead_letters import Range, list_dead_letters
from connector.storage.session import Session
from connector.storage.timeline import KINDS as HAPPENINGS
from connector.storage.traffic import GOING

MEMBER = "SELECT member_id FROM balance ORDER BY points DESC, member_id LIMIT 1"
DRAFT = "SELECT draft_id FROM programme_draft"
ONE_OF: Mapping[str, str] = {
    "/console/members/{id}": MEMBER,
    "/console/members/{id}/merge": MEMBER,
    "/console/members/{id}/unmerge": MEMBER,
    "/console/members/{id}/data": MEMBER,
    "/console/members/{id}/redemptions/{redemption}": "SELECT member_id, redemption_id FROM redemption LIMIT 1",
    "/console/customers/{customer}": "SELECT customer_ref FROM identity ORDER BY customer_ref LIMIT 1",
    "/console/orders/{order_ref}": "SELECT source_ref FROM source_fact ORDER BY source_ref LIMIT 1",
    "/console/badges/holders/{badge}": "SELECT badge FROM badge_change LIMIT 1",
    "/console/connection/{connection}": "SELECT public_id FROM connection",
    "/console/programme/versions/{version}": "SELECT max(version) FROM programme_version",
    "/console/programme/drafts/{draft}": DRAFT,
    **{f"/console/programme/drafts/{{draft}}/{part}": DRAFT for part in PARTS},
    **{f"/console/programme/drafts/{{draft}}/{part}/form": DRAFT for part in PARTS},
    "/console/segments/{bulk}": "SELECT bulk_id FROM bulk_adjust",
    "/console/settings/webhooks/{id}": "SELECT public_id FROM webhook_endpoint",
}
"""Which one of many is asked for: the first row, a column for each part of the path."""
LEFT_OUT: Mapping[str, str] = {
    "/console/privacy/{id}": "a file that Shopify's customers ask for",
    "/console/settings/me/second": "of people who sign in, and not of a shop's",
    "/console/test/shoppers/{shopper}": "of a test shop, in a process and a database of its own",
}
QUERIES: Mapping[str, tuple[str, ...]] = {
    "/console/members": ("", "?tier=none", "?balance_from=1"),
    "/console/members/{id}": (
        "",
        *(f"?part={part}" for part in OF_MEMBER),
        *(f"?part=timeline&kind={kind}" for kind in HAPPENINGS if kind),
    ),
    "/console/audit": ("", "?kind=adjust", "?way=shopper"),
    "/console/rewards/redemptions": ("", "?state=failed"),
    "/console/referrals/list": ("", "?state=void"),
    "/console/activity": tuple(f"?kind={kind}" for kind in SET_ASIDE),
    "/console/activity/outbox": tuple(f"?kind={kind}" for kind in GOING),
    "/console/activity/inbox": ("", "?state=parked"),
    "/console/activity/letter": ("?id={letter}",),
    "/console/segments/new": ("", "?points=10"),
}


async def places(session: Session) -> list[tuple[str, str]]:
    """Each page as it is declared, with its query, and the address that is asked for. Raises WrongResult for a page of
    which nobody said which one is asked for, or of which there is none.
    """
    found = []
    letters = await list_dead_letters(session, Range("delivery"), 1, "")
    for declared in _declared():
        path = await _filled(session, declared)
        for query in QUERIES.get(declared, ("",)):
            filled = query.format(letter=letters[0].letter_id if letters else "")
            found.append((f"{declared}{query}", f"{path}{filled}"))
    return found


def _declared() -> Iterator[str]:
    for page in PAGES:
        if page.method == "GET" and page.path not in LEFT_OUT:
            yield page.path


async def _filled(session: Session, declared: str) -> str:
    if "{" not in declared:
        return declared
    if declared not in ONE_OF:
        raise WrongResult(f"Say in ONE_OF of bench/console_places.py which {declared} is asked for.")
    row = await session.one(ONE_OF[declared])
    if row is None:
        raise WrongResult(f"There is nothing for {declared}: {ONE_OF[declared]}")
    for value in dict(row).values():
        declared = re.sub(r"\{\w+\}", str(value), declared, count=1)
    return declared
