"""The folder that a merchant deploys: the app's id and our addresses in it, the version and the scopes that we use."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from connector.errors import Permanent
from connector.installing.compliance import TOPICS as COMPLIANCE
from connector.shopify.app_folder import ADDRESS, CLIENT_ID, IN_A_CLONE, write_folder
from connector.shopify.client import SCOPES, STORE_CREDIT_SCOPES
from connector.shopify.graphql import API_VERSION
from tests.connector.home import Home

PUBLIC = "https://loyalty.example/belong"


def test_the_folder_says_where_we_are(tmp_path: Path) -> None:
    written = write_folder(tmp_path / "app", "0123456789abcdef", PUBLIC)
    text = written.read_text("utf-8")
    assert CLIENT_ID not in text and ADDRESS not in text
    told = tomllib.loads(text)
    assert told["client_id"] == "0123456789abcdef"
    assert told["application_url"] == f"{PUBLIC}/shopify/app"
    assert told["auth"]["redirect_urls"] == [f"{PUBLIC}/shopify/auth/callback"]
    assert told["app_proxy"] == {"url": f"{PUBLIC}/shopify/proxy", "prefix": "apps", "subpath": "belong"}
    [compliance] = told["webhooks"]["subscriptions"]
    assert compliance == {"compliance_topics": list(COMPLIANCE), "uri": f"{PUBLIC}/shopify/compliance"}
    assert told["webhooks"]["api_version"] == API_VERSION


def test_it_asks_for_what_we_use_and_no_more() -> None:
    told = tomllib.loads((IN_A_CLONE / "shopify.app.toml").read_text("utf-8"))
    scopes = told["access_scopes"]
    # The last is of no document of the service: the account's extensions read the customer with it.
    assert sorted(scopes["scopes"].split(",")) == sorted([*SCOPES, "customer_read_customers"])
    assert sorted(STORE_CREDIT_SCOPES) == sorted(scopes["optional_scopes"])
    assert not set(scopes["optional_scopes"]) & set(SCOPES)
    assert scopes["use_legacy_install_flow"] is False
    public = {"admin": "merchant_read", "storefront": "public_read"}
    assert told["customer"]["metafields"]["app"]["summary"]["access"] == {**public, "customer_account": "read"}
    # The account's API has no metafields of shops; its extensions ask the storefront.
    assert told["shop"]["metafields"]["app"]["programme"]["access"] == public


def test_a_service_without_tls_writes_none(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="https only"):
        write_folder(tmp_path / "app", "id", "http://localhost:8000")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(Permanent, match="something in it"):
        write_folder(tmp_path / "full", "id", PUBLIC)
    for bad in ('a"b', "a\\b", "a b"):
        with pytest.raises(Permanent, match="characters"):
            write_folder(tmp_path / f"bad-{len(bad)}{bad[1]}".replace("\\", "x").replace('"', "y"), bad, PUBLIC)


def test_the_command_does_it_and_tells_no_secret(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", {"BELONG_PUBLIC_URL": PUBLIC})
    secret = "shpss_0123456789abcdef0123456789abcdef"
    said = home.must("shopify-app", "add", "my-app", "--to", str(tmp_path / "app"), BELONG_SHOPIFY_CLIENT_SECRET=secret)
    assert "each shop gets its own programme" in said and secret not in said
    assert (tmp_path / "app" / "shopify.app.toml").is_file()
    said = home.must("shopify-app", "rotate", "my-app", BELONG_SHOPIFY_CLIENT_SECRET="shpss_another")
    assert "secrets that count: 2" in said
    shown = home.must("shopify-app", "show", "my-app")
    assert "my-app" in shown and secret not in shown
    gone = home.run("shopify-app", "show", "another")
    assert gone.code == 2 and "no Shopify app another" in gone.err
