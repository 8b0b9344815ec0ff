"""Where a shop says that it stands: what is kept of it counts, and nobody stands where another has proven to be."""

from __future__ import annotations

import httpx
import pytest

from connector import clock
from connector.access.signatures import sign
from connector.api_client import ApiClient
from connector.pairing.offering import offer
from connector.platforms import Connection
from connector.storage.atomic import atomic
from connector.storage.connections import blocked_connections, load_connections
from connector.storage.programmes import create_programme
from tests.builders import DOCUMENT, MIA, OPENED
from tests.connector.outside import Outside
from tests.connector.pairing_shop import PairingShop
from tests.connector.plugin_calls import Plugin

SITE = "https://paired.example"


@pytest.fixture
async def other_programme(service: Outside) -> int:
    return await atomic(
        service.service.database, lambda session: create_programme(session, dict(DOCUMENT), OPENED, OPENED)
    )


async def with_code(service: Outside, site: str = SITE, programme: int = 1, rest_url: str = "") -> PairingShop:
    """A shop that has proven its code and knows its keys."""
    shop = PairingShop(service.http, site, rest_url=rest_url)
    shop.paste((await offer(service.service, programme, None, MIA, clock.utc_now())).code)
    shop.derive((await shop.prove()).json())
    return shop


async def paired(service: Outside, site: str = SITE, programme: int = 1) -> tuple[PairingShop, Plugin]:
    shop = await with_code(service, site, programme)
    assert (await shop.confirm()).status_code == 200
    return shop, Plugin(service.http, shop.connection, shop.keys[0])


def stands(service: Outside, **shops: PairingShop) -> None:
    """Under each host, with _ for a point, a real shop answers whoever signs with its secret, and refuses others."""

    def handle(request: httpx.Request) -> httpx.Response:
        shop = shops.get(request.url.host.replace(".", "_"))
        if shop is None:
            raise httpx.ConnectError("nobody is there")
        signed = b".".join(
            [request.headers["webhook-id"].encode(), request.headers["webhook-timestamp"].encode(), request.content]
        )
        right = f"v1,{sign(signed, shop.keys[1]).decode()}"
        if right not in request.headers["webhook-signature"].split():
            return httpx.Response(401, json={"code": "belong_wrong_signature"})
        return httpx.Response(200, json={"site": shop.site, "is_other_site": False})

    service.service.shops.api = ApiClient(httpx.AsyncClient(transport=httpx.MockTransport(handle)))


async def by_id(service: Outside, public_id: str) -> Connection:
    found = await load_connections(service.service.database.reading())
    return next(one for one in found.values() if one.public_id == public_id)


def batch(site: str) -> dict[str, str]:
    return {"site": site, "sent_at": clock.utc_now().isoformat()}


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


def site(address: str, rest_url: str = "") -> dict[str, str]:
    return {"site": address, "rest_url": rest_url or f"{address}/wp-json/"}


async def test_who_only_named_an_address_does_not_keep_the_shop_there_from_joining(
    service: Outside, other_programme: int
) -> None:
    _, squatter = await paired(service, "https://squatter.example", other_programme)
    assert (await squatter.call("site", site(SITE))).status_code == 200
    shop = await with_code(service)
    assert refusal(await shop.confirm()) == (409, "connected-elsewhere")
    stands(service, paired_example=shop)
    answer = await shop.confirm()
    assert (answer.status_code, answer.json()["reachable"]) == (200, True)
    assert (await by_id(service, shop.connection)).shop == SITE
    displaced = await by_id(service, squatter.connection)
    assert (displaced.shop, displaced.programme_number) == (f"displaced:{squatter.connection}", other_programme)
    problem, _ = (await blocked_connections(service.service.database.reading()))[displaced.number]
    assert "Another shop has proven" in problem
    # It is told as a copy is, and says where it is.
    for named in (SITE, displaced.shop):
        assert refusal(await squatter.call("batch", batch(named))) == (409, "other-site")
    assert refusal(await squatter.call("site", site(SITE))) == (409, "site-taken")
    assert (await squatter.call("site", site("https://squatter.example"))).status_code == 200
    assert (await squatter.call("batch", batch("https://squatter.example"))).status_code == 200
    plugin = Plugin(service.http, shop.connection, shop.keys[0])
    assert (await plugin.call("batch", batch(SITE))).status_code == 200


