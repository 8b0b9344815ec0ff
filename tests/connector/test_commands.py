"""Commands that write: one shop has one address, secrets are whole, and what is refused leaves nothing behind."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from connector.access.auth import authenticate, list_api_keys
from connector.commands import run as commands
from connector.commands.connections import named_connection
from connector.commands.noted import run_noted
from connector.errors import ConfigProblem, Permanent
from connector.shop_addresses import shop_address
from connector.storage.connections import load_credentials
from connector.storage.operator_deeds import list_deeds
from tests.connector.outside import Outside, new_shop

NOBODY: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    "spelling",
    [
        "https://shop.example",
        "https://shop.example/",
        " https://SHOP.Example ",
        "https://shop.example:443",
        "HTTPS://shop.example//",
    ],
)
def test_one_shop_has_one_address_however_it_is_written(spelling: str) -> None:
    """Defect seen: another spelling of a connected shop was connected again, and would have earned twice."""
    assert shop_address("woocommerce", spelling, NOBODY) == "https://shop.example"


def test_addresses_keep_what_tells_shops_apart() -> None:
    assert shop_address("woocommerce", "https://shop.example/Sub/", NOBODY) == "https://shop.example/Sub"
    assert shop_address("woocommerce", "https://müsli.example", NOBODY) == "https://xn--msli-0ra.example"
    local = frozenset({"127.0.0.1:8123", "shop.lan"})
    assert shop_address("woocommerce", "http://127.0.0.1:8123/", local) == "http://127.0.0.1:8123"
    assert shop_address("woocommerce", "http://shop.lan", local) == "http://shop.lan"
    for spelling in ("Tea.myshopify.com", "https://tea.myshopify.com/", " tea.myshopify.com"):
        assert shop_address("shopify", spelling, NOBODY) == "tea.myshopify.com"


@pytest.mark.parametrize(
    ("platform", "shop"),
    [
        ("woocommerce", ""),
        ("woocommerce", "shop.example"),
        ("woocommerce", "ftp://shop.example"),
        ("woocommerce", "http://shop.example"),
        ("woocommerce", "https://user:pass@shop.example"),
        ("woocommerce", "https://shop.example/?a=1"),
        ("woocommerce", "https://shop.example/#top"),
        ("woocommerce", "https://[abc"),
        ("woocommerce", "https://shop.example:99999"),
        ("woocommerce", "https://shop.example:8443"),
        ("woocommerce", "https://127.0.0.1"),
        ("woocommerce", "https://0x7f.1"),
        ("woocommerce", "https://[::1]"),
        ("woocommerce", "https://shop.example/" + "a" * 300),
        ("woocommerce", "https://shop\x00.example"),
        ("shopify", "tea"),
        ("shopify", "tea.example"),
        ("shopify", "tea.myshopify.com.evil.example"),
        ("shopify", "evil.example/tea.myshopify.com"),
        ("shopify", "-tea.myshopify.com"),
        ("magento", "https://shop.example"),
    ],
)
def test_what_is_no_shops_address_is_refused_with_a_sentence(platform: str, shop: str) -> None:
    with pytest.raises(ConfigProblem, match=r"\.$|myshopify\.com"):
        shop_address(platform, shop, NOBODY)


async def test_a_shop_that_does_not_answer_is_connected_and_the_problem_is_told(service: Outside) -> None:
    result = await commands.connect(service.service, new_shop())
    assert (result["shop_says"], result["webhooks"], bool(result["problem"])) == (None, [], True)
    connection = await named_connection(service.service.database.reading(), result["connection"])
    credentials = await load_credentials(service.service.database.reading(), service.service.keys, connection)
    assert credentials.api == {"consumer_key": "ck_1", "consumer_secret": "cs_2"}
    assert [len(secret) for secret in credentials.webhook] == [43]
    answer = await service.deliver(
        "woocommerce",
        b'{"id": 1}',
        secret=credentials.webhook[0].decode(),
        path=service.path("woocommerce", connection=result["connection"]),
    )
    assert answer.status_code == 200


async def test_of_two_who_connect_one_shop_at_once_one_is_told(service: Outside) -> None:
    calls = (commands.connect(service.service, new_shop()) for _ in range(4))
    results = await asyncio.gather(*calls, return_exceptions=True)
    refused = [result for result in results if isinstance(result, BaseException)]
    assert [type(result) for result in refused] == [Permanent] * 3
    assert await service.number("SELECT count(*) FROM connection WHERE shop = 'https://new.example'") == 1
    assert await service.number("SELECT count(*) FROM programme") == 2
    with pytest.raises(Permanent, match="^https://new.example is connected already"):
        await commands.connect(service.service, new_shop(shop="https://New.example:443/"))


async def test_a_new_secret_counts_at_once_and_the_old_one_still_does(service: Outside) -> None:
    shopify = service.connections["shopify"]
    assert (await service.deliver("shopify", b'{"id": 1}', secret="rotated")).status_code == 401
    await commands.add_secrets(
        service.service, {"connection": shopify.public_id, "secrets": {"client_secret": "rotated"}}
    )
    assert (await service.deliver("shopify", b'{"id": 1}', secret="rotated")).status_code == 200
    assert (await service.deliver("shopify", b'{"id": 2}')).status_code == 200


async def test_a_connection_is_named_by_its_number_or_its_id(service: Outside) -> None:
    shopify, kept = service.connections["shopify"], "SELECT count(*) FROM connection_secret"
    secrets = {"client_secret": "rotated"}
    await commands.add_secrets(service.service, {"connection": str(shopify.number), "secrets": secrets})
    assert (await service.deliver("shopify", b'{"id": 1}', secret="rotated")).status_code == 200
    before = await service.number(kept)
    for nobody in ("99", "", "1 ", shopify.public_id[:-1]):
        with pytest.raises(Permanent, match="belong status lists them"):
            await commands.add_secrets(service.service, {"connection": nobody, "secrets": {"client_secret": "other"}})
    assert await service.number(kept) == before


async def test_a_secret_that_was_replaced_twice_counts_no_more(service: Outside) -> None:
    shopify = service.connections["shopify"]
    for secret in ("second", "third"):
        params = {"connection": shopify.public_id, "secrets": {"client_secret": secret}}
        await commands.add_secrets(service.service, params)
    assert (await service.deliver("shopify", b'{"id": 3}')).status_code == 401
    assert (await service.deliver("shopify", b'{"id": 4}', secret="second")).status_code == 200
    assert (await service.deliver("shopify", b'{"id": 5}', secret="third")).status_code == 200


async def test_every_command_leaves_a_trail_without_secrets_and_persons(service: Outside) -> None:
    running = service.service
    connection = service.connections["woocommerce"].public_id
    made = await run_noted(running, "make-key", {"operator": "mia", "programme": 1, "name": "till", "days": 30})
    secrets = {"consumer_secret": "cs_" + "9" * 40}
    await run_noted(running, "add-secrets", {"operator": "mia", "connection": connection, "secrets": secrets})
    with pytest.raises(Permanent):
        await run_noted(running, "revoke-key", {"operator": "tom", "prefix": "bk_00000000"})
    with pytest.raises(KeyError):
        await run_noted(running, "no-such-command", {})
    deeds = await list_deeds(running.database.reading(), 10)
    assert [(one.command, one.person) for one in deeds] == [
        ("revoke-key", "tom"),
        ("add-secrets", "mia"),
        ("make-key", "mia"),
    ]
    assert deeds[0].outcome is not None and deeds[0].outcome.startswith("Permanent: There is no valid key")
    assert (deeds[1].outcome, deeds[1].details) == ("done", {"connection": connection})
    assert (deeds[2].programme_number, deeds[2].details["name"], deeds[2].details["days"]) == (1, "till", 30)
    written = str(await service.rows("SELECT * FROM operator_deed"))
    assert made["key"].partition(".")[2] not in written and "9" * 40 not in written


async def test_of_an_address_that_may_hold_a_secret_only_the_host_is_written_down(service: Outside) -> None:
    with pytest.raises(Permanent):
        url = "https://mia:pass@127.0.0.1:9/in/s3cret?token=s3cret#s3cret"
        await run_noted(service.service, "add-webhook", {"programme": 1, "url": url, "events": []})
    await run_noted(service.service, "reconcile", {"full": False, "stores": True})
    told, added = await list_deeds(service.service.database.reading(), 10)
    assert added.details["url"] == "https://127.0.0.1:9"
    assert told.details["stores"] is True
    written = str(await service.rows("SELECT details FROM operator_deed"))
    assert "s3cret" not in written and "pass" not in written


async def test_a_key_may_end_and_its_use_is_noted(service: Outside) -> None:
    made = await run_noted(service.service, "make-key", {"programme": 1, "name": "till", "days": 1})
    bearer = {"Authorization": f"Bearer {made['key']}"}
    path = "/v1/members/00000000-0000-0000-0000-000000000007"
    assert (await service.http.get(path, headers=bearer)).status_code == 404
    (key,) = await list_api_keys(service.service.database.reading())
    assert key.last_used_at is not None and key.expires_at == key.created_at + timedelta(days=1)
    past = key.created_at + timedelta(days=1)
    assert await authenticate(service.service.database.reading(), bearer["Authorization"], past) is None
    assert await authenticate(service.service.database.reading(), bearer["Authorization"], key.created_at) is not None
