"""The audit log: everything that people did, in words, newest first, for whoever may see it; and its file."""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector import clock
from connector.access.console import Role
from connector.commands.noted import run_noted
from connector.console.words import TABLES
from connector.people.actors import SHOPPER, SYSTEM, Actor
from connector.storage import walks
from connector.storage.atomic import atomic
from connector.storage.audit import Act, Deed, ProgrammeDeed, note_deeds, note_programme_deeds
from connector.storage.deed_log import Asked, Logged, Place, page_of_log
from connector.storage.instants import micros
from connector.storage.programmes import create_programme
from connector.storage.session import Row, Session
from connector.storage.shards import programme_shard
from tests.builders import DOCUMENT, OPENED
from tests.connector.outside import Outside, order_body, outside
from tests.console.console_people import form_of, hurried, joined
from tests.console.visiting import PUBLIC, page_of

SAID = TABLES["en"]
ADA = Actor("ada@shop.example", "console", "Ada <b>")
HOSTILE = '=HYPERLINK("https://evil.example")<script>'
AUDIT = "/console/audit"


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield hurried(found)
        found.service.passwords.close()


async def member_of(service: Outside) -> str:
    await service.deliver("woocommerce", order_body("woocommerce", 5123, 1000))
    await service.work()
    return str((await service.rows("SELECT member_id FROM member WHERE programme_number = 1"))[0]["member_id"])


async def noted(service: Outside, member: str, act: Act, actor: Actor = ADA, reason: str = "", **told: object) -> None:
    deed = Deed(member, 1, act, actor, reason, clock.utc_now(), told)
    await atomic(service.service.database, lambda session: note_deeds(session, [deed]))


async def walked(service: Outside, asked: Asked, limit: int, number: int = 1) -> list[Logged]:
    """Every page of the log."""
    found: list[Logged] = []
    place: Place | None = None
    while True:
        session = service.service.database.reading()
        made = await page_of_log(session, number, asked, place, limit)
        found, place = found + made.rows, made.next_place
        if place is None:
            return found
        assert len(made.rows) == limit or (made.reached is not None and len(made.rows) < limit)


async def acts_of(browser: httpx.AsyncClient, query: str = "") -> list[str]:
    """What the rows of the page say was done."""
    html = (await browser.get(f"{AUDIT}{query}")).text
    return re.findall(r"<strong>([^<]+)</strong>", html.partition('<ol class="entries">')[2])


async def test_what_people_did_is_told_in_words_with_who_and_why(service: Outside) -> None:
    member = await member_of(service)
    await noted(service, member, Act.ADJUST, reason=HOSTILE, points=120, adjust="a1")
    await noted(service, member, Act.BLOCK, before="active", after="blocked")
    owner = await joined(service)
    read = await page_of(owner, AUDIT)
    assert SAID["act.adjust"] in read.said and SAID["act.block"] in read.said
    assert "Ada <b>" in read.said and HOSTILE in read.said, "as it was written, and escaped"
    assert "active → blocked" in read.said and "120" in read.said
    page = (await owner.get(AUDIT)).text
    assert f'href="/console/members/{member}"' in page
    assert "<script>alert" not in page and "<b>" not in page.partition('<ol class="entries">')[2]
    assert SAID["act.enrol"] not in await acts_of(owner), "what the programme does by itself is no one's act"
    own = (await owner.get(f"/console/members/{member}?part=audit")).text
    assert SAID["act.adjust"] in own and SAID["act.enrol"] in own, "on the member's own page, all of it"


async def test_a_verdict_on_a_badge_tells_its_grade_and_an_appointment_the_level(service: Outside) -> None:
    member = await member_of(service)
    await noted(service, member, Act.AWARD_ACCEPT, subject="voice", award_key="", level="bronze")
    await noted(service, member, Act.LEVEL_APPOINT, level="guide")
    said = (await page_of(await joined(service), AUDIT)).said
    assert re.search(rf"{SAID['detail.grade']}\W+Bronze", said), said
    assert re.search(rf"{SAID['detail.level']}\W+guide", said), said


async def test_names_and_reasons_are_not_for_everybody(service: Outside) -> None:
    member = await member_of(service)
    await noted(service, member, Act.ADJUST, reason="because of Ben", points=5)
    reader = await joined(service, Role.READ_ONLY, "eve@shop.example")
    for query in ("", "?who=Ada"):
        html = (await reader.get(f"{AUDIT}{query}")).text
        assert SAID["act.adjust"] in await acts_of(reader, query), "asking for a name finds out nothing"
        assert "Ada" not in html.partition('<ol class="entries">')[2] and "because of Ben" not in html
        assert "audit.csv" not in html
    assert (await reader.get(f"{AUDIT}.csv")).status_code == 403
    support = await joined(service, Role.SUPPORT, "sue@shop.example")
    assert "because of Ben" in (await support.get(AUDIT)).text
    assert (await support.get(f"{AUDIT}.csv")).status_code == 403


