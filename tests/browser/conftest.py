"""A browser for one test, and the WordPress sites of the plugin's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from scripts.debian_packages import DebianUnavailable
from tests.browser import chromium
from tests.browser.chromium import Chromium
from tests.plugins.installed import installed

__all__ = ["browser", "installed"]


@pytest.fixture
async def browser() -> AsyncIterator[Chromium]:
    try:
        chromium.require()
    except DebianUnavailable as why:
        pytest.skip(f"no Chromium to look at pages with: {why}")
    async with chromium.running() as one:
        yield one
