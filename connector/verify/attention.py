"""What waits for a person: payloads nobody can read, pushes that were given up, a key that does not fit."""

from __future__ import annotations

from connector.crypto import Keys
from connector.errors import ConfigProblem
from connector.storage.models import Instance
from connector.storage.session import Row, Session
from connector.verify.report import MAX_LISTED, Attention, Report

KEY_CHECK_PLACE = "instance:key_check"


async def list_attention(session: Session, keys: Keys, report: Report) -> None:
    """Add everything to the report: at most ``MAX_LISTED`` rows of each kind, but all of them counted."""
    await _key(session, keys, report)
    await _parked_deliveries(session, report)
    await _given_up_pushes(session, report)
    await _given_up_removals(session, report)
    await _unions_set_aside(session, report)
    await _unclear_credits(session, report)
    report.deliveries_waiting = await session.number("SELECT count(*) FROM delivery WHERE state = 0")


async def _key(session: Session, keys: Keys, report: Report) -> None:
    row = await Instance.filter(id=1).using_db(session.client).first()
    if row is None:
        return
    try:
        keys.open(bytes(row.key_check), KEY_CHECK_PLACE)
    except ConfigProblem as problem:
        report.attend([Attention("wrong-key", "master key", str(problem))])


async def _parked_deliveries(session: Session, report: Report) -> None:
    rows = await session.rows(
        "SELECT shard, id, connection_number, topic, object_id, reason FROM delivery WHERE state = 2 "
        f"ORDER BY shard, id LIMIT {MAX_LISTED:d}"
    )
    matters = [
        Attention(
            "delivery-parked",
            f"delivery {row['shard']}/{row['id']}",
            f"{row['topic']} of connection {row['connection_number']} was set aside: {_why(row)}",
        )
        for row in rows
    ]
    await _attend(session, "delivery", matters, report)


async def _given_up_pushes(session: Session, report: Report) -> None:
    rows = await session.rows(
        "SELECT member_id, connection_number, customer_ref, reason FROM push WHERE state = 2 "
        f"ORDER BY shard, member_id LIMIT {MAX_LISTED:d}"
    )
    matters = [
        Attention(
            "push-given-up",
            f"member {row['member_id']}",
            f"The store of connection {row['connection_number']} does not take the balance of customer "
            f"{row['customer_ref']}: {_why(row)}",
        )
        for row in rows
    ]
    await _attend(session, "push", matters, report)


async def _given_up_removals(session: Session, report: Report) -> None:
    rows = await session.rows(
        "SELECT connection_number, customer_ref, reason FROM removal WHERE state = 2 "
        f"ORDER BY shard, connection_number, customer_ref LIMIT {MAX_LISTED:d}"
    )
    matters = [
        Attention(
            "removal-given-up",
            f"customer {row['customer_ref']}",
            f"The store of connection {row['connection_number']} keeps what it shows of customer "
            f"{row['customer_ref']}, who was erased: {_why(row)}",
        )
        for row in rows
    ]
    await _attend(session, "removal", matters, report)


async def _unions_set_aside(session: Session, report: Report) -> None:
    rows = await session.rows(
        "SELECT connection_number, customer_ref, kept_ref, reason FROM customer_union WHERE state = 2 "
        f"ORDER BY shard, connection_number, customer_ref LIMIT {MAX_LISTED:d}"
    )
    matters = [
        Attention(
            "members-not-merged",
            f"customer {row['customer_ref']}",
            f"The store of connection {row['connection_number']} made one customer of {row['customer_ref']} and "
            f"{row['kept_ref']}, their members are still two: {_why(row)}",
        )
        for row in rows
    ]
    await _attend(session, "customer_union", matters, report)


async def _unclear_credits(session: Session, report: Report) -> None:
    rows = await session.rows(
        "SELECT connection_number, redemption_id, state, reason FROM store_credit WHERE state IN (7, 8) "
        f"ORDER BY shard, redemption_id LIMIT {MAX_LISTED:d}"
    )
    matters = [
        Attention(
            "credit-unclear",
            f"redemption {row['redemption_id']}",
            f"Nobody knows whether the store of connection {row['connection_number']} "
            f"{'gave this store credit' if row['state'] == 7 else 'took this store credit back'}: {_why(row)}",
        )
        for row in rows
    ]
    await _attend(session, "store_credit", matters, report, "state IN (7, 8)")


def _why(row: Row) -> str:
    return row["reason"] or "no reason was noted"


async def _attend(
    session: Session, table: str, matters: list[Attention], report: Report, which: str = "state = 2"
) -> None:
    report.attend(matters)
    if len(matters) == MAX_LISTED:
        total = await session.number(f"SELECT count(*) FROM {table} WHERE {which}")
        report.attention_counts[matters[0].code] += total - len(matters)