async def test_filters_leave_what_was_asked_for(service: Outside) -> None:
    member = await member_of(service)
    ben = Actor("100%_ben@shop.example", "key:bk_1", "Ben")
    await noted(service, member, Act.ADJUST, points=1)
    await noted(service, member, Act.BLOCK, ben)
    await noted(service, member, Act.MAILS, SHOPPER)
    await noted(service, member, Act.BULK_ADJUST, points=7)
    owner = await joined(service)
    adjust, block = SAID["act.adjust"], SAID["act.block"]
    mails, many = SAID["act.mails"], SAID["act.bulk-adjust"]
    assert {adjust, block} < set(await acts_of(owner)) and not {mails, many} & set(await acts_of(owner))
    assert await acts_of(owner, "?who=ADA%20%3C") == [adjust]
    assert await acts_of(owner, "?who=100%25_b") == [block]
    assert await acts_of(owner, "?who=1%25b") == [], "no wildcard of theirs"
    assert await acts_of(owner, "?way=key") == [block]
    assert await acts_of(owner, "?way=shopper") == [mails]
    assert await acts_of(owner, "?kind=adjust") == [adjust]
    assert await acts_of(owner, "?kind=bulk-adjust") == [many], "one by one where that is asked for"
    assert await acts_of(owner, f"?member={uuid.UUID(member)}&kind=block") == [block]
    today = clock.utc_now().date()
    assert adjust in await acts_of(owner, f"?from={today - timedelta(days=1)}&to={today + timedelta(days=1)}")
    assert adjust not in await acts_of(owner, f"?to={today - timedelta(days=2)}")
    assert await acts_of(owner, f"?from={today + timedelta(days=2)}") == []


@pytest.mark.parametrize(
    "query",
    ["member=7", "from=yesterday", "to=9999-12-31", "to=0001-01-01", "kind=nothing", "way=x", "from=2026-02-30"],
)
async def test_filters_that_cannot_be_read_find_nothing_and_take_no_file(service: Outside, query: str) -> None:
    owner = await joined(service)
    answer = await owner.get(f"{AUDIT}?{query}")
    assert answer.status_code == 200 and SAID["audit.none"] in answer.text
    assert (await owner.get(f"{AUDIT}.csv?{query}")).status_code == 404
    assert await service.number("SELECT count(*) FROM programme_deed WHERE act = 'file-taken'") == 0


@pytest.mark.parametrize("place", ["1_", "x", "99999999999999999_m1", "1_~", "-1_m0", "1_m" + "a" * 99])
async def test_a_place_that_is_none_begins_with_the_newest(service: Outside, place: str) -> None:
    await noted(service, await member_of(service), Act.ADJUST, points=1)
    assert SAID["act.adjust"] in await acts_of(await joined(service), f"?after={place}")


async def test_pages_show_every_act_once_wherever_it_was_written(service: Outside) -> None:
    """Members' acts, the programme's, commands, versions and adjustments, many of them at one moment."""
    member, now = await member_of(service), clock.utc_now()
    everyone = {"programme": 1, "segment": '{"everyone": true}', "points": 5, "reason": "thanks", "key": "k"}
    seen = await run_noted(service.service, "bulk-preview", everyone)
    await run_noted(service.service, "bulk-ask", {**everyone, "digest": seen["digest"]})
    await run_noted(service.service, "pause", {"programme": 1, "reason": "stocktaking", "operator": "root"})
    with pytest.raises(Exception, match="connection"):
        await run_noted(service.service, "fix-books", {"connection": "7", "programme": 1, "reason": "x"})

    async def body(session: Session) -> None:
        await note_deeds(session, [Deed(member, 1, Act.ADJUST, ADA, str(n), now, {"points": n}) for n in range(9)])
        await note_programme_deeds(session, [ProgrammeDeed(1, Act.KEY_MAKE, ADA, now, {"days": n}) for n in range(9)])
        await note_deeds(session, [Deed(member, 1, Act.ENROL, SYSTEM, "", now)])

    await atomic(service.service.database, body)
    whole = await walked(service, Asked(), 1000)
    kinds = {one.kind for one in whole}
    assert {"adjust", "key-make", "fix-books", "publish", "pause", "bulk-asked"} <= kinds and "enrol" not in kinds
    assert [one.is_done for one in whole if one.kind == "fix-books"] == [False]
    assert whole == sorted(whole, key=lambda one: -one.at.timestamp())
    for limit in (1, 2, 3, 7):
        assert await walked(service, Asked(), limit) == whole
    mine = await walked(service, Asked(member_id=member), 2)
    assert len([one for one in mine if one.kind == "adjust"]) == 9 and "enrol" in {one.kind for one in mine}


