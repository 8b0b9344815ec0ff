"""What a member can earn and redeem now, for pages and plugins: loads what the engine looks at, and changes nothing."""

from __future__ import annotations

from typing import Any

from connector.ingest.awaited_history import as_awaited
from connector.ingest.pipeline import Pipeline
from connector.people.act import peek
from connector.shops import reward_kinds
from connector.storage.connections import load_connections
from connector.storage.programmes import load_programmes
from connector.storage.redemptions import count_had, stores_of
from connector.storage.stock import stock_taken
from loyalty_engine.cart import SOURCE_REF, Cart
from loyalty_engine.earning.compiled import compiled
from loyalty_engine.errors import Refused
from loyalty_engine.examine import as_json, examine, possible_actions
from loyalty_engine.limits import limits_of
from loyalty_engine.programme.earnable import earnable
from loyalty_engine.rewards import Situation


async def examine_member(
    pipeline: Pipeline,
    programme_number: int,
    member_id: str,
    *,
    connection_number: int | None = None,
    cart: Cart | None = None,
    reported: frozenset[str],
) -> dict[str, Any]:
    """``examine.as_json`` of a member now. connection_number: the store that it is for; None: any of the programme's.
    What none of the stores gives where the member has an account is left out, if another store of the programme does.

    reported: kinds of activity that something connected reports: others are not offered.

    Raises Refused ``member-unknown``, ``store-unknown``.
    """
    refs = [SOURCE_REF, *(f"redemption:{one}" for one in (cart.redemptions if cart else ()))]
    member, rulebook, moment = await peek(pipeline, programme_number, member_id, refs)
    session = pipeline.database.reading()
    kinds = await reward_kinds(session, programme_number, pipeline.platforms)
    own = await reward_kinds(session, programme_number, pipeline.platforms, await stores_of(session, member_id))
    unseen = kinds - own if kinds and own else frozenset[str]()
    currency = None
    if connection_number is not None:
        connection = (await load_connections(session)).get(connection_number)
        if connection is None or connection.programme_number != programme_number:
            raise Refused("store-unknown", {"store": connection_number})
        kinds = pipeline.platforms[connection.platform].voucher_kinds
        currency = connection.settings.get("currency")
    programme = rulebook.in_force(moment.now)
    if cart is not None and compiled(programme).reads_history:
        member = await as_awaited(session, member)
    actions = possible_actions(earnable(programme, reported), moment.now)
    situation = Situation(
        programme,
        moment.now,
        cart,
        currency,
        taken=await stock_taken(session, programme_number),
        had=await count_had(session, member_id, limits_of(programme.rewards, programme.timezone, moment.now)),
        paused=(await load_programmes(session))[programme_number].is_paused,
        kinds=kinds,
        connection_number=connection_number,
        unseen=unseen,
    )
    return as_json(examine(member, rulebook, situation, actions))
