"""A part of an address that can be no name of ours is not found, on every route that has one."""

from __future__ import annotations

import pytest

from connector.access.auth import SCOPES, create_api_key
from connector.routes.access import NeedsKey
from connector.routes.api import OPERATIONS
from connector.storage.atomic import atomic
from tests.builders import OPENED
from tests.connector.outside import Outside

ASKED = sorted(
    one.path for one in OPERATIONS if one.method == "GET" and isinstance(one.access, NeedsKey) and "{" in one.path
)


@pytest.mark.parametrize("part", ["%00", "a%00b", "%0a", "%7f"])
async def test_what_can_be_no_name_is_not_found(service: Outside, part: str) -> None:
    key = await atomic(
        service.service.database, lambda session: create_api_key(session, 1, "all", OPENED, frozenset(SCOPES))
    )
    assert len(ASKED) > 5
    for path in ASKED:
        asked = "/".join(part if "{" in one else one for one in path.split("/"))
        answer = await service.http.get(asked, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code in (400, 404), (path, answer.text)
