"""Settings come from the environment, and what is wrong in it is named with its cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.config import load_settings
from connector.errors import ConfigProblem
from connector.storage.database import sqlite_path


def test_without_any_setting_it_works_in_this_folder_for_this_machine_alone() -> None:
    settings = load_settings({})
    assert settings.home == Path("belong-data").resolve()
    assert sqlite_path(settings.database_url) == settings.home / "belong.sqlite3"
    assert settings.key_file == settings.home / "master.key"
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8420, "http://127.0.0.1:8420")
    assert (settings.allow_private_hosts, settings.metrics_token) == (frozenset(), None)
    assert (settings.keep_payloads_days, settings.shards_per_claim) == (90, 16)


def test_an_empty_variable_counts_as_not_set() -> None:
    """Defect seen: an empty BELONG_HOST, as Compose files pass it on, listened on every address."""
    names = "HOME KEY_FILE HOST PORT PUBLIC_URL ALLOW_PRIVATE_HOSTS METRICS_TOKEN KEEP_PAYLOADS_DAYS SHARDS_PER_CLAIM"
    empty = {f"BELONG_{name}": " " for name in names.split()} | {"DATABASE_URL": ""}
    assert load_settings(empty) == load_settings({})


def test_every_setting_is_taken() -> None:
    settings = load_settings(
        {
            "BELONG_HOME": "/srv/belong",
            "DATABASE_URL": "postgresql://u:p@db/belong",
            "BELONG_KEY_FILE": "/run/secrets/key",
            "BELONG_HOST": "::1",
            "BELONG_PORT": "9000",
            "BELONG_ALLOW_PRIVATE_HOSTS": "shop.lan, 127.0.0.1:8080,",
            "BELONG_METRICS_TOKEN": "0123456789abcdef",
            "BELONG_KEEP_PAYLOADS_DAYS": "30",
            "BELONG_SHARDS_PER_CLAIM": "1",
            "BELONG_KEY_REQUESTS_PER_SECOND": "0",
            "BELONG_TRUSTED_PROXIES": "10.0.0.0/8, fd00::1",
        }
    )
    assert (settings.database_url, settings.key_file) == ("postgresql://u:p@db/belong", Path("/run/secrets/key"))
    assert settings.public_url == "http://[::1]:9000"
    assert settings.allow_private_hosts == {"shop.lan", "127.0.0.1:8080"}
    assert settings.metrics_token == "0123456789abcdef"
    assert (settings.keep_payloads_days, settings.shards_per_claim, settings.key_requests_per_second) == (30, 1, 0)
    assert settings.trusted_proxies == ("10.0.0.0/8", "fd00::1")


@pytest.mark.parametrize("token", ["secret", "metrics", "0" * 40, "changemechangeme"[:15]])
def test_a_token_that_could_be_guessed_is_refused(token: str) -> None:
    with pytest.raises(ConfigProblem, match="16 random characters"):
        load_settings({"BELONG_METRICS_TOKEN": token})


@pytest.mark.parametrize("proxies", ["*", "proxy.lan", "10.0.0.0/99"])
def test_a_proxy_is_an_address(proxies: str) -> None:
    with pytest.raises(ConfigProblem, match="addresses or networks"):
        load_settings({"BELONG_TRUSTED_PROXIES": proxies})


@pytest.mark.parametrize("folder", ["with space", "50%25 off", "who?", "a#b", "münchen"])
def test_a_home_of_any_name_has_its_database_inside(folder: str, tmp_path: Path) -> None:
    """Defect seen: a percent sign or a question mark in the path named another file."""
    settings = load_settings({"BELONG_HOME": str(tmp_path / folder)})
    assert sqlite_path(settings.database_url) == tmp_path / folder / "belong.sqlite3"


@pytest.mark.parametrize("given", ["https://loyalty.example/", "https://loyalty.example/sub", "http://127.0.0.1:1"])
def test_the_public_address_loses_its_last_slash(given: str) -> None:
    assert load_settings({"BELONG_PUBLIC_URL": given}).public_url == given.rstrip("/")


@pytest.mark.parametrize(
    "given", ["loyalty.example", "ftp://x.example", "https://", "https://[x", "https://x.example?a=1"]
)
def test_a_public_address_that_no_shop_could_reach_is_refused(given: str) -> None:
    with pytest.raises(ConfigProblem, match="BELONG_PUBLIC_URL must look like https://loyalty.example"):
        load_settings({"BELONG_PUBLIC_URL": given})


@pytest.mark.parametrize(
    ("name", "given", "limits"),
    [
        ("BELONG_PORT", "65536", "from 0 to 65535"),
        ("BELONG_PORT", "-1", "from 0 to 65535"),
        ("BELONG_PORT", "eighty", "from 0 to 65535"),
        ("BELONG_PORT", "٣", "from 0 to 65535"),
        ("BELONG_PORT", "9" * 5000, "from 0 to 65535"),
        ("BELONG_KEEP_PAYLOADS_DAYS", "0", "from 1 to 3650"),
        ("BELONG_SHARDS_PER_CLAIM", "65", "from 1 to 64"),
    ],
)
def test_a_number_out_of_its_limits_is_refused_by_name(name: str, given: str, limits: str) -> None:
    with pytest.raises(ConfigProblem, match=f"{name} must be a whole number {limits}"):
        load_settings({name: given})
