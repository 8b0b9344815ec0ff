"""WooCommerce: authentication, webhooks, normalising, reading and pushing."""
