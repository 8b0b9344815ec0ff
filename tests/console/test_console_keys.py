"""API keys in the console: made, shown once, revoked, and good no longer than the person whose they are."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector.access.console import Role
from connector.commands.keys import issue
from connector.commands.noted import run_noted
from connector.console.words import TABLES
from connector.people.actors import Actor, by_console
from loyalty_engine.errors import Refused
from tests.connector.outside import Outside, outside
from tests.connector.plugin_calls import plugin_of
from tests.console.console_people import ADDRESS, form_of, hurried, joined
from tests.console.test_console_settings import BEN, KEYS, PEOPLE, id_of, send
from tests.console.visiting import PUBLIC, signed_in

WORDS = TABLES["en"]


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield hurried(found)
        found.service.passwords.close()


async def test_a_key_is_made_shown_once_used_and_revoked(service: Outside) -> None:
    owner = await joined(service)
    form = form_of((await owner.get(KEYS)).text)
    typed = {"form": form, "once": str(uuid.uuid4()), "name": "desk", "days": "30", "scope.members:read": "yes"}
    made = await owner.post(f"{KEYS}/make", data=typed)
    found = re.search(r"bk_[0-9a-f]{8}\.[\w-]{43}", made.text)
    assert found is not None
    assert (await owner.post(f"{KEYS}/make", data=typed)).headers["location"] == f"{KEYS}?said=shown-once"
    key, bearer = found[0], {"Authorization": f"Bearer {found[0]}"}
    member = f"/v1/members/{uuid.uuid4()}"
    assert (await service.http.get(member, headers=bearer)).status_code == 404
    (row,) = await service.rows("SELECT name, owner, scopes, expires_at FROM api_key")
    assert (row["name"], row["owner"], row["scopes"]) == ("desk", ADDRESS, "members:read") and row["expires_at"]
    page = (await owner.get(KEYS)).text
    assert key not in page and key.partition(".")[0] in page and WORDS["keys.used"] in page
    gone = await send(owner, KEYS, f"{KEYS}/{key.partition('.')[0]}/revoke")
    assert gone.headers["location"] == f"{KEYS}?said=key-revoked"
    assert (await service.http.get(member, headers=bearer)).status_code == 401
    assert (await send(owner, KEYS, f"{KEYS}/{key.partition('.')[0]}/revoke")).status_code == 404
    acts = await service.rows("SELECT act, person FROM programme_deed WHERE act LIKE 'key-%' ORDER BY at_us")
    assert [tuple(dict(row).values()) for row in acts] == [("key-make", ADDRESS), ("key-revoke", ADDRESS)]


@pytest.mark.parametrize(("deed", "typed"), [("disable", {}), ("role", {"role": "manager"})])
async def test_keys_stop_with_the_person_whose_they_are_and_no_others(
    service: Outside, deed: str, typed: dict[str, str]
) -> None:
    """Also those that were made with one of theirs, or for them on the server; the page says it before."""
    ada, ben = await joined(service), await joined(service, Role.OWNER, BEN)
    reader = {"scope.members:read": "yes", "scope.keys:write": "yes"}
    hers, his = [
        key_of((await send(browser, KEYS, f"{KEYS}/make", name="desk", days="30", **reader)).text)
        for browser in (ada, ben)
    ]
    made = await service.http.post(
        "/v1/keys",
        json={"name": "till", "scopes": ["members:read"], "actor": "till"},
        headers={**bearer_of(his), "Idempotency-Key": "till-2026"},
    )
    made_with_his = made.json()["key"]
    on_server = {"programme": 1, "name": "cron", "owner": BEN.upper(), "operator": "root"}
    for_him = (await run_noted(service.service, "make-key", on_server))["key"]
    another = (await run_noted(service.service, "make-key", {**on_server, "owner": "zoe@shop.example"}))["key"]
    assert [await works(service, key) for key in (hers, his, made_with_his, for_him, another)] == [True] * 5
    keys = (await ada.get(KEYS)).text
    assert f"{WORDS['keys.made-with']} <code>{his.partition('.')[0]}</code>" in keys
    people = (await ada.get(PEOPLE)).text
    assert WORDS["keys.stop"] in people and all(
        key.partition(".")[0] in people for key in (his, made_with_his, for_him)
    )
    assert (await send(ada, PEOPLE, f"{PEOPLE}/{await id_of(service, BEN)}/{deed}", **typed)).status_code == 303
    assert [await works(service, key) for key in (hers, his, made_with_his, for_him, another)] == [
        True, False, False, False, True,
    ]  # fmt: skip
    stopped = await service.rows("SELECT person, numbers_text FROM programme_deed WHERE act = 'key-revoke'")
    assert {row["person"] for row in stopped} == {ADDRESS}
    assert {json.loads(row["numbers_text"])["key"] for row in stopped} == {
        key.partition(".")[0] for key in (his, made_with_his, for_him)
    }
    if deed == "disable":
        await send(ada, PEOPLE, f"{PEOPLE}/{await id_of(service, BEN)}/enable")
    assert not await works(service, his), "what was stopped stays so"


async def test_a_change_between_other_roles_stops_no_key(service: Outside) -> None:
    owner, _ = await joined(service), await joined(service, Role.MANAGER, BEN)
    cron = {"programme": 1, "name": "cron", "owner": BEN, "operator": "root"}
    key = (await run_noted(service.service, "make-key", cron))["key"]
    path = f"{PEOPLE}/{await id_of(service, BEN)}"
    for role in ("support", "owner"):
        assert (await send(owner, PEOPLE, f"{path}/role", role=role)).status_code == 303
    assert await works(service, key)


async def test_a_key_that_was_made_for_somebody_who_is_out_is_shown_as_that(service: Outside) -> None:
    owner, _ = await joined(service), await joined(service, Role.SUPPORT, BEN)
    await send(owner, PEOPLE, f"{PEOPLE}/{await id_of(service, BEN)}/disable")
    assert WORDS["keys.owner-out"] not in (await owner.get(KEYS)).text
    await run_noted(service.service, "make-key", {"programme": 1, "name": "x", "owner": BEN, "operator": "root"})
    assert WORDS["keys.owner-out"] in (await owner.get(KEYS)).text


async def test_nobody_makes_a_key_while_they_are_stopped(service: Outside) -> None:
    """The form, or the key, was looked at just before; the key that it makes would outlive them."""
    ada, ben = await joined(service), await joined(service, Role.OWNER, BEN)
    key = key_of((await send(ben, KEYS, f"{KEYS}/make", name="a", days="30", **{"scope.keys:write": "yes"})).text)
    prefix, number = key.partition(".")[0], service.connections["woocommerce"].programme_number
    await send(ada, PEOPLE, f"{PEOPLE}/{await id_of(service, BEN)}/disable")
    for actor in (by_console(BEN, "Ben"), Actor(BEN, f"key:{prefix}", "Ben")):
        with pytest.raises(Refused, match="key-maker-gone"):
            await issue(service.service, number, "b", ["members:read"], BEN, None, actor)
    assert await service.number("SELECT count(*) FROM api_key") == 1


def key_of(html: str) -> str:
    found = re.search(r"bk_[0-9a-f]{8}\.[\w-]{43}", html)
    assert found is not None
    return found[0]


def bearer_of(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def works(service: Outside, key: str) -> bool:
    answer = await service.http.get(f"/v1/members/{uuid.uuid4()}", headers=bearer_of(key))
    assert answer.status_code in (401, 404)
    return answer.status_code == 404


async def test_a_key_of_somebody_whom_only_their_shop_names_proves_nobody(service: Outside) -> None:
    """They choose their name there: with one key they would ask, and agree with another."""
    plugin = await plugin_of(service)
    for name in ("Ada", "Bob"):
        browser = await signed_in(service, plugin, name=name)
        made = await send(browser, KEYS, f"{KEYS}/make", name="desk", days="30", **{"scope.members:write": "yes"})
        assert WORDS["keys.made"] in made.text
    assert [row["owner"] for row in await service.rows("SELECT owner FROM api_key")] == ["", ""]
