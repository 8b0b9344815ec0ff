"""Facts and identities: filed where and under whom their content says, and no order that qualifies was forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from connector.storage.connections import load_connections
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard, object_shard, source_shard
from connector.verify.goods import KnownActivity, KnownOrder, read_activity, read_customer, read_order
from connector.verify.load import load_decided, load_member_rows, load_owners, load_passed_on, load_proven
from connector.verify.report import Findings, Place
from connector.verify.rules import Books


@dataclass(frozen=True, slots=True)
class _Filed:
    """One fact and what its content says. order: None for a customer and an activity. address_hash: of a customer or
    of an order.
    """

    row: Row
    object_id: str
    customer_ref: str | None
    order: KnownOrder | None
    is_deleted: bool = False
    activity: KnownActivity | None = None
    address_hash: str | None = None


async def check_facts(session: Session, page: Sequence[Row], programmes: Mapping[int, Books]) -> Findings:
    """One page of facts."""
    findings = Findings()
    filed = [known for row in page if (known := _read(row, findings)) is not None]
    owners = await load_owners(session, {(f.row["connection_number"], f.customer_ref) for f in filed if f.customer_ref})
    guests = [f.row for f in filed if f.customer_ref is None and f.address_hash]
    proven, passed_on = await load_proven(session, guests), await load_passed_on(session, guests)
    connections = {number: (c.platform, c.programme_number) for number, c in (await load_connections(session)).items()}
    for fact in filed:
        if fact.activity is not None:
            _check_activity(fact, findings)
            continue
        _check_filing(fact, connections.get(fact.row["connection_number"]), findings)
        if (fact.row["programme_number"], fact.address_hash, fact.row["member_id"]) not in passed_on:
            _check_owner(fact, owners, proven, findings)
    await _check_forgotten(
        session, [fact for fact in filed if fact.order and fact.row["member_id"]], programmes, findings
    )
    return findings


def _read(row: Row, findings: Findings) -> _Filed | None:
    try:
        if row["kind"] == "customer":
            customer = read_customer(bytes(row["fact"]))
            ref = customer.customer_ref
            return _Filed(row, ref, ref, None, customer.is_deleted, address_hash=customer.address_hash)
        if row["kind"] == "activity":
            activity = read_activity(bytes(row["fact"]))
            return _Filed(row, activity.activity_id, activity.customer_ref, None, activity=activity)
        known = read_order(bytes(row["fact"]))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        findings.differs("fact-unreadable", _place(row), "a fact", str(error))
        return None
    order = known.order
    if order is None:
        return _Filed(row, known.order_id, None, known)
    return _Filed(row, known.order_id, order.customer_ref, known, address_hash=order.address_hash)


def _place(row: Row) -> Place:
    return Place(row["shard"], row["member_id"], row["source_ref"], programme=row["programme_number"])


def _check_filing(fact: _Filed, connection: tuple[str, int] | None, findings: Findings) -> None:
    """Everything beside the content must follow from it."""
    row = fact.row
    number, kind = row["connection_number"], row["kind"]
    platform, programme_number = connection or (None, None)
    expected: tuple[tuple[str, str | int | None], ...] = (
        ("shard", object_shard(number, kind, fact.object_id)),
        ("source_ref", f"{platform}:{number}:{kind}:{fact.object_id}"),
        ("programme_number", programme_number),
        ("customer_ref", fact.customer_ref),
        ("address_hash", fact.address_hash),
    )
    for what, value in expected:
        if row[what] != value:
            findings.differs("fact-differs", _place(row), value, row[what], what=what)


def _check_activity(fact: _Filed, findings: Findings) -> None:
    """An activity lies by its own name, and says whose it is by its customer or, for what we found, by its member."""
    row, activity = fact.row, fact.activity
    assert activity is not None
    expected: tuple[tuple[str, str | int | None], ...] = (
        ("shard", source_shard(activity.source_ref)),
        ("source_ref", activity.source_ref),
        ("address_hash", activity.address_hash),
    )
    for what, value in expected:
        if row[what] != value:
            findings.differs("fact-differs", _place(row), value, row[what], what=what)


def _check_owner(
    fact: _Filed,
    owners: Mapping[tuple[int, str], str],
    proven: Mapping[tuple[int, str], str],
    findings: Findings,
) -> None:
    """It belongs to the member whom its customer is, or who has proven the address of its guest. A customer who was
    deleted before anything else is nobody.
    """
    row = fact.row
    found = row["member_id"]
    if fact.customer_ref is None:
        expected = proven.get((row["programme_number"], fact.address_hash or ""))
    elif found is None and fact.is_deleted:
        return
    else:
        expected = owners.get((row["connection_number"], fact.customer_ref), "the member of its customer")
    if found != expected:
        findings.differs("fact-differs", _place(row), expected, found, what="member_id")


async def _check_forgotten(
    session: Session, facts: Sequence[_Filed], programmes: Mapping[int, Books], findings: Findings
) -> None:
    """An order that qualifies has recorded terms, waits, or was paid before its member's time."""
    keys = [(member_shard(f.row["member_id"]), f.row["member_id"], f.row["source_ref"]) for f in facts]
    decided = await load_decided(session, "context", keys)
    open_facts = [f for f in facts if (f.row["member_id"], f.row["source_ref"]) not in decided]
    if not open_facts:
        return
    waiting = await load_decided(session, "work", keys)
    members = await load_member_rows(session, {(shard, member_id) for shard, member_id, _ in keys})
    for fact in open_facts:
        row = fact.row
        key = (row["member_id"], row["source_ref"])
        if key not in waiting and _should_be_decided(fact, members.get(row["member_id"]), programmes):
            findings.differs("not-decided", Place(member_shard(key[0]), key[0], key[1]), "recorded terms", None)


def _should_be_decided(fact: _Filed, member: Row | None, programmes: Mapping[int, Books]) -> bool:
    paid_at_us = fact.order.qualifies_at_us if fact.order else None
    books = programmes.get(fact.row["programme_number"])
    if paid_at_us is None or books is None or member is None or member["status"] == "erased":
        return False
    rules = books.in_force(paid_at_us, 2**63)
    return rules is not None and paid_at_us >= member["enrolled_at_us"] - rules.back_pay_us


async def check_identities(session: Session, page: Sequence[Row]) -> Findings:
    """One page of identities: each points to a member of its own programme, and lies in its shard."""
    findings = Findings()
    members = await load_member_rows(session, {(member_shard(row["member_id"]), row["member_id"]) for row in page})
    for row in page:
        number, ref, member_id = row["connection_number"], row["customer_ref"], row["member_id"]
        what = f"Customer {ref} of connection {number}"
        place = Place(row["shard"], member_id, programme=row["programme_number"])
        member = members.get(member_id)
        shard = object_shard(number, "customer", ref)
        if row["shard"] != shard:
            findings.differs(
                "shard-wrong",
                place,
                shard,
                row["shard"],
                what=what,
            )
        if member is None:
            findings.differs(
                "identity-without-member",
                place,
                "a member",
                None,
                what=what,
            )
        elif member["programme_number"] != row["programme_number"]:
            expected = member["programme_number"]
            findings.differs(
                "programme-wrong",
                place,
                expected,
                row["programme_number"],
                what=what,
            )
    return findings
