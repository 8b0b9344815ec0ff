"""An owner who is stopped while a form of theirs is under way gives nothing that would outlive that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector import clock
from connector.access.console import Role
from connector.people.actors import by_console
from connector.signing_in.inviting import invite, let_choose_anew
from connector.signing_in.standing import change_role, disable, enable
from connector.storage.console_people import find_person
from loyalty_engine.errors import Refused
from tests.connector.outside import Outside, outside
from tests.console.console_people import ADDRESS, hurried, joined
from tests.console.test_console_settings import BEN, PEOPLE, id_of, send
from tests.console.visiting import PUBLIC


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield hurried(found)
        found.service.passwords.close()


@pytest.mark.parametrize("deed", ["role", "disable"])
async def test_what_was_asked_for_just_before_lets_nobody_in(service: Outside, deed: str) -> None:
    owner, _ = await joined(service), await joined(service, Role.OWNER, BEN)
    database, now = service.service.database, clock.utc_now()
    number = service.connections["woocommerce"].programme_number
    stopped = await send(owner, PEOPLE, f"{PEOPLE}/{await id_of(service, BEN)}/{deed}", role="manager")
    assert stopped.status_code == 303
    before, ben = await service.rows("SELECT * FROM console_person ORDER BY number"), by_console(BEN, "Ben")
    ada = await find_person(database.reading(), ADDRESS)
    assert ada is not None
    for late in (
        invite(service.service, number, Role.OWNER, "eve@shop.example", "en", ben, now),
        let_choose_anew(service.service, ada, ben, now),
        change_role(database, number, await id_of(service, BEN), Role.OWNER, ben, now),
        disable(database, number, ada.public_id, ben, now),
        enable(database, number, await id_of(service, BEN), ben, now),
    ):
        with pytest.raises(Refused, match="owner-gone"):
            await late
    assert await service.rows("SELECT * FROM console_person ORDER BY number") == before
    assert await service.number("SELECT count(*) FROM console_ticket") == 0
    assert (
        await service.number("SELECT count(*) FROM programme_deed WHERE person = $1 AND act <> 'person-join'", BEN) == 0
    )
