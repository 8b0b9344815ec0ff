"""Holds whose order a server says is paid: it may know of it before the store has told us."""

from __future__ import annotations

from typing import Any

from connector.ingest.merge import ORDER_DECODER
from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act
from connector.redeeming.redemptions import show
from connector.storage.code_uses import CodeUse, order_of_use
from connector.storage.connections import load_connections
from connector.storage.session import Session
from connector.storage.shards import source_shard
from loyalty_engine import commands
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused


async def capture(
    pipeline: Pipeline, programme_number: int, member_id: str, redemption_id: str, order_ref: str
) -> dict[str, Any]:
    """The order of a hold is paid. Raises Refused ``order-unknown``, or as ``commands.capture``."""

    async def command(acting: Acting) -> Decision:
        if acting.is_paused:
            raise Refused("redeeming-paused")
        await _refuse_foreign(acting.session, programme_number, order_ref)
        use = CodeUse(member_id, redemption_id, order_ref, programme_number, source_shard(order_ref) or 0)
        row = await order_of_use(acting.session, use)
        order = ORDER_DECODER.decode(bytes(row["fact"])).effective() if row else None
        return commands.capture(acting.member, redemption_id, order_ref, acting.rulebook, acting.moment, order=order)

    await act(pipeline, programme_number, member_id, command, [f"redemption:{redemption_id}", order_ref])
    return await show(pipeline, programme_number, member_id, redemption_id)


async def _refuse_foreign(session: Session, programme_number: int, order_ref: str) -> None:
    """Raises Refused ``order-unknown`` unless it names an order of one of the programme's stores: points come back with
    what its store says of it.
    """
    for connection in (await load_connections(session)).values():
        prefix = f"{connection.store}:order:"
        if connection.programme_number == programme_number and order_ref.removeprefix(prefix) not in ("", order_ref):
            return
    raise Refused("order-unknown", {"order_ref": order_ref})
