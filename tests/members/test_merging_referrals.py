"""Who brought whom goes along in a merge and comes back; whoever brought themselves is paid nothing for it."""

from __future__ import annotations

from connector.people.merging import unmerge
from connector.storage.atomic import atomic
from connector.storage.referrals import claim_friend, code_of, owner_of, referrer_of, save_referral
from connector.storage.session import Session
from loyalty_engine.referral import Referral
from tests.builders import MIA
from tests.connector.rewarding import RewardShop
from tests.members.test_merging import member_of, merged, shop, two

__all__ = ["shop", "two"]


async def referrals(shop: RewardShop) -> set[tuple[str, str, str]]:
    rows = await shop.front.rows("SELECT member_id, friend_id, referral_state FROM referral")
    return {(row["member_id"], row["friend_id"], row["referral_state"]) for row in rows}


async def brings(shop: RewardShop, referrer: str, friend: str) -> str:
    """A friend comes by a referrer's code, as the tables say it."""
    pipeline, programme, now = shop.front.pipeline, shop.front.programme, shop.front.pipeline.now()

    async def body(session: Session) -> str:
        code = await code_of(session, pipeline.keys, programme, referrer, now)
        assert await claim_friend(session, programme, friend, referrer)
        await save_referral(session, programme, Referral(referrer, friend, code, now))
        return code

    return await atomic(pipeline.database, body)


async def test_referrals_go_along_and_come_back(shop: RewardShop) -> None:
    await shop.order(3, 1_000, customer=9)
    await shop.order(4, 1_000, customer=10)
    seven, eight = shop.member, await member_of(shop, "8")
    nine, ten = await member_of(shop, "9"), await member_of(shop, "10")
    code = await brings(shop, eight, nine)
    await brings(shop, ten, eight)
    before = await referrals(shop)
    assert before == {(eight, nine, "registered"), (ten, eight, "registered")}
    reading, programme = shop.front.pipeline.database.reading(), shop.front.programme
    await merged(shop, eight, seven)
    assert await referrals(shop) == {(seven, nine, "registered"), (ten, seven, "registered")}
    assert await owner_of(reading, programme, code) == seven
    assert (await referrer_of(reading, nine), await referrer_of(reading, seven)) == (seven, ten)
    await unmerge(shop.front.pipeline, programme, eight, MIA)
    assert await referrals(shop) == before
    assert await owner_of(reading, programme, code) == eight
    assert (await referrer_of(reading, nine), await referrer_of(reading, seven)) == (eight, None)


async def test_whoever_brought_themselves_is_paid_nothing_for_it(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await brings(shop, eight, seven)
    await merged(shop, eight, seven)
    assert await referrals(shop) == {(eight, seven, "void")}


async def test_of_two_who_brought_them_the_survivors_counts(shop: RewardShop) -> None:
    await shop.order(3, 1_000, customer=9)
    seven, eight, nine = shop.member, await member_of(shop, "8"), await member_of(shop, "9")
    await shop.order(4, 1_000, customer=10)
    ten = await member_of(shop, "10")
    await brings(shop, nine, seven)
    await brings(shop, ten, eight)
    await merged(shop, eight, seven)
    assert await referrer_of(shop.front.pipeline.database.reading(), seven) == nine
    assert (nine, seven, "registered") in await referrals(shop)
