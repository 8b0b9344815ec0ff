"""Erasing a person takes who they are and leaves every number; nothing that comes later brings them back."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connector.access.auth import EXPORT_PEOPLE, READ_MEMBERS, WRITE_MEMBERS, create_api_key
from connector.commands.run import COMMANDS
from connector.data import erasure
from connector.data.erasure import erase, export_person
from connector.data.reapplying import reapply_erasures
from connector.delivering.showing import show_ends
from connector.errors import Permanent
from connector.ingest.pipeline import drain
from connector.people.enrolling import enrol_member
from connector.people.guests import claim
from connector.people.merging import merge
from connector.redeeming.redemptions import redeem
from connector.storage.atomic import atomic
from connector.storage.erasures import erased_members
from connector.storage.facts import Customer
from connector.storage.open_tables import LEFT_OUT, SHARDED, Sharded, columns_of
from connector.storage.people import Person, save_people
from connector.storage.referrals import note_signs
from connector.storage.session import Session
from connector.storage.shards import member_shard
from connector.verify import verify
from loyalty_engine.errors import Refused
from tests.builders import KEYS, MIA, NOW, OPENED
from tests.connector.ending import ENDING
from tests.connector.outside import order_body, outside
from tests.connector.rewarding import RewardShop, reward_shop

MAIL = "ada@example.test"
LEFT = ("entry", "lot", "consumption", "balance", "context", "counter")


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    """Customer 7 has 1,000 points and customer 8 has 300; who 7 is, is known."""
    async with reward_shop(prepared_database_url) as made:
        await made.front.receive("customer.created", json.dumps({"id": 7, "email": MAIL, "first_name": "Ada"}).encode())
        await made.order(2, 30_000, customer=8)
        front = made.front

        async def known(session: Any) -> None:
            person = Person(email=MAIL, first_name="Ada", public_name="tea")
            await save_people(session, KEYS, front.programme, {made.member: person}, NOW)
            await note_signs(session, front.programme, made.member, {"address": ["a-hash"]}, NOW)

        await atomic(front.database, known)
        yield made


async def erased(shop: RewardShop, member: str | None = None) -> erasure.Erased:
    done = await erase(shop.front.pipeline, shop.front.programme, member or shop.member, MIA)
    await drain(shop.front.pipeline)
    return done


async def numbers(shop: RewardShop) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the ledger."""
    found = {table: await shop.front.rows(f"SELECT * FROM {table}") for table in LEFT}
    return {table: sorted(tuple(map(str, row.values())) for row in rows) for table, rows in found.items()}


async def count(shop: RewardShop, table: str) -> int:
    return await shop.front.number(
        f"SELECT count(*) FROM {table} WHERE shard = $1 AND member_id = $2", member_shard(shop.member), shop.member
    )


async def test_whatever_says_who_they_are_goes_and_every_number_stays(shop: RewardShop) -> None:
    before = await numbers(shop)
    assert await count(shop, "explanation") == 1
    done = await erased(shop)
    assert (done.members, done.customers) == ((shop.member,), 1)
    assert await numbers(shop) == before
    for table in ("explanation", "person", "member_sign", "notice", "reason", "push"):
        assert await count(shop, table) == 0, table
    rows = await shop.front.rows("SELECT status FROM member WHERE member_id = $1", shop.member)
    assert rows[0]["status"] == "erased"
    refs = {row["customer_ref"] for row in await shop.front.rows("SELECT customer_ref FROM identity")}
    assert "7" not in refs
    assert {"8"} < refs
    facts = await shop.front.rows("SELECT * FROM source_fact WHERE member_id = $1", shop.member)
    assert [row["kind"] for row in facts] == ["order"]
    assert facts[0]["address_hash"] is None
    assert facts[0]["customer_ref"].startswith("erased:")
    fact = json.loads(bytes(facts[0]["fact"]))
    assert (fact["order"]["customer_ref"], fact["order"].get("address_hash")) == (facts[0]["customer_ref"], None)
    assert await shop.front.number("SELECT count(*) FROM source_fact WHERE kind = 'customer'") == 0


