"""A browser for one test, and the WordPress sites of the plugin's tests."""

from __future__ import annotations

from tests.browser.chromium import browser_of_a_test
from tests.plugins.installed import installed

__all__ = ["browser_of_a_test", "installed"]
