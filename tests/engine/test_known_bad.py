"""G29: the checks pass for the engine and object to every known mistake; a check that objects to none is no check."""

from __future__ import annotations

import pytest

from loyalty_engine.errors import LedgerError, Refused
from tests.engine.books import ENGINE
from tests.engine.checks import CHECKS
from tests.engine.known_bad import MISTAKES


@pytest.mark.parametrize("check", CHECKS)
def test_the_engine_keeps_every_promise(check: str) -> None:
    CHECKS[check](ENGINE)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_known_mistake_is_found_by_its_check(mistake: str) -> None:
    made = MISTAKES[mistake]
    with pytest.raises((AssertionError, LedgerError, Refused)):
        CHECKS[made.check](made.engine)


def test_every_check_objects_to_some_mistake() -> None:
    assert {made.check for made in MISTAKES.values()} == set(CHECKS)
