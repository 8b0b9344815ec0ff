"""Previews that no request waits for: asked for, worked out in the background, kept by their question."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tortoise.exceptions import OperationalError

from connector import clock
from connector.access.auth import READ_PROGRAMME, WRITE_PROGRAMME, create_api_key
from connector.people.actors import Actor
from connector.programmes import previews
from connector.programmes.previewing import Effect, effects_of
from connector.programmes.previews import AT_ONCE, Previews, asked_of
from connector.programmes.publishing import withdraw
from connector.running.pruning import KEEP_PREVIEWS, forget_old_keys
from connector.running.scheduler import go_on_with_previews
from connector.storage import candidates
from connector.storage.atomic import atomic
from connector.storage.previews import (
    DEAD_AFTER,
    HOLDS_FOR,
    OPEN_MAX,
    Preview,
    Question,
    ask,
    claim_preview,
    find_preview,
    note_preview,
)
from connector.storage.programmes import create_programme, publish_version
from tests.builders import NOW, OPENED
from tests.connector.outside import Outside, order_body, outside
from tests.operating.test_previewing import NEW, OLD, PATH, SPENT

VERSIONS = "/v1/programme/versions"
WHY = {"actor": "Ida", "reason": "spring"}


@pytest.fixture
async def made(prepared_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Outside]:
    monkeypatch.setattr(candidates, "PAGE", 2)
    async with outside(prepared_database_url, tmp_path, OLD) as found:
        for customer, euros in SPENT.items():
            await found.deliver("woocommerce", order_body("woocommerce", customer, euros * 100, customer))
        await found.work()
        yield found


def number_of(made: Outside) -> int:
    return made.connections["woocommerce"].programme_number


async def key(made: Outside, programme: int = 0) -> dict[str, str]:
    number, scopes = programme or number_of(made), frozenset({READ_PROGRAMME, WRITE_PROGRAMME})
    whole = await atomic(made.service.database, lambda s: create_api_key(s, number, "desk", NOW, scopes, "ida"))
    return {"Authorization": f"Bearer {whole}"}


async def question(made: Outside, document: Any = NEW) -> Question:
    session = made.service.database.reading()
    return (await asked_of(session, number_of(made), document, None)).question


async def kept(made: Outside, asked: Question) -> Preview:
    found = await find_preview(made.service.database.reading(), asked.programme_number, asked.preview_id)
    assert found is not None
    return found


async def by_nobody(made: Outside, asked: Question) -> Preview | None:
    """It is asked for where nobody works anything out."""
    return await atomic(made.service.database, lambda session: ask(session, asked, clock.utc_now()))


async def run(made: Outside, sql: str, *values: Any) -> None:
    await atomic(made.service.database, lambda session: session.run(sql, *values))


async def claimed(made: Outside, ago: timedelta = timedelta(0)) -> Preview:
    found = await atomic(made.service.database, lambda session: claim_preview(session, clock.utc_now() - ago))
    assert found is not None
    return found


async def test_what_takes_longer_than_a_request_waits_has_an_address(
    made: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "PATIENCE_SECONDS", 0)
    headers = await key(made)
    begun = await made.http.post(PATH, json={"document": NEW}, headers=headers)
    assert (begun.status_code, begun.headers["retry-after"]) == (202, "3"), begun.text
    address = begun.headers["location"]
    assert begun.json() == {"preview": address.rpartition("/")[2], "done": 0, "total": 0}
    # Nothing is published on what is not known yet.
    early = await made.http.post(VERSIONS, json={"document": NEW, "after": 1, **WHY}, headers=headers)
    assert (early.status_code, early.json()["code"]) == (409, "preview-runs"), early.text
    await made.service.previews.go_on()
    found = await made.http.get(address, headers=headers)
    assert (found.status_code, found.json()["tiers"]["down"]) == (200, 1), found.text
    again = await made.http.post(PATH, json={"document": NEW}, headers=headers)
    assert (again.status_code, again.json()) == (200, found.json())
    assert await made.number("SELECT count(*) FROM programme_preview") == 1
    asked = await made.http.post(VERSIONS, json={"document": NEW, "after": 1, **WHY}, headers=headers)
    assert (asked.json()["code"], asked.json()["numbers"]) == ("takes-standing", {"tiers": 1, "badges": 0})
    assert await made.number("SELECT count(*) FROM programme_version") == 1


async def test_a_preview_of_another_programme_is_not_there(made: Outside) -> None:
    asked = await question(made)
    assert await by_nobody(made, asked) is not None
    other = await atomic(made.service.database, lambda session: create_programme(session, OLD, OPENED, OPENED))
    strangers, own = await key(made, other), await key(made)
    path = f"{PATH}s/{asked.preview_id}"
    assert (await made.http.get(path, headers=strangers)).status_code == 404
    assert (await made.http.get(path, headers=own)).status_code == 202


async def test_so_many_at_once_and_then_the_next_waits(made: Outside) -> None:
    for spend in range(OPEN_MAX):
        edited = {**NEW, "tiers": [*NEW["tiers"][:2], {**NEW["tiers"][2], "qualify": {"spend": 700 + spend}}]}
        assert await by_nobody(made, await question(made, edited)) is not None
    headers = await key(made)
    busy = await made.http.post(PATH, json={"document": NEW}, headers=headers)
    assert (busy.status_code, busy.headers["retry-after"]) == (409, "30")
    assert await made.service.previews.go_on() == OPEN_MAX
    assert (await made.http.post(PATH, json={"document": NEW}, headers=headers)).status_code == 200


async def test_an_edit_takes_the_place_of_what_was_asked_of_its_draft(made: Outside) -> None:
    """Nobody waits for an older text, and whoever is at it finds it gone."""
    before, after = [
        replace(await question(made, {**NEW, "programme": {**NEW["programme"], "name": name}}), draft_id="mine")
        for name in ("First", "Second")
    ]
    assert await by_nobody(made, before) is not None
    mine = await claimed(made)
    assert await by_nobody(made, after) is not None
    now = clock.utc_now()
    assert not await atomic(made.service.database, lambda session: note_preview(session, mine, 1, 3, now))
    assert (await claimed(made)).preview_id == after.preview_id


async def test_keys_that_ask_much_keep_nobody_from_a_draft(made: Outside) -> None:
    for spend in range(OPEN_MAX):
        document = {**NEW, "programme": {**NEW["programme"], "name": f"Asked {spend}"}}
        assert await by_nobody(made, await question(made, document)) is not None
    assert await by_nobody(made, await question(made)) is None
    assert await by_nobody(made, replace(await question(made), draft_id="mine")) is not None


async def test_whoever_stops_half_way_leaves_it_to_the_next(made: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is stopped after its first page of members; another one begins anew, and finishes."""
    asked, service = await question(made), made.service
    await by_nobody(made, asked)
    first, reached = Previews(service.database), asyncio.Event()

    async def slowly(*given: Any) -> AsyncIterator[Effect]:
        async for found in effects_of(*given):
            yield found
            if found.members:
                reached.set()
                await asyncio.sleep(60)

    monkeypatch.setattr(previews, "effects_of", slowly)
    going = asyncio.ensure_future(first.go_on())
    await reached.wait()
    await first.close()
    await asyncio.wait([going])
    monkeypatch.setattr(previews, "effects_of", effects_of)
    left = await kept(made, asked)
    assert (left.is_open, left.found, left.done) == (True, None, 2)
    assert await go_on_with_previews(service) == "1 previews"
    done = await kept(made, asked)
    assert (done.done, done.total, done.is_open, done.problem) == (6, 6, False, None)
    assert done.found is not None and done.found["tiers"]["up"] == 2


