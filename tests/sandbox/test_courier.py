"""The courier: disorder by seed, never by chance; retries without waiting."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import httpx
import pytest

from connector.sandbox.courier import LOST, NO_ANSWER, Attempt, Courier, CourierSettings, Parcel
from tests.sandbox.shops import HOOKS, Receiver

ROUGH = CourierSettings(duplicate_percent=20, reorder_percent=30, loss_percent=10, delay_seconds=(0, 5), concurrency=4)


@dataclass
class Letter:
    topic: str
    retries: tuple[int, ...] = ()
    about: str = "order/1"
    attempts: list[Attempt] = field(default_factory=list)
    was_lost: bool = False

    def parcel(self) -> Parcel | None:
        return Parcel(f"{HOOKS}/{self.topic}", {}, b"{}")

    def settled(self, attempt: Attempt) -> float | None:
        self.attempts.append(attempt)
        again = attempt.try_number - 1
        return self.retries[again] if attempt.status != 200 and again < len(self.retries) else None

    def lost(self) -> None:
        self.was_lost = True


async def sent(seed: int, settings: CourierSettings, count: int = 200) -> list[tuple[int, str, int, bool]]:
    courier = Courier(seed, timeout_seconds=5, settings=settings, http=Receiver().client())
    for number in range(count):
        courier.post(Letter(str(number)))
    await courier.drain()
    assert courier.waiting == 0
    return [(attempt.number, attempt.topic, attempt.status, attempt.copy) for attempt in courier.log]


async def test_the_same_seed_makes_the_same_mess() -> None:
    first = await sent(5, ROUGH)
    assert first == await sent(5, ROUGH)
    assert first != await sent(6, ROUGH)


async def test_the_mess_does_not_depend_on_how_many_run_at_once() -> None:
    one = CourierSettings(
        duplicate_percent=20, reorder_percent=30, loss_percent=10, delay_seconds=(0, 5), concurrency=1
    )
    assert await sent(5, ROUGH) == await sent(5, one)


async def test_every_kind_of_mess_really_happens() -> None:
    log = await sent(5, ROUGH)
    arrived = [int(topic) for _, topic, status, copy in log if status == 200 and not copy]
    assert arrived != sorted(arrived)
    assert sum(copy for *_, copy in log) > 10
    assert sum(status == LOST for _, _, status, _ in log) > 5


async def test_without_disorder_everything_arrives_once_in_order() -> None:
    log = await sent(5, CourierSettings())
    assert [int(topic) for _, topic, *_ in log] == list(range(200))


async def test_what_is_lost_knows_it() -> None:
    courier = Courier(1, timeout_seconds=5, settings=CourierSettings(loss_percent=100), http=Receiver().client())
    letter = Letter("1")
    courier.post(letter)
    assert await courier.drain() == 0
    assert letter.was_lost
    assert not letter.attempts


async def test_retries_take_virtual_time_only() -> None:
    receiver = Receiver(status=lambda request: 503)
    courier = Courier(1, timeout_seconds=5, http=receiver.client())
    letter = Letter("1", retries=(60, 3600))
    courier.post(letter)
    assert await courier.drain(until=59) == 1
    assert await courier.drain(until=60) == 1
    assert await courier.drain() == 1
    assert [attempt.try_number for attempt in letter.attempts] == [1, 2, 3]
    assert courier.elapsed == 3660


async def test_a_receiver_that_does_not_answer_in_time_has_failed() -> None:
    async def sleepy(scope: object, receive: object, send: object) -> None:
        await asyncio.sleep(60)

    courier = Courier(1, timeout_seconds=0, http=httpx.AsyncClient(transport=httpx.ASGITransport(app=sleepy)))
    letter = Letter("1")
    courier.post(letter)
    await courier.drain()
    assert [attempt.status for attempt in letter.attempts] == [NO_ANSWER]


async def test_a_courier_without_legs_says_so() -> None:
    courier = Courier(1, timeout_seconds=5)
    courier.post(Letter("1"))
    with pytest.raises(RuntimeError, match=r"courier\.http"):
        await courier.drain()


async def test_in_real_time_a_delivery_leaves_as_soon_as_it_is_posted() -> None:
    receiver = Receiver()
    seen: list[Attempt] = []
    courier = Courier(1, timeout_seconds=5, http=receiver.client(), progress=seen.append)
    running = asyncio.create_task(courier.run())
    for number in range(3):
        courier.post(Letter(str(number)))
        async with asyncio.timeout(5):
            while len(seen) <= number:
                await asyncio.sleep(0.01)
    running.cancel()
    assert receiver.topics == ["0", "1", "2"]
