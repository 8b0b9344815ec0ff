"""A decision loads of a member's redemptions only what it looks at: it decides as if it had loaded everything, and a
member of many years costs no more rows than a new one.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.ingest import deciding, moments
from connector.ingest.pipeline import drain
from connector.people import act
from connector.people.adjusting import adjust_points
from connector.people.merging import merge, unmerge
from connector.programmes import passing_time
from connector.programmes.passing_time import pass_time
from connector.redeeming import capturing, redemptions
from connector.redeeming.examining import examine_member
from connector.snapshot import loading, snapshot_of
from connector.snapshot.loading import Holders, load_shown
from connector.storage.atomic import atomic
from connector.storage.ledger_load import MemberKey, SourceKey, load_members
from connector.storage.ledger_rows import REDEMPTION_COLUMNS, redemption_values
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard
from connector.verify.run import verify
from loyalty_engine import commands
from loyalty_engine.cart import Cart
from loyalty_engine.errors import LedgerError, Refused
from loyalty_engine.facts import Line
from loyalty_engine.member import MemberState, Redemption, RedemptionState
from tests.builders import KEYS, MIA
from tests.connector.rewarding import ALL, RewardShop, a_cart, reward_shop
from tests.databases import Databases

RULES: dict[str, Any] = {
    **ALL,
    "points": {
        "earn": {"rates": {"EUR": "1"}, "pending_days": 2, "allow_negative": -50},
        "expiry": {"mode": "fixed", "days": 60, "remind_days": [14, 7]},
        "redeem": {"max_share": "0.5", "hold_minutes": 30},
    },
    "adjust": {"max": 10_000},
    "rewards": [
        *ALL["rewards"],
        {"id": "monthly", "kind": "amount", "points": 60, "value": "1.00", "per_member": 3, "per": "month"},
        {"id": "piece", "kind": "amount", "points": 40, "value": "2.00", "stacks": True, "voucher_days": 3},
        {"id": "ship", "kind": "free_shipping", "points": 30, "stacks": True},
    ],
}
DECIDED = (
    "entry explanation lot consumption redemption booking balance context cap_grant reason notice voucher "
    "reward_stock stock_claim code_use member member_seal counter"
).split()


async def everything(
    session: Session,
    sources: Iterable[SourceKey],
    *,
    whole: Iterable[MemberKey] = (),
    also: Iterable[MemberKey] = (),
    lock: bool = True,
) -> dict[str, MemberState]:
    """As ``load_members``, and of every member all there is."""
    asked = list(sources)
    return await load_members(session, asked, whole={*whole, *also, *(key[:2] for key in asked)}, lock=lock)


class Story:
    """What happens to two customers, drawn from a seed; told notes what every deed gave or why it was refused."""

    def __init__(self, shop: RewardShop, seed: int) -> None:
        self.shop = shop
        self.chance = random.Random(seed)
        self.made: list[tuple[str, dict[str, Any]]] = []
        self.orders: list[tuple[int, int, int]] = [(1, 7, 90_000), (2, 8, 60_000)]
        self.told: list[tuple[str, object]] = []
        self.deeds = 0
        self.members: dict[int, str] = {}

    async def lived(self, deeds: int) -> None:
        await self.shop.order(2, 60_000, customer=8)
        rows = await self.shop.front.rows("SELECT customer_ref, member_id FROM identity")
        self.members = {int(row["customer_ref"]): row["member_id"] for row in rows}
        self.shop.front.clock.forward(days=3)
        ways: tuple[Callable[[], Awaitable[object]], ...] = (
            *[self.redeem] * 6, *[self.examine] * 3, *[self.use] * 4, *[self.refund] * 3, *[self.time] * 3,
            self.order, self.let_go, self.capture, self.unpaid, self.adjust, self.settle, self.merge,
        )  # fmt: skip
        for number in range(deeds):
            self.deeds = number + 3
            self.shop.front.clock.forward(seconds=self.chance.randrange(1, 600))
            way = self.chance.choice(ways)
            try:
                self.told.append((way.__name__, await way()))
            except Refused as refused:
                self.told.append((way.__name__, (refused.code, dict(refused.numbers))))
            await drain(self.shop.front.pipeline)

    async def redeem(self) -> object:
        """Perhaps for a cart, which may name what was redeemed before, whatever has become of it."""
        customer = self.chance.choice([7, 7, 8])
        reward = self.chance.choice(
            ["five", "once", "big", "tour", "short", "mug", "monthly", "piece", "piece", "ship"]
        )
        cart = self.cart()
        holds = cart is not None and self.chance.random() < 0.5
        wish = self.shop.wish(reward, f"key-{self.deeds}", cart=cart, holds=holds)
        made = await redemptions.redeem(self.shop.front.pipeline, replace(wish, member_id=self.members[customer]))
        self.made.append((self.members[customer], made))
        return made

    def cart(self) -> Cart | None:
        named = self.chance.sample(self.made, min(len(self.made), self.chance.choice([0, 0, 1, 1, 2])))
        cart = Cart("EUR", (Line("1", 1, 8_000),), redemptions=tuple(one["redemption"] for _, one in named))
        return self.chance.choice([None, a_cart(), cart, cart])

    async def examine(self) -> object:
        pipeline, programme = self.shop.front.pipeline, self.shop.front.programme
        member = self.members[self.chance.choice([7, 8])]
        return await examine_member(pipeline, programme, member, cart=self.cart(), reported=frozenset())

    async def order(self) -> object:
        customer, minor = self.chance.choice([7, 8]), self.chance.randrange(1_000, 40_000)
        self.orders.append((self.deeds, customer, minor))
        return await self.shop.order(self.deeds, minor, customer=customer)

    async def use(self) -> object:
        """An order with a code, perhaps one that was used already, perhaps of the other customer."""
        if not self.made:
            return None
        _, made = self.chance.choice(self.made[-6:])
        customer, minor = self.chance.choice([7, 7, 8]), self.chance.randrange(1_000, 20_000)
        self.orders.append((self.deeds, customer, minor))
        return await self.shop.order(self.deeds, minor, customer=customer, code=made.get("code"))

    async def unpaid(self) -> object:
        """An order with a code whose money is on its way, or never comes."""
        if not self.made:
            return None
        _, made = self.chance.choice(self.made[-3:])
        status = self.chance.choice(["on-hold", "failed", "cancelled"])
        about = {"status": status, "date_paid_gmt": None, "code": made.get("code")}
        return await self.shop.order(self.deeds, 5_000, customer=7, **about)

    async def refund(self) -> object:
        number, customer, minor = self.chance.choice(self.orders)
        back = self.chance.choice([minor, minor // 2, minor // 3])
        refund = {
            "id": number * 10 + self.chance.randrange(3),
            "reason": "",
            "total": f"-{back // 100}.{back % 100:02}",
        }
        return await self.shop.order(number, minor, customer=customer, refunds=[refund])

    async def time(self) -> object:
        self.shop.front.clock.forward(minutes=self.chance.choice([20, 120, 60 * 24 * 2, 60 * 24 * 20]))
        pipeline = self.shop.front.pipeline
        lapsed, ended = await redemptions.lapse_holds(pipeline), await redemptions.expire_vouchers(pipeline)
        return lapsed, ended, await pass_time(pipeline)

    async def let_go(self) -> object:
        if not self.made:
            return None
        member, made = self.chance.choice(self.made[-4:])
        pipeline, programme = self.shop.front.pipeline, self.shop.front.programme
        if self.chance.random() < 0.5:
            return await redemptions.release(pipeline, programme, member, made["redemption"])
        return await redemptions.cancel(pipeline, programme, member, made["redemption"], "cancelled", MIA)

    async def capture(self) -> object:
        if not self.made or not self.orders:
            return None
        member, made = self.chance.choice(self.made[-4:])
        order = f"woocommerce:{self.shop.front.connection.number}:order:{self.chance.choice(self.orders)[0]}"
        pipeline, programme = self.shop.front.pipeline, self.shop.front.programme
        return await capturing.capture(pipeline, programme, member, made["redemption"], order)

    async def adjust(self) -> object:
        points, member = self.chance.choice([300, 150, -40, -900]), self.members[self.chance.choice([7, 8])]
        to = (self.shop.front.programme, member)
        return (await adjust_points(self.shop.front.pipeline, *to, points, uuid.uuid4().hex, MIA, "why not")).name

    async def settle(self) -> object:
        return await self.shop.settle()

    async def merge(self) -> object:
        """Together, or apart again."""
        pipeline, programme = self.shop.front.pipeline, self.shop.front.programme
        if self.chance.random() < 0.5:
            return (await merge(pipeline, programme, self.members[8], self.members[7], "merchant", MIA)).state.name
        return (await unmerge(pipeline, programme, self.members[8], MIA)).state.name


async def what_came_of_it(
    url: str, seed: int, deeds: int, monkeypatch: pytest.MonkeyPatch, *, all_of_it: bool
) -> tuple[Story, dict[str, list[Row]]]:
    """The story, and what it left in each table; ids and salts are drawn from the seed as well."""
    drawn, salts = random.Random(seed), random.Random(seed)
    with monkeypatch.context() as patched:
        patched.setattr(uuid, "uuid4", lambda: uuid.UUID(int=drawn.getrandbits(128), version=4))
        patched.setattr(moments, "_new_salt", lambda: salts.randbytes(16))
        for module in (act, deciding, passing_time) if all_of_it else ():
            patched.setattr(module, "load_members", everything)
        async with reward_shop(url, points=900, document=RULES) as shop:
            story = Story(shop, seed)
            await story.lived(deeds)
            found = {table: await shop.front.rows(f"SELECT * FROM {table}") for table in DECIDED}
            report = await verify(shop.front.database, KEYS, now=shop.front.clock)
            assert report.ok, report.as_text()
    return story, {table: sorted(rows, key=repr) for table, rows in found.items()}


@pytest.mark.parametrize("seed", range(5))
async def test_what_is_decided_is_the_same_as_if_everything_were_loaded(
    seed: int, database_kind: str, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    deeds = 70 if database_kind == "sqlite" else 35
    with databases.prepared(database_kind) as one, databases.prepared(database_kind) as two:
        story, left = await what_came_of_it(one, seed, deeds, monkeypatch, all_of_it=False)
        other, wanted = await what_came_of_it(two, seed, deeds, monkeypatch, all_of_it=True)
    assert story.told == other.told
    for table in DECIDED:
        assert left[table] == wanted[table], table
    assert {"earn", "clawback", "redeem"} <= {row["kind"] for row in left["entry"]}, "too little happened"
    assert "used" in {row["redemption_state"] for row in left["redemption"]}, "too little happened"


class Counted:
    """What the database is asked while a deed is done, and how many rows it gives."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements = self.rows = 0
        rows = Session.rows

        async def counting(session: Session, sql: str, *values: Any) -> list[Row]:
            found = await rows(session, sql, *values)
            self.statements += 1
            self.rows += len(found)
            return found

        monkeypatch.setattr(Session, "rows", counting)

    async def of(self, deed: Awaitable[object]) -> tuple[int, int]:
        self.statements = self.rows = 0
        await deed
        return self.statements, self.rows