async def test_another_programme_has_a_log_of_its_own(service: Outside) -> None:
    member = await member_of(service)
    await noted(service, member, Act.ADJUST, reason="of ours")
    number = await atomic(service.service.database, lambda session: create_programme(session, DOCUMENT, OPENED, OPENED))
    stranger = await joined(service, Role.OWNER, "theirs@other.example", programme=number)
    html = (await stranger.get(AUDIT)).text
    assert "of ours" not in html and SAID["act.person-join"] in html
    named = (await stranger.get(f"{AUDIT}?member={member}")).text
    assert SAID["audit.none"] in named
    assert "of ours" not in (await stranger.get(f"{AUDIT}.csv?member={member}")).text
    assert {one.kind for one in await walked(service, Asked(), 5, number)} == {
        "person-join", "person-invite", "publish", "file-taken",
    }  # fmt: skip


async def test_a_command_about_a_shop_is_its_programmes(service: Outside) -> None:
    shop = service.connections["woocommerce"]
    await run_noted(
        service.service,
        "fix-books",
        {"connection": shop.public_id, "reason": "the shop is right", "operator": "root"},
    )
    (told,) = [one for one in await walked(service, Asked(way="command"), 5) if one.kind == "fix-books"]
    assert (told.person, told.is_done) == ("root", True)
    assert await walked(service, Asked(way="command", who="ROO"), 5) == [told]
    assert await walked(service, Asked(way="command", who="ada"), 5) == []


async def test_the_file_has_no_formula_and_is_itself_an_act(service: Outside) -> None:
    member = await member_of(service)
    await noted(service, member, Act.ADJUST, Actor("+1@shop.example", "console", "@Ada"), HOSTILE, points=-5)
    owner = await joined(service)
    answer = await owner.get(f"{AUDIT}.csv?kind=adjust")
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["act"], row["what"], row["member"]) == ("adjust", SAID["act.adjust"], member)
    assert (row["reason"], row["who"], row["person"]) == (f"'{HOSTILE}", "'@Ada", "'+1@shop.example")
    assert row["details"] == "points: -5"
    for path in ("/console/members.csv?tag=vip", "/console/books/days.csv"):
        assert (await owner.get(path)).status_code == 200
    rows = await service.rows("SELECT numbers_text FROM programme_deed WHERE act = 'file-taken' ORDER BY at_us")
    assert [row["numbers_text"] for row in rows] == [
        '{"file": "audit", "filters": {"kind": "adjust"}}',
        '{"file": "members", "filters": {"tag": "vip"}}',
        '{"file": "books"}',
    ]
    assert (await acts_of(owner)).count(SAID["act.file-taken"]) == 3
    page = await page_of(owner, f"{AUDIT}?kind=file-taken")
    assert SAID["file.members"] in page.said


async def test_work_on_drafts_is_told_and_leads_to_those_that_are_left(service: Outside) -> None:
    owner = await joined(service)
    form, draft = form_of((await owner.get("/console/programme")).text), str(uuid.uuid4())
    for _ in range(2):
        await owner.post("/console/programme/drafts", data={"form": form, "once": draft, "origin": "version:1"})
    here = f"/console/programme/drafts/{draft}"
    await owner.post(here, data={"form": form, "edits": "0", "text": "{}", "name": "spring"})
    assert f'href="{here}"' in (await owner.get(AUDIT)).text
    await owner.post(f"{here}/drop", data={"form": form})
    acts = await acts_of(owner)
    assert [acts.count(SAID[f"act.draft-{done}"]) for done in ("begin", "save", "drop")] == [1, 1, 1]
    assert f'href="{here}"' not in (await owner.get(AUDIT)).text


FILTERS = (
    Asked(),
    Asked(who="nobody"),
    Asked(way="shopper"),
    Asked(way="key"),
    Asked(way="shopper", kind="mails"),
    Asked(kind="block"),
    Asked(kind="key-make"),
    Asked(kind="bulk-adjust", who="nobody"),
    Asked(who="nobody", since=clock.utc_now() - timedelta(days=1)),
)


