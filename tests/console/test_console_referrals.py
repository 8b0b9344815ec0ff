"""The console's pages of referrals: how far friends come, and all of them with their signs in words."""

from __future__ import annotations

import re
import uuid

import pytest

from connector import clock
from connector.people import referrals
from connector.people.actors import Actor
from connector.programmes.figures import count_figures
from connector.routes import console_referrals
from connector.storage import walks
from connector.storage.atomic import atomic
from connector.storage.figures import ReferralSums
from connector.storage.people import Person, save_people
from connector.storage.programmes import load_programmes
from connector.storage.tallies import count_codes
from loyalty_engine.days import local_day
from tests.builders import KEYS
from tests.connector.other_merchant import stranger_of
from tests.console.test_console_queues import FLAT, SAID, Desk, desk, referred
from tests.console.visiting import HOSTILE, page_of

__all__ = ["desk"]
ADA = Actor("ada", "console", "Ada")


async def counted(desk: Desk) -> ReferralSums:
    found = await count_figures(desk.service.service.database, desk.programme, "Europe/Berlin", clock.utc_now())
    assert found.figures.referrals is not None
    return found.figures.referrals


async def test_the_funnel_counts_each_friend_in_the_month_in_which_they_came(desk: Desk) -> None:
    reader = await desk.browser("read-only")
    assert SAID["home.not-counted"] in (await page_of(reader, "/console/referrals")).said
    await referred(desk)
    sums = await counted(desk)
    month = local_day(clock.utc_now(), "Europe/Berlin").isoformat()[:7]
    assert sums.codes == 1 and sums.signs["same-household"] == {"review": 1}
    assert sums.months == {month: {"joined": 1, "qualified": 1, "completed": 0, "review": 1, "refused": 0, "void": 0}}
    read = await page_of(reader, "/console/referrals")
    assert month in read.said and SAID["sign.same-household"] in read.said and SAID["home.counted"] in read.said
    html = (await reader.get("/console/referrals")).text
    assert re.search(r"<rect class=\"block s1\"[^>]*><title>[^<]*: Friends who joined 1</title>", html)


async def test_all_are_listed_with_signs_in_words_and_who_it_is_for_support(desk: Desk) -> None:
    friend = await referred(desk)
    pipeline = desk.service.service.pipeline
    await referrals.refuse(pipeline, desk.programme, friend, ADA, f"twins {HOSTILE}")
    people = {friend: Person(first_name="Grace <b>")}
    await atomic(
        desk.service.service.database,
        lambda session: save_people(session, KEYS, desk.programme, people, clock.utc_now()),
    )
    browser = await desk.browser("support")
    read = await page_of(browser, "/console/referrals/list")
    assert "Grace <b>" in read.said and SAID["sign.same-phone"] in read.said
    assert f"{SAID['funnel.refused-by-hand']} twins {HOSTILE}" in read.said
    reader = await page_of(await desk.browser("read-only"), "/console/referrals/list")
    assert "Grace" not in reader.said and "twins" not in reader.said and SAID["referred.refused"] in reader.said
    for query, is_found in (("refused", True), ("completed", False), ("x", True), ("%00", True)):
        text = (await browser.get(f"/console/referrals/list?state={query}")).text
        assert (str(uuid.UUID(friend)) in text) is is_found, query
        assert is_found or SAID["funnel.none"] in text


async def test_the_next_page_goes_on_and_a_long_look_says_how_far(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = desk.service.service.pipeline
    await desk.town.join(7, 8, 9, 10)
    code = await referrals.own_code(pipeline, desk.programme, desk.town.members[7], FLAT)
    friends = [desk.town.members[customer] for customer in (8, 9, 10)]
    for friend in friends:
        await referrals.register_friend(pipeline, desk.programme, friend, code, FLAT)
    public = [str(uuid.UUID(friend)) for friend in friends]
    monkeypatch.setattr(console_referrals, "ROWS", 2)
    browser = await desk.browser()
    first = (await browser.get("/console/referrals/list")).text
    assert [one in first for one in public] == [False, True, True]
    after = first.split("after=")[1].split('"')[0]
    older = (await browser.get(f"/console/referrals/list?after={after}")).text
    assert [one in older for one in public] == [True, False, False] and "after=" not in older
    sql = "UPDATE referral SET referral_state = 'void' WHERE friend_id = $1"
    await atomic(desk.service.service.database, lambda session: session.run(sql, friends[0]))
    monkeypatch.setattr(walks, "WALK", 2)
    looked = (await browser.get("/console/referrals/list?state=void")).text
    assert public[0] not in looked and "Looked back to" in looked
    after = looked.split("after=")[1].split('"')[0]
    assert public[0] in (await browser.get(f"/console/referrals/list?state=void&after={after}")).text


async def test_a_sign_that_nobody_knows_is_shown_as_it_is(desk: Desk) -> None:
    await referred(desk)
    odd = '[{"code": "new-sign", "weight": 1, "numbers": {}}, {"code": "friend-not-new", "weight": 1, "numbers": {}}]'
    await atomic(desk.service.service.database, lambda session: session.run("UPDATE referral SET reasons = $1", odd))
    await counted(desk)
    for path in ("/console/referrals", "/console/referrals/list"):
        said = (await page_of(await desk.browser(), path)).said
        assert "new-sign" in said and SAID["funnel.friend-not-new"] in said, path


async def test_nothing_of_another_programme_is_seen_or_counted(desk: Desk) -> None:
    friend = await referred(desk)
    stranger = await stranger_of(desk.service)
    database = desk.service.service.database
    other = max(await load_programmes(database.reading()))
    found = await count_figures(database, other, "Europe/Berlin", clock.utc_now())
    assert found.figures.referrals == ReferralSums() and await count_codes(database.reading(), other) == 0
    for path in ("/console/referrals", "/console/referrals/list"):
        said = (await page_of(stranger, path)).said
        assert friend[:8] not in said and SAID["sign.same-household"] not in said
