"""What the console needs inside of Shopify's admin: App Bridge, and one small script of ours (ADR 31)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.console.pages import LIVE, STYLE, source_of, text_of

EMBEDDED = "embedded.js"
APP_BRIDGE = "https://cdn.shopify.com/shopifycloud/app-bridge.js"


@dataclass(frozen=True, slots=True)
class EmbeddedIn:
    """The app that a page belongs to."""

    client_id: str

    @property
    def app_bridge(self) -> str:
        """Shopify's own script, which must come from Shopify."""
        return APP_BRIDGE

    @property
    def script(self) -> str:
        """Ours."""
        return text_of(EMBEDDED)


def policy(framed_by: str, embedded: EmbeddedIn | None, shown: Sequence[str] = ()) -> str:
    """What a page may do and who may frame it. shown: the styles of a letter that it shows, by their digests; a frame
    that is part of a page has its rules.
    """
    styles = " ".join([source_of(STYLE), *(["'unsafe-hashes'", *shown] if shown else [])])
    scripts = " ".join([source_of(LIVE), *([APP_BRIDGE, source_of(EMBEDDED)] if embedded else [])])
    return (
        f"default-src 'none'; style-src {styles}; script-src {scripts}; connect-src 'self'; img-src data:; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors {framed_by}"
    )
