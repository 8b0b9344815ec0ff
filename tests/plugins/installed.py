"""WordPress sites for the plugin's tests, made once in a run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scripts.debian_packages import DebianUnavailable
from scripts.npm_packages import NpmUnavailable
from tests.plugins import sites
from tests.plugins.sites import Site


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Site]:
    """`installed("newest")` or `"oldest"`: made once, and copied by whoever writes to it."""
    made: dict[str, Site] = {}

    def site(age: str) -> Site:
        if age not in made:
            try:
                made[age] = sites.make(tmp_path_factory.mktemp(age) / "site", age)
            except (DebianUnavailable, NpmUnavailable) as why:
                pytest.skip(f"no WordPress to test the plugin in: {why}")
        return made[age]

    return site