async def used_up(shop: RewardShop, numbers: range) -> None:
    """As many redemptions, each used on an order that earns nothing, for a lot with points left is read each time."""
    for number in numbers:
        shop.front.clock.forward(minutes=1)
        made = await shop.redeem("piece", f"used-{number}")
        await shop.order(100 + number, 50, code=made["code"])


async def rows_of_deeds(shop: RewardShop, monkeypatch: pytest.MonkeyPatch, number: int) -> dict[str, tuple[int, int]]:
    """Statements and rows of what is done with a redemption, and to an order."""
    with monkeypatch.context() as patched:
        counted = Counted(patched)
        found = {"redeem": await counted.of(shop.redeem("monthly", f"a-{number}"))}
        made = await shop.redeem("piece", f"b-{number}", holds=True, cart=a_cart())
        found["an order that uses it"] = await counted.of(shop.order(number, 50, code=made["code"]))
        refund = {"id": number, "reason": "", "total": "-0.30"}
        paid_back = shop.order(number, 50, code=made["code"], refunds=[refund])
        shop.front.clock.forward(minutes=1)
        found["its refund"] = await counted.of(paid_back)
        mine = (shop.front.pipeline, shop.front.programme, shop.member)
        made = await shop.redeem("ship", f"c-{number}")
        found["calling one off"] = await counted.of(redemptions.cancel(*mine, made["redemption"], "cancelled", MIA))
    return found


