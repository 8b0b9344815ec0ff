"""The language that a shop says when it pairs."""

from __future__ import annotations

import pytest

from connector.storage.atomic import atomic
from connector.storage.connections import load_connections, set_setting
from tests.connector.outside import Outside
from tests.connector.pairing_shop import PairingShop
from tests.connector.test_pairing import code_of, shop_with_code


@pytest.mark.parametrize(
    ("locale", "kept"), [("zh_TW", "zh_hant"), ("en_GB", "en"), ("fr_FR", None), ("est", None), ("", None)]
)
async def test_a_shop_speaks_its_own_language_where_it_is_one_of_ours(
    service: Outside, locale: str, kept: str | None
) -> None:
    shop = await shop_with_code(service)
    shop.derive((await shop.prove(language=locale)).json())
    assert (await shop.confirm()).status_code == 200
    found = (await load_connections(service.service.database.reading()))[3]
    assert found.settings.get("language") == kept


async def test_a_language_that_was_chosen_stays_when_a_shop_is_paired_again(service: Outside) -> None:
    await PairingShop(service.http).pair(await code_of(service))
    await atomic(service.service.database, lambda session: set_setting(session, 3, "language", "es"))
    await PairingShop(service.http).pair(await code_of(service))
    assert (await load_connections(service.service.database.reading()))[3].settings["language"] == "es"
