"""What people wrote about a member goes with them, in rows that stay too; the seals still find who changes those."""

from __future__ import annotations

from typing import Any

import pytest

from connector.data.erasure import erase
from connector.people import referrals
from connector.people.actors import Actor
from connector.people.bulk_adjusting import Asking, ask, preview
from connector.people.segments import Segment, with_emails
from connector.storage.words import code_in
from connector.verify import verify
from tests.builders import KEYS, MIA
from tests.connector.rewarding import RewardShop
from tests.members.test_membership import Desk, desk
from tests.members.test_referrals import ADA, code, come, join, settle, shop
from tests.second_connection import run_apart

__all__ = ["desk", "shop"]
WORDS = "Ada Lovelace called"
WHO = {"actor": "Kim", "reason": WORDS}


async def everything(rows: Any) -> str:
    """Every sealed and unsealed row in which people may write, as text."""
    tables = (
        *("tier_change", "badge_change", "level_change", "redemption", "voucher", "referral", "adjust_request"),
        *("held_award", "audit", "audit_note", "merge", "parcel", "explanation", "bulk_adjust", "notice", "reason"),
    )
    return "".join([str(await rows(f"SELECT * FROM {table}")) for table in tables])


async def test_reasons_of_tiers_and_badges_go_and_verify_stays_clean_and_watchful(desk: Desk) -> None:
    await desk.post("/v1/members/{anna}/tier", {"tier": "gold", **WHO})
    await desk.post("/v1/members/{anna}/badges/circle_of_year/award", WHO)
    await desk.post("/v1/members/{ben}/tier", {"tier": "gold", "actor": "Kim", "reason": "Ben asked"})
    assert (await everything(desk.outside.rows)).count(WORDS) > 2
    headers = {"Authorization": f"Bearer {desk.keys['lee']}"}
    path = "/v1/members/{anna}/person?reason=asked".format(**desk.members)
    for _ in range(2):
        assert (await desk.outside.http.delete(path, headers=headers)).status_code == 200
    told = await everything(desk.outside.rows)
    assert "Lovelace" not in told
    assert "Ben asked" in told, "another member's reasons stay"
    assert await desk.is_sound()
    rows = await desk.outside.rows("SELECT actor, reason FROM badge_change")
    assert [row["reason"] for row in rows] == ["erased"]
    for wrong in ("reason = 'x'", "reason = 'erased', tier = 'member'", "tier = 'member'"):
        with pytest.raises(Exception, match="append-only"):
            run_apart(desk.outside.service.database.url, f"UPDATE tier_change SET {wrong} WHERE tier = 'gold'")
    # Erasing words past us is allowed by the guard of the table, and seen.
    run_apart(desk.outside.service.database.url, "UPDATE tier_change SET reason = 'erased' WHERE reason = 'Ben asked'")
    report = await verify(desk.outside.service.database, KEYS)
    assert set(report.difference_counts) == {"seal"}


@pytest.mark.parametrize("is_friend", [True, False])
async def test_words_about_a_referral_go_with_either_of_both(shop: RewardShop, is_friend: bool) -> None:
    friend = await join(shop, 8)
    await come(shop, friend, await code(shop), ADA)
    shop.front.clock.forward(minutes=1)
    await shop.order(20, 3_000, customer=8)
    shop.front.clock.forward(days=15)
    await settle(shop)
    grace = Actor("grace", "key:bk_grace", "Grace")
    await referrals.refuse(shop.front.pipeline, shop.front.programme, friend, grace, WORDS)
    await settle(shop)
    await erase(shop.front.pipeline, shop.front.programme, friend if is_friend else shop.member, MIA, "asked")
    (row,) = await shop.front.rows("SELECT reasons FROM referral")
    assert '"refused-by-hand"' in row["reasons"]
    assert "Lovelace" not in row["reasons"]
    report = await verify(shop.front.database, KEYS)
    assert report.ok, report.as_text()


async def test_an_adjustment_of_a_segment_keeps_no_hash_of_an_address(desk: Desk) -> None:
    pipeline = desk.outside.service.pipeline
    number = desk.outside.connections["woocommerce"].programme_number
    listed = Segment(members=[desk.members["anna"]])
    segment = with_emails(pipeline.keys, number, listed, ["ada@example.test"])
    (digest,) = segment.address_hashes
    seen = await preview(pipeline, number, segment, 5, MIA)
    made = await ask(pipeline, Asking(number, "b1", segment, 5, MIA, "late", seen.digest))
    assert (made.members, digest in await everything(desk.outside.rows)) == (1, False)
    older = segment.text().replace("'", "''")
    run_apart(desk.outside.service.database.url, f"UPDATE bulk_adjust SET segment = '{older}'")
    assert digest in await everything(desk.outside.rows)
    member = (await desk.outside.rows("SELECT member_id FROM bulk_member"))[0]["member_id"]
    await erase(pipeline, number, member, MIA, "asked")
    assert digest not in await everything(desk.outside.rows)
    (row,) = await desk.outside.rows("SELECT segment FROM bulk_adjust")
    assert desk.members["anna"] in row["segment"]


@pytest.mark.parametrize(
    ("reason", "left"),
    [
        ("cancelled", "cancelled"),
        ("perk-expired", "perk-expired"),
        ("merge:0a1b", "merge:0a1b"),
        ("cancelled (Ada)", "cancelled"),
        ("store-refused: no such customer Ada", "store-refused"),
        ("Ada asked", "erased"),
        ("sorry Ada", "erased"),
    ],
)
def test_codes_stay_and_words_do_not(reason: str, left: str) -> None:
    assert code_in(reason) == left