async def test_verify_holds_and_counts_what_was_erased(shop: RewardShop) -> None:
    await erased(shop)
    report = await verify(shop.front.database, KEYS)
    assert report.ok, report.as_text()
    assert report.erased == 1


async def test_verify_believes_the_ends_of_an_erased_person_whose_notices_are_gone(prepared_database_url: str) -> None:
    """Defect seen: an end that a notice had given was a difference once the person, and so the notice, was erased."""
    async with reward_shop(prepared_database_url, document=ENDING) as shop:
        front = shop.front
        front.clock.forward(days=94)
        assert [one.points for one in await show_ends(front.pipeline, front.programme, shop.member)] == [1_000]
        await erased(shop)
        assert await front.number("SELECT count(*) FROM notice") == 0
        report = await verify(front.database, KEYS, now=front.clock)
        assert report.ok, report.as_text()
        await atomic(front.database, lambda session: session.run("UPDATE lot SET expires_at_us = nominal_at_us - 1"))
        found = (await verify(front.database, KEYS, now=front.clock)).differences
        assert "lot-differs" in {one.code for one in found}


async def test_nothing_that_is_told_again_brings_anybody_back_or_earns(shop: RewardShop) -> None:
    await erased(shop)
    before, members = await numbers(shop), await shop.front.number("SELECT count(*) FROM member")
    body = {"id": 7, "email": MAIL, "first_name": "Ada"}
    for topic in ("customer.created", "customer.updated"):
        shop.front.clock.forward(minutes=1)
        await shop.front.receive(topic, json.dumps(body).encode())
    shop.front.clock.forward(minutes=1)
    await shop.order(1, 100_000)
    await shop.front.receive("customer.deleted", b'{"id": 7}')
    assert await numbers(shop) == before
    assert await shop.front.number("SELECT count(*) FROM member") == members == 2
    assert await shop.front.number("SELECT count(*) FROM identity WHERE customer_ref = '7'") == 0
    assert await shop.front.number("SELECT count(*) FROM source_fact WHERE customer_ref = '7'") == 0
    assert await count(shop, "person") == 0
    report = await verify(shop.front.database, KEYS)
    assert report.ok, report.as_text()


async def test_a_new_order_of_theirs_earns_nothing_and_is_kept_without_them(shop: RewardShop) -> None:
    await erased(shop)
    ref = await shop.order(3, 5_000)
    assert (await count(shop, "entry"), await shop.front.number("SELECT count(*) FROM member")) == (1, 2)
    rows = await shop.front.rows("SELECT customer_ref, address_hash FROM source_fact WHERE source_ref = $1", ref)
    assert rows[0]["customer_ref"].startswith("erased:")
    assert rows[0]["address_hash"] is None
    reasons = await shop.front.rows("SELECT kind FROM reason WHERE member_id = $1", shop.member)
    assert [row["kind"] for row in reasons] == ["member-erased"]
    report = await verify(shop.front.database, KEYS)
    assert report.ok, report.as_text()


async def test_a_refund_still_takes_back_what_its_order_earned(shop: RewardShop) -> None:
    await erased(shop)
    shop.front.clock.forward(minutes=1)
    await shop.order(1, 100_000, status="cancelled")
    rows = await shop.front.rows("SELECT points FROM balance WHERE member_id = $1", shop.member)
    assert rows[0]["points"] == 0
    assert (await verify(shop.front.database, KEYS)).ok


async def test_their_consent_does_not_make_them_a_member_again(shop: RewardShop) -> None:
    await erased(shop)
    with pytest.raises(Refused) as refused:
        await enrol_member(shop.front.pipeline, Customer(shop.front.programme, shop.front.connection.number, "7"), MIA)
    assert refused.value.code == "member-erased"
    assert await shop.front.number("SELECT count(*) FROM member") == 2


