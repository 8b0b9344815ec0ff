"""Whatever arrives unproven gets a clear refusal and leaves no trace. Never a 5xx, never a hang.

Nothing here is ever stored, so all tests share one service on each database.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from connector.access.signatures import sign
from tests.conftest import KINDS
from tests.connector.breaking_bodies import BREAKING
from tests.connector.outside import SECRETS, SIGNATURES, Outside, outside
from tests.databases import Databases

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLATFORMS = ["woocommerce", "shopify"]
BODY = b'{"id": 5123}'
JSON = ("Content-Type", "application/json")
FORM = ("Content-Type", "application/x-www-form-urlencoded")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=KINDS)
async def service(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Outside]:
    with databases.prepared(request.param) as url:
        async with outside(url, tmp_path_factory.mktemp("home")) as found:
            yield found


def signature(platform: str, body: bytes, secret: str | None = None) -> tuple[str, str]:
    return SIGNATURES[platform], sign(body, (secret or SECRETS[platform]).encode()).decode()


async def refused(
    service: Outside, status: int, headers: list[tuple[str, str]], path: str, body: bytes = BODY, method: str = "POST"
) -> None:
    """The answer says what is wrong, as problem+json, and nothing was stored."""
    async with asyncio.timeout(10):
        answer = await service.http.request(method, path, content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert (problem["status"], bool(problem["title"]), bool(problem["detail"])) == (status, True, True)
    assert not any(secret in answer.text for secret in SECRETS.values())
    assert await service.kept() == 0
    assert await service.number("SELECT count(*) FROM delivery_body") == 0


# Signatures


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    "given",
    [
        "",
        "A" * 44,
        "é" * 22,
        "not base64 at all, not even nearly, surely not",
        sign(BODY, b"guessed").decode(),
        sign(BODY, b"").decode(),
        "sha256=" + sign(BODY, b"guessed").hex(),
    ],
)
async def test_a_forged_signature_is_refused(service: Outside, platform: str, given: str) -> None:
    before = service.counted(platform, "refused-401")
    raw = [(b"content-type", b"application/json"), (SIGNATURES[platform].lower().encode(), given.encode())]
    headers = [(name.decode(), value.decode("latin-1")) for name, value in raw]
    answer = await service.http.post(
        service.path(platform), content=BODY, headers=[(n.encode(), v.encode("latin-1")) for n, v in headers]
    )
    assert (answer.status_code, answer.json()["title"]) == (401, "Not proven")
    assert (await service.kept(), service.counted(platform, "refused-401")) == (0, before + 1)


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_an_unsigned_delivery_is_refused(service: Outside, platform: str) -> None:
    await refused(service, 401, [JSON], service.path(platform))


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_repeated_signature_is_refused_even_if_both_are_right(service: Outside, platform: str) -> None:
    right = signature(platform, BODY)
    await refused(service, 401, [JSON, right, right], service.path(platform))
    await refused(service, 401, [JSON, right, (right[0], "A" * 44)], service.path(platform))


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_signature_of_another_body_is_refused(service: Outside, platform: str) -> None:
    for other in (BODY + b" ", BODY[:-1], BODY.replace(b"5", b"6"), b""):
        await refused(service, 401, [JSON, signature(platform, other)], service.path(platform))


async def test_the_other_platforms_signature_header_proves_nothing(service: Outside) -> None:
    name = SIGNATURES["shopify"]
    await refused(service, 401, [JSON, (name, signature("woocommerce", BODY)[1])], service.path("woocommerce"))


# Headers that contradict the address


@pytest.mark.parametrize(
    ("platform", "header"),
    [
        ("shopify", ("X-Shopify-Topic", "orders/paid")),
        ("shopify", ("X-Shopify-Shop-Domain", "other.myshopify.com")),
        ("woocommerce", ("X-WC-Webhook-Topic", "order.updated")),
    ],
)
async def test_a_well_signed_delivery_whose_headers_contradict_its_address_is_refused(
    service: Outside, platform: str, header: tuple[str, str]
) -> None:
    await refused(service, 401, [JSON, signature(platform, BODY), header], service.path(platform))


# Addresses


@pytest.mark.parametrize(
    "path",
    [
        "/hooks/",
        "/hooks/woocommerce",
        "/hooks/woocommerce/{own}",
        "/hooks/woocommerce/{own}/",
        "/hooks/magento/{own}/order.created",
        "/hooks/WooCommerce/{own}/order.created",
        "/hooks/woocommerce/1/order.created",
        "/hooks/woocommerce/{own}/Order.Created",
        "/hooks/woocommerce/{own}/order%00created",
        "/hooks/woocommerce/{own}/../order.created",
        "/hooks/woocommerce/{own}/order..created",
        "/hooks/woocommerce/{own}/%C3%A9",
        "/hooks/woocommerce/{own}/" + "a/" * 20 + "a",
        "/hooks/woocommerce/{own}/" + "a" * 101,
        "/hooks/woocommerce/00000000-0000-0000-0000-000000000000/order.created",
        "/hooks/woocommerce/------------------------------------/order.created",
        "/hooks/woocommerce/{other}/order.created",
        "/hooks/shopify/{own}/orders/create",
    ],
)
async def test_an_address_that_nobody_gave_out_is_refused_however_well_signed(service: Outside, path: str) -> None:
    own, other = service.connections["woocommerce"].public_id, service.connections["shopify"].public_id
    await refused(service, 404, [JSON, signature("woocommerce", BODY)], path.format(own=own, other=other))


@pytest.mark.parametrize("topic", ["fetched/order", "fetched/order_gone", "fetched/order-gone"])
async def test_a_delivery_cannot_pass_for_what_we_read_ourselves(service: Outside, topic: str) -> None:
    """Defect seen: a genuine body sent to our own topic's address counted as our own reading of the shop."""
    await refused(service, 404, [JSON, signature("woocommerce", BODY)], service.path("woocommerce", topic))


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
async def test_only_post_is_a_delivery(service: Outside, method: str) -> None:
    headers = [JSON, signature("woocommerce", BODY)]
    answer = await service.http.request(method, service.path("woocommerce"), content=BODY, headers=headers)
    assert (answer.status_code, answer.headers["allow"], await service.kept()) == (405, "POST", 0)


