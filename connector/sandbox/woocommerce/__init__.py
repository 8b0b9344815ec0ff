"""A simulated WooCommerce: one shop with its REST API, its core webhooks and a storefront page."""

from connector.sandbox.woocommerce.app import SimulatedWooCommerce

__all__ = ["SimulatedWooCommerce"]
