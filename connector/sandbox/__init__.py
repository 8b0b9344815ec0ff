"""A simulated Shopify and a simulated WooCommerce that speak the real protocols."""
