"""What we know of one object after a new fact about it: pure.

A complete snapshot replaces the whole state, its refunds included. A lone refund only adds until the next complete
snapshot that was read after it. A deletion carries no date: only a snapshot read later lifts it. What we fetched
ourselves is ordered by the start of our read; what the shop sent, by the shop's own date of change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from loyalty_engine.facts import (
    Activity,
    CustomerState,
    Fact,
    OrderDeleted,
    OrderState,
    OrderStatus,
    Refund,
    RefundEvent,
)


@dataclass(frozen=True, slots=True)
class LoneRefund:
    """A refund that came without its order. read_at: when it was received."""

    refund: Refund
    read_at: datetime


@dataclass(frozen=True, slots=True)
class OrderKnowledge:
    """All that is known of one order. read_at: of ``order``. gone_at: when a deletion was last read, None if lifted.

    lifted: a deletion was lifted by a snapshot that we did not read ourselves, and that may be older than the deletion.
    """

    order_id: str
    order: OrderState | None = None
    read_at: datetime | None = None
    lone_refunds: tuple[LoneRefund, ...] = ()
    gone_at: datetime | None = None
    lifted: bool = False

    def effective(self) -> OrderState | None:
        """The order to decide on: lone refunds added, a deletion in force. None while only refunds are known."""
        if self.order is None:
            return None
        known = {refund.refund_id for refund in self.order.refunds}
        added = tuple(lone.refund for lone in self.lone_refunds if lone.refund.refund_id not in known)
        order = replace(self.order, refunds=self.order.refunds + added) if added else self.order
        return replace(order, status=OrderStatus.DELETED) if self.gone_at is not None else order

    def missing(self) -> str | None:
        """Why the order must be read from the shop, as a stable code; None if we know enough."""
        if self.order is None:
            return "refund-of-unknown-order" if self.lone_refunds else None
        if self.gone_at is not None:
            # Deletions carry no date, so an old one that is sent again looks new: only the shop itself can tell.
            return "deletion-unconfirmed"
        if self.lifted:
            return "deletion-lifted"
        if any(not refund.lines_known for refund in self.order.refunds):
            return "refund-lines-unknown"
        return None if self.order.tender_known else "tender-unknown"


ENCODER = msgspec.json.Encoder()
ORDER_DECODER = msgspec.json.Decoder(OrderKnowledge)
CUSTOMER_DECODER = msgspec.json.Decoder(CustomerState)
ACTIVITY_DECODER = msgspec.json.Decoder(Activity)


def merge_order(known: OrderKnowledge | None, fact: Fact, read_at: datetime, fetched: bool) -> OrderKnowledge:
    """The knowledge after one more fact about the same order.

    read_at: when the payload was received, or when our own read began (``fetched``).
    """
    if isinstance(fact, OrderState):
        return _merge_snapshot(known or OrderKnowledge(fact.order_id), fact, read_at, fetched)
    if isinstance(fact, RefundEvent):
        return _merge_lone_refund(known or OrderKnowledge(fact.order_id), fact, read_at)
    if isinstance(fact, OrderDeleted):
        return _merge_deletion(known or OrderKnowledge(fact.order_id), read_at)
    raise TypeError(f"{type(fact).__name__} is not about an order")


def merge_customer(known: CustomerState | None, fact: CustomerState) -> CustomerState:
    """The newer of two states; a deletion without a date stays, since a customer id is never used again."""
    if known is None or fact.is_deleted:
        return fact
    if known.is_deleted:
        return known
    if known.updated_at and fact.updated_at and fact.updated_at < known.updated_at:
        return known
    return fact


def merge_activity(known: Activity | None, fact: Activity) -> Activity:
    """The later of two states, by the date of their events; of two with one date the one that came last.

    What only the other one says (who, about what, how long a text) is kept; when it happened is the earliest date.
    """
    if known is None:
        return fact
    late, early = (known, fact) if fact.updated_at < known.updated_at else (fact, known)
    return replace(
        late,
        occurred_at=min(late.occurred_at, early.occurred_at),
        approved_at=min((at for at in (late.approved_at, early.approved_at) if at is not None), default=None),
        customer_ref=late.customer_ref or early.customer_ref,
        address_hash=late.address_hash or early.address_hash,
        product_id=late.product_id or early.product_id,
        order_ref=late.order_ref or early.order_ref,
        counterpart=late.counterpart or early.counterpart,
        values={**early.values, **late.values},
    )


def _merge_snapshot(known: OrderKnowledge, order: OrderState, read_at: datetime, fetched: bool) -> OrderKnowledge:
    if known.order is not None and known.read_at is not None and not _is_newer(known, order, read_at, fetched):
        return replace(known, order=_with_known(known.order, order))
    if known.order is not None:
        order = _keep_known_lines(order, known.order) if fetched else _with_known(order, known.order)
        order = _with_known_owner(order, known.order)
    lifts = known.gone_at is not None and read_at > known.gone_at
    return OrderKnowledge(
        order_id=known.order_id,
        order=order,
        read_at=read_at,
        lone_refunds=tuple(lone for lone in known.lone_refunds if _still_adds(lone, order, read_at, fetched)),
        gone_at=None if lifts else known.gone_at,
        lifted=not fetched and (lifts or known.lifted),
    )


def _is_newer(known: OrderKnowledge, order: OrderState, read_at: datetime, fetched: bool) -> bool:
    assert known.order is not None and known.read_at is not None
    if fetched and read_at >= known.read_at:
        return True
    if order.updated_at != known.order.updated_at:
        return order.updated_at > known.order.updated_at
    return read_at >= known.read_at


def _still_adds(lone: LoneRefund, order: OrderState, read_at: datetime, fetched: bool) -> bool:
    if any(refund.refund_id == lone.refund.refund_id for refund in order.refunds):
        return False
    if fetched:
        return read_at < lone.read_at
    made_at = lone.refund.created_at
    # A snapshot of the same second may be from just before the refund, so only a later one proves it wrong.
    return made_at is None or order.updated_at <= made_at


def _with_known(order: OrderState, other: OrderState) -> OrderState:
    """``order`` with what only the other snapshot knows: a webhook tells less than a read, whichever came first.

    Of how an order was paid and whose it was then, a later read may say otherwise; a webhook says nothing.
    """
    if not order.tender_known and other.tender_known:
        order = replace(
            order,
            gift_card_minor=other.gift_card_minor,
            store_credit_minor=other.store_credit_minor,
            tender_known=True,
        )
    if other.customer_tags and not order.customer_tags and other.customer_ref == order.customer_ref:
        order = replace(order, customer_tags=other.customer_tags)
    return _keep_known_lines(order, other)


def _with_known_owner(order: OrderState, other: OrderState) -> OrderState:
    """A shop that forgets whose old orders were does not take them away from their members."""
    if not order.is_anonymous:
        return order
    return replace(order, customer_ref=other.customer_ref, address_hash=other.address_hash)


def _keep_known_lines(order: OrderState, other: OrderState) -> OrderState:
    """``order`` with what the other snapshot knows of the lines of the same refunds, whichever of them came first.

    A webhook that tells only amounts must not make us forget lines that we read, and lines that we read while such a
    webhook overtook us must not be lost.
    """
    if all(refund.lines_known for refund in order.refunds):
        return order
    read = {refund.refund_id: refund for refund in other.refunds if refund.lines_known}
    refunds = tuple(
        read[refund.refund_id]
        if not refund.lines_known and _same_refund(refund, read.get(refund.refund_id))
        else refund
        for refund in order.refunds
    )
    return replace(order, refunds=refunds)


def _same_refund(refund: Refund, other: Refund | None) -> bool:
    return other is not None and other.amount_minor == refund.amount_minor


def _merge_lone_refund(known: OrderKnowledge, event: RefundEvent, read_at: datetime) -> OrderKnowledge:
    lone = LoneRefund(event.refund, read_at)
    if known.order is not None and not _still_adds(lone, known.order, known.read_at or read_at, fetched=False):
        return known
    others = tuple(other for other in known.lone_refunds if other.refund.refund_id != event.refund.refund_id)
    return replace(known, lone_refunds=(*others, lone))


def _merge_deletion(known: OrderKnowledge, read_at: datetime) -> OrderKnowledge:
    if known.read_at is not None and known.read_at > read_at:
        return known
    return replace(known, gone_at=max(read_at, known.gone_at or read_at), lifted=False)