async def test_of_a_killed_process_it_is_taken_over_when_nobody_hears_of_it(made: Outside) -> None:
    asked = await question(made)
    await by_nobody(made, asked)
    dead = await claimed(made, ago=DEAD_AFTER - timedelta(minutes=1))
    assert await made.service.previews.go_on() == 0, "it may be alive"
    await run(made, "UPDATE programme_preview SET alive_at_us = alive_at_us - $1", 2 * 60 * 1_000_000)
    assert await made.service.previews.go_on() == 1
    assert (await kept(made, asked)).found is not None
    # Were it alive after all, what it says now is of no use to anybody.
    now = clock.utc_now()
    assert not await atomic(made.service.database, lambda session: note_preview(session, dead, 1, 6, now))


async def test_another_document_version_or_day_is_another_question(made: Outside) -> None:
    asked = await question(made)
    found = await made.service.previews.ask(asked)
    assert found is not None and found.holds(clock.utc_now())
    assert not found.holds(clock.utc_now() + HOLDS_FOR)
    edited = {**NEW, "tiers": [*NEW["tiers"][:2], {**NEW["tiers"][2], "qualify": {"spend": 601}}]}
    assert (await question(made, edited)).preview_id != asked.preview_id
    later = clock.utc_now() + timedelta(days=3)
    session, number = made.service.database.reading(), number_of(made)
    assert (await asked_of(session, number, NEW, later.isoformat())).question.preview_id != asked.preview_id
    await atomic(made.service.database, lambda s: publish_version(s, number, OLD, None, clock.utc_now(), "Ben"))
    assert (await question(made)).preview_id != asked.preview_id
    # What was asked before that version and not worked out is not worked out against another one.
    await run(made, "UPDATE programme_preview SET ended_at_us = NULL, alive_at_us = NULL, found_text = NULL")
    assert await made.service.previews.go_on() == 1
    stale = await kept(made, asked)
    assert (stale.found, stale.problem) == (None, previews.OVERTAKEN)


