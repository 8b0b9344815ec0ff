"""How one order looked at each moment of its life, from its final state: paid, then every refund, then called off."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from loyalty_engine.facts import OrderState, OrderStatus


def phases(order: OrderState) -> list[tuple[datetime, OrderState]]:
    """(moment, state), oldest first; empty if it was never paid. A refund without a date counts from the last change.

    An order that was called off is taken as paid until its last change; what an edit took off is off from the start.
    """
    if order.paid_at is None or order.is_test or order.status is OrderStatus.OPEN:
        return []
    first = order.paid_at
    if order.status is OrderStatus.PAID and not order.refunds:
        return [(first, order)]
    states = [(first, replace(order, status=OrderStatus.PAID, refunds=()))]
    dated = sorted(
        (max(first, refund.created_at or order.updated_at), number) for number, refund in enumerate(order.refunds)
    )
    known: set[int] = set()
    for at, number in dated:
        known.add(number)
        refunds = tuple(refund for index, refund in enumerate(order.refunds) if index in known)
        states.append((at, replace(order, status=OrderStatus.PAID, refunds=refunds)))
    if order.status is not OrderStatus.PAID:
        states.append((max(order.updated_at, states[-1][0]), order))
    return states
