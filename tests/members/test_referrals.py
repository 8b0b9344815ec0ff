"""Referrals from code to pay: both sides once, at maturity, and never in silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from connector.ingest.pipeline import drain
from connector.people import guests, referrals
from connector.people.actors import Actor
from connector.people.membership import set_status
from connector.people.signs import Shown, folded_address, hashed
from connector.storage.audit import load_deeds
from connector.storage.referrals import referrers_above
from connector.storage.session import Session
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberStatus
from tests.builders import DOCUMENT, KEYS, MIA, OTHER_KEYS
from tests.connector.rewarding import RewardShop, reward_shop

GRACE = Actor("grace", "key:bk_grace", "Grace")
REFERRING = {
    **DOCUMENT,
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 14}},
    "referral": {"referrer": 50, "friend": 30, "min_order": "30.00", "per_year": 2},
}
ADA = Shown(address="ada@example.test", device="phone-1", ip="203.0.113.7")
BOB = Shown(address="bob@example.test", device="phone-2", ip="203.0.113.8")


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    """Customer 7 is Ada, who has bought for 10.00."""
    async with reward_shop(prepared_database_url, points=10, document=REFERRING) as made:
        yield made


async def join(shop: RewardShop, customer: int) -> str:
    """A customer registers and becomes a member."""
    body = f'{{"id": {customer}, "email": "c{customer}@example.test"}}'.encode()
    await shop.front.receive("customer.created", body)
    ref = str(customer)
    [row] = await shop.front.rows("SELECT member_id FROM identity WHERE customer_ref = $1", ref)
    member: str = row["member_id"]
    return member


async def code(shop: RewardShop, member: str | None = None, shown: Shown = ADA) -> str:
    return await referrals.own_code(shop.front.pipeline, shop.front.programme, member or shop.member, shown)


async def come(shop: RewardShop, friend: str, given: str, shown: Shown = BOB) -> dict[str, Any]:
    return await referrals.register_friend(shop.front.pipeline, shop.front.programme, friend, given, shown)


async def settle(shop: RewardShop) -> int:
    changed = await referrals.settle_referrals(shop.front.pipeline)
    await drain(shop.front.pipeline)
    return changed


async def state(shop: RewardShop, member: str | None = None) -> str:
    [found] = await referrals.brought(shop.front.pipeline, shop.front.programme, member or shop.member)
    shown: str = found["state"]
    return shown


async def paid(shop: RewardShop) -> list[tuple[str, int]]:
    """(source's kind, points) of every referral entry."""
    entries = await shop.front.entries()
    return sorted((ref.split(":")[1], points) for _, points, ref in entries if ref.startswith("belong:referral"))


async def test_both_are_paid_once_when_the_friends_order_has_matured(shop: RewardShop) -> None:
    bob = await join(shop, 8)
    made = await come(shop, bob, (await code(shop)).lower())
    assert (made["state"], made["score"], made["reasons"]) == ("registered", 0, [])
    shop.front.clock.forward(minutes=1)
    await shop.order(20, 3_000, customer=8)
    assert await settle(shop) == 1
    assert (await state(shop), await paid(shop)) == ("ordered", [])
    shop.front.clock.forward(days=14, minutes=-1)
    assert await settle(shop) == 0
    shop.front.clock.forward(minutes=1)
    assert await settle(shop) == 1
    assert (await state(shop), await paid(shop)) == ("completed", [("referral", 50), ("referral_friend", 30)])
    assert await settle(shop) == 0
    assert await paid(shop) == [("referral", 50), ("referral_friend", 30)]


async def test_a_refund_before_maturity_ends_it(shop: RewardShop) -> None:
    bob = await join(shop, 8)
    await come(shop, bob, await code(shop))
    shop.front.clock.forward(minutes=1)
    await shop.order(20, 3_000, customer=8)
    await settle(shop)
    shop.front.clock.forward(days=1)
    await shop.order(20, 3_000, customer=8, status="cancelled")
    await settle(shop)
    assert await state(shop) == "void"
    shop.front.clock.forward(days=30)
    await settle(shop)
    assert await paid(shop) == []


@pytest.mark.parametrize(("minor", "expected"), [(2_999, "registered"), (3_000, "ordered")])
async def test_an_order_that_is_too_small_does_not_count(shop: RewardShop, minor: int, expected: str) -> None:
    bob = await join(shop, 8)
    await come(shop, bob, await code(shop))
    shop.front.clock.forward(minutes=1)
    await shop.order(20, minor, customer=8)
    await settle(shop)
    assert await state(shop) == expected


async def test_ones_own_code_is_refused_with_its_reason(shop: RewardShop) -> None:
    made = await come(shop, shop.member, await code(shop), ADA)
    assert (made["state"], [reason["code"] for reason in made["reasons"]]) == ("refused", ["self-referral"])


async def test_a_ring_is_refused_with_its_reason(shop: RewardShop) -> None:
    bob, cleo = await join(shop, 8), await join(shop, 9)
    await come(shop, bob, await code(shop))
    await come(shop, cleo, await code(shop, bob))
    made = await come(shop, shop.member, await code(shop, cleo))
    assert (made["state"], made["reasons"]) == (
        "refused",
        [{"code": "ring-of-referrals", "weight": 0, "numbers": {"members": 3}}],
    )


async def test_those_who_came_before_a_ring_was_refused_are_paid(shop: RewardShop) -> None:
    bob, cleo = await join(shop, 8), await join(shop, 9)
    await come(shop, bob, await code(shop), Shown())
    await come(shop, cleo, await code(shop, bob, Shown()), Shown())
    await come(shop, shop.member, await code(shop, cleo))
    shop.front.clock.forward(minutes=1)
    await shop.order(20, 3_000, customer=8)
    await settle(shop)
    assert (await state(shop), await state(shop, bob)) == ("ordered", "registered")


async def test_a_ring_that_is_entered_at_one_moment_is_refused_before_anybody_is_paid(
    shop: RewardShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each transaction looks upwards before another has ended, where the database lets several write at once."""
    members = [await join(shop, customer) for customer in (8, 9, 10)]
    codes = [await code(shop, member, Shown()) for member in members]
    if shop.front.pipeline.database.dialect == "postgresql":
        all_here, look = asyncio.Barrier(len(members)), referrers_above

        first_looks = iter(members)

        async def together(session: Session, member_id: str) -> tuple[str, ...]:
            # Whoever the database sends back looks a second time, and alone: nobody comes to wait with them.
            if next(first_looks, None) is not None:
                async with asyncio.timeout(10):
                    await all_here.wait()
            return await look(session, member_id)

        monkeypatch.setattr(referrals, "referrers_above", together)
    comes = [come(shop, friend, codes[place - 1], Shown()) for place, friend in enumerate(members)]
    async with asyncio.timeout(20):
        made = [found["state"] for found in await asyncio.gather(*comes)]
    monkeypatch.undo()
    # The second look of whoever was sent back sees the ring; else it is seen before anybody is paid.
    assert made.count("registered") in ((2, 3) if shop.front.pipeline.database.dialect == "postgresql" else (2,))
    shop.front.clock.forward(minutes=1)
    for customer in (8, 9, 10):
        await shop.order(20 + customer, 3_000, customer=customer)
    await settle(shop)
    # What they bought looks alike, so the other two wait for a person; the one who closed the ring is turned away.
    states = [await state(shop, member) for member in members]
    assert sorted(states) == ["refused", "review", "review"]
    shop.front.clock.forward(days=15)
    await settle(shop)
    assert await paid(shop) == []


async def test_a_friend_has_one_referrer_and_coming_again_changes_nothing(shop: RewardShop) -> None:
    bob, cleo = await join(shop, 8), await join(shop, 9)
    first, second = await code(shop), await code(shop, cleo)
    answers = await asyncio.gather(*[come(shop, bob, first) for _ in range(5)])
    assert all(answer == answers[0] for answer in answers)
    with pytest.raises(Refused, match="already-referred"):
        await come(shop, bob, second)
    assert len(await referrals.brought(shop.front.pipeline, shop.front.programme, shop.member)) == 1


async def test_an_unknown_code_is_refused_and_leaves_nothing(shop: RewardShop) -> None:
    bob = await join(shop, 8)
    shown = await shop.front.number("SELECT count(*) FROM member_sign")
    with pytest.raises(Refused, match="code-unknown"):
        await come(shop, bob, "NOBODYS0")
    assert await shop.front.number("SELECT count(*) FROM referred_by") == 0
    assert await shop.front.number("SELECT count(*) FROM member_sign") == shown


async def test_the_code_of_a_blocked_referrer_brings_nobody_new(shop: RewardShop) -> None:
    bob, eve, given = await join(shop, 8), await join(shop, 9), await code(shop)
    await come(shop, bob, given)
    await set_status(shop.front.pipeline, shop.front.programme, shop.member, MemberStatus.BLOCKED, MIA, "fraud")
    with pytest.raises(Refused) as refused:
        await come(shop, eve, given)
    assert refused.value.code == "code-unknown"
    assert await shop.front.number("SELECT count(*) FROM referred_by") == 1, "nothing has happened"
    assert (await come(shop, bob, given))["state"] == "registered", "who came before has come"


async def test_a_household_waits_for_a_person_who_lets_it_pass(shop: RewardShop) -> None:
    bob = await join(shop, 8)
    made = await come(shop, bob, await code(shop), Shown(address="a.d.a+x@example.test", device="phone-1"))
    assert [reason["code"] for reason in made["reasons"]] == ["similar-address", "same-device"]
    shop.front.clock.forward(minutes=1)
    await shop.order(20, 3_000, customer=8)
    shop.front.clock.forward(days=15)
    await settle(shop)
    pipeline, programme = shop.front.pipeline, shop.front.programme
    [waiting] = await referrals.review_queue(pipeline, programme)
    assert (waiting["friend"], waiting["score"], await paid(shop)) == (bob, 90, [])
    passed = await referrals.approve(pipeline, programme, bob, GRACE)
    assert (passed["state"], passed["actor"]) == ("ordered", "Grace")
    for one, details in ((shop.member, {"friend": bob}), (bob, {"referrer": shop.member})):
        deed = (await load_deeds(shop.front.database.reading(), programme, one))[0]
        told = (deed.act, deed.actor.person, deed.actor.through, deed.details)
        assert told == ("referral-approve", "grace", "key:bk_grace", details)
    await settle(shop)
    assert await paid(shop) == [("referral", 50), ("referral_friend", 30)]
    assert await referrals.review_queue(pipeline, programme) == []
    with pytest.raises(Refused, match="referral-not-in-review"):
        await referrals.approve(pipeline, programme, bob, GRACE)


async def test_what_a_person_refuses_is_never_paid(shop: RewardShop) -> None:
    bob = await join(shop, 8)
    await come(shop, bob, await code(shop), ADA)
    shop.front.clock.forward(minutes=1)
    await shop.order(20, 3_000, customer=8)
    shop.front.clock.forward(days=15)
    await settle(shop)
    refused = await referrals.refuse(shop.front.pipeline, shop.front.programme, bob, GRACE, "One person.")
    deed = (await load_deeds(shop.front.database.reading(), shop.front.programme, bob))[0]
    assert (deed.act, deed.reason) == ("referral-refuse", "One person.")
    assert (refused["state"], refused["reasons"][-1]["numbers"]) == ("refused", {"reason": "One person."})
    assert await settle(shop) == 0
    assert await paid(shop) == []


async def test_who_has_bought_before_is_not_new(shop: RewardShop) -> None:
    await shop.order(20, 3_000, customer=8)
    bob = await join(shop, 8)
    shop.front.clock.forward(minutes=1)
    made = await come(shop, bob, await code(shop))
    assert [reason["code"] for reason in made["reasons"]] == ["friend-not-new"]


async def guest_order(shop: RewardShop, number: int, paid: str | None = None) -> None:
    """Somebody without an account orders for 30.00 under Bob's other address."""
    dates = {name: paid for name in ("date_created_gmt", "date_modified_gmt", "date_paid_gmt")} if paid else {}
    billing = {"email": "bob.guest@example.test", "country": "DE"}
    await shop.order(number, 3_000, customer_id=0, billing=billing, **dates)


async def claims(shop: RewardShop, friend: str) -> int:
    address = KEYS.hash_address(shop.front.programme, "bob.guest@example.test")
    found = await guests.claim(shop.front.pipeline, shop.front.programme, friend, address, "mail", MIA)
    await drain(shop.front.pipeline)
    return found


async def reasons(shop: RewardShop) -> list[str]:
    [found] = await referrals.brought(shop.front.pipeline, shop.front.programme, shop.member)
    return [reason["code"] for reason in found["reasons"]]


@pytest.mark.parametrize("when", [None, "2026-05-20T10:00:00"], ids=["which earned", "before there was a programme"])
@pytest.mark.parametrize("first", [True, False], ids=["claimed before", "claimed after"])
async def test_who_has_bought_before_as_a_guest_is_not_new_once_that_is_claimed(
    shop: RewardShop, first: bool, when: str | None
) -> None:
    await guest_order(shop, 20, when)
    bob = await join(shop, 8)
    shop.front.clock.forward(minutes=1)
    if first:
        assert await claims(shop, bob) == 1
    made = await come(shop, bob, await code(shop))
    assert [reason["code"] for reason in made["reasons"]] == (["friend-not-new"] if first else [])
    shop.front.clock.forward(minutes=1)
    await shop.order(21, 3_000, customer=8)
    if not first:
        assert await claims(shop, bob) == 1
    await settle(shop)
    assert (await state(shop), await reasons(shop)) == ("review", ["friend-not-new"])
    shop.front.clock.forward(days=30)
    await settle(shop)
    assert await paid(shop) == []


async def test_a_guests_order_after_the_registration_is_the_friends_first_once_it_is_claimed(shop: RewardShop) -> None:
    bob = await join(shop, 8)
    await come(shop, bob, await code(shop))
    shop.front.clock.forward(minutes=1)
    await guest_order(shop, 20)
    await settle(shop)
    assert await state(shop) == "registered"
    assert await claims(shop, bob) == 1
    await settle(shop)
    assert (await state(shop), await reasons(shop)) == ("ordered", [])
    shop.front.clock.forward(days=14)
    await settle(shop)
    assert await paid(shop) == [("referral", 50), ("referral_friend", 30)]


async def test_beyond_the_years_limit_only_friends_are_paid(shop: RewardShop) -> None:
    given = await code(shop)
    for customer in (8, 9, 10):
        friend = await join(shop, customer)
        await come(shop, friend, given, Shown(address=f"f{customer}x@example.test"))
    shop.front.clock.forward(minutes=1)
    for customer in (8, 9, 10):
        await shop.order(20 + customer, 3_000, customer=customer)
    shop.front.clock.forward(days=14)
    await settle(shop)
    assert await paid(shop) == [("referral", 50)] * 2 + [("referral_friend", 30)] * 3


async def test_a_programme_without_referrals_gives_no_codes(prepared_database_url: str) -> None:
    async with reward_shop(prepared_database_url) as plain:
        with pytest.raises(Refused, match="no-referrals"):
            await code(plain)


class TestSigns:
    @pytest.mark.parametrize(
        ("address", "folded"),
        [
            ("Ada.Lovelace+2@Example.com", "adalovelace@example.com"),
            ("adalovelace7@example.com", "adalovelace@example.com"),
            ("adà@example.com", "ada@example.com"),
            ("1815@example.com", "1815@example.com"),
            ("ada@other.com", "ada@other.com"),
            ("no address", ""),
            ("", ""),
        ],
    )
    def test_addresses_that_are_easily_varied_are_one(self, address: str, folded: str) -> None:
        assert folded_address(address) == folded

    def test_only_what_is_shown_is_hashed(self) -> None:
        assert hashed(KEYS, 1, Shown()) == {}
        assert set(hashed(KEYS, 1, Shown(phone="+49 170 1234"))) == {"phones"}

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (Shown(phone="+49 170 1234"), Shown(phone="0049-170-1234")),
            (Shown(household="1 Main St., Berlin"), Shown(household="1 main st  BERLIN")),
            (Shown(address="Ada@example.com "), Shown(address="ada@example.com")),
        ],
    )
    def test_spelling_does_not_hide_a_sign(self, one: Shown, other: Shown) -> None:
        assert hashed(KEYS, 1, one) == hashed(KEYS, 1, other)

    def test_hashes_say_nothing_and_differ_by_kind_programme_and_key(self) -> None:
        [ip] = hashed(KEYS, 1, Shown(ip="203.0.113.7"))["ips"]
        [device] = hashed(KEYS, 1, Shown(device="203.0.113.7"))["devices"]
        [elsewhere] = hashed(KEYS, 2, Shown(ip="203.0.113.7"))["ips"]
        [rekeyed] = hashed(OTHER_KEYS, 1, Shown(ip="203.0.113.7"))["ips"]
        assert len({ip, device, elsewhere, rekeyed}) == 4
        assert "203" not in ip
