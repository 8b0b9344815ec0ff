"""What the plugin's own tests ran on, said at the end of the run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.plugins.installed import installed

__all__ = ["installed"]
RAN = pytest.StashKey[list[str]]()


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """A line at the end of the run."""
    return request.config.stash.setdefault(RAN, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(RAN, []):
        terminalreporter.write_line(line)
