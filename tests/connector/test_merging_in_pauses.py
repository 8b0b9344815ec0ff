"""Members that become one around a pause: their points end as anybody's do, wherever the parcel is meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from connector.ingest.pipeline import drain
from connector.people import merging
from connector.people.merging import merge
from connector.storage.instants import instant
from connector.verify import verify
from tests.builders import DOCUMENT, KEYS, MIA, Shopfront, shopfront
from tests.connector.test_correcting import go_on_again, stand_still
from tests.connector.test_programme_commands import DAY, FIRST, order

ENDING = {**DOCUMENT, "points": {**DOCUMENT["points"], "expiry": {"mode": "fixed", "months": 12}}}


async def members(front: Shopfront) -> dict[str, str]:
    return {row["customer_ref"]: row["member_id"] for row in await front.rows("SELECT * FROM identity")}


@pytest.mark.parametrize(
    ("packed", "opened"),
    [
        ("before", "before"),
        ("before", "within"),
        ("before", "after"),
        ("within", "within"),
        ("within", "after"),
        ("after", "after"),
    ],
)
async def test_a_parcel_counts_every_pause_once(
    prepared_database_url: str, packed: str, opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shopfront(prepared_database_url, document=ENDING) as front:
        for number, customer in ((1, 7), (2, 8)):
            await front.receive("order.updated", order(number, customer, 2000, FIRST))
        (before,) = {row["nominal_at_us"] for row in await front.rows("SELECT nominal_at_us FROM lot")}
        known = await members(front)
        real = merging._deliver

        async def killed(*arguments: Any) -> Any:
            raise ConnectionError("the process ends here")

        async def step() -> None:
            await merge(front.pipeline, front.programme, known["8"], known["7"], "merchant", MIA)

        async def at(time: str) -> None:
            if packed == time and opened != time:
                monkeypatch.setattr(merging, "_deliver", killed)
                with pytest.raises(ConnectionError):
                    await step()
                monkeypatch.setattr(merging, "_deliver", real)
            elif opened == time:
                await step()

        await at("before")
        await stand_still(front, 3)
        await at("within")
        front.clock.forward(days=3)
        await go_on_again(front)
        await at("after")
        # Whoever looks next writes down what the pause moved.
        await front.receive("order.updated", order(1, 7, 1900, FIRST))
        await drain(front.pipeline)
        rows = await front.rows("SELECT member_id, nominal_at_us, remaining FROM lot WHERE remaining > 0")
        assert {row["member_id"] for row in rows} == {known["7"]}
        assert {instant(row["nominal_at_us"]) for row in rows} == {instant(before) + 6 * DAY}
        assert sum(row["remaining"] for row in rows) == 39
        assert (await verify(front.database, KEYS, now=front.clock)).differences == []
