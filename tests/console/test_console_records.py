"""Backups, languages and time zone in the console; and what its pages tell of a member's choices and badges."""

from __future__ import annotations

import html
import json
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.access.console import Role
from connector.console.words import TABLES
from connector.data.backup_noted import last_backup, note_backup, noted_backup
from connector.people.mail_choices import choice_token, choose
from connector.storage.atomic import atomic
from connector.storage.mail_settings import KINDS
from connector.storage.people import Person, save_people
from connector.storage.programmes import create_programme
from tests.builders import DOCUMENT, KEYS, OPENED
from tests.connector.outside import Outside, order_body, outside
from tests.connector.test_health import manifest_of
from tests.console.console_people import form_of, hurried, joined
from tests.console.visiting import PUBLIC

SAID = TABLES["en"]
BACKUPS, NAMES = "/console/settings/backups", "/console/settings/programme"
RULES: dict[str, Any] = {
    **DOCUMENT,
    "badges": [{"id": "voice", "name": {"en": "Voice", "de": "Stimme"}, "rule": "manual"}],
    "tiers": [{"id": "member", "name": "Member", "qualify": "join"}],
}
HOSTILE = "<b>x</b>\"'&"


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, RULES, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield hurried(found)
        found.service.passwords.close()


async def member_of(service: Outside) -> str:
    await service.deliver("woocommerce", order_body("woocommerce", 5123, 1000))
    await service.work()
    return str(
        uuid.UUID((await service.rows("SELECT member_id FROM member WHERE programme_number = 1"))[0]["member_id"])
    )


async def test_the_last_backup_is_told_with_its_place_to_whoever_has_the_installation_alone(service: Outside) -> None:
    owner, home = await joined(service), service.service.settings.home
    assert SAID["backups.none-text"] in html.unescape((await owner.get(BACKUPS)).text)
    made_at = clock.utc_now() - timedelta(hours=3)
    note_backup(home, manifest_of(made_at), Path("/backups/<one>"))
    page = (await owner.get(BACKUPS)).text
    assert SAID["backups.fresh"] in page and SAID["backups.ago.other"].format(n=3) in page
    assert "/backups/&lt;one&gt;" in page and "12,345,678" in page and "4,321" in page
    note_backup(home, manifest_of(clock.utc_now() - timedelta(hours=27)), Path("/backups/two"))
    assert SAID["backups.old"] in (await owner.get(BACKUPS)).text
    await atomic(service.service.database, lambda session: create_programme(session, DOCUMENT, OPENED, OPENED))
    shared = (await owner.get(BACKUPS)).text
    assert SAID["backups.shared"] in shared and "/backups/two" not in shared and "12,345,678" not in shared
    assert "<form" not in shared.partition("<main")[2], "nothing is made, and nothing is handed out"


@pytest.mark.parametrize("text", ["", "nonsense", "2026-11-28T10:00:00+00:00", "2026-11-28T10:00:00\n{}", "\n\n"])
async def test_a_note_of_another_time_is_read_as_far_as_it_goes(service: Outside, text: str) -> None:
    """Versions before this one wrote the moment alone."""
    home = service.service.settings.home
    (home / "last-backup").write_text(text)
    assert (last_backup(home) is not None) == (text == "2026-11-28T10:00:00+00:00") and noted_backup(home) is None
    assert (await (await joined(service)).get(BACKUPS)).status_code == 200


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SUPPORT, Role.READ_ONLY])
async def test_backups_are_for_owners_and_names_for_managers(service: Outside, role: Role) -> None:
    other = await joined(service, role, "ben@shop.example")
    settings = (await other.get("/console/settings")).text
    assert (await other.get(BACKUPS)).status_code == 403 and BACKUPS not in settings
    allowed = role is Role.MANAGER
    assert ((await other.get(NAMES)).status_code == 200, NAMES in settings) == (allowed, allowed)


