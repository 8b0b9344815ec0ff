"""A step beside a block: taken once at least, to its end, and never failing unseen."""

from __future__ import annotations

import asyncio

import pytest

from tests.chaos.meanwhile import meanwhile


async def test_the_last_step_is_taken_to_its_end() -> None:
    begun = ended = 0

    async def step() -> None:
        nonlocal begun, ended
        begun += 1
        await asyncio.sleep(0.01)
        ended += 1

    async with meanwhile(step) as taken:
        await asyncio.sleep(0.015)
    assert begun == ended == taken["steps"] > 0


async def test_a_block_without_a_pause_has_one_step() -> None:
    async def step() -> None:
        return

    async with meanwhile(step) as taken:
        pass
    assert taken["steps"] == 1


async def test_a_step_that_fails_ends_the_block() -> None:
    async def step() -> None:
        raise ValueError("a step that fails")

    with pytest.raises(ExceptionGroup) as raised:
        async with meanwhile(step):
            await asyncio.sleep(60)
    assert raised.group_contains(ValueError, match="a step that fails")
