"""Random requests against the whole app: never a 5xx, never a row that no secret stands for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.access.signatures import sign
from tests.connector.outside import SECRETS, SIGNATURES, TOPICS, Outside, call_raw, order_body, outside

PLATFORMS = ["woocommerce", "shopify"]
NAMES = st.sampled_from(
    [
        b"content-type",
        b"content-length",
        b"content-encoding",
        b"transfer-encoding",
        b"authorization",
        b"host",
        b"x-wc-webhook-signature",
        b"x-wc-webhook-topic",
        b"x-wc-webhook-source",
        b"x-shopify-hmac-sha256",
        b"x-shopify-topic",
        b"x-shopify-shop-domain",
        b"x-shopify-event-id",
        b"x-forwarded-for",
    ]
)
VALUES = st.binary(max_size=60) | st.sampled_from(
    [
        b"application/json",
        b"application/x-www-form-urlencoded",
        b"A" * 44,
        b"Bearer bk_00000000." + b"a" * 43,
        b"9" * 30,
    ]
)
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=6)
METHODS = st.sampled_from(["GET", "POST", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"])
BODIES = (
    st.binary(max_size=200) | st.just(b"webhook_id=1") | st.text(max_size=50).map(lambda text: text.encode("utf-8"))
)
ANYTHING = st.text(max_size=40)
FAMILIES = [
    "/hooks/{own}",
    "/hooks/woocommerce/{own}/order.created",
    "/hooks/shopify/{own}/orders/create",
    "/hooks/{text}",
    "/hooks/woocommerce/{own}/{text}",
    "/v1/members",
    "/v1/members/{text}",
    "/v1/members/{own}/entries",
    "/local/{text}",
    "/metrics",
    "/livez",
    "/{text}",
]


class Running:
    """A service on a loop of its own, so that each example is one call and none needs a database of its own."""

    def __init__(self, runner: asyncio.Runner, service: Outside) -> None:
        self._runner = runner
        self.service = service

    def raw(self, path: str, headers: list[tuple[bytes, bytes]], body: list[bytes], **scope: object) -> int:
        """The status of an answer that must come within seconds; 0 if the app left it unanswered."""
        messages = [{"type": "http.request", "body": part, "more_body": True} for part in body]
        messages.append({"type": "http.request", "body": b"", "more_body": False})

        async def call() -> int:
            async with asyncio.timeout(20):
                sent = await call_raw(self.service.app, path, headers, messages, **scope)
            return int(sent[0]["status"]) if sent else 0

        return self._runner.run(call())

    def deliver(self, path: str, headers: list[tuple[bytes, bytes]], body: bytes) -> httpx.Response:
        return self._runner.run(self.service.http.post(path, content=body, headers=headers))

    def kept(self) -> int:
        return self._runner.run(self.service.kept())


@pytest.fixture
def running(prepared_database_url: str, tmp_path: Path) -> Iterator[Running]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        service = runner.run(stack.enter_async_context(outside(prepared_database_url, tmp_path)))
        try:
            yield Running(runner, service)
        finally:
            runner.run(stack.aclose())


def test_no_request_whatever_gets_a_5xx_or_leaves_a_row(running: Running) -> None:
    own = running.service.connections["woocommerce"].public_id

    @given(
        family=st.sampled_from(FAMILIES),
        text=ANYTHING,
        method=METHODS,
        query=st.binary(max_size=60) | st.sampled_from([b"customer=%00&connection=x", b"limit=9&before=%D9%A3"]),
        headers=HEADERS,
        body=st.lists(BODIES, max_size=3),
    )
    def prove(
        family: str, text: str, method: str, query: bytes, headers: list[tuple[bytes, bytes]], body: list[bytes]
    ) -> None:
        path = family.format(own=own, text=text)
        # uvicorn hands over header values and query strings as they came, and paths decoded.
        status = running.raw(
            path, headers, body, method=method, query_string=query, raw_path=path.encode("utf-8", "replace")
        )
        assert 200 <= status < 500

    prove()
    assert running.kept() == 0


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_genuine_request_with_any_byte_of_its_body_changed_is_401(running: Running, platform: str) -> None:
    genuine = order_body(platform)
    signature = sign(genuine, SECRETS[platform].encode())
    headers = [(b"content-type", b"application/json"), (SIGNATURES[platform].lower().encode(), signature)]

    @given(
        at=st.integers(0, len(genuine) - 1), byte=st.integers(1, 255), how=st.sampled_from(["flip", "drop", "double"])
    )
    def prove(at: int, byte: int, how: str) -> None:
        changed = {
            "flip": genuine[:at] + bytes([genuine[at] ^ byte]) + genuine[at + 1 :],
            "drop": genuine[:at] + genuine[at + 1 :],
            "double": genuine[:at] + genuine[at : at + 1] + genuine[at:],
        }[how]
        answer = running.deliver(running.service.path(platform), headers, changed)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")

    prove()
    assert running.kept() == 0
    assert running.deliver(running.service.path(platform), headers, genuine).status_code == 200


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_genuine_request_with_any_byte_of_its_signature_changed_is_401(running: Running, platform: str) -> None:
    genuine = order_body(platform)
    signature = sign(genuine, SECRETS[platform].encode())

    @given(at=st.integers(0, len(signature) - 1), byte=st.integers(1, 255))
    def prove(at: int, byte: int) -> None:
        changed = signature[:at] + bytes([signature[at] ^ byte]) + signature[at + 1 :]
        headers = [(b"content-type", b"application/json"), (SIGNATURES[platform].lower().encode(), changed)]
        assert running.raw(running.service.path(platform), headers, [genuine]) == 401

    prove()
    assert running.kept() == 0


@pytest.mark.parametrize("platform", PLATFORMS)
def test_anything_that_is_well_signed_is_kept(running: Running, platform: str) -> None:
    """Whatever the shop says, its word is stored; what it means is decided later."""
    bodies: set[bytes] = set()

    @given(body=st.binary(max_size=300) | st.recursive(st.none(), st.lists).map(lambda x: repr(x).encode()))
    def prove(body: bytes) -> None:
        signature = sign(body, SECRETS[platform].encode())
        headers = [(b"content-type", b"application/json"), (SIGNATURES[platform].lower().encode(), signature)]
        assert running.raw(running.service.path(platform, TOPICS[platform]), headers, [body]) == 200
        bodies.add(body)

    prove()
    assert running.kept() == len(bodies)
