"""Moments in the console stand on the programme's clock, and say how far that is from UTC."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector import console
from connector.console.moments import day_shown, moment_shown, moment_text
from connector.console.words import TABLES, saying
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from tests.connector.outside import Outside, outside
from tests.console.console_people import hurried, joined
from tests.console.test_audit_log import ADA
from tests.console.visiting import PUBLIC

HERE = Path(console.__file__).parent
FIRST, SECOND = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, 59, tzinfo=UTC)
"""One hour apart, and on one and the same time of Berlin's clocks, which are put back in between."""


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield hurried(found)
        found.service.passwords.close()


@pytest.mark.parametrize(
    ("moment", "zone", "said"),
    [
        (FIRST, "Europe/Berlin", "2026-10-25 02:30 UTC+2"),
        (SECOND, "Europe/Berlin", "2026-10-25 02:30 UTC+1"),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "Europe/Berlin", "2026-03-29 01:59 UTC+1"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "Europe/Berlin", "2026-03-29 03:00 UTC+2"),
        (FIRST, "UTC", "2026-10-25 00:30 UTC"),
        (datetime(2026, 12, 31, 20, 0, tzinfo=UTC), "Asia/Kolkata", "2027-01-01 01:30 UTC+5:30"),
        (datetime(2026, 1, 1, 2, 0, tzinfo=UTC), "America/St_Johns", "2025-12-31 22:30 UTC−3:30"),
        (FIRST, "Asia/Shanghai", "2026-10-25 08:30 UTC+8"),
    ],
)
def test_a_moment_is_told_by_the_clock_of_its_zone(moment: datetime, zone: str, said: str) -> None:
    assert moment_text(moment, zone) == said
    assert moment_shown(moment, zone).endswith(f">{said}</time>")
    assert day_shown(moment, zone).endswith(f">{said[:10]}</time>")
    for shown in (moment_shown(moment, zone), day_shown(moment, zone)):
        assert f'datetime="{moment:%Y-%m-%dT%H:%M:%S}Z"' in shown


async def test_pages_tell_two_moments_of_one_local_time_apart_and_files_stay_in_utc(service: Outside) -> None:
    deeds = [ProgrammeDeed(1, Act.KEY_REVOKE, ADA, at, {"key": "bk_1"}) for at in (FIRST, SECOND)]
    await atomic(service.service.database, lambda session: note_programme_deeds(session, deeds))
    owner = await joined(service)
    html = (await owner.get("/console/audit?kind=key-revoke")).text
    assert re.findall(r'<time class="when" datetime="([^"]+)">([^<]+)</time>', html) == [
        ("2026-10-25T01:30:59Z", "2026-10-25 02:30 UTC+1"),
        ("2026-10-25T00:30:00Z", "2026-10-25 02:30 UTC+2"),
    ]
    rows = csv.DictReader(io.StringIO((await owner.get("/console/audit.csv?kind=key-revoke")).text))
    assert [row["at"] for row in rows] == [SECOND.isoformat(), FIRST.isoformat()]
    people = (await owner.get("/console/settings/people")).text
    assert re.search(r'<time class="when" datetime="[0-9TZ:-]{20}">[0-9: -]{16} UTC\+[12]</time>', people)


def test_no_page_writes_a_moment_in_any_other_way() -> None:
    for file in (HERE / "templates").glob("*.html"):
        text = file.read_text("utf-8")
        assert "strftime" not in text and "UTC" not in text, file.name
    for language, words in TABLES.items():
        assert not [key for key, text in words.items() if "UTC" in text], language


def test_a_moment_in_a_sentence_stays_a_moment_and_nothing_else_in_it_becomes_markup() -> None:
    shown = saying("en")("people.given-once", at=moment_shown(FIRST, "UTC"))
    assert str(shown).count("<time ") == 1 and hasattr(shown, "__html__")
    mixed = saying("en")("books.by", who=moment_shown(FIRST, "UTC"), why="<b>")
    assert "&lt;b&gt;" in str(mixed)
