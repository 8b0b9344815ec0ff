"""Shopify's own tools, from the lock `requirements/npm-shopify`."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import npm_packages


@pytest.fixture(scope="session")
def shopify_tools() -> Path:
    """Where they are installed."""
    try:
        return npm_packages.install(npm_packages.SHOPIFY)
    except npm_packages.NpmUnavailable as why:
        pytest.skip(f"no tools of Shopify's: {why}")
