"""Endpoints hear what happened: signed, at least once, each by itself, until they take it or a person must look."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from connector.clock import utc_now
from connector.delivering.endpoints import Again, Registered, Which, enable, replay, rotate, state_of, try_out
from connector.delivering.sending import DISABLED_AFTER, LONGEST_REST, PAUSES, Sender, send_batch, send_due
from connector.storage.atomic import atomic
from connector.storage.dead_letters import Range, count_dead_letters, list_dead_letters, put_back
from connector.storage.endpoints import load_endpoints
from connector.storage.instants import instant
from connector.storage.messages import LEASE, claim_messages, prune_messages
from connector.storage.session import Session
from tests.builders import MIA
from tests.connector.receiver import Receiver, answering, listens, receiver, send_all, sender_of
from tests.connector.rewarding import RewardShop, reward_shop


@dataclass
class Told:
    """A shop whose member has 1,000 points, and an endpoint that hears of everything from now on."""

    shop: RewardShop
    sender: Sender
    receiver: Receiver
    made: Registered

    @property
    def which(self) -> Which:
        return Which(self.made.endpoint.public_id, self.shop.front.programme, MIA)

    async def messages(self) -> list[tuple[int, int]]:
        """(state, attempts) of every message, in the order in which they were kept."""
        rows = await self.shop.front.rows("SELECT state, attempts FROM webhook_message ORDER BY message_id")
        return [(row["state"], row["attempts"]) for row in rows]

    async def sentences(self) -> list[str]:
        return state_of((await load_endpoints(self.shop.front.database.reading()))[0])


@pytest.fixture
async def told(prepared_database_url: str) -> AsyncIterator[Told]:
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(reward_shop(prepared_database_url))
        to = await stack.enter_async_context(receiver())
        sender = await stack.enter_async_context(sender_of(shop.front, to))
        yield Told(shop, sender, to, await listens(shop.front, sender, to))


async def test_an_endpoint_verifies_what_it_hears_with_the_published_library(told: Told) -> None:
    told.shop.front.clock.moment = utc_now()
    await told.shop.order(2, 1_000)
    assert await send_all(told.sender) == 1
    [one] = told.receiver.received
    assert Webhook(told.made.secret).verify(one.body, one.headers)["type"] == "points.earned"
    with pytest.raises(WebhookVerificationError):
        Webhook(told.made.secret).verify(one.body.replace(b":10,", b":99,"), one.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + base64.b64encode(bytes(32)).decode()).verify(one.body, one.headers)
    assert one.headers["content-type"] == "application/json" and len(one.body) < 20_000
    assert len(base64.b64decode(told.made.secret.removeprefix("whsec_"))) == 32


async def test_after_a_change_of_secret_both_verify_until_the_old_one_ends(told: Told) -> None:
    new = await rotate(told.sender, told.which, timedelta(hours=2))

    def verifying(number: int) -> list[str]:
        one = told.receiver.received[number]
        content = b".".join((one.id.encode(), one.headers["webhook-timestamp"].encode(), one.body))
        given = one.headers["webhook-signature"].split()
        keys = {name: base64.b64decode(made.secret[6:]) for name, made in (("old", told.made), ("new", new))}
        signed = {n: base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for n, key in keys.items()}
        return [name for name, signature in signed.items() if f"v1,{signature}" in given]

    await told.shop.order(2, 1_000)
    await send_all(told.sender)
    told.shop.front.clock.forward(hours=2, seconds=1)
    await told.shop.order(3, 1_000)
    await send_all(told.sender)
    assert [verifying(0), verifying(1)] == [["old", "new"], ["new"]]


async def test_what_is_not_taken_is_sent_again_after_the_pauses_of_the_standard_and_then_given_up(told: Told) -> None:
    told.receiver.reply = answering(500)
    began = told.shop.front.clock.moment
    await told.shop.order(2, 1_000)
    waited: list[timedelta] = []
    while (await told.messages())[0][0] == 0:
        [row] = await told.shop.front.rows("SELECT next_at_us FROM webhook_message")
        waited.append(instant(row["next_at_us"]) - told.shop.front.clock.moment)
        told.shop.front.clock.moment += waited[-1] - timedelta(microseconds=1)
        assert await send_all(told.sender) == 0
        told.shop.front.clock.moment += timedelta(microseconds=1)
        assert await send_all(told.sender) == 1
    assert waited == list(PAUSES)
    assert len(told.receiver.received) == 10 and len({one.id for one in told.receiver.received}) == 1
    assert len({one.body for one in told.receiver.received}) == 1
    assert len({one.headers["webhook-signature"] for one in told.receiver.received}) == 10
    assert told.shop.front.clock.moment - began < DISABLED_AFTER
    reading = told.shop.front.database.reading()
    [letter] = await list_dead_letters(reading, Range("webhook", told.shop.front.programme))
    assert (letter.about, letter.reason, letter.member_id) == ("points.earned", "HTTP 500", told.shop.member)
    told.receiver.reply = answering(200)
    wanted, now = Range("webhook"), told.shop.front.clock()
    assert await atomic(told.shop.front.database, lambda session: put_back(session, wanted, now)) == 1
    told.shop.front.clock.forward(minutes=5)
    assert await send_all(told.sender) == 1
    assert told.receiver.received[-1].id == told.receiver.received[0].id
    assert (await count_dead_letters(reading))["webhook"] == 0
    assert await told.sentences() == []


async def test_one_that_answers_410_is_disabled_at_once_and_hears_what_waited_when_it_is_enabled(told: Told) -> None:
    told.receiver.reply = answering(410)
    await told.shop.order(2, 1_000)
    await send_all(told.sender)
    [sentence] = await told.sentences()
    assert sentence.startswith("disabled since 2026-11-21 12:00 UTC: It answered HTTP 410")
    told.shop.front.clock.forward(days=3)
    await told.shop.order(3, 1_000)
    assert (await send_all(told.sender), len(told.receiver.received)) == (0, 1)
    told.receiver.reply = answering(200)
    await enable(told.sender, told.which)
    assert await send_all(told.sender) == 2
    assert [state for state, _ in await told.messages()] == [1, 1] and await told.sentences() == []


async def test_one_that_takes_nothing_for_days_is_warned_of_and_then_disabled_with_a_sentence(told: Told) -> None:
    told.receiver.reply = answering(500)
    began = told.shop.front.clock.moment
    number = 2
    while not (await told.sentences() or ["has taken"])[0].startswith("disabled"):
        await told.shop.order(number, 1_000)
        await send_all(told.sender)
        [sentence] = await told.sentences()
        number += 1
        told.shop.front.clock.forward(hours=12)
        assert number < 15
    assert told.shop.front.clock.moment - began >= DISABLED_AFTER
    assert "It has taken nothing for 5 days; the last answer: HTTP 500." in sentence
    seen = len(told.receiver.received)
    told.shop.front.clock.forward(days=1)
    assert (await send_all(told.sender), len(told.receiver.received)) == (0, seen)


async def test_while_one_is_down_its_other_messages_keep_their_attempts(told: Told) -> None:
    """It is left alone for longer and longer, up to five minutes: a long outage must not use up what waits."""
    told.receiver.reply = answering(500)
    for number in range(2, 52):
        await told.shop.order(number, 100)
    assert len(await told.messages()) == 50

    async def hours(count: int) -> None:
        for _ in range(12 * count):
            told.shop.front.clock.forward(minutes=5)
            await send_all(told.sender)

    await hours(8)
    assert max(attempts for _, attempts in await told.messages()) < len(PAUSES) - 3
    assert {state for state, _ in await told.messages()} == {0}
    told.receiver.reply = answering(200)
    told.receiver.received.clear()
    await hours(11)
    assert {state for state, _ in await told.messages()} == {1}
    assert len(told.receiver.received) == len({one.id for one in told.receiver.received}) == 50
    assert LONGEST_REST == timedelta(minutes=5)


@pytest.mark.parametrize(("said", "rests"), [({"retry_after": "120"}, 120), ({}, 60)])
async def test_one_that_asks_us_to_slow_down_is_left_alone_for_so_long(
    told: Told, said: dict[str, str], rests: int
) -> None:
    told.receiver.reply = answering(429, **said)
    await told.shop.order(2, 1_000)
    await send_all(told.sender)
    await told.shop.order(3, 1_000)
    told.shop.front.clock.forward(seconds=rests - 1)
    assert (await send_all(told.sender), len(told.receiver.received)) == (0, 1)
    told.receiver.reply = answering(200)
    told.shop.front.clock.forward(seconds=1)
    assert (await send_all(told.sender), len(told.receiver.received)) == (2, 3)


async def test_one_that_hangs_keeps_no_other_waiting(told: Told) -> None:
    async with receiver() as slow, sender_of(told.shop.front, told.receiver, slow) as sender:
        slow.hangs = True
        await listens(told.shop.front, sender, slow)
        await told.shop.order(2, 1_000)
        while not slow.received or len(told.receiver.received) < 1:
            await send_due(sender)
        for number in range(3, 8):
            await told.shop.order(number, 1_000)
            while len(told.receiver.received) < number - 1:
                await send_due(sender)
        assert len(slow.received) == 1, "it is still busy with its first"
        for task in sender._under_way.values():
            task.cancel()


async def test_an_endpoint_that_leads_somewhere_else_or_into_our_own_network_gets_nothing(told: Told) -> None:
    async with receiver() as hidden:
        told.receiver.reply = answering(302, location=hidden.url)
        await told.shop.order(2, 1_000)
        await send_all(told.sender)
        assert "HTTP 302 (redirects are not followed)" in (await told.sentences())[0]
        told.sender.allow_private_hosts = frozenset()
        told.shop.front.clock.forward(minutes=1)
        assert await send_all(told.sender) == 1
        assert "must start with https://" in (await told.sentences())[0]
        assert (len(told.receiver.received), hidden.received) == (1, [])


async def test_without_a_live_secret_nothing_is_sent(told: Told) -> None:
    """As after an import without people and secrets."""

    async def lose(session: Session) -> None:
        await session.run("DELETE FROM webhook_secret")

    await told.shop.order(2, 1_000)
    await atomic(told.shop.front.database, lose)
    assert await send_all(told.sender) == 1
    assert told.receiver.received == [] and "has no secret that is live" in (await told.sentences())[0]
    made = await rotate(told.sender, told.which)
    told.shop.front.clock.moment = utc_now()
    assert await send_all(told.sender) == 1
    [one] = told.receiver.received
    assert Webhook(made.secret).verify(one.body, one.headers)["type"] == "points.earned"


async def test_what_a_worker_had_taken_when_it_died_is_sent_by_another(told: Told) -> None:
    await told.shop.order(2, 1_000)
    front, number = told.shop.front, told.made.endpoint.number
    [lost] = await atomic(front.database, lambda session: claim_messages(session, number, 9, front.clock()))
    assert await send_all(told.sender) == 0
    front.clock.forward(seconds=int(LEASE.total_seconds()))
    assert await send_all(told.sender) == 1
    assert [one.id for one in told.receiver.received] == [lost.message_id]


async def test_two_processes_send_each_message_once(told: Told) -> None:
    for number in range(2, 47):
        await told.shop.order(number, 100)
    async with sender_of(told.shop.front, told.receiver) as other:
        endpoint = told.made.endpoint
        counts = await asyncio.gather(*[send_batch(one, endpoint) for one in (told.sender, other, told.sender, other)])
    assert sum(counts) == 45
    assert len(told.receiver.received) == len({one.id for one in told.receiver.received}) == 45


async def test_one_message_or_those_of_a_time_are_sent_again_with_the_ids_they_had(told: Told) -> None:
    front = told.shop.front
    await told.shop.order(2, 1_000)
    await send_all(told.sender)
    front.clock.forward(hours=1)
    since = front.clock.moment
    await told.shop.order(3, 1_000)
    await told.shop.order(4, 1_000)
    await send_all(told.sender)
    ids = [one.id for one in told.receiver.received]
    assert await replay(told.sender, told.which, Again(message_id=ids[0])) == 1
    assert await replay(told.sender, told.which, Again(since=since, only_missed=True)) == 0
    await send_all(told.sender)
    assert [one.id for one in told.receiver.received] == [*ids, ids[0]]
    assert await replay(told.sender, told.which, Again(since=since)) == 2
    await send_all(told.sender)
    assert {one.id for one in told.receiver.received[4:]} == set(ids[1:])
    assert {one.body for one in told.receiver.received[4:]} == {one.body for one in told.receiver.received[1:3]}
    rows = await front.rows("SELECT person, act, numbers_text FROM programme_deed ORDER BY at_us, audit_id")
    replays = [row for row in rows if row["act"] == "webhook-replay"]
    assert [row["person"] for row in replays] == ["mia"] * 3
    assert sum('"messages": 2' in row["numbers_text"] and since.isoformat() in row["numbers_text"] for row in rows) == 1


async def test_a_try_is_signed_and_tells_what_was_answered(told: Told) -> None:
    told.shop.front.clock.moment = utc_now()
    assert (await try_out(told.sender, told.which)).is_taken
    [one] = told.receiver.received
    assert Webhook(told.made.secret).verify(one.body, one.headers)["type"] == "webhook.test"
    told.receiver.reply = answering(404)
    tried = await try_out(told.sender, told.which)
    assert (tried.status, tried.reason) == (404, "HTTP 404")
    assert await told.messages() == [] and await told.sentences() == []


async def test_messages_are_kept_for_a_time_whatever_became_of_them(told: Told) -> None:
    await told.shop.order(2, 1_000)
    now = told.shop.front.clock.moment
    assert await atomic(told.shop.front.database, lambda session: prune_messages(session, now)) == 0
    later = now + timedelta(seconds=1)
    assert await atomic(told.shop.front.database, lambda session: prune_messages(session, later)) == 1
    assert await told.messages() == []
