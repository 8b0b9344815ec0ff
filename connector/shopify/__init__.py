"""Shopify: authentication, webhooks, normalising, reading and pushing."""
