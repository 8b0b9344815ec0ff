"""Who may ask for a route. Each has one of these, or nothing is served: see ``policies``."""

from __future__ import annotations

from dataclasses import dataclass

from connector.access.console import Role

MAX_BODY_BYTES = 512 * 1024
"""Of a request, unless its operation says more."""


@dataclass(frozen=True, slots=True)
class NeedsKey:
    """An API key with this scope. or_signed: or the signature of a store (``signed_requests``)."""

    scope: str
    or_signed: bool = False


@dataclass(frozen=True, slots=True)
class NeedsShopper:
    """A shopper's token with this scope; browsers of the token's own store may call it."""

    scope: str


@dataclass(frozen=True, slots=True)
class Anyone:
    """No proof at all: only for what everybody may know."""


@dataclass(frozen=True, slots=True)
class NeedsDelivery:
    """The signature that a shop's platform puts on its deliveries."""


@dataclass(frozen=True, slots=True)
class NeedsMetricsToken:
    """BELONG_METRICS_TOKEN, or without one a caller on this machine."""


@dataclass(frozen=True, slots=True)
class NeedsOperator:
    """The token of this run, in a file that only the operator can read."""


@dataclass(frozen=True, slots=True)
class NeedsLink:
    """The secret part of a mailed address."""


@dataclass(frozen=True, slots=True)
class NeedsStore:
    """A call that a shop's plugin signed for this very purpose, the last word of the address, and that is new.

    body_bytes_max: how much it may send.
    """

    purpose: str
    body_bytes_max: int = MAX_BODY_BYTES


@dataclass(frozen=True, slots=True)
class NeedsShopifyPage:
    """An address that came through the app proxy of a connected Shopify shop, once."""


@dataclass(frozen=True, slots=True)
class NeedsShopifyExtension:
    """A session token that Shopify gave an extension of a connected shop, for a customer or for a guest."""


@dataclass(frozen=True, slots=True)
class NeedsShopifyStaff:
    """A session token that Shopify gave somebody of a connected shop's staff."""


@dataclass(frozen=True, slots=True)
class NeedsPairing:
    """A code that lives: the handler checks the proof that is made with it, for only it knows the code."""


@dataclass(frozen=True, slots=True)
class NeedsHandOver:
    """A token that a shop's plugin was given for somebody who opens the console: good once, and for a minute."""


@dataclass(frozen=True, slots=True)
class NeedsPassword:
    """A form of our own sign-in page, with an address and its password; the handler looks at them."""


@dataclass(frozen=True, slots=True)
class NeedsSession:
    """Somebody who is signed in to the console, with this role or a higher one; to act, a form of their own pages."""

    role: Role


@dataclass(frozen=True, slots=True)
class NeedsShopifySignature:
    """Something that Shopify signed with the secret of one of our apps; the handler reads it."""


NeedsShopify = NeedsShopifyPage | NeedsShopifyExtension | NeedsShopifyStaff
Access = NeedsKey | NeedsShopper | NeedsStore | NeedsShopify | NeedsPairing | Anyone
FROM_PAGES = NeedsShopper | NeedsShopifyExtension | NeedsShopifyStaff
"""What a page of another address may ask: its browser asks before."""
Policy = (
    Access
    | NeedsDelivery
    | NeedsMetricsToken
    | NeedsOperator
    | NeedsLink
    | NeedsHandOver
    | NeedsPassword
    | NeedsSession
    | NeedsShopifySignature
)
"""Who may ask for a route. Each has one, or nothing is served: see ``policies``."""
