"""Who Shopify says that asks, once its proof is read: a shopper on a page of the shop, or somebody of its staff.

The shop that the signed part names must be connected, and the secret of that very connection must have signed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from connector.access.shopify_tokens import SessionToken, check_proxy_query, claimed, read_session_token, shop_name
from connector.access.store_calls import StoreCaller
from connector.errors import BadSignature
from connector.ingest.hook_targets import HookTarget, HookTargets

PLATFORM = "shopify"
RETRY = {"X-Shopify-Retry-Invalid-Session-Request": "1"}
"""App Bridge asks once more, with a fresh token."""


@dataclass(frozen=True, slots=True)
class ShopVisit(StoreCaller):
    """Proof that a page or an extension of a shop asks. customer: who is signed in there, empty for a guest.

    once: under which name the proof counts once; empty where it may be used again until it ends.
    """

    customer: str
    once: str = ""


@dataclass(frozen=True, slots=True)
class StaffScope(StoreCaller):
    """Proof that somebody of a shop's staff asks. user: their number at Shopify."""

    user: str


async def visit_of_page(targets: HookTargets, query: str, now: datetime) -> ShopVisit:
    """Who looks at a page of the shop, from an address that came through the app proxy. Raises BadSignature."""
    try:
        named = dict(parse_qsl(query, max_num_fields=50)).get("shop", "")
    except ValueError as error:
        raise BadSignature("The address cannot be read.", reason="malformed-query") from error
    target = await _target(targets, shop_name(named))
    visit = check_proxy_query(query, target.secrets, now)
    return ShopVisit(target.connection, visit.customer, f"proxy_{visit.signature}")


async def visit_of_extension(targets: HookTargets, authorization: str, now: datetime) -> ShopVisit:
    """Who uses an extension, from its session token. Somebody of the staff is nobody here. Raises BadSignature."""
    target, token = await _session(targets, authorization, now)
    return ShopVisit(target.connection, token.customer)


async def staff_of(targets: HookTargets, authorization: str, now: datetime) -> StaffScope:
    """Who of a shop's staff asks, from the admin's session token. Raises BadSignature, also for shoppers."""
    target, token = await _session(targets, authorization, now)
    if not token.user:
        raise BadSignature("This session token is no staff's.", reason="not-staff")
    return StaffScope(target.connection, token.user)


async def _session(targets: HookTargets, authorization: str, now: datetime) -> tuple[HookTarget, SessionToken]:
    scheme, _, text = authorization.partition(" ")
    said = claimed(text) if scheme.lower() == "bearer" else None
    if said is None:
        raise BadSignature("Send a session token of Shopify as a bearer token.", reason="missing-token")
    target = await _target(targets, said.shop)
    # Where the connection knows no client id, the secret alone says which app it is: each app has its own.
    return target, read_session_token(text, target.client_id or said.client_id, target.secrets, now)


async def _target(targets: HookTargets, shop: str | None) -> HookTarget:
    target = await targets.find_shop(PLATFORM, shop) if shop else None
    if target is None:
        raise BadSignature("This shop is not connected.", reason="unknown-shop")
    return target
