"""The service hands its plugin out to anybody: the bytes that the command writes, known by version and checksum."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.access.rates import ANYONE, Buckets
from connector.cli.main import cli
from connector.woocommerce import plugin_zip
from tests.connector.outside import Outside, outside

PUBLIC = "https://points.example/belong"


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield found


@pytest.fixture
def nothing_beside_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    plugin_zip.handed_out.cache_clear()
    monkeypatch.setattr(plugin_zip, "IN_A_CLONE", tmp_path)
    monkeypatch.setattr(plugin_zip, "IN_A_WHEEL", tmp_path)
    yield
    plugin_zip.handed_out.cache_clear()


async def test_anybody_gets_the_bytes_that_the_command_writes(service: Outside, tmp_path: Path) -> None:
    path = tmp_path / "plugin.zip"
    assert CliRunner().invoke(cli, ["plugin", "woocommerce", "--output", str(path)]).exit_code == 0
    (told,) = (await service.http.get("/v1/plugins")).json()["plugins"]
    assert told["address"] == f"{PUBLIC}/v1/plugins/woocommerce"
    answer = await service.http.get("/v1/plugins/woocommerce")
    assert answer.status_code == 200 and answer.content == path.read_bytes()
    digest = hashlib.sha256(answer.content).hexdigest()
    assert (told["sha256"], told["bytes"]) == (digest, len(answer.content))
    headers = answer.headers
    assert (headers["belong-plugin-version"], headers["belong-plugin-sha256"]) == (told["version"], digest)
    assert headers["content-type"] == "application/zip"
    assert headers["content-disposition"] == f'attachment; filename="{told["file"]}"'


async def test_who_has_it_gets_no_bytes(service: Outside) -> None:
    etag = (await service.http.head("/v1/plugins/woocommerce")).headers["etag"]
    kept = await service.http.get("/v1/plugins/woocommerce", headers={"If-None-Match": f'"another", {etag}'})
    assert (kept.status_code, kept.content, kept.headers["etag"]) == (304, b"", etag)
    other = await service.http.get("/v1/plugins/woocommerce", headers={"If-None-Match": '"another"'})
    assert other.status_code == 200


async def test_one_address_cannot_have_it_for_ever(service: Outside) -> None:
    """The clock stands, so that a slow machine gives no time to come again."""
    service.service.rates.anyone = Buckets(ANYONE, seconds=lambda: 5.0)
    asked = [(await service.http.head("/v1/plugins/woocommerce")).status_code for _ in range(ANYONE.at_once + 2)]
    # Seconds are fractions: the last one may fall to either side.
    assert asked[: ANYONE.at_once - 1] == [200] * (ANYONE.at_once - 1) and asked[-1] == 429


@pytest.mark.usefixtures("nothing_beside_us")
async def test_without_the_plugins_files_the_service_says_so(service: Outside) -> None:
    assert (await service.http.get("/v1/plugins")).json() == {"plugins": []}
    answer = await service.http.get("/v1/plugins/woocommerce")
    assert answer.status_code == 404 and "not beside this service" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("ours", "installed", "is_newer"),
    [
        ("0.10.0", "0.9.9", True),
        ("0.10", "0.10.0", False),
        ("1.0", "1.0.1", False),
        ("1.0", "", False),
        ("1.0", "0.9-beta", False),
        ("1.0", "0.9\n", False),
        ("1.0", "9" * 5000, False),
    ],
)
def test_versions_are_compared_by_their_numbers(ours: str, installed: str, is_newer: bool) -> None:
    assert plugin_zip.PluginZip(ours, b"").is_newer_than(installed) is is_newer
