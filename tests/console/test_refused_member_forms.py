"""Forms of a member's pages that were refused: each stands there again as it was sent, and its neighbours do not."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from connector.console.words import TABLES
from tests.builders import DOCUMENT
from tests.connector.community import Community
from tests.connector.outside import Outside, outside
from tests.connector.plugin_calls import plugin_of
from tests.console.visiting import PUBLIC, form_of, signed_in

WHY = "asked by <mail>"
RULES = {
    **DOCUMENT,
    "tiers": [
        {"id": "member", "name": "Member"},
        {"id": "gold", "name": "Gold", "qualify": {"spend": 500}},
    ],
    "badges": [{"id": one, "rule": "manual", "name": one} for one in ("first", "second")],
}


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, RULES, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield found


def forms_in(html: str) -> dict[str, str]:
    """What is between the tags of each form of a member, by what stands behind the member in its address."""
    return dict(
        re.findall(r'<form method="post" action="/console/members/[^/"]{36}/([^"]+)"[^>]*>(.*?)</form>', html, re.S)
    )


def values_in(form: str) -> dict[str, str]:
    """What stands in a form's fields."""
    typed = re.findall(r'<input id="[^"]*" name="([^"]*)"[^>]*? value="([^"]*)"', form)
    chosen = re.findall(r'<select id="[^"]*" name="([^"]*)"[^>]*>.*?<option value="([^"]*)" selected>', form, re.S)
    return {name: unescape(text) for name, text in (*typed, *chosen)}


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("adjust", {"points": "many", "reason": WHY}),
        ("status", {"status": "blocked", "reason": " "}),
        ("birthday", {"day": "31", "month": "02", "reason": WHY}),
        ("tier", {"tier": "gold", "reason": " "}),
        ("badges", {"badge": "second", "reason": " "}),
        ("badges/first/take", {"reason": WHY, "award_key": "never"}),
        ("merge/look", {"other": "nobody@shop.example"}),
    ],
)
async def test_a_refused_form_of_a_member_stands_there_as_it_was_sent(
    service: Outside, path: str, typed: dict[str, str]
) -> None:
    town = Community(service)
    await town.join(7)
    member = uuid.UUID(town.members[7])
    browser = await signed_in(service, await plugin_of(service), role="support")
    token = form_of((await browser.get("/console/members")).text)
    sends = {"form": token, "once": str(uuid.uuid4())}
    given = await browser.post(f"/console/members/{member}/badges", data={**sends, "badge": "first", "reason": "helps"})
    assert given.status_code == 303
    answer = await browser.post(f"/console/members/{member}/{path}", data={**sends, **typed})
    assert TABLES["en"]["refusal.nothing"] in answer.text
    forms = {name: values_in(form) for name, form in forms_in(answer.text).items()}
    kept = {name: text.strip() for name, text in forms[path].items() if name in typed}
    assert kept == {name: text.strip() for name, text in typed.items() if name in forms[path]} and kept
    assert all(form.get("reason", "") == "" for name, form in forms.items() if name != path)
    assert "<details open>" in answer.text or path not in ("tier", "badges", "badges/first/take")
