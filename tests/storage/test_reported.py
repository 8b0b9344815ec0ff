"""Which kinds of activity a programme was told of, found without reading what each member did."""

from __future__ import annotations

from connector.storage.atomic import atomic
from connector.storage.programmes import create_programme
from connector.storage.reported import reported_kinds
from connector.storage.session import Session
from tests.builders import DOCUMENT, shopfront
from tests.operating.test_previewing import buys


async def test_every_kind_of_the_programme_is_found_and_none_of_another(prepared_database_url: str) -> None:
    async with shopfront(prepared_database_url) as front:
        session, now = front.database.reading(), front.clock()
        other = await atomic(front.database, lambda acting: create_programme(acting, DOCUMENT, now, now))
        assert await reported_kinds(session, front.programme) == frozenset()
        for customer in range(7, 27):
            await buys(front, customer, 50)
        rows = await front.rows("SELECT shard, counter FROM counter")
        assert len({row["shard"] for row in rows}) > 5 and len({row["counter"] for row in rows}) > 1
        assert await reported_kinds(session, front.programme) == {row["counter"] for row in rows}
        one = rows[0]["counter"]

        async def belongs_to_the_other(acting: Session) -> None:
            await acting.run("UPDATE counter SET programme_number = $1 WHERE counter = $2", other, one)

        await atomic(front.database, belongs_to_the_other)
        assert await reported_kinds(session, other) == {one}
        assert await reported_kinds(session, front.programme) == {row["counter"] for row in rows} - {one}
