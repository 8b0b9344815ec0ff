"""What shoppers see of both plugins, for whoever wants to look: the WooCommerce plugin in a real WordPress, and blocks
of the Shopify theme, drawn by the metafields of a real service on a page of ours.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from connector.shopify.app_folder import write_folder
from connector.storage.migrate import migrate
from scripts import npm_packages
from tests.browser import shop
from tests.browser.chromium import Chromium, Page
from tests.plugins import php, sites
from tests.shopify.extensions.spoken import spoken
from tests.shopify.theme import storefront_page
from tests.shopify.theme.rendering import LAUNCHER, blocks_of

OF_WOOCOMMERCE = (
    ("account", "/account/points-and-badges/", "My Account in WooCommerce"),
    ("product", "/product/", "A product in WooCommerce"),
    ("cart", "/cart/", "The cart in WooCommerce"),
    ("checkout", "/checkout/", "The checkout in WooCommerce"),
)
"""Name, address and title."""
SHOPPER = "kim"


@dataclass(frozen=True)
class PluginShown:
    """A page that a tab shows now. name: of its pictures."""

    name: str
    title: str
    path: str
    page: Page


async def plugin_pages(browser: Chromium, home: Path, width: int) -> AsyncIterator[PluginShown]:
    """One after the other. home: a folder for what is made on the way."""
    site = await asyncio.to_thread(sites.make, home / "site", "newest")
    with sites.copy(site, php.SYSTEM) as one:
        async with (
            shop.opened(one, is_connected=True) as opened,
            browser.page(opened.for_person(SHOPPER), width) as page,
        ):
            for name, path, title in OF_WOOCOMMERCE:
                await page.go(shop.ADDRESS + path)
                yield PluginShown(f"woocommerce-{name}", title, path, page)
    tools = await asyncio.to_thread(npm_packages.install, npm_packages.SHOPIFY)
    app, database = home / "app", f"sqlite://{home / 'theme.db'}"
    write_folder(app, "0123456789abcdef0123456789abcdef", "https://belong.example.com")
    await migrate(database)
    heard = await spoken(database, home)
    blocks = await asyncio.to_thread(blocks_of, tools, app, heard, "member")
    async with browser.page(storefront_page.still(storefront_page.page_of(blocks), app), width) as page:
        await page.go(f"{storefront_page.SHOP}/")
        yield PluginShown("shopify-theme", "Every block of the Shopify theme", "/", page)
        await page.run(f"document.querySelector('.{LAUNCHER} > summary').click()")
        await page.until_said("ready to use", f".{LAUNCHER}")
        yield PluginShown("shopify-launcher", "The launcher of the Shopify theme, open", "/", page)
