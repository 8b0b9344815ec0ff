"""Pushing the programme's summary into the shop's own metafield, which every page of the shop can read."""

from __future__ import annotations

import msgspec

from connector.errors import Permanent
from connector.platforms import PushResult, PushState
from connector.shopify.graphql import AdminApi, decode
from connector.shopify.push import NAMESPACE, TYPE

KEY = "programme"


class _Shop(msgspec.Struct):
    id: str


class _ShopData(msgspec.Struct):
    shop: _Shop


class _UserError(msgspec.Struct):
    message: str
    field: list[str] | None = None
    code: str | None = None


class _Written(msgspec.Struct, rename="camel"):
    compare_digest: str


class _Payload(msgspec.Struct, rename="camel"):
    metafields: list[_Written] | None = None
    user_errors: list[_UserError] = []


class _Data(msgspec.Struct, rename="camel"):
    metafields_set: _Payload | None = None


async def push_programme(api: AdminApi, body: str) -> PushResult:
    """Write the summary, whatever is there: only we write it, and the newest version in force is the right one."""
    shop = decode(await api.run("ShopId", {}), _ShopData).shop
    field = {"ownerId": shop.id, "namespace": NAMESPACE, "key": KEY, "type": TYPE, "value": body}
    payload = decode(await api.run("PushProgramme", {"metafields": [field]}), _Data).metafields_set or _Payload()
    if payload.user_errors:
        error = payload.user_errors[0]
        return PushResult(PushState.REFUSED, f"{error.code or 'no code'}: {error.message}"[:300])
    if not payload.metafields:
        raise Permanent("Shopify did not write the programme.", detail="no metafield came back")
    return PushResult(PushState.ACCEPTED, token=payload.metafields[0].compare_digest)
