"""A simulated Shopify: one shop with its Admin API, its webhooks and a storefront page."""

from connector.sandbox.shopify.app import SimulatedShopify

__all__ = ["SimulatedShopify"]
