"""What the console needs inside of Shopify's admin: App Bridge, and one small script of ours (ADR 31)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from connector.console.pages import style_source

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
        return _script()


@cache
def _script() -> str:
    return (resources.files("connector.console") / "static" / "embedded.js").read_text("utf-8")


@cache
def _script_source() -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(_script().encode()).digest()).decode()}'"


def policy(framed_by: str, embedded: EmbeddedIn | None, shown: Sequence[str] = ()) -> str:
    """What a page may do and who may frame it. shown: the styles of a letter that it shows, by their digests; a frame
    that is part of a page has its rules.
    """
    styles = " ".join([style_source(), *(["'unsafe-hashes'", *shown] if shown else [])])
    scripts = f"script-src {APP_BRIDGE} {_script_source()}; connect-src 'self'; " if embedded else ""
    return (
        f"default-src 'none'; style-src {styles}; {scripts}img-src data:; form-action 'self'; "
        f"base-uri 'none'; frame-ancestors {framed_by}"
    )
