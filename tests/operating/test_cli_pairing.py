"""``belong connect woocommerce --pair``, as processes: a code, what to do with it, and waiting for a shop."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import httpx

from tests.connector.home import SECONDS, Home
from tests.connector.pairing_shop import PairingShop

PAIR = ("connect", "woocommerce", "--pair")


def code_in(text: str) -> str:
    [code] = [word for word in text.split() if word.startswith("BELONG1.")]
    return code


def test_a_code_is_printed_with_what_to_do_and_nothing_of_it_is_kept_open(tmp_path: Path) -> None:
    home = Home(tmp_path)
    said = home.must(*PAIR, "--name", "Tea")
    code = code_in(said)
    assert "may join programme 1" in said
    assert "Belong" in said
    again = home.must(*PAIR, "--programme", "1")
    assert code_in(again) != code
    assert code not in home.must("audit")
    assert "offer-pairing" in home.must("audit")
    refused = home.run(*PAIR, "--programme", "7")
    assert (refused.code, "no programme 7" in refused.err) == (2, True)
    for wrong in ((*PAIR, "https://shop.example"), ("connect", "woocommerce"), ("connect", "woocommerce", "--wait")):
        assert home.run(*wrong).code == 2


def test_who_waits_hears_when_the_shop_has_joined(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.must(*PAIR, "--name", "Tea")
    with home.serving() as serving:
        waiting = subprocess.Popen(
            [sys.executable, "-u", "-m", "connector.cli", *PAIR, "--programme", "1", "--wait"],
            env=home.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert waiting.stdout is not None
            begin = ""
            while "Waiting" not in begin:
                line = waiting.stdout.readline()
                assert line, begin
                begin += line
            asyncio.run(_pair(serving.url, code_in(begin)))
            end, _ = waiting.communicate(timeout=SECONDS)
        finally:
            waiting.kill()
            waiting.communicate()
        assert waiting.returncode == 0
        assert "https://paired.example is connected." in end
        assert "asks us every minute" in end
    assert "https://paired.example" in home.must("status")
    assert "fetches what it shows" in home.must("status")


async def _pair(url: str, code: str) -> None:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        plugin = await PairingShop(http).pair(code)
        assert (await plugin.call("state")).status_code == 200
