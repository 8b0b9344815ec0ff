"""What a simulated WooCommerce does when our plugin is active, and the deeds of which only the plugin tells."""

from __future__ import annotations

from typing import Any

from connector.sandbox.accounts import Accounts
from connector.sandbox.records import Happened
from connector.sandbox.woocommerce.bodies import Bodies
from connector.sandbox.woocommerce.plugin import Plugin
from connector.sandbox.woocommerce.plugin_states import Review, customer_state, order_gone, order_state, review_state


class PluginDeeds(Accounts):
    """A part of a simulated WooCommerce. plugin: None where it is not installed. reviews: those that are there."""

    bodies: Bodies
    plugin: Plugin | None
    reviews: dict[int, Review]

    def mark(self, plugin: Plugin, happened: Happened) -> None:
        """Note what a deed changed."""
        order, customer = happened.order, happened.customer
        if order is not None:
            plugin.mark("order", order.id, order_gone(order) if happened.kind == "deleted" else None)
        if customer is not None:
            plugin.mark("customer", customer.id, {} if happened.kind == "left" else None)

    def state_of(self, kind: str, number: int) -> dict[str, Any] | None:
        """What our plugin tells of a thing; None if it is gone."""
        if kind == "order":
            order = self.truth.orders.get(number)
            return order_state(self.bodies, order) if order and not order.deleted else None
        if kind == "customer":
            customer = self.truth.customers.get(number)
            return customer_state(self.bodies, customer) if customer and not customer.deleted else None
        return review_state(self.reviews[number]) if number in self.reviews else None

    def has_customer(self, number: int) -> bool:
        """Whether somebody has an account."""
        customer = self.truth.customers.get(number)
        return customer is not None and not customer.deleted

    # Reviews, of which only our plugin tells

    def write_review(self, customer_id: int, product_id: int, rating: int, characters: int) -> Review:
        """A shopper writes about a product; 0 is somebody without an account."""
        number = self.next_id("post")
        review = Review(number, customer_id, product_id, rating, self.now(), characters)
        self.reviews[number] = review
        self._tell_review(number)
        return review

    def moderate(self, review_id: int, status: str) -> None:
        """Somebody decides on a review: ``approved hold spam trash``."""
        self.reviews[review_id].status = status
        self._tell_review(review_id)

    def delete_review(self, review_id: int) -> None:
        """For good."""
        del self.reviews[review_id]
        self._tell_review(review_id, {})

    def _tell_review(self, review_id: int, gone: dict[str, Any] | None = None) -> None:
        if self.plugin is not None:
            self.plugin.mark("review", review_id, gone)

    def erase_person(self, customer_id: int) -> None:
        """WordPress's own eraser runs for a shopper: the account stays, without what says who it is."""
        customer = self.truth.customers[customer_id]
        customer.email, customer.first_name, customer.last_name = f"deleted-{customer_id}@site.invalid", "", ""
        customer.updated_at = self.now()
        if self.plugin is not None:
            self.plugin.mark("privacy", customer_id)
