"""What each kind of answer and failure asks of the caller, and that no message gives a secret away."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

import httpx
import pytest

from connector.api_client import (
    Answer,
    AnswerTooLarge,
    ApiClient,
    Call,
    NotJson,
    action_for,
    open_http,
    retry_after_seconds,
)
from connector.errors import ConfigProblem, ConnectorError, Permanent, Transient, Unreached
from connector.redaction import HIDDEN, RedactingFilter, Redactor
from tests.connector.calls import api_over, json_answer, page_answer

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
CALL = Call("GET", "https://shop.example/wp-json/wc/v3/orders", shop_word="The shop", advice="Check the key.")


@pytest.mark.parametrize(
    ("status", "action"),
    [
        (200, None),
        (201, None),
        (204, None),
        (301, ConfigProblem),
        (302, ConfigProblem),
        (307, ConfigProblem),
        (400, Permanent),
        (401, ConfigProblem),
        (402, ConfigProblem),
        (403, ConfigProblem),
        (404, Permanent),
        (405, Permanent),
        (406, Permanent),
        (408, Transient),
        (409, Permanent),
        (410, Permanent),
        (413, Permanent),
        (421, Transient),
        (422, Permanent),
        (423, ConfigProblem),
        (425, Transient),
        (429, Transient),
        (430, Transient),
        (500, Unreached),
        (502, Unreached),
        (503, Unreached),
        (504, Unreached),
        (520, Unreached),
        (599, Unreached),
    ],
)
async def test_each_status_asks_for_one_action(status: int, action: type[ConnectorError] | None) -> None:
    assert action_for(status) is (Transient if action is Unreached else action)
    api = api_over(lambda request: json_answer({"code": "x"}, status))
    if action is None:
        assert (await api.request(CALL)).status == status
    else:
        with pytest.raises(action) as caught:
            await api.request(CALL)
        assert type(caught.value) is action
        assert f"HTTP {status}" in caught.value.detail


async def test_a_status_that_the_caller_reads_itself_is_returned() -> None:
    api = api_over(lambda request: json_answer({"code": "gone"}, 404))
    answer = await api.request(Call("GET", CALL.url, handled=frozenset((404,))))
    assert (answer.status, answer.error_code()) == (404, "gone")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1e3", None),
        ("٣", None),
        ("0", 1),
        ("2", 2),
        ("2.0", 2),
        ("2.5", 3),
        (" 7 ", 7),
        ("99999", 3600),
        ("9" * 5000, None),
        ("Sat, 21 Nov 2026 12:01:30 GMT", 90),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 1),
        ("Sat, 21 Nov 2099 11:00:00 GMT", 3600),
        ("Sat, 99 Nov 2026 11:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_and_bounded(value: str | None, seconds: int | None) -> None:
    assert retry_after_seconds(value, now=NOW) == seconds


async def test_the_wait_that_the_shop_asks_for_reaches_the_caller() -> None:
    api = api_over(lambda request: json_answer({}, 429, {"Retry-After": "12"}))
    with pytest.raises(Transient) as caught:
        await api.request(CALL)
    assert caught.value.retry_after_seconds == 12
    assert str(caught.value) == "The shop asks us to slow down."


async def test_a_redirect_is_not_followed_and_names_the_target() -> None:
    asked: list[str] = []

    def redirect(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(301, headers={"location": "https://www.shop.example/"})

    with pytest.raises(ConfigProblem, match=r"https://www\.shop\.example/"):
        await api_over(redirect).request(CALL)
    assert asked == [CALL.url]


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (httpx.ConnectTimeout("t"), "did not answer in time"),
        (httpx.ReadTimeout("t"), "did not answer in time"),
        (httpx.PoolTimeout("t"), "too many calls are under way"),
        (httpx.ConnectError("refused"), "cannot be reached"),
        (httpx.ReadError("reset"), "cannot be reached"),
        (httpx.RemoteProtocolError("cut off"), "cannot be reached"),
    ],
)
async def test_a_failing_connection_is_worth_another_try(failure: Exception, words: str) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(Transient, match=words):
        await api_over(fail).request(CALL)


async def test_a_bad_certificate_is_the_merchants_to_mend() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired")

    with pytest.raises(ConfigProblem, match="The shop has a certificate that cannot be verified"):
        await api_over(fail).request(CALL)


async def test_a_shop_that_never_finishes_is_left_after_the_deadline() -> None:
    async def hang(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(30)
        return json_answer({})

    with pytest.raises(Transient, match="did not answer in time"):
        await api_over(hang, total_seconds=0.05).request(CALL)


async def test_an_answer_beyond_the_cap_is_dropped_while_it_streams() -> None:
    given: list[int] = []

    async def stream() -> object:
        for _ in range(1000):
            given.append(1)
            yield b"x" * 1000

    api = api_over(lambda request: httpx.Response(200, content=stream()), answer_bytes_max=10_000)  # type: ignore[arg-type]
    with pytest.raises(AnswerTooLarge):
        await api.request(CALL)
    assert len(given) < 20


async def test_a_page_instead_of_data_says_so() -> None:
    answer = await api_over(lambda request: page_answer()).request(CALL)
    with pytest.raises(NotJson, match="web page instead of data"):
        answer.json()
    with pytest.raises(ConfigProblem, match=r"firewall or security plugin.*Check the key"):
        await api_over(lambda request: page_answer(403)).request(CALL)
    with pytest.raises(Transient, match="trouble"):
        await api_over(lambda request: page_answer(503)).request(CALL)


@pytest.mark.parametrize("body", [b"", b"[", b"NaN", b"\xff\xfe", b"[" * 200_000, b"<br />Notice: x{}", b'{"a":1e999'])
def test_a_body_that_is_not_json_raises_nothing_else(body: bytes) -> None:
    with pytest.raises(NotJson):
        Answer(200, httpx.Headers({"content-type": "application/json"}), body).json()


def test_a_byte_order_mark_before_json_is_forgiven() -> None:
    assert Answer(200, httpx.Headers(), b'\xef\xbb\xbf{"id":1}').json() == {"id": 1}


CANARIES = [
    "shpat_canary0123456789abcdef",
    "shpss_canary0123456789abcdef",
    "ck_canary0123456789abcdef",
    "cs_canary0123456789abcdef",
    "whsec_canary0123456789",
    "Bearer canary-token.0123456789",
    "Basic Y2tfY2FuYXJ5OmNzX2NhbmFyeQ==",
    "oauth_signature=Tu2xUDRLjJHikbvbVvpYQZ6tFrY7JZXTRmiMW2uzql4%3D",
    "client_secret=canary",
]


@pytest.mark.parametrize("canary", CANARIES)
async def test_no_message_holds_what_looks_like_a_secret(canary: str) -> None:
    for status in (400, 401, 403, 404, 429, 500):
        api = api_over(lambda request, status=status: json_answer({"message": f"bad {canary} here"}, status))  # type: ignore[misc]
        with pytest.raises(ConnectorError) as caught:
            await api.request(CALL)
        assert canary not in str(caught.value) + caught.value.detail + repr(caught.value)
        assert HIDDEN in caught.value.detail


async def test_a_live_secret_is_hidden_whatever_it_looks_like() -> None:
    redactor = Redactor()
    redactor.remember("plain words", b"a/b+c==d", "abc")
    api = api_over(
        lambda request: json_answer("plain words plain%20words a/b+c==d YS9iK2M9PWQ= abc", 400), redactor=redactor
    )
    with pytest.raises(Permanent) as caught:
        await api.request(CALL)
    assert caught.value.detail.count(HIDDEN) == 4
    assert "abc" in caught.value.detail


def test_the_log_filter_hides_secrets_in_messages_and_tracebacks(caplog: pytest.LogCaptureFixture) -> None:
    redactor = Redactor()
    redactor.remember("opaque-live-secret")
    logger = logging.getLogger("test.redaction")
    logger.addFilter(RedactingFilter(redactor))
    try:
        raise ValueError("opaque-live-secret in a traceback")
    except ValueError:
        logger.exception("failed with %s and %s", "opaque-live-secret", "shpat_canary0123456789")
    assert "opaque-live-secret" not in caplog.text
    assert "shpat_canary" not in caplog.text


def test_the_redactor_forgets_the_oldest_beyond_its_size() -> None:
    redactor = Redactor(remembered_max=6)
    for number in range(10):
        redactor.remember(f"secret-number-{number}")
    assert redactor.redact("secret-number-9 secret-number-0") == f"{HIDDEN} secret-number-0"


def test_what_is_kept_is_made_once() -> None:
    api = api_over(lambda request: json_answer({}))
    made: list[int] = []

    def make() -> list[int]:
        made.append(1)
        return made

    assert api.keep(("shop", 1), make) is api.keep(("shop", 1), make)
    assert made == [1]


async def test_the_shared_client_follows_nothing_and_trusts_no_environment() -> None:
    async with open_http() as http:
        assert http.follow_redirects is False
        assert http.trust_env is False
        assert (http.timeout.connect, http.timeout.read) == (5, 20)


async def test_refused_addresses_are_refused_before_anything_is_sent() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return json_answer({})

    with pytest.raises(ConfigProblem):
        await api_over(answer).request(Call("GET", "http://127.0.0.1:8123/"))
    assert asked == []
    api = ApiClient(httpx.AsyncClient(transport=httpx.MockTransport(answer)), frozenset(("127.0.0.1:8123",)))
    await api.request(Call("GET", "http://127.0.0.1:8123/"))
    assert len(asked) == 1
