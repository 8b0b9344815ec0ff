"""`belong verify` finds nothing in books that nobody touched, and says what waits."""

from __future__ import annotations

from tests.storage.verify_world import checked, world


async def test_untouched_books_agree(prepared_database_url: str) -> None:
    async with world(prepared_database_url) as (_, front):
        report = await checked(front)
        assert report.ok, report.as_text()
        print(report.as_text())
