"""Shopify's own tools, from the lock `requirements/npm-shopify`, and the app's folder that they work on."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.shopify.app_folder import write_folder
from scripts import npm_packages
from tests.browser.chromium import browser_of_a_test

__all__ = ["browser_of_a_test"]


@pytest.fixture(scope="session")
def shopify_tools() -> Path:
    """Where they are installed."""
    try:
        return npm_packages.install(npm_packages.SHOPIFY)
    except npm_packages.NpmUnavailable as why:
        pytest.skip(f"no tools of Shopify's: {why}")


@pytest.fixture
def app_folder(shopify_tools: Path, tmp_path: Path) -> Path:
    """What a merchant deploys, with the packages that it names as if they were installed there."""
    folder = tmp_path / "app"
    write_folder(folder, "0123456789abcdef0123456789abcdef", "https://belong.example.com")
    (folder / "node_modules").symlink_to(shopify_tools, target_is_directory=True)
    return folder
