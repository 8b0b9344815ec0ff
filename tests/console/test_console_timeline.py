"""A member's timeline: everything in one order, nothing twice, nothing lost, and no more read than is shown."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.console.words import TABLES
from connector.routes.console_timeline import LINES
from connector.storage.session import Session
from connector.storage.shards import member_shard
from connector.storage.timeline import (
    KINDS,
    ROADS,
    Happening,
    Place,
    Timeline,
    merged,
    places_of,
    text_of_places,
    timeline_of,
)
from tests.builders import opened
from tests.connector.outside import Outside, order_body
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.test_console_member_acts import sent
from tests.console.visiting import member_of, signed_in
from tests.storage.plans import plan_of

MEMBER = "0" * 31 + "7"
LOTS = 5_000
SAID = TABLES["en"]
_LINE = re.compile(r'<span class="why"><bdi>(.*?)</bdi>.*?<a href="([^"]*)"', re.DOTALL)


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    plugin = await plugin_of(service)
    for number in range(5123, 5126):
        assert (await service.deliver("woocommerce", order_body("woocommerce", number, 1000))).status_code == 200
    await service.work()
    return plugin


# One table's rows in its own order: by number, or by moment and id. Few moments, so that many agree.
MOMENTS = st.lists(st.integers(0, 4), max_size=12)


def rows_of(road: str, moments: Sequence[int]) -> list[Happening]:
    ordered = sorted(moments, reverse=True)
    if ROADS[road].id:
        keyed = sorted(((at, f"{n:02}") for n, at in enumerate(ordered)), reverse=True)
        return [Happening(road, at, (at, key), {}) for at, key in keyed]
    count = len(ordered)
    return [Happening(road, at, (count - n, ""), {}) for n, at in enumerate(ordered)]


def after(rows: Sequence[Happening], place: Place | None, limit: int) -> list[Happening]:
    """What a table gives: rows below the place, no more than the limit."""
    return [one for one in rows if place is None or one.place < place][:limit]


@given(st.fixed_dictionaries({road: MOMENTS for road in ROADS}), st.integers(1, 7))
def test_pages_double_nothing_and_lose_nothing(moments: dict[str, list[int]], size: int) -> None:
    tables = {road: rows_of(road, given_) for road, given_ in moments.items()}
    places: dict[str, Place] | None = {}
    seen: list[Happening] = []
    while places is not None:
        page: Timeline = merged([after(tables[road], places.get(road), size + 1) for road in ROADS], places, size)
        assert len(page.lines) == size or page.places is None
        seen += page.lines
        places = places_of(text_of_places(page.places)) if page.places else None
    assert sorted((one.road, one.place) for one in seen) == sorted(
        (one.road, one.place) for rows in tables.values() for one in rows
    )
    assert all(one.at_us >= other.at_us for one, other in itertools.pairwise(seen))
    ranks = list(ROADS)
    agreeing = [(one, other) for one, other in itertools.pairwise(seen) if one.at_us == other.at_us]
    assert all(ranks.index(one.road) <= ranks.index(other.road) for one, other in agreeing)


async def fill(session: Session) -> None:
    """A member with thousands of entries, each of a source, and some of everything else, at moments that agree."""
    shard = member_shard(MEMBER)
    hers: list[Any] = [shard, MEMBER]
    await session.many(
        "INSERT INTO entry (shard, member_id, n, programme_number, kind, points, source_ref, source_n, "
        "programme_version, book_date, recorded_at_us, digest, entry_hash) "
        "VALUES ($1, $2, $3, 1, 'earn', 1, $4, 1, 1, '2026-01-01', $5, $6, $6)",
        [[*hers, n, f"shopify:1:order:{n}", n // 3, b"0"] for n in range(1, LOTS + 1)],
    )
    await session.many(
        "INSERT INTO context (shard, member_id, source_ref, programme_version, enrolled_at_us, paid_at_us, "
        "matures_at_us, decided_at_us, seal) VALUES ($1, $2, $3, 1, 0, $4, 0, 0, $5)",
        [[*hers, f"shopify:1:order:{n}", n // 2, b"0"] for n in range(1, LOTS + 1)],
    )
    await session.many(
        "INSERT INTO reason (shard, member_id, source_ref, kind, body_text, decided_at_us) "
        "VALUES ($1, $2, $3, 'none', '{}', $4)",
        [[*hers, f"shopify:1:order:{n}", n // 5] for n in range(1, LOTS // 10)],
    )
    await session.many(
        "INSERT INTO tier_change (shard, member_id, n, programme_number, tier, cause, at_us, programme_version, "
        "metric, value, threshold, actor) VALUES ($1, $2, $3, 1, 'gold', 'reached', $4, 1, '', 0, 0, 'system')",
        [[*hers, n, n * 100] for n in range(1, 12)],
    )


async def test_a_page_reads_of_each_table_what_it_shows_and_no_more(prepared_database_url: str) -> None:
    async with opened(prepared_database_url) as database:
        session = Session(database.writer, database.dialect)
        await fill(session)
        asked: list[tuple[str, tuple[Any, ...], int]] = []
        reading = database.reading()
        rows = reading.rows

        async def watched(sql: str, *values: Any) -> Any:
            found = await rows(sql, *values)
            asked.append((sql, values, len(found)))
            return found

        reading.rows = watched  # type: ignore[method-assign]
        seen: list[Happening] = []
        places: dict[str, Place] = {}
        for _ in range(40):
            asked.clear()
            page = await timeline_of(reading, MEMBER, "", places, LINES)
            assert len(asked) == len(ROADS)
            assert all(count <= LINES + 1 for *_, count in asked)
            seen += page.lines
            assert page.places is not None
            places = places_of(text_of_places(page.places))
        assert len({(one.road, one.place) for one in seen}) == 40 * LINES
        assert all(one.at_us >= other.at_us for one, other in itertools.pairwise(seen))
        # Of members there is one row.
        for sql, values, _ in (one for one in asked if "FROM member " not in one[0]):
            plan = await plan_of(prepared_database_url, sql, values)
            assert "TEMP B-TREE" not in plan and "Sort" not in plan and "SCAN t" not in plan, plan
    alone = [road for roads in list(KINDS.values())[1:] for road in roads]
    assert sorted(alone) == sorted(set(ROADS) - {"joined"})


async def test_the_timeline_says_what_happened_and_leads_to_why(service: Outside, plugin: Plugin) -> None:
    browser, member = await signed_in(service, plugin), await member_of(service)
    assert (await sent(browser, f"/console/members/{member}/adjust", points="50")).status_code == 303
    here = f"/console/members/{member}?part=timeline"
    answer = await browser.get(here)
    assert answer.status_code == 200
    lines = [(html.unescape(text), html.unescape(why)) for text, why in _LINE.findall(answer.text)]
    said = " ".join(text for text, _ in lines)
    assert SAID["timeline.joined"] in said and said.count("points for order") == 3
    for text, why in lines:
        assert (await browser.get(why)).status_code == 200, (text, why)
    points = [text for text, _ in _LINE.findall((await browser.get(f"{here}&kind=points")).text)]
    assert len(points) == 4 and SAID["timeline.joined"] not in points
    assert SAID["timeline.none"] in (await browser.get(f"{here}&kind=rewards")).text


@pytest.mark.parametrize("after", ["x", "{}", '{"entry":[99999999999999,""]}', '{"source":[1,"a\\u0000"]}', "[" * 5000])
async def test_a_place_that_nobody_gave_is_the_beginning_or_an_end(
    service: Outside, plugin: Plugin, after: str
) -> None:
    browser = await signed_in(service, plugin)
    here = f"/console/members/{await member_of(service)}"
    answer = await browser.get(here, params={"part": "timeline", "after": after, "kind": "teapots"})
    assert answer.status_code == 200 and SAID["timeline.joined"] in answer.text