async def test_what_is_a_day_old_is_worked_out_again(made: Outside) -> None:
    asked = await question(made)
    first = await made.service.previews.ask(asked)
    assert first is not None and first.found is not None
    await run(made, "UPDATE member SET status = 'left'")
    assert await made.service.previews.ask(asked) == first
    await run(
        made, "UPDATE programme_preview SET ended_at_us = ended_at_us - $1", HOLDS_FOR // timedelta(microseconds=1)
    )
    second = await made.service.previews.ask(asked)
    assert second is not None and second.found is not None
    assert (first.found["members"], second.found["members"]) == (6, 0) and first.seen != second.seen


async def test_old_ones_are_swept(made: Outside) -> None:
    asked = await question(made)
    await made.service.previews.ask(asked)
    await forget_old_keys(made.service)
    assert await made.number("SELECT count(*) FROM programme_preview") == 1
    week = KEEP_PREVIEWS // timedelta(microseconds=1)
    await run(made, "UPDATE programme_preview SET asked_at_us = asked_at_us - $1", week)
    await forget_old_keys(made.service)
    assert await made.number("SELECT count(*) FROM programme_preview") == 0


async def test_two_who_ask_the_same_at_once_ask_once(made: Outside) -> None:
    asked = await question(made)
    answers = await asyncio.gather(*(made.service.previews.ask(asked) for _ in range(5)))
    assert {one.seen for one in answers if one is not None} == {(await kept(made, asked)).seen}
    assert await made.number("SELECT count(*) FROM programme_preview") == 1


async def of_another(made: Outside) -> Question:
    """Of a programme without members."""
    other = await atomic(made.service.database, lambda session: create_programme(session, OLD, OPENED, OPENED))
    return (await asked_of(made.service.database.reading(), other, NEW, None)).question


async def test_programmes_take_turns(made: Outside) -> None:
    """Who has few members does not wait for who has many and asked before."""
    many, few = await question(made), await of_another(made)
    assert await by_nobody(made, many) is not None and await by_nobody(made, few) is not None
    assert await made.service.previews.go_on() == 2
    first, second = await kept(made, few), await kept(made, many)
    assert first.ended_at is not None and second.ended_at is not None and first.ended_at < second.ended_at
    assert first.found is not None and second.found is not None and second.found["members"] == 6


