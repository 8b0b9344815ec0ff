"""Points become store credit in the shop, and points again while nobody has spent it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.cli.operator_view import _set_aside
from connector.commands.credit import CREDIT_COMMANDS
from connector.data.erasure import erase, export_person
from connector.delivering.dead_letters import replay_letters, replay_range, skip_letters
from connector.delivering.outbox import MAX_ATTEMPTS
from connector.errors import Permanent
from connector.people.actors import Actor
from connector.redeeming.examining import examine_member
from connector.redeeming.redemptions import Wish, expire_vouchers, redeem, return_stock
from connector.redeeming.unclear_credits import settle_by_hand
from connector.sandbox.shop import Basket
from connector.shopify.client import SCOPES
from connector.storage.atomic import atomic
from connector.storage.connections import set_setting
from connector.storage.dead_letters import Range, list_dead_letters
from connector.verify.run import verify
from loyalty_engine.errors import Refused
from tests.builders import KEYS
from tests.journeys.crediting import GIVING, CreditShop, credit_shop

IDA = Actor("ida", "key:a", "Ida")


@pytest.fixture
async def shop(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[CreditShop]:
    async with credit_shop(prepared_database_url, tmp_path) as made:
        yield made


async def assert_verified(shop: CreditShop) -> None:
    report = await verify(shop.made.service.database, KEYS, now=shop.clock)
    assert report.ok, report.as_text()


async def sentences(shop: CreditShop) -> list[str]:
    """What the shopper reads of the last entries, in the shop."""
    await shop.made.settle()
    shopify = shop.made.shops.shopify
    snapshot = json.loads(shopify.snapshot_of(shopify.truth.customers[shop.customer]) or "")
    return [entry["why"] for entry in snapshot["entries"]]


async def test_points_become_credit_once(shop: CreditShop) -> None:
    before = await shop.points()
    made = await shop.redeem()
    assert (made["state"], made["code"], made["value_minor"], made["currency"]) == ("requested", None, 500, "EUR")
    await shop.settle()
    assert await shop.settle() == 0
    [account] = shop.accounts.accounts.values()
    [transaction] = account.transactions
    shown = await shop.shown(made)
    assert (shown["state"], shown["order_ref"]) == ("issued", f"belong:credit:{transaction.id}")
    assert (shop.credit, await shop.points(), transaction.expires_at) == (500, before - 100, None)
    await shop.made.settle()
    customer = shop.made.shops.shopify.truth.customers[shop.customer]
    [told] = json.loads(shop.made.shops.shopify.snapshot_of(customer) or "")["vouchers"]
    assert (told["kind"], told["state_text"], told["code"]) == ("store_credit", "in your store credit", None)
    assert "100 points exchanged for €5.00 of store credit." in await sentences(shop)
    await assert_verified(shop)


async def test_credit_may_end_in_the_shop_and_no_points_come_back(shop: CreditShop) -> None:
    before = await shop.points()
    made = await shop.redeem(reward="brief")
    await shop.settle()
    [account] = shop.accounts.accounts.values()
    assert account.transactions[0].expires_at == shop.clock.moment.replace(microsecond=0) + timedelta(days=30)
    assert made["expires_at"] is not None
    shop.clock.forward(days=31)
    assert await expire_vouchers(shop.placing.pipeline) == 0
    assert ((await shop.shown(made))["state"], await shop.points()) == ("issued", before - 100)


async def test_what_ended_before_it_could_be_given_gives_its_points_back(shop: CreditShop) -> None:
    """The shop refuses an end in the past."""
    before = await shop.points()
    made = await shop.redeem(reward="brief")
    await atomic(
        shop.made.service.database,
        lambda session: session.run("UPDATE redemption SET expires_at_us = expires_at_us - 31 * 86400000000"),
    )
    await shop.settle()
    shown = await shop.shown(made)
    assert (shown["state"], shown["reason"]) == (
        "cancelled",
        "store-refused: EXPIRES_AT_IN_PAST: The expiry date must be in the future",
    )
    assert (shop.credit, await shop.points()) == (0, before)


class TestCancelling:
    async def test_before_the_store_was_asked_the_points_are_back_at_once(self, shop: CreditShop) -> None:
        before = await shop.points()
        made = await shop.redeem()
        assert (await shop.cancel(made))["state"] == "cancelled"
        await shop.patiently(2)
        assert (shop.credit, await shop.points(), shop.fickle.asked.get("GiveCredit", 0)) == (0, before, 0)
        await assert_verified(shop)

    async def test_afterwards_when_the_store_has_taken_it_back(self, shop: CreditShop) -> None:
        before = await shop.points()
        made = await shop.redeem()
        await shop.settle()
        assert (await shop.cancel(made))["state"] == "issued"
        assert await shop.points() == before - 100, "until then it can be spent"
        assert (await shop.cancel(made))["state"] == "issued"
        await shop.settle()
        assert ((await shop.shown(made))["state"], shop.credit, await shop.points()) == ("cancelled", 0, before)
        await return_stock(shop.placing.pipeline)
        assert await shop.made.number("SELECT sum(taken) FROM reward_stock") == 0
        await assert_verified(shop)

    async def test_what_was_spent_stays_and_says_so(self, shop: CreditShop) -> None:
        before = await shop.points()
        made = await shop.redeem()
        await shop.settle()
        shop.accounts.spend(shop.customer, "EUR", 1)
        await shop.cancel(made)
        await shop.patiently(2)
        shown = await shop.shown(made)
        assert (shown["state"], shown["reason"]) == ("issued", "credit-not-enough")
        assert (shop.credit, await shop.points()) == (499, before - 100)
        await assert_verified(shop)
        shop.accounts.adjust(shop.customer, "EUR", 1)
        await shop.cancel(made)
        await shop.settle()
        assert ((await shop.shown(made))["state"], shop.credit, await shop.points()) == ("cancelled", 0, before)
        await assert_verified(shop)


class TestRefused:
    async def test_without_the_scope_only_this_is_refused_and_the_merchant_is_told(
        self, prepared_database_url: str, tmp_path: Path
    ) -> None:
        async with credit_shop(prepared_database_url, tmp_path, scopes=()) as shop:
            before = await shop.points()
            made = await shop.redeem()
            await shop.settle()
            shown = await shop.shown(made)
            assert (shown["state"], shop.credit, await shop.points()) == ("cancelled", 0, before)
            assert "store-refused: The Shopify app lacks a permission" in shown["reason"]
            [told] = await shop.rows("SELECT problem FROM connection WHERE problem IS NOT NULL")
            assert "read_store_credit_accounts" in told["problem"]
            await assert_verified(shop)

    async def test_a_token_that_may_read_and_not_write_is_refused_too(
        self, prepared_database_url: str, tmp_path: Path
    ) -> None:
        scopes = ("read_store_credit_accounts", "read_store_credit_account_transactions")
        async with credit_shop(prepared_database_url, tmp_path, scopes=scopes) as shop:
            made = await shop.redeem()
            await shop.settle()
            assert ((await shop.shown(made))["state"], shop.credit) == ("cancelled", 0)

    async def test_a_scope_lost_after_asking_refuses_nothing_that_may_have_been_given(self, shop: CreditShop) -> None:
        before = await shop.points()
        made = await shop.redeem()
        shop.fickle.fates["GiveCredit"] = ["lost-after"]
        await shop.settle()
        tokens = shop.made.shops.shopify.grants.tokens.values()
        granted = [token.scopes for token in tokens]
        for token in tokens:
            token.scopes = frozenset(SCOPES)
        await shop.patiently(2)
        assert ((await shop.shown(made))["state"], await shop.points()) == ("requested", before - 100)
        for token, scopes in zip(tokens, granted, strict=True):
            token.scopes = scopes
        shop.clock.forward(minutes=20)
        await shop.patiently(2)
        assert ((await shop.shown(made))["state"], shop.credit) == ("issued", 500)

    async def test_a_customer_who_is_gone_gets_the_points_back(self, shop: CreditShop) -> None:
        before = await shop.points()
        made = await shop.redeem()
        shop.made.shops.shopify.truth.customers[shop.customer].deleted = True
        await shop.settle()
        assert ((await shop.shown(made))["state"], await shop.points()) == ("cancelled", before)

    async def test_in_another_currency_than_the_shops_it_is_not_given(
        self, prepared_database_url: str, tmp_path: Path
    ) -> None:
        rewards = [{**GIVING["rewards"][0], "value": {"EUR": "5.00", "USD": "6.00"}}]
        earn = {"rates": {"EUR": "10", "USD": "9"}, "pending_days": 0}
        document: dict[str, Any] = {**GIVING, "points": {"earn": earn}, "rewards": rewards}
        async with credit_shop(prepared_database_url, tmp_path, document=document) as shop:
            number = shop.made.connections["shopify"].number
            await atomic(shop.made.service.database, lambda session: set_setting(session, number, "currency", "USD"))
            made = await shop.redeem()
            assert (made["value_minor"], made["currency"]) == (600, "USD")
            await shop.settle()
            shown = await shop.shown(made)
            assert (shown["state"], shop.accounts.accounts) == ("cancelled", {})
            assert "currency is EUR" in shown["reason"]

    async def test_woocommerce_has_none_and_its_members_are_not_shown_it(self, shop: CreditShop) -> None:
        made = shop.made
        customer = made.shops.woocommerce.register_customer("bob@example.test", "Bob", "Babbage").id
        made.shops.woocommerce.place_order(customer, Basket([(next(iter(made.shops.woocommerce.truth.products)), 4)]))
        await made.deliver()
        number = made.connections["woocommerce"].number
        [row] = await shop.rows(f"SELECT member_id FROM identity WHERE connection_number = {number}")
        bob, pipeline = row["member_id"], made.service.pipeline
        with pytest.raises(Refused, match="not-in-this-store"):
            await redeem(pipeline, Wish(shop.programme, bob, "credit", number, "k1"))
        assert await made.number("SELECT count(*) FROM redemption") == 0
        told = await examine_member(pipeline, shop.programme, bob, reported=frozenset())
        assert [one["reward"] for one in told["rewards"]] == []
        told = await examine_member(pipeline, shop.programme, shop.member, reported=frozenset())
        assert [(one["reward"], one["available"]) for one in told["rewards"]] == [("credit", True), ("brief", True)]


class TestByHand:
    @pytest.fixture
    async def unclear(self, shop: CreditShop) -> dict[str, Any]:
        made = await shop.redeem()
        shop.fickle.fates["GiveCredit"] = ["lost-after"]
        await shop.settle()
        shop.accounts.adjust(shop.customer, "EUR", 500)
        await shop.patiently()
        return made

    async def settle(self, shop: CreditShop, made: dict[str, Any], transaction: str | None) -> dict[str, Any]:
        pipeline, redemption = shop.placing.pipeline, made["redemption"]
        return await settle_by_hand(pipeline, shop.programme, redemption, transaction, IDA, "I have looked.")

    async def test_a_person_names_the_transaction(self, shop: CreditShop, unclear: dict[str, Any]) -> None:
        report = await verify(shop.made.service.database, KEYS, now=shop.clock)
        assert report.ok and [one.code for one in report.attention] == ["credit-unclear"]
        [account] = shop.accounts.accounts.values()
        first = str(account.transactions[0].id)
        assert (await self.settle(shop, unclear, first))["order_ref"] == f"belong:credit:{first}"
        with pytest.raises(Refused, match="credit-not-unclear"):
            await self.settle(shop, unclear, first)
        assert shop.credit == 1_000
        await assert_verified(shop)

    async def test_or_that_there_was_none_and_the_store_is_asked_again(
        self, shop: CreditShop, unclear: dict[str, Any]
    ) -> None:
        await self.settle(shop, unclear, None)
        await shop.patiently(2)
        assert ((await shop.shown(unclear))["state"], shop.credit) == ("issued", 1_500)
        rows = await shop.rows("SELECT act, person FROM audit WHERE act = 'credit-settle'")
        assert [(row["act"], row["person"]) for row in rows] == [("credit-settle", "ida")]

    @pytest.mark.parametrize("is_taken", [False, True], ids=["asked-again", "taken"])
    async def test_their_words_are_in_the_audit_alone(
        self, shop: CreditShop, unclear: dict[str, Any], is_taken: bool
    ) -> None:
        database = shop.made.service.database
        if is_taken:
            [account] = shop.accounts.accounts.values()
            await self.settle(shop, unclear, str(account.transactions[0].id))
            await shop.cancel(unclear)
            await atomic(database, lambda session: session.run("UPDATE store_credit SET state = 8"))
        await self.settle(shop, unclear, "999" if is_taken else None)
        kept = await shop.rows("SELECT reason FROM store_credit UNION SELECT reason FROM redemption")
        assert {row["reason"] for row in kept} - {None, ""} == {"settled-by-hand"}
        assert [row["reason"] for row in await shop.rows("SELECT reason FROM audit_note WHERE reason <> ''")].count(
            "I have looked."
        ) == (2 if is_taken else 1)
        # As an older version wrote them.
        await atomic(
            database, lambda session: session.run("UPDATE store_credit SET reason = 'Anna rang from 0171 555'")
        )
        await erase(shop.placing.pipeline, shop.programme, shop.member, IDA)
        kept = await shop.rows("SELECT reason FROM store_credit UNION SELECT reason FROM redemption")
        assert "Anna" not in str(kept) and "looked" not in str(kept)

    async def test_the_operator_is_told_and_says_it_by_command(
        self, shop: CreditShop, unclear: dict[str, Any], capsys: pytest.CaptureFixture[str]
    ) -> None:
        service, params = shop.made.service, {"programme": shop.programme, "redemption": unclear["redemption"]}
        [told] = (await CREDIT_COMMANDS["unclear-credits"](service, params))["credits"]
        assert (told["redemption"], told["customer"], told["asked"]) == (
            unclear["redemption"],
            str(shop.customer),
            "give",
        )
        await _set_aside(service.database)
        assert unclear["redemption"] in capsys.readouterr().out
        [letter] = await list_dead_letters(service.database.reading(), Range("credit", shop.programme))
        assert letter.cure.endswith(f"belong credit settle {unclear['redemption'].replace('-', '')}")
        for refused in (
            replay_letters(service.database, [letter.letter_id], None, IDA, shop.clock()),
            replay_range(service.database, Range("credit"), IDA, shop.clock()),
            skip_letters(service.database, [letter.letter_id], None, IDA, "Enough.", shop.clock()),
        ):
            with pytest.raises(Permanent, match="belong credit settle"):
                await refused
        for wrong in ({"transaction": "x"}, {"transaction": "1", "redemption": "x"}):
            with pytest.raises(Permanent):
                await CREDIT_COMMANDS["settle-credit"](service, {**params, "reason": "seen", **wrong})
        with pytest.raises(Permanent, match="Say why"):
            await CREDIT_COMMANDS["settle-credit"](service, {**params, "reason": " "})
        assert await shop.states() == [7]
        [account] = shop.accounts.accounts.values()
        settled = {**params, "reason": "seen", "transaction": str(account.transactions[0].id)}
        assert await CREDIT_COMMANDS["settle-credit"](service, settled) == {"state": "issued"}
        assert await CREDIT_COMMANDS["unclear-credits"](service, params) == {"credits": []}

    async def test_what_is_another_redemptions_is_refused(self, shop: CreditShop, unclear: dict[str, Any]) -> None:
        other = await shop.redeem("k2")
        await shop.patiently(2)
        transaction = (await shop.shown(other))["order_ref"].rpartition(":")[2]
        with pytest.raises(Refused, match="credit-of-another"):
            await self.settle(shop, unclear, transaction)
        assert 7 in await shop.states()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE store_credit SET given_ref = given_ref || '1'",
        "UPDATE store_credit SET state = 3",
        "UPDATE store_credit SET state = 6, taken_ref = '1'",
        "UPDATE store_credit SET redemption_id = '0'",
        "UPDATE store_credit SET programme_number = 9",
        "DELETE FROM store_credit",
        "UPDATE redemption SET order_ref = 'belong:credit:1'",
        "UPDATE redemption SET order_ref = NULL",
        "UPDATE redemption SET value_minor = 50000",
        "UPDATE redemption SET redemption_state = 'cancelled'",
        "DELETE FROM redemption",
    ],
)
async def test_verify_finds_a_credit_that_was_tampered_with(shop: CreditShop, change: str) -> None:
    await shop.redeem()
    await shop.settle()
    await assert_verified(shop)
    await atomic(shop.made.service.database, lambda session: session.run(change))
    report = await verify(shop.made.service.database, KEYS, now=shop.clock)
    assert not report.ok
    if "value_minor" not in change:
        assert "credit" in {one.code for one in report.differences}


async def test_erasing_a_person_leaves_them_their_credit_and_forgets_whose_it_was(shop: CreditShop) -> None:
    await shop.redeem()
    await shop.settle()
    person = await export_person(shop.placing.pipeline, shop.programme, shop.member, IDA)
    assert [one["customer_ref"] for one in person["memberships"][0]["store_credits"]] == [str(shop.customer)]
    await erase(shop.placing.pipeline, shop.programme, shop.member, IDA, "asked")
    await shop.patiently(2)
    assert shop.credit == 500
    rows = await shop.rows("SELECT state, customer_ref FROM store_credit")
    assert [(row["state"], row["customer_ref"]) for row in rows] == [(2, "")]
    await assert_verified(shop)


async def test_who_is_erased_while_the_store_is_asked_is_forgotten_when_it_has_answered(shop: CreditShop) -> None:
    await shop.redeem()
    shop.fickle.fates["GiveCredit"] = ["lost-after"]
    await shop.settle()
    await erase(shop.placing.pipeline, shop.programme, shop.member, IDA, "asked")
    assert [row["customer_ref"] for row in await shop.rows("SELECT customer_ref FROM store_credit")] == [
        str(shop.customer)
    ], "without it nobody could look"
    await shop.patiently()
    rows = await shop.rows("SELECT state, customer_ref FROM store_credit")
    assert ([(row["state"], row["customer_ref"]) for row in rows], shop.credit) == ([(2, "")], 500)
    await assert_verified(shop)


async def test_an_answer_in_an_unknown_shape_is_for_a_person_in_the_end(shop: CreditShop) -> None:
    """The shop says neither yes nor no for a day, and its account shows nothing: it was asked, so nobody guesses."""
    made = await shop.redeem()
    shop.fickle.fates["GiveCredit"] = ["odd"] * (MAX_ATTEMPTS + 10)
    for _ in range(MAX_ATTEMPTS + 5):
        await shop.settle()
        shop.clock.forward(hours=1)
    assert (await shop.states(), shop.credit) == ([7], 0)
    assert (await shop.shown(made))["state"] == "requested"
    assert shop.fickle.asked["GiveCredit"] <= MAX_ATTEMPTS


async def test_given_credit_takes_no_place_of_codes_in_the_snapshot(shop: CreditShop) -> None:
    await shop.redeem("k1")
    await shop.settle()
    waiting = await shop.redeem("k2")
    await shop.made.settle()
    shopify = shop.made.shops.shopify
    told = json.loads(shopify.snapshot_of(shopify.truth.customers[shop.customer]) or "")["vouchers"]
    assert [one["state"] for one in told] == ["requested", "issued"]
    assert told[0]["id"] == waiting["redemption"]