async def test_open_vouchers_are_withdrawn_and_nothing_can_be_redeemed_any_more(shop: RewardShop) -> None:
    await shop.redeem("five")
    await shop.settle()
    await erased(shop)
    assert await shop.settle() == 1
    await drain(shop.front.pipeline)
    states = await shop.front.rows("SELECT redemption_state FROM redemption")
    assert [row["redemption_state"] for row in states] == ["cancelled"]
    with pytest.raises(Refused):
        await redeem(shop.front.pipeline, shop.wish("five", "another"))
    rows = await shop.front.rows("SELECT points FROM balance WHERE member_id = $1", shop.member)
    assert rows[0]["points"] == 1_000


async def test_erased_twice_is_erased_once(shop: RewardShop) -> None:
    await erased(shop)
    again = await erased(shop)
    assert (again.members, again.customers) == ((shop.member,), 0)
    assert await shop.front.number("SELECT count(*) FROM erasure") == 1
    assert await shop.front.number("SELECT count(*) FROM identity") == 2


async def test_whoever_was_merged_into_them_goes_along(shop: RewardShop) -> None:
    eight = (await shop.front.rows("SELECT member_id FROM identity WHERE customer_ref = '8'"))[0]["member_id"]
    await merge(shop.front.pipeline, shop.front.programme, eight, shop.member, "merchant", MIA)
    await drain(shop.front.pipeline)
    before = await numbers(shop)
    done = await erased(shop, eight)
    assert (done.members, done.customers) == ((shop.member, eight), 2)
    assert await numbers(shop) == before
    assert await shop.front.number("SELECT count(*) FROM explanation") == 0
    assert await shop.front.number("SELECT count(*) FROM merge WHERE body_text <> '{}'") == 0
    shop.front.clock.forward(minutes=1)
    await shop.order(4, 5_000, customer=8)
    assert (await numbers(shop))["entry"] == before["entry"]
    report = await verify(shop.front.database, KEYS)
    assert report.ok, report.as_text()


async def test_what_stopped_half_way_is_finished_at_the_next_start(shop: RewardShop) -> None:
    async def stop(*_: object) -> int:
        raise ConnectionError("the power is gone")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(erasure, "_bury", stop)
        with pytest.raises(ConnectionError):
            await erased(shop)
    assert await count(shop, "person") == 1
    assert await erased_members(shop.front.database.reading(), shop.front.programme) == [shop.member]
    assert await reapply_erasures(shop.front.pipeline) == 1
    assert (await count(shop, "person"), await count(shop, "explanation")) == (0, 0)
    assert await shop.front.number("SELECT count(*) FROM identity WHERE customer_ref = '7'") == 0
    assert await reapply_erasures(shop.front.pipeline) == 0


async def test_nobody_of_another_programme_is_erased(shop: RewardShop) -> None:
    before = await numbers(shop)
    for programme, member in ((shop.front.programme + 1, shop.member), (shop.front.programme, "f" * 32)):
        with pytest.raises(Refused) as refused:
            await erase(shop.front.pipeline, programme, member, MIA)
        assert refused.value.code == "member-unknown"
    assert await numbers(shop) == before
    assert (await count(shop, "person"), await shop.front.number("SELECT count(*) FROM erasure")) == (1, 0)


async def test_an_export_holds_everything_about_a_person_and_nothing_about_others(shop: RewardShop) -> None:
    await shop.redeem("five")
    made = await export_person(shop.front.pipeline, shop.front.programme, shop.member, MIA)
    text = json.dumps(made)
    assert [row["customer_ref"] for row in made["identities"]] == ["7"]
    (one,) = made["memberships"]
    assert (one["id"], one["balance"]["points"]) == (shop.member, 500)
    assert (one["person"]["email"], one["person"]["first_name"]) == (MAIL, "Ada")
    assert one["choices"]["public_name"] == "tea"
    assert [row["points"] for row in one["ledger"]] == [1_000, -500]
    assert all(row["explanation"] for row in one["ledger"])
    assert [(row["reward_id"], row["points"]) for row in one["redemptions"]] == [("five", 500)]
    assert [row["size"] for row in one["lots"]] == [1_000]
    eight = (await shop.front.rows("SELECT member_id FROM identity WHERE customer_ref = '8'"))[0]["member_id"]
    assert eight not in text


