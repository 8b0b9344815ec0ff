"""Before support parts two who were one: which points go where, and what would be owed."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connector.cli.main import cli
from connector.config import load_settings
from connector.ingest.pipeline import drain
from connector.people import merging
from connector.people.merging import unmerge
from connector.people.outlooks import PartingOutlook, preview_unmerge
from loyalty_engine.errors import Refused
from tests.builders import KEYS, MIA
from tests.connector.rewarding import RewardShop, reward_shop
from tests.databases import Databases
from tests.members.test_membership import Desk, desk
from tests.members.test_merging import WELCOMING, balances, member_of, merged, shop, two

__all__ = ["desk", "shop", "two"]


async def shown(shop: RewardShop, member: str) -> PartingOutlook:
    return await preview_unmerge(shop.front.pipeline, shop.front.programme, member)


async def numbers(shop: RewardShop, member: str) -> dict[str, int]:
    rows = await shop.front.rows("SELECT points, lifetime, deficit FROM balance WHERE member_id = $1", member)
    return dict(rows[0])


def told(found: Any) -> dict[str, int]:
    return {name: found[name] for name in ("points", "lifetime", "deficit")}


async def test_what_is_shown_is_what_comes(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await merged(shop, eight, seven)
    source = await shop.order(3, 5_000, customer=8)
    await shop.redeem("five", "after")
    before = await balances(shop)
    outlook = await shown(shop, eight)
    assert (outlook.survivor, outlook.merge, outlook.owed, outlook.missing) == (seven, 1, 0, 0)
    assert {move.source: move.points for move in outlook.sources} == {source.replace(":3", ":2"): 300, source: 50}
    assert [(move.source, move.points) for move in outlook.once] == [(f"belong:joined:{eight}", 20)]
    assert told(outlook.staying) == await numbers(shop, seven)
    assert await balances(shop) == before, "looking changes nothing"
    await unmerge(shop.front.pipeline, shop.front.programme, eight, MIA)
    await drain(shop.front.pipeline)
    assert told(outlook.parted) == await numbers(shop, seven)
    assert told(outlook.restored) == await numbers(shop, eight)
    assert (outlook.parted["available"], outlook.restored["available"]) == (520, 370)


async def test_what_was_spent_would_be_owed(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await merged(shop, seven, eight)
    shop.member = eight
    for key in ("one", "two"):
        await shop.redeem("five", key)
    outlook = await shown(shop, seven)
    assert (outlook.owed, outlook.missing, outlook.parted["deficit"]) == (680, 680, 680)
    with pytest.raises(Refused) as refused:
        await unmerge(shop.front.pipeline, shop.front.programme, seven, MIA, may_owe=False)
    assert refused.value.numbers["missing"] == outlook.missing
    await unmerge(shop.front.pipeline, shop.front.programme, seven, MIA)
    await drain(shop.front.pipeline)
    assert told(outlook.parted) == await numbers(shop, eight)


async def test_what_cannot_be_undone_is_refused_as_it_would_be(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await shop.order(3, 1_000, customer=9)
    nine = await member_of(shop, "9")
    for member, code in ((eight, "not-merged"), ("f" * 32, "member-unknown")):
        with pytest.raises(Refused, match=code):
            await shown(shop, member)
    await merged(shop, eight, nine)
    await merged(shop, nine, seven)
    with pytest.raises(Refused, match="merged-on"):
        await shown(shop, eight)

    async def dies(*_: Any) -> None:
        raise RuntimeError("the process ends here")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "_rename", dies)
        with pytest.raises(RuntimeError):
            await unmerge(shop.front.pipeline, shop.front.programme, nine, MIA)
    with pytest.raises(Refused, match="merge-under-way"):
        await shown(shop, nine)
    assert await merging.finish_merges(shop.front.pipeline) == 1


async def test_the_api_shows_it(desk: Desk) -> None:
    body = {"survivor": desk.members["anna"], "actor": "Kim", "reason": "the same person"}
    assert (await desk.post("/v1/members/{ben}/merge", body)).status_code == 200
    await desk.outside.work()
    found = await desk.get("/v1/members/{ben}/unmerge/preview")
    assert (found["staying"]["points"], found["parted"]["points"], found["restored"]["points"]) == (100, 50, 50)
    assert found["tiers"] == {"going": "member", "staying": "member", "after": "member"}
    assert await desk.available() == 100


def test_commands_merge_and_undo_and_show_both_before(databases: Databases, tmp_path: Path) -> None:
    key_file = load_settings({"BELONG_HOME": str(tmp_path)}).key_file
    key_file.touch(mode=0o600)
    key_file.write_text(base64.urlsafe_b64encode(KEYS.master).decode())

    async def fill(url: str) -> tuple[str, str]:
        async with reward_shop(url, document=WELCOMING) as made:
            await made.order(2, 30_000, customer=8)
            return made.member, await member_of(made, "8")

    with databases.prepared("sqlite") as url:
        seven, eight = asyncio.run(fill(url))
        home = {"BELONG_HOME": str(tmp_path), "DATABASE_URL": url}

        def belong(*arguments: str) -> str:
            done = CliRunner().invoke(cli, ["member", *arguments], env=home)
            return done.output if done.exit_code == 0 else f"failed: {done.output}{done.exception}"

        before = belong("merge", eight, seven, "--dry-run")
        assert f"belong:joined:{eight} counts once" in before
        assert "survivor then        1320 points, 1320 to spend" in before
        assert "Say why" in belong("merge", eight, seven)
        assert "by merge 1." in belong("merge", eight, seven, "--reason", "the same person")
        apart = belong("unmerge", eight, "--dry-run")
        assert "survivor then        1020 points, 1020 to spend" in apart
        assert f"+20 of belong:joined:{eight} count again" in apart
        assert "Say why" in belong("unmerge", eight)
        assert "merge 1 is undone" in belong("unmerge", eight, "--reason", "they are two")
        assert "not-merged" in belong("unmerge", eight, "--dry-run")
