"""What most tests of the console begin with: a running service, and the plugin of its WooCommerce shop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.connector.outside import Outside, outside
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.visiting import PUBLIC


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield found


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    """A shop that has told nothing yet."""
    return await plugin_of(service)
