"""A worker that is killed with SIGKILL while it asks for store credit: the next one finds out what the shop did."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import Process
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from connector.clock import utc_now
from connector.running.serve import bind, server_for
from tests.connector.home import ROOT
from tests.journeys.crediting import CreditShop, body_of, credit_shop


class Killing:
    """The shop on a port of this machine. It kills whoever asks it for credit, before or after it has given some."""

    def __init__(self, shop: CreditShop, gives_first: bool) -> None:
        self.shop = shop
        self.gives_first = gives_first
        self.worker: Process | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = await body_of(receive)

        async def again() -> Message:
            return {"type": "http.request", "body": raw, "more_body": False}

        if not raw.startswith(b"{") or json.loads(raw).get("operationName") != "GiveCredit":
            await self.shop.fickle.app(scope, again, send)
            return
        if self.gives_first:
            await self.shop.fickle.app(scope, again, self._nobody_hears)
        assert self.worker is not None
        self.worker.send_signal(signal.SIGKILL)
        await self.worker.wait()

    async def _nobody_hears(self, message: Message) -> None:
        return


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a matter of POSIX")
@pytest.mark.parametrize("gives_first", [False, True], ids=["before", "after"])
async def test_a_killed_worker_gives_nothing_twice_and_loses_nothing(
    prepared_database_url: str, tmp_path: Path, gives_first: bool
) -> None:
    async with credit_shop(prepared_database_url, tmp_path) as shop:
        before = await shop.points()
        made = await shop.redeem()
        killing = Killing(shop, gives_first)
        listener = bind("127.0.0.1", 0)
        server = server_for(killing, drain_seconds=1)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        arguments = (prepared_database_url, str(tmp_path), str(listener.getsockname()[1]))
        killing.worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.journeys.credit_worker", *arguments, cwd=ROOT
        )
        assert await asyncio.wait_for(killing.worker.wait(), 60) == -signal.SIGKILL
        server.should_exit = True
        await serving
        listener.close()
        assert await shop.states() == [1], "it had written down that it asks"
        assert shop.credit == (500 if gives_first else 0)
        shop.clock.moment = utc_now()
        assert await shop.settle() == 0, "not before its lease is over"
        shop.clock.forward(minutes=2)
        await shop.patiently(2)
        assert (shop.credit, await shop.points()) == (500, before - 100)
        assert (await shop.shown(made))["state"] == "issued"
        await shop.assert_even()
