"""Definitions of our two metafields: without them account and checkout, which read by API, are not shown the values.

An app that was deployed brings them in its file (``shopify.app.toml``), and those are left alone. One that only has
client credentials has no file, so they are made here, with the same access.
"""

from __future__ import annotations

from typing import Any

import msgspec

from connector.errors import ConfigProblem
from connector.shopify.graphql import AdminApi, decode
from connector.shopify.push import KEY as SUMMARY
from connector.shopify.push import NAMESPACE, TYPE
from connector.shopify.push_programme import KEY as PROGRAMME

_PUBLIC = {"admin": "MERCHANT_READ", "storefront": "PUBLIC_READ"}
_WANTED = {
    SUMMARY: (
        "CUSTOMER",
        "Loyalty",
        "Points, tier, badges and vouchers, as the loyalty service last told.",
        _PUBLIC | {"customerAccount": "READ"},
    ),
    PROGRAMME: (
        "SHOP",
        "Loyalty programme",
        "What earns points and what they buy, for the pages of the shop.",
        _PUBLIC,
    ),
}


class _Access(msgspec.Struct, rename="camel"):
    storefront: str | None = None
    customer_account: str = "NONE"

    def allows(self, wanted: dict[str, str]) -> bool:
        """Whether pages may read as they must."""
        in_account = wanted.get("customerAccount") in (None, self.customer_account)
        return self.storefront == wanted["storefront"] and in_account


class _Definition(msgspec.Struct):
    access: _Access


class _Found(msgspec.Struct):
    nodes: list[_Definition]


class _UserError(msgspec.Struct):
    message: str
    field: list[str] | None = None
    code: str | None = None


class _Node(msgspec.Struct):
    id: str


class _Payload(msgspec.Struct, rename="camel"):
    created_definition: _Node | None = None
    user_errors: list[_UserError] = []


class _Created(msgspec.Struct, rename="camel"):
    metafield_definition_create: _Payload | None = None


async def ensure_definitions(api: AdminApi) -> None:
    """Make those that are missing. Raises ConfigProblem where pages cannot read what we write, and nobody but the
    merchant can change it; doing it again changes nothing more.
    """
    found = decode(await api.run("Definitions", {}), dict[str, _Found])
    for key, (owner, name, description, access) in _WANTED.items():
        there = found[key].nodes
        if not there:
            given = {"ownerType": owner, "namespace": NAMESPACE, "key": key, "type": TYPE, "access": access}
            await _define(api, {**given, "name": name, "description": description})
        elif not there[0].access.allows(access):
            raise ConfigProblem(
                f"The shop's pages may not read the app's metafield {key}: deploy the app's folder again.",
                detail=f"{key}: storefront {there[0].access.storefront}, account {there[0].access.customer_account}",
            )


async def _define(api: AdminApi, definition: dict[str, Any]) -> None:
    raw = await api.run("Define", {"definition": definition})
    payload = decode(raw, _Created).metafield_definition_create or _Payload()
    # Another process may have been faster.
    wrong = [error for error in payload.user_errors if error.code != "TAKEN"]
    if wrong or not (payload.created_definition or payload.user_errors):
        why = wrong[0].message if wrong else "Shopify did not say"
        raise ConfigProblem(
            f"The shop does not let its pages read the app's metafield {definition['key']}: {why}"[:300],
            detail=f"metafieldDefinitionCreate {definition['key']}: {wrong[0].code if wrong else 'nothing came back'}",
        )
