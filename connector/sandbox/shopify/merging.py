"""``customerMerge``: which of two customers stays, and what keeps two from becoming one.

Consent to marketing, which may decide between two accounts that are alike, is not simulated.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from connector.sandbox.records import Customer
from connector.sandbox.shopify.tags import MOST_TAGS


def survivor(one: Customer, two: Customer, email_of: int | None = None) -> Customer:
    """Who stays, whatever the order of the two. email_of: whose address is to be kept, where that was said."""
    both = (one, two)
    chosen = [each for each in both if each.id == email_of and each.email]
    with_address = [each for each in both if each.email]
    enabled = [each for each in both if each.can_sign_in]
    for found in (chosen, with_address, enabled):
        if len(found) == 1:
            return found[0]
    return two


def merge_problems(one: Customer, two: Customer, gift_card_holders: Collection[int]) -> list[dict[str, Any]]:
    """As Shopify says what stands in the way, of the first argument first."""
    problems: list[dict[str, Any]] = [
        {
            "field": [argument],
            "message": f"{who.first_name} {who.last_name} has gift cards and can’t be merged.",
            "code": "INVALID_CUSTOMER",
        }
        for argument, who in (("customerOneId", one), ("customerTwoId", two))
        if who.id in gift_card_holders
    ]
    tags = {tag.casefold() for tag in (*one.tags, *two.tags)}
    if not problems and len(tags) > MOST_TAGS:
        message = f"Both together have too many tags (more than {MOST_TAGS})."
        problems.append({"field": None, "message": message, "code": "INVALID_CUSTOMER"})
    return problems
