"""Of a page of a shop's past only that is read at once which is compared or says when it was: the rest is read once, as
it comes out of the inbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from connector.ingest.backfill import told_of_known
from connector.platforms import Fetched, ObjectKey
from loyalty_engine.facts import OrderState
from tests.engine.builders import an_order

MOMENT = datetime(2026, 11, 21, tzinfo=UTC)
UNREADABLE = {"1", "2", "9"}


def page(*numbers: int) -> list[Fetched]:
    return [Fetched(ObjectKey("order", str(number)), b"{}", MOMENT, MOMENT) for number in numbers]


@pytest.mark.parametrize(
    ("orders", "new_ids", "read"),
    [
        ((), set(), []),
        ((3,), {"3"}, ["3"]),
        ((3, 4, 5, 6), {"3", "4", "5", "6"}, ["3", "6"]),
        ((3, 4, 5, 6), {"3", "4", "6"}, ["3", "5", "6"]),
        ((3, 4, 5), set(), ["3", "4", "5"]),
        ((1, 2, 3, 4, 5, 9), {"1", "2", "3", "4", "5", "9"}, ["3", "5"]),
        ((1, 2), {"1", "2"}, []),
    ],
)
def test_what_is_known_is_read_and_the_first_and_the_last_that_can_be(
    orders: Sequence[int], new_ids: set[str], read: list[str]
) -> None:
    def reading(some: Sequence[Fetched]) -> dict[str, OrderState]:
        return {one.key.object_id: an_order() for one in some if one.key.object_id not in UNREADABLE}

    assert sorted(told_of_known(reading, new_ids, page(*orders))) == read
