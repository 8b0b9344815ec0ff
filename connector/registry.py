"""The platforms that there are. Kept apart from the port, so that the two platform packages never import each other."""

from __future__ import annotations

from collections.abc import Mapping

from connector.platforms import Platform
from connector.shopify.platform import ShopifyPlatform
from connector.woocommerce.platform import WooCommercePlatform

PLATFORMS: Mapping[str, Platform] = {"shopify": ShopifyPlatform(), "woocommerce": WooCommercePlatform()}
