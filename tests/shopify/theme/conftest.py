"""What the real service tells a shop, and the folder of the app, once for all tests of the theme extension."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from connector.shopify.app_folder import write_folder
from tests.databases import Databases
from tests.shopify.extensions.spoken import spoken
from tests.shopify.theme.counter import counter_of_a_test

__all__ = ["counter_of_a_test"]


@pytest.fixture(scope="session")
def theme_app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a merchant deploys."""
    folder = tmp_path_factory.mktemp("theme") / "app"
    write_folder(folder, "0123456789abcdef0123456789abcdef", "https://belong.example.com")
    return folder


@pytest.fixture(scope="session")
def heard(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Texts of metafields as the outbox makes them: `summary`, `summary_after`, `programme`."""
    with databases.prepared("sqlite") as url:
        return asyncio.run(spoken(url, tmp_path_factory.mktemp("home")))
