"""What a shop is called, which zone its days are in, and what it counts money in."""

from __future__ import annotations

import msgspec

from connector.api_client import ApiClient
from connector.platforms import Connection, Credentials
from connector.shopify.graphql import AdminApi, decode


class ShopTerms(msgspec.Struct, rename="camel"):
    """As the shop itself says."""

    name: str
    iana_timezone: str
    currency_code: str


class _Data(msgspec.Struct):
    shop: ShopTerms


async def read_terms(api: ApiClient, shop: str, api_url: str, token: str) -> ShopTerms:
    """Asked with a token that the shop has just given: no connection need be there yet."""
    nobody = Connection(0, "", 0, "shopify", shop, api_url)
    admin = AdminApi(nobody, Credentials(api={"access_token": token}), api)
    found: _Data = decode(await admin.run("ShopTerms", {}), _Data)
    return found.shop