async def test_who_asks_while_another_is_under_way_is_answered(made: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    many, few = await question(made), await of_another(made)
    begun, is_answered = asyncio.Event(), False

    async def without_end(database: Any, edit: Any) -> AsyncIterator[Effect]:
        async for found in effects_of(database, edit):
            while edit.number == many.programme_number and not is_answered:
                begun.set()
                yield found
            yield found

    monkeypatch.setattr(previews, "effects_of", without_end)
    monkeypatch.setattr(previews, "PATIENCE_SECONDS", 60)
    assert await by_nobody(made, many) is not None
    going = asyncio.ensure_future(made.service.previews.go_on())
    await begun.wait()
    answer = await made.service.previews.ask(few)
    assert answer is not None and answer.found is not None
    assert (await kept(made, many)).is_open
    is_answered = True
    assert await going == 2
    found = (await kept(made, many)).found
    assert found is not None and found["members"] == 6


async def test_more_programmes_than_take_turns_are_all_answered(made: Outside) -> None:
    asked = [await of_another(made) for _ in range(AT_ONCE + 2)]
    for one in asked:
        assert await by_nobody(made, one) is not None
    assert await made.service.previews.go_on() == AT_ONCE + 2
    assert all([(await kept(made, one)).found is not None for one in asked])


async def test_who_is_stopped_leaves_all_that_took_turns(made: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    both, begun = [await question(made), await of_another(made)], set()
    stopped, reached = Previews(made.service.database), asyncio.Event()

    async def without_end(database: Any, edit: Any) -> AsyncIterator[Effect]:
        async for found in effects_of(database, edit):
            while True:
                begun.add(edit.number)
                if len(begun) == len(both):
                    reached.set()
                yield found

    monkeypatch.setattr(previews, "effects_of", without_end)
    for one in both:
        assert await by_nobody(made, one) is not None
    going = asyncio.ensure_future(stopped.go_on())
    await reached.wait()
    await stopped.close()
    await asyncio.wait([going])
    assert await made.number("SELECT count(*) FROM programme_preview WHERE alive_at_us IS NOT NULL") == 0
    monkeypatch.setattr(previews, "effects_of", effects_of)
    assert await made.service.previews.go_on() == 2


async def test_a_withdrawal_forgets_what_was_found_beside_the_version(made: Outside) -> None:
    """Defect seen: an answer that reckoned with a version that never begins was given for a day."""
    number, service = number_of(made), made.service
    begins = clock.utc_now() + timedelta(days=2)
    early = begins - timedelta(days=1)
    await atomic(service.database, lambda s: publish_version(s, number, OLD, early, clock.utc_now(), "Ben"))
    await atomic(service.database, lambda s: publish_version(s, number, OLD, begins, clock.utc_now(), "Ben"))
    asked, other = await question(made), await of_another(made)
    assert await service.previews.ask(asked) is not None and await service.previews.ask(other) is not None
    await run(made, "UPDATE programme_preview SET ended_at_us = NULL, alive_at_us = NULL, found_text = NULL")
    mine = await claimed(made)
    await withdraw(service.database, number, 2, Actor("ida", "command", "Ida"), "a mistake")
    rows = await made.rows("SELECT programme_number FROM programme_preview")
    assert [row["programme_number"] for row in rows] == [other.programme_number]
    now = clock.utc_now()
    assert not await atomic(service.database, lambda session: note_preview(session, mine, 1, 6, now))


async def test_an_outage_ends_no_preview_and_the_others_go_on(made: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect seen: one whose database failed for a moment was never worked out."""
    broken, other = await question(made), await of_another(made)

    async def failing(database: Any, edit: Any) -> AsyncIterator[Effect]:
        if edit.number == broken.programme_number:
            raise OperationalError("the connection was closed")
        async for found in effects_of(database, edit):
            yield found

    monkeypatch.setattr(previews, "effects_of", failing)
    for one in (broken, other):
        assert await by_nobody(made, one) is not None
    assert await made.service.previews.go_on() == 1
    assert (await kept(made, other)).found is not None and (await kept(made, broken)).is_open
    monkeypatch.setattr(previews, "effects_of", effects_of)
    assert await made.service.previews.go_on() == 1, "at once, and not once it is missed"
    assert (await kept(made, broken)).found is not None


async def test_who_cannot_even_say_that_it_leaves_says_so_at_the_next_look(
    made: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Defect seen: after an outage all that took turns waited for three minutes."""
    both, is_away = [await question(made), await of_another(made)], True

    def fails(what: Any) -> Any:
        async def tried(*given: Any, **more: Any) -> Any:
            if is_away:
                raise OperationalError("the connection was closed")
            return await what(*given, **more)

        return tried

    for name in ("note_preview", "leave_preview"):
        monkeypatch.setattr(previews, name, fails(getattr(previews, name)))
    for one in both:
        assert await by_nobody(made, one) is not None
    with pytest.raises(OperationalError):
        await made.service.previews.go_on()
    assert await made.number("SELECT count(*) FROM programme_preview WHERE alive_at_us IS NOT NULL") == 2
    is_away = False
    assert await made.service.previews.go_on() == 2
    assert all([(await kept(made, one)).found is not None for one in both])
