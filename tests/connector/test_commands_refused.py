"""What a command refuses leaves nothing behind; so all tests share one service on each database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from connector.commands import run as commands
from connector.commands.run import COMMANDS
from connector.errors import ConfigProblem, ConnectorError
from loyalty_engine.errors import ProgrammeError
from tests.builders import DOCUMENT
from tests.conftest import KINDS
from tests.connector.outside import Outside, new_shop, outside
from tests.databases import Databases

pytestmark = pytest.mark.asyncio(loop_scope="module")


def with_general(**changes: Any) -> dict[str, Any]:
    """The usual document with other settings of [programme]."""
    return {
        **DOCUMENT,
        "programme": DOCUMENT["programme"] | changes,
        "points": {"earn": {"per_unit": "1", "pending_days": 14}},
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=KINDS)
async def untouched(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Outside]:
    with databases.prepared(request.param) as url:
        async with outside(url, tmp_path_factory.mktemp("home")) as found:
            yield found


async def everything(service: Outside) -> tuple[int, ...]:
    """How many rows a refused command could have left."""
    tables = ("programme", "programme_version", "connection", "connection_secret", "api_key")
    return tuple([await service.number(f"SELECT count(*) FROM {table}") for table in tables])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"programme": 0}, "There is no programme 0."),
        ({"programme": 99}, "There is no programme 99."),
        ({"document": with_general(currency="EURO")}, "programme.currency"),
        ({"document": with_general(timezone="Mars/Base")}, "programme.timezone"),
        ({"document": {**DOCUMENT, "points": {"earn": {"per_unit": 1, "pending_days": -1}}}}, "pending_days"),
        ({"secrets": {"consumer_key": "ck", "consumer_secret": "  "}}, "The consumer secret is empty."),
        ({"secrets": {"consumer_key": "ck"}}, "The consumer secret is empty."),
        ({"secrets": {"consumer_key": "ck\x00x", "consumer_secret": "cs"}}, "paste it again"),
        ({"secrets": {"consumer_key": "clé", "consumer_secret": "cs"}}, "paste it again"),
        ({"secrets": {"client_secret": "x"}}, "has no client_secret"),
        ({"api_url": "http://169.254.169.254/"}, "must start with https"),
        ({"api_url": "https://10.0.0.1"}, "must be a name"),
    ],
)
async def test_a_connection_that_cannot_be_made_leaves_nothing(
    untouched: Outside, changes: dict[str, Any], sentence: str
) -> None:
    before = await everything(untouched)
    with pytest.raises((ConnectorError, ProgrammeError), match=sentence):
        await commands.connect(untouched.service, new_shop(**changes))
    assert await everything(untouched) == before


@pytest.mark.parametrize("secrets", [{"consumer_key": "ck"}, {"client_secret": ""}, {"client_secret": "a\nb"}])
async def test_a_secret_that_the_shop_does_not_have_is_refused(untouched: Outside, secrets: dict[str, str]) -> None:
    """Defect seen: it was answered as if it had been taken."""
    before = await everything(untouched)
    with pytest.raises(ConfigProblem):
        await commands.add_secrets(
            untouched.service, {"connection": untouched.connections["shopify"].public_id, "secrets": secrets}
        )
    assert await everything(untouched) == before


CORRECTION = {"programme": 1, "wrong": 1, "right": 2, "from": "2026-06-01", "until": "2026-07-01"}


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("add-secrets", {"connection": "nobody", "secrets": {}}),
        ("change-setting", {"connection": "nobody", "name": "birthday_meta", "value": "x"}),
        ("publish", {"programme": 9, "document": DOCUMENT}),
        ("publish", {"programme": 1, "document": {**DOCUMENT, "colour": "red"}}),
        ("publish", {"programme": 1, "document": "not json"}),
        ("publish", {"programme": 1, "document": 7}),
        ("publish", {"programme": 1, "document": with_general(currency="USD")}),
        ("publish", {"programme": 1, "document": with_general(timezone="Asia/Tokyo")}),
        ("publish", {"programme": 1, "document": DOCUMENT, "from": "2026-06-01"}),
        ("publish", {"programme": 1, "document": DOCUMENT, "from": "soon"}),
        ("pause", {"programme": 9, "reason": "x"}),
        ("pause", {"programme": 1}),
        ("pause", {"programme": 1, "reason": " "}),
        ("pause", {"programme": 1, "reason": "x" * 501}),
        ("resume", {"programme": 1}),
        ("correct", {**CORRECTION, "expected": {"sources": 0, "members": 0, "points": 0}}),
        ("correct", {**CORRECTION, "expected": {"sources": 0, "members": 0, "points": 0}, "reason": "x"}),
        ("preview-correction", CORRECTION),
        ("correcting", {"programme": 1}),
        ("make-key", {"programme": 9, "name": "x"}),
        ("revoke-key", {"prefix": "bk_00000000"}),
    ],
)
async def test_a_command_about_nothing_is_refused_with_a_sentence(
    untouched: Outside, name: str, params: dict[str, Any]
) -> None:
    before = await everything(untouched)
    with pytest.raises((ConnectorError, ProgrammeError), match=r"\.$"):
        await COMMANDS[name](untouched.service, params)
    assert await everything(untouched) == before