async def test_a_shop_that_moves_to_where_it_stands_is_kept_out_by_nobody(
    service: Outside, other_programme: int
) -> None:
    _, squatter = await paired(service, "https://new.example", other_programme)
    shop, plugin = await paired(service)
    assert refusal(await plugin.call("site", site("https://new.example"))) == (409, "site-taken")
    shop.site = "https://new.example"
    stands(service, new_example=shop)
    answer = await plugin.call("site", site("https://new.example"))
    assert (answer.status_code, answer.json()["reachable"]) == (200, True)
    assert (await by_id(service, squatter.connection)).shop == f"displaced:{squatter.connection}"
    lost = await service.rows("SELECT numbers_text FROM programme_deed WHERE act = 'store-move' ORDER BY at_us")
    assert any("https://new.example" in row["numbers_text"] for row in lost)


async def test_who_proves_it_somewhere_else_takes_nobodys_address(service: Outside, other_programme: int) -> None:
    shop, plugin = await paired(service)
    thief, calls = await paired(service, "https://thief.example", other_programme)
    thief.site = SITE
    stands(service, thief_example=thief)
    for rest_url in ("https://thief.example/wp-json/", "https://paired.example.thief.example/wp-json/", f"{SITE}/x/"):
        assert refusal(await calls.call("site", site(SITE, rest_url))) == (409, "site-taken")
    # Nor does who answers there with another name of theirs.
    thief.site = "https://thief.example"
    stands(service, paired_example=thief)
    assert refusal(await calls.call("site", site(SITE))) == (409, "site-taken")
    assert (await by_id(service, shop.connection)).shop == SITE
    assert (await plugin.call("batch", batch(SITE))).status_code == 200


async def test_a_shop_that_knows_both_keys_stays_with_its_programme(service: Outside, other_programme: int) -> None:
    """It takes a code of another programme by mistake: nothing of its own is lost."""
    first, _ = await paired(service)
    anew = await with_code(service, programme=other_programme)

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"site": SITE})

    service.service.shops.api = ApiClient(httpx.AsyncClient(transport=httpx.MockTransport(handle)))
    assert refusal(await anew.confirm()) == (409, "connected-elsewhere")
    assert (await by_id(service, first.connection)).shop == SITE


async def test_who_left_after_we_could_call_it_there_keeps_its_address(service: Outside, other_programme: int) -> None:
    shop = await with_code(service)
    stands(service, paired_example=shop)
    assert (await shop.confirm()).json()["reachable"]
    assert (await Plugin(service.http, shop.connection, shop.keys[0]).call("disconnect")).status_code == 200
    anew = await with_code(service, programme=other_programme)
    stands(service, paired_example=anew)
    assert refusal(await anew.confirm()) == (409, "connected-elsewhere")
    again = await with_code(service)
    stands(service, paired_example=again)
    assert (await again.confirm()).json()["connection"] == shop.connection


async def test_with_tls_or_without_is_one_shop(service: Outside) -> None:
    first, _ = await paired(service, "http://paired.example")
    again, plugin = await paired(service)
    assert again.connection == first.connection
    _, other = await paired(service, "https://other.example")
    assert refusal(await other.call("site", site("http://paired.example"))) == (409, "site-taken")
    assert (await plugin.call("batch", batch("http://PAIRED.example:80/"))).status_code == 200


@pytest.mark.parametrize("named", ["https://läden.example/käse", "https://xn--lden-loa.example/k%C3%A4se/"])
async def test_an_address_in_any_alphabet_is_the_same_however_it_is_spelt(service: Outside, named: str) -> None:
    _, plugin = await paired(service, "https://läden.example/käse")
    assert (await plugin.call("batch", batch(named))).status_code == 200
    assert refusal(await plugin.call("batch", batch("https://läden.example/brot"))) == (409, "other-site")
