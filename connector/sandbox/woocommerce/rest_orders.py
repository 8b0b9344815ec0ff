"""``/orders``, ``/orders/{id}``, ``/orders/{id}/refunds`` and ``/refunds``: read only, as Belong needs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from connector.sandbox.records import Order, Refund, Truth
from connector.sandbox.woocommerce.bodies import Bodies
from connector.sandbox.woocommerce.errors import RestError, invalid_order
from connector.sandbox.woocommerce.lists import between, fields_of, number, numbers, one_of, page_of, statuses
from connector.sandbox.woocommerce.refund_bodies import refund_body

Answer = tuple[Any, dict[str, str]]


class Orders:
    """Reads of orders and refunds."""

    def __init__(self, truth: Truth, bodies: Bodies) -> None:
        self.truth = truth
        self.bodies = bodies

    async def index(self, request: Request) -> Answer:
        """A page of orders; the bin only with ``status=trash``."""
        query = request.query_params
        wanted, only, never = statuses(query), numbers(query, "include"), numbers(query, "exclude")
        customer = number(query, "customer", -1, 0) if "customer" in query else None
        created, modified = between(query, "", self.bodies.zone), between(query, "modified_", self.bodies.zone)
        rows = [
            order
            for order in self.truth.orders.values()
            if not order.deleted
            and (("trash" if order.trashed else order.status) in wanted)
            and (not only or order.id in only)
            and order.id not in never
            and (customer is None or (order.customer_id or 0) == customer)
            and created(order.created_at)
            and modified(order.updated_at)
        ]
        chosen = one_of(query, "orderby", "date", ("date", "id", "include", "title", "slug", "modified"))
        descending = one_of(query, "order", "desc", ("asc", "desc")) == "desc"
        rows.sort(key=_order_by(chosen, only), reverse=descending and chosen != "include")
        page, headers = page_of(request, rows, self.bodies.base_url)
        return [fields_of(query, self.bodies.order(order)) for order in page], headers

    async def one(self, request: Request) -> Answer:
        """One order, in the bin or not."""
        return fields_of(request.query_params, self.bodies.order(self.find(request.path_params["id"]))), {}

    async def refunds(self, request: Request) -> Answer:
        """Refunds of one order, newest first."""
        order = self.find(request.path_params["id"])
        page, headers = page_of(request, list(reversed(order.refunds)), self.bodies.base_url)
        return [refund_body(self.bodies, order, refund) for refund in page], headers

    async def refund(self, request: Request) -> Answer:
        """One refund of one order."""
        order, wanted = self.find(request.path_params["id"]), request.path_params["refund_id"]
        for refund in order.refunds:
            if refund.id == wanted:
                return refund_body(self.bodies, order, refund), {}
        raise RestError(404, "woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.")

    async def all_refunds(self, request: Request) -> Answer:
        """Refunds across orders, newest first. A ``parent`` parameter is accepted and ignored, as real shops do."""
        query = request.query_params
        created = between(query, "", self.bodies.zone)
        rows: list[tuple[Order, Refund]] = [
            (order, refund)
            for order in self.truth.orders.values()
            if not order.deleted
            for refund in order.refunds
            if created(refund.created_at)
        ]
        rows.sort(key=lambda row: row[1].id, reverse=one_of(query, "order", "desc", ("asc", "desc")) == "desc")
        page, headers = page_of(request, rows, self.bodies.base_url)
        return [refund_body(self.bodies, order, refund, with_parent=True) for order, refund in page], headers

    def find(self, number_: int) -> Order:
        """An order that is not deleted for good."""
        order = self.truth.orders.get(number_)
        if order is None or order.deleted:
            raise invalid_order()
        return order


def _order_by(chosen: str, only: list[int]) -> Callable[[Order], Any]:
    if chosen == "id":
        return lambda order: order.id
    if chosen == "include":
        return lambda order: only.index(order.id) if order.id in only else -1
    # The database promises no order among equal seconds, and it is not the order of ids.
    if chosen == "modified":
        return lambda order: (order.updated_at, order.id * 7919 % 1009)
    return lambda order: (order.created_at, order.id * 7919 % 1009)