async def test_a_member_with_many_used_redemptions_costs_no_more_rows(
    prepared_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Defect seen (G5): 38 ms of CPU for a redemption after 400 of them, 186 ms after 1,600."""
    async with reward_shop(prepared_database_url, points=5_000, document=RULES) as shop:
        shop.front.clock.forward(days=3)
        await used_up(shop, range(3))
        await shop.redeem("monthly", "so that there is something to count")
        few = await rows_of_deeds(shop, monkeypatch, 10)
        await used_up(shop, range(3, 20))
        many = await rows_of_deeds(shop, monkeypatch, 11)
    assert many == few


async def test_what_was_not_asked_for_is_not_taken_for_none(prepared_database_url: str) -> None:
    async with reward_shop(prepared_database_url) as shop:
        made = await shop.redeem()
        key = (shop.front.pipeline, shop.front.programme, shop.member)

        async def without_its_name(acting: act.Acting) -> Any:
            return commands.cancel(acting.member, made["redemption"], "cancelled", acting.rulebook, acting.moment)

        with pytest.raises(LedgerError, match="not asked for"):
            await act.act(*key, without_its_name)
        with pytest.raises(LedgerError, match="not everything"):
            await act.act(*key, sent_away)
        assert await shop.spent() == [("redeem", -500)]


async def sent_away(acting: act.Acting) -> Any:
    return commands.transfer_out(acting.member, "m" * 32, "f" * 32, "mia", acting.rulebook, acting.moment)[0]


async def test_more_waiting_codes_than_a_snapshot_holds_make_the_same_snapshot(
    prepared_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Defect seen (G5): with 1,000 open codes each push took more than three seconds to shorten its snapshot."""
    async with reward_shop(prepared_database_url) as shop:
        now, key = shop.front.clock(), (member_shard(shop.member), shop.member)
        ends = [None, *(now + timedelta(days=days) for days in range(1, 90))]
        codes = [
            Redemption(
                f"{number:032x}", "x", "perk", RedemptionState.ISSUED, 1, 1, now, now, place=number, expires_at=end
            )
            for number, end in enumerate([*ends, *ends, *ends], 1)
        ]
        rows = [(*key, shop.front.programme, *redemption_values(code)) for code in codes]
        columns = f"shard member_id programme_number {REDEMPTION_COLUMNS}"
        await atomic(shop.front.database, lambda session: session.insert("redemption", columns, rows))
        texts = []
        for waiting in (loading.WAITING_SHOWN, len(codes)):
            monkeypatch.setattr(loading, "WAITING_SHOWN", waiting)
            found = await atomic(shop.front.database, lambda session: load_shown(session, KEYS, [key], Holders(), now))
            texts.append((len(found[shop.member].redemptions), snapshot_of(found[shop.member], (1, 1), now).text))
    (few, short), (all_of_them, text) = texts
    assert (few, all_of_them) == (100, len(codes))
    assert short == text and "vouchers" in json.loads(text)["dropped"]