async def test_the_api_exports_with_one_key_and_erases_with_another(prepared_database_url: str, tmp_path: Path) -> None:
    async with outside(prepared_database_url, tmp_path) as made:
        await made.deliver("woocommerce", order_body("woocommerce"))
        await made.work()
        member = (await made.rows("SELECT member_id, programme_number FROM member"))[0]
        programme = member["programme_number"]

        async def make(session: Session) -> dict[str, str]:
            scopes = (READ_MEMBERS, WRITE_MEMBERS, EXPORT_PEOPLE)
            return {s: await create_api_key(session, programme, s, OPENED, frozenset({s})) for s in scopes}

        keys = await atomic(made.service.database, make)
        path, why = f"/v1/members/{uuid.UUID(member['member_id'])}/person", "?reason=asked"
        read = {"Authorization": f"Bearer {keys[READ_MEMBERS]}"}
        export = {"Authorization": f"Bearer {keys[EXPORT_PEOPLE]}"}
        assert (await made.http.get(path + why, headers=read)).status_code == 403
        for nothing, status in (("", 400), ("?reason=", 400), ("?reason=%20", 409)):
            assert (await made.http.get(path + nothing, headers=export)).status_code == status
        assert await made.number("SELECT count(*) FROM audit WHERE act = 'export'") == 0
        shown = await made.http.get(path + why, headers=export)
        assert (shown.status_code, len(shown.json()["memberships"])) == (200, 1)
        assert (await made.http.delete(path + why, headers=read)).status_code == 403
        assert await made.number("SELECT count(*) FROM erasure") == 0
        write = {"Authorization": f"Bearer {keys[WRITE_MEMBERS]}"}
        assert (await made.http.delete(path, headers=write)).status_code == 400
        assert await made.number("SELECT count(*) FROM erasure") == 0
        done = await made.http.delete(path + why, headers=write)
        assert (done.status_code, done.json()["customers"]) == (200, 1)
        assert await made.number("SELECT count(*) FROM erasure") == 1
        unknown = f"/v1/members/{uuid.uuid4()}/person"
        assert (await made.http.delete(unknown + why, headers=write)).status_code == 404


async def test_the_operators_commands_export_erase_and_list(prepared_database_url: str, tmp_path: Path) -> None:
    async with outside(prepared_database_url, tmp_path) as made:
        await made.deliver("woocommerce", order_body("woocommerce"))
        await made.work()
        row = (await made.rows("SELECT member_id, programme_number FROM member"))[0]
        params = {"programme": row["programme_number"], "member": row["member_id"], "reason": "asked"}
        shown = await COMMANDS["export-member"](made.service, params)
        assert [one["customer_ref"] for one in shown["identities"]] == ["7"]
        with pytest.raises(Permanent, match="Say why"):
            await COMMANDS["export-member"](made.service, {**params, "reason": " "})
        for wrong in ({**params, "member": "nobody"}, {**params, "member": "f" * 32}, {**params, "reason": " "}):
            with pytest.raises(Permanent):
                await COMMANDS["erase-member"](made.service, wrong)
        assert await COMMANDS["erased-members"](made.service, params) == {"members": []}
        done = await COMMANDS["erase-member"](made.service, params)
        assert done == {"members": [row["member_id"]], "customers": 1}
        assert await COMMANDS["erased-members"](made.service, params) == {"members": [row["member_id"]]}