async def test_whatever_a_filter_leaves_one_page_reads_so_many_rows_and_no_more(
    service: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each statement is explained by the database itself, with the values it was sent with."""
    monkeypatch.setattr(walks, "WALK", 200)
    await much_done(service)
    session = service.service.database.reading()
    rows, read = session.rows, 0

    async def explained(query: str, *values: object) -> list[Row]:
        nonlocal read
        if " FROM audit t" in query or " FROM programme_deed t" in query:
            read += 1
            if session.dialect == "sqlite":
                plan = " ".join(row["detail"] for row in await rows(f"EXPLAIN QUERY PLAN {query}", *values))
                assert re.search(r"SEARCH t USING (COVERING )?INDEX (audit_of|programme_deed)_\w+ \(", plan), plan
                # Only the last of so many is sorted, which are there already.
                assert "TEMP B-TREE" not in plan.partition("SCAN w")[0], plan
            else:
                (plan_row,) = await rows(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", *values)
                assert most_rows(json.loads(plan_row["QUERY PLAN"])[0]["Plan"]) <= 201, query
        return await rows(query, *values)

    monkeypatch.setattr(session, "rows", explained)
    for asked in FILTERS:
        await page_of_log(session, 1, asked, None, 50)
    assert read >= 2 * len(FILTERS)


def most_rows(plan: dict[str, Any]) -> float:
    """The most rows that one step of a plan looked at, over all of its turns."""
    own: float = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return max([own, *(most_rows(one) for one in plan.get("Plans", []))])


async def much_done(service: Outside) -> None:
    """Thousands of acts of people, of shoppers, of each to many, and of the programme."""
    numbers = "WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < 3000) INSERT INTO"
    columns = "shard, member_id, audit_id, programme_number, act, person, through, at_us, numbers_text"
    kinds = (("adjust", "ada", "console"), ("mails", "shopper", "shopper"), ("bulk-adjust", "ada", "console"))
    now = micros(clock.utc_now())

    async def body(session: Session) -> None:
        for act, person, through in kinds:
            await session.run(
                f"{numbers} audit ({columns}) SELECT n % 64, 'm' || n, '{act}-' || n, 1, '{act}', '{person}', "
                f"'{through}', {now} - n * CAST(60000000 AS BIGINT), '{{}}' FROM k"
            )
        await session.run(
            f"{numbers} programme_deed (shard, programme_number, audit_id, act, person, through, actor, at_us, "
            f"numbers_text) SELECT {programme_shard(1)}, 1, 'd' || n, 'draft-save', 'ada', 'console', 'Ada', "
            f"{now} - n * CAST(60000000 AS BIGINT), '{{}}' FROM k"
        )

    await atomic(service.service.database, body)
    if service.service.database.reading().dialect == "postgresql":
        await service.service.database.reading().run("ANALYZE")


async def test_a_page_that_stopped_early_says_so_and_goes_on_from_there(
    service: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acts of one are found behind those of many others, each once, wherever a page ends."""
    member = await member_of(service)
    ben = Actor("ben@shop.example", "console", "Ben")
    for reason in ("first", "second"):
        await noted(service, member, Act.BLOCK, ben, reason)
        for n in range(5):
            await noted(service, member, Act.ADJUST, points=n)
            await run_noted(service.service, "pause", {"programme": 1, "reason": "x", "operator": "root"})
            await run_noted(service.service, "resume", {"programme": 1, "reason": "x", "operator": "root"})
    owner = await joined(service)
    whole = await acts_of(owner, "?who=ben%40")
    assert whole == [SAID["act.block"]] * 2
    monkeypatch.setattr(walks, "WALK", 2)
    found, query, pages = [], "?who=ben%40", 0
    while query:
        html = (await owner.get(f"{AUDIT}{query}")).text
        found += await acts_of(owner, query)
        said = "Looked back to" in html
        more = re.search(rf'<a href="{AUDIT}(\?[^"]+)" rel="next">', html)
        assert said is (more is not None) and (SAID["audit.none"] in html) is (not found and not said)
        query, pages = unescape(more[1]) if more else "", pages + 1
    assert found == whole and pages > 4
    text = (await owner.get(f"{AUDIT}.csv?who=ben%40")).text
    assert [row["reason"] for row in csv.DictReader(io.StringIO(text))] == ["second", "first"], "the file has them all"
    for limit in (1, 2, 3):
        assert len({one.key for one in await walked(service, Asked(), limit)}) > 12
