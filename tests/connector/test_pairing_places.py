"""Where a shop says that it stands: what is kept of it counts, and nobody stands where another has proven to be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from connector import clock
from connector.pairing.offering import offer
from connector.storage.connections import load_connections
from tests.builders import MIA
from tests.connector.outside import Outside, outside
from tests.connector.pairing_shop import PairingShop


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path) as found:
        yield found


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def test_the_same_key_with_other_addresses_is_refused_and_the_first_ones_count(service: Outside) -> None:
    shop = PairingShop(service.http)
    shop.paste((await offer(service.service, 1, None, MIA, clock.utc_now())).code)
    shop.derive((await shop.prove()).json())
    first = shop.site, shop.rest_url
    for other in (("https://moved.example", first[1]), (first[0], "https://moved.example/wp-json/")):
        shop.site, shop.rest_url = other
        assert refusal(await shop.prove()) == (409, "pairing-taken")
    # The same place in other words is the same.
    shop.site, shop.rest_url = first[0].upper() + "/", first[1]
    assert (await shop.prove()).status_code == 201
    assert (await shop.confirm()).status_code == 200
    connection = (await load_connections(service.service.database.reading()))[3]
    assert (connection.shop, connection.settings["rest_url"]) == first
