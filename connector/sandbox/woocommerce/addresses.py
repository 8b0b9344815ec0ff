"""Addresses and links as they stand in every body. All people are invented."""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]
ALLOW = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def billing(email: str, first_name: str = "Ada", last_name: str = "Example", country: str = "DE") -> Body:
    """A billing address."""
    return {
        "first_name": first_name,
        "last_name": last_name,
        "company": "",
        "address_1": "Str. 1",
        "address_2": "",
        "city": "Berlin",
        "state": "",
        "postcode": "10115",
        "country": country,
        "email": email,
        "phone": "+49 30 1234",
    }


def shipping() -> Body:
    """An empty shipping address."""
    names = (
        "first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country", "phone",
    )  # fmt: skip
    return dict.fromkeys(names, "")


def links(base_url: str, collection: str, number: int, parent: str = "") -> Body:
    """``_links`` of one resource; ``parent``: path of what it hangs below, such as ``orders/28``."""
    root = f"{base_url}/wp-json/wc/v3/{parent + '/' if parent else ''}{collection}"
    allow = ["GET", "DELETE"] if collection == "refunds" else ALLOW
    found: Body = {
        "self": [{"href": f"{root}/{number}", "targetHints": {"allow": allow}}],
        "collection": [{"href": root}],
    }
    if parent:
        found["up"] = [{"href": f"{base_url}/wp-json/wc/v3/{parent}"}]
    return found