async def test_new_names_are_a_draft_once_however_often_they_are_sent(service: Outside) -> None:
    manager = await joined(service, Role.MANAGER, "ben@shop.example")
    page = (await manager.get(NAMES)).text
    assert 'value="Circle"' in page or f'value="{DOCUMENT["programme"]["name"]}"' in page
    form, once = form_of(page), str(uuid.uuid4())
    fields = {"form": form, "once": once, "name": f"Ring {HOSTILE}", "one.en": "star", "many.en": "stars"}
    fields |= {"one.de": "Stern", "many.de": "Sterne"}
    for _ in range(2):
        answer = await manager.post(f"{NAMES}/draft", data=fields)
        assert answer.headers["location"] == f"/console/programme/drafts/{once}?said=draft-begun"
    (row,) = await service.rows("SELECT document_text, author FROM programme_draft")
    own = json.loads(row["document_text"])["programme"]
    assert (own["name"], own["timezone"]) == (f"Ring {HOSTILE}", DOCUMENT["programme"]["timezone"])
    assert own["points_name"] == {"en": ["star", "stars"], "de": ["Stern", "Sterne"]}
    assert await service.number("SELECT count(*) FROM programme_version") == 1, "nothing holds yet"
    assert await service.number("SELECT count(*) FROM programme_deed WHERE act = 'draft-begin'") == 1
    assert (await manager.get(f"/console/programme/drafts/{once}")).status_code == 200


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "own.unchanged"),
        ({"name": ""}, "own.problem"),
        ({"one.en": "", "many.en": "", "name": "Ring"}, "own.problem"),
        ({"one.de": "Stern"}, "own.problem"),
        ({"one.en": HOSTILE, "many.en": ""}, "own.problem"),
    ],
)
async def test_names_that_cannot_be_used_are_refused_with_what_was_typed(
    service: Outside, more: dict[str, str], said: str
) -> None:
    owner = await joined(service)
    form = form_of((await owner.get(NAMES)).text)
    fields = {"form": form, "once": str(uuid.uuid4()), "name": DOCUMENT["programme"]["name"]}
    fields |= {"one.en": "point", "many.en": "points", **more}
    answer = await owner.post(f"{NAMES}/draft", data=fields)
    assert answer.status_code == 422 and SAID[said] in answer.text
    assert HOSTILE not in answer.text
    assert not more or f'value="{fields["one.en"]}"' in html.unescape(answer.text)
    assert await service.number("SELECT count(*) FROM programme_draft") == 0


async def test_languages_are_counted_by_what_is_written_in_them(service: Outside) -> None:
    page = (await (await joined(service)).get(NAMES)).text
    assert SAID["own.written-of"].format(count="2") in page
    counts = [row.partition('"amount">')[2].partition("<")[0] for row in page.split("<tr>")[2:]]
    assert counts == ["2", "0", "0", "1", "0"], "English, both Chinese, German, Spanish"


async def test_a_members_page_says_which_mails_they_chose(service: Outside) -> None:
    member, owner = await member_of(service), await joined(service)
    here = f"/console/members/{member}?part=person"
    assert SAID["member.mails-consent"] in (await owner.get(here)).text
    person = {uuid.UUID(member).hex: Person(email="mia@example.com", accepts_mail=True)}
    await atomic(service.service.database, lambda session: save_people(session, KEYS, 1, person, clock.utc_now()))
    assert SAID["member.mails-all"] in (await owner.get(here)).text
    token = choice_token(service.service.pipeline.keys, 1, uuid.UUID(member).hex)
    await choose(service.service.pipeline, token, [kind for kind in KINDS if kind != "welcome"])
    page = (await owner.get(here)).text
    assert SAID["mail-kind.welcome"] in page.partition(SAID["member.mails-stopped"])[2]
    assert SAID["mail-kind.welcome"] not in page.partition(SAID["member.mails-stopped"])[0]
    await choose(service.service.pipeline, token, [])
    assert SAID["member.mails-none"] in (await owner.get(here)).text
    reader = await joined(service, Role.READ_ONLY, "eve@shop.example")
    assert SAID["member.mails"] not in (await reader.get(here)).text


async def test_a_members_page_says_how_badges_came_and_went(service: Outside) -> None:
    member, owner = await member_of(service), await joined(service, name="Ada <i>")
    form = form_of((await owner.get(f"/console/members/{member}")).text)
    for path, reason in (("badges", "a great talk"), ("badges/voice/take", HOSTILE), ("badges", "after all")):
        sent = {"form": form, "once": str(uuid.uuid4()), "badge": "voice", "award_key": "", "reason": reason}
        assert (await owner.post(f"/console/members/{member}/{path}", data=sent)).status_code == 303
    here = f"/console/members/{member}?part=standing"
    raw = (await owner.get(here)).text.partition(SAID["member.badge-path"])[2]
    page = html.unescape(raw)
    told = [page.find(text) for text in ("after all", HOSTILE, "a great talk")]
    assert -1 not in told and told == sorted(told), "the newest first"
    assert raw.count("Ada &lt;i&gt;") == 3 and SAID["badge.revoked"] in page and HOSTILE not in raw
    reader = await joined(service, Role.READ_ONLY, "eve@shop.example")
    theirs = (await reader.get(here)).text
    assert SAID["badge.revoked"] in theirs and "a great talk" not in theirs and "Ada &lt;" not in theirs