# Content


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Content-Type", "text/plain")],
        [("Content-Type", "application/jsonx")],
        [("Content-Type", "")],
        [FORM],
        [JSON, JSON],
        [JSON, ("Content-Encoding", "gzip")],
        [JSON, ("Content-Encoding", "identity")],
    ],
)
async def test_only_plain_json_is_taken(service: Outside, headers: list[tuple[str, str]]) -> None:
    await refused(service, 415, [*headers, signature("woocommerce", BODY)], service.path("woocommerce"))


@pytest.mark.parametrize("length", ["-1", "many", "1e3", "٣", ""])
async def test_a_length_that_is_no_number_is_refused(service: Outside, length: str) -> None:
    path, headers = service.path("woocommerce"), [JSON, signature("woocommerce", BODY)]
    answer = await service.http.post(
        path,
        content=BODY,
        headers=[*((n.encode(), v.encode()) for n, v in headers), (b"Content-Length", length.encode())],
    )
    assert (answer.status_code, await service.kept()) == (400, 0)


# WooCommerce's ping


async def test_the_unsigned_ping_of_woocommerce_is_answered_and_forgotten(service: Outside) -> None:
    before = service.counted("woocommerce", "ping")
    answer = await service.send(b"webhook_id=17", service.path("woocommerce"), [FORM])
    assert (answer.status_code, await service.kept()) == (200, 0)
    assert service.counted("woocommerce", "ping") == before + 1


@pytest.mark.parametrize(
    "body", [b"webhook_id=", b"webhook_id=1&x=2", b"webhook_id=a", b"webhook_id=" + b"1" * 21, b""]
)
async def test_what_only_resembles_a_ping_is_refused(service: Outside, body: bytes) -> None:
    await refused(service, 415, [FORM], service.path("woocommerce"), body)


async def test_a_ping_to_a_shopify_address_is_refused(service: Outside) -> None:
    await refused(service, 415, [FORM], service.path("shopify"), b"webhook_id=17")


async def test_a_ping_to_an_unknown_address_is_refused(service: Outside) -> None:
    unknown = service.path("woocommerce", connection="00000000-0000-0000-0000-000000000000")
    await refused(service, 404, [FORM], unknown, b"webhook_id=17")


# Bodies that break naive readers


@pytest.mark.parametrize("name", BREAKING)
async def test_unsigned_it_is_refused(service: Outside, name: str) -> None:
    body = BREAKING[name]
    await refused(service, 401, [JSON], service.path("woocommerce"), body)
    await refused(service, 401, [JSON, signature("woocommerce", body, "guessed")], service.path("woocommerce"), body)