async def test_what_stores_sent_about_the_person_is_kept_no_longer(shop: RewardShop) -> None:
    await shop.front.receive(
        "customer.updated", json.dumps({"id": 7, "email": MAIL, "date_modified_gmt": "x"}).encode()
    )
    parked = await shop.front.number("SELECT count(*) FROM delivery WHERE state = 2")
    assert parked == 1
    bodies = "SELECT count(*) FROM delivery d JOIN delivery_body b ON b.shard = d.shard AND b.id = d.id WHERE "
    assert await shop.front.number(bodies + "d.object_id = '7'") == 2
    others = await shop.front.number(bodies + "d.object_kind = 'order' AND d.object_id = '2'")
    assert others == 1
    rows = await shop.front.rows(
        "SELECT source_ref FROM source_fact WHERE member_id = $1 AND kind = 'order'", shop.member
    )
    mine = [str(row["source_ref"]).rpartition(":")[2] for row in rows]
    assert mine
    await erased(shop)
    assert await shop.front.number(bodies + "d.object_kind = 'customer' AND d.object_id = '7'") == 0
    for order in mine:
        assert await shop.front.number(bodies + f"d.object_kind = 'order' AND d.object_id = '{order}'") == 0
    assert await shop.front.number(bodies + "d.object_kind = 'order' AND d.object_id = '2'") == others
    assert await shop.front.number("SELECT count(*) FROM delivery WHERE state = 2") == 0


async def test_what_waited_or_comes_late_about_somebody_erased_is_read_and_not_kept(shop: RewardShop) -> None:
    late = {"id": 7, "email": MAIL, "first_name": "Ada", "date_modified_gmt": "2027-01-01T00:00:00"}
    await shop.front.keep(shop.front.delivery("customer.updated", json.dumps(late).encode()))
    bodies = "SELECT count(*) FROM delivery d JOIN delivery_body b ON b.shard = d.shard AND b.id = d.id WHERE "
    await erase(shop.front.pipeline, shop.front.programme, shop.member, MIA)
    theirs = bodies + "d.object_kind = 'customer' AND d.object_id = '7'"
    assert await shop.front.number(theirs) == 1
    await drain(shop.front.pipeline)
    assert await shop.front.number(theirs) == 0
    await shop.front.receive("customer.updated", json.dumps({**late, "first_name": "Eve"}).encode())
    assert await shop.front.number(theirs) == 0
    before = await shop.front.number(bodies + "1 = 1")
    await shop.order(90, 5_000, customer=7)
    assert await shop.front.number(bodies + "1 = 1") == before
    await shop.order(91, 5_000, customer=8)
    assert await shop.front.number(bodies + "1 = 1") == before + 1
    assert await shop.front.number("SELECT count(*) FROM delivery WHERE state = 0") == 0


async def test_every_table_of_members_is_in_a_persons_export_or_left_out_for_a_reason(shop: RewardShop) -> None:
    named = []
    for table in (*SHARDED, *(Sharded(name, "") for name in LEFT_OUT)):
        if "member_id" in await columns_of(shop.front.database.reading(), table):
            named.append(table.name)
    decided = [*erasure.TOLD.values(), *erasure.TOLD_OTHERWISE, *erasure.NOT_TOLD]
    assert sorted(named) == sorted(decided)


async def test_an_export_holds_what_was_proven_counted_and_done(shop: RewardShop) -> None:
    hashed = KEYS.hash_address(shop.front.programme, "ada@old.example")
    await claim(shop.front.pipeline, shop.front.programme, shop.member, hashed, "store", MIA)
    made = await export_person(shop.front.pipeline, shop.front.programme, shop.member, MIA)
    (one,) = made["memberships"]
    assert [row["address_hash"] for row in one["proven_addresses"]] == [hashed]
    assert {row["act"] for row in one["done_by_hand"]} >= {"claim", "export"}
    assert {row["counter"] for row in one["counted"]}
    assert {row["kind"] for row in one["facts"]} == {"order", "customer"}
    assert [row["sign_hash"] for row in one["signs"]] == ["a-hash"]
    assert [row["customer_ref"] for row in one["shown_in_stores"]] == ["7"]
    assert "token" not in one["shown_in_stores"][0]
