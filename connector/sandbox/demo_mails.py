"""Some shoppers of the demo agree to mails about their points, where their shop lets them; one changes their mind."""

from __future__ import annotations

import httpx

from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.woocommerce import SimulatedWooCommerce

TAKERS = 12
"""Of each shop: what they are written can still be read in an evening."""


async def agree_to_mails(
    url: str, shopify: SimulatedShopify, woocommerce: SimulatedWooCommerce, woocommerce_url: str
) -> None:
    """Shopify asks at the checkout and tells us; a WooCommerce shop's page asks for a token and tells us itself. url:
    of the service.
    """
    takers = [customer.id for customer in shopify.truth.live_customers()[:TAKERS]]
    for customer in takers:
        shopify.answer_mail(customer, accepts=True)
    shopify.answer_mail(takers[-1], accepts=False)
    async with httpx.AsyncClient(trust_env=False) as page:

        async def say(customer: int, takes: bool) -> None:
            given = await page.get(f"{woocommerce_url}/headless/token", params={"shopper": customer})
            answer = await page.post(
                f"{url}/v1/me/mail-choice",
                headers={"Authorization": f"Bearer {given.raise_for_status().json()['token']}"},
                json={"takes_mails": takes},
            )
            answer.raise_for_status()

        takers = [customer.id for customer in woocommerce.truth.live_customers()[:TAKERS]]
        for customer in takers:
            await say(customer, True)
        await say(takers[-1], False)
