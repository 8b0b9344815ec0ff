"""The size of a snapshot: never more than MAX_BYTES, whatever a member has. What is left out first is stated."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Document = dict[str, Any]

MAX_BYTES = 16_384
"""Of UTF-8. A batch of 25 metafields stays far below what Shopify takes in one call, and WordPress reads all meta of a
signed-in user with every page."""
MAX_NAME = 100
"""Characters of any name or text that a merchant wrote."""


def encoded(document: Document) -> str:
    """Compact JSON."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def fit(document: Document) -> str:
    """The document as text; too large, it loses parts in the order of DROPPED, each named in ``dropped``."""
    text = encoded(document)
    for name, shorten in DROPPED:
        while len(text.encode()) > MAX_BYTES and shorten(document):
            if name not in document["dropped"]:
                document["dropped"].append(name)
            text = encoded(document)
    return text


def _last_of(key: str, keep: int) -> Callable[[Document], bool]:
    def shorten(document: Document) -> bool:
        if len(document[key]) <= keep:
            return False
        document[key].pop()
        return True

    return shorten


def _is_over(voucher: Document) -> bool:
    waits = ("held", "requested") if voucher.get("kind") == "store_credit" else ("held", "requested", "issued")
    return voucher["state"] not in waits


def _vouchers_that_are_over(document: Document) -> bool:
    over = [voucher for voucher in document["vouchers"] if _is_over(voucher)]
    if not over:
        return False
    document["vouchers"].remove(over[-1])
    return True


def _texts(document: Document) -> bool:
    had = bool(document["texts"])
    document["texts"] = {}
    return had


def _tier_details(document: Document) -> bool:
    tier = document["tier"]
    if not tier or not tier["benefits"]:
        return False
    tier["benefits"].pop()
    return True


def _privileges(document: Document) -> bool:
    level = document["level"]
    if not level or not level["privileges"]:
        return False
    level["privileges"].pop()
    return True


DROPPED: tuple[tuple[str, Callable[[Document], bool]], ...] = (
    ("entries", _last_of("entries", 5)),
    ("vouchers", _vouchers_that_are_over),
    ("badges", _last_of("badges", 6)),
    ("pending_lots", _last_of("pending_lots", 5)),
    ("entries", _last_of("entries", 0)),
    ("badges", _last_of("badges", 0)),
    ("rewards", _last_of("rewards", 3)),
    ("privileges", _privileges),
    ("benefits", _tier_details),
    ("pending_lots", _last_of("pending_lots", 0)),
    ("rewards", _last_of("rewards", 0)),
    ("vouchers", _last_of("vouchers", 3)),
    ("ends", _last_of("ends", 3)),
    ("texts", _texts),
    ("vouchers", _last_of("vouchers", 0)),
)
"""What is shortened, and how far, before the next. The newest, nearest and proudest of each list stay longest.

Balances, tier, the next steps and the version are never left out.
"""


def cut(text: str) -> str:
    """A name no longer than MAX_NAME."""
    return text if len(text) <= MAX_NAME else f"{text[: MAX_NAME - 1]}…"
