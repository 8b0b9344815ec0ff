"""Tags of customers: added and removed by name, never two that differ in capitals alone, and no more than 250."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from connector.sandbox.records import Customer

MOST_TAGS = 250
LONGEST = 255
Payload = dict[str, Any]


def add_tags(customer: Customer | None, tags: Sequence[str], view: Callable[[Customer], Any]) -> Payload:
    """``tagsAdd``: TagsAddPayload. Nothing is added if one of them cannot be."""
    if customer is None:
        return _refused("Customer does not exist")
    if any(len(tag) > LONGEST for tag in tags):
        return _refused(f"Tags is too long (maximum is {LONGEST} characters)", "tags")
    there = {tag.casefold() for tag in customer.tags}
    new = {tag.casefold(): tag for tag in tags if tag.casefold() not in there}
    if len(there) + len(new) > MOST_TAGS:
        return _refused(f"A customer cannot have more than {MOST_TAGS} tags", "tags")
    customer.tags += new.values()
    return {"node": view(customer), "userErrors": []}


def remove_tags(customer: Customer | None, tags: Sequence[str], view: Callable[[Customer], Any]) -> Payload:
    """``tagsRemove``: TagsRemovePayload. What is not there is as good as removed."""
    if customer is None:
        return _refused("Customer does not exist")
    gone = {tag.casefold() for tag in tags}
    customer.tags[:] = [tag for tag in customer.tags if tag.casefold() not in gone]
    return {"node": view(customer), "userErrors": []}


def _refused(message: str, where: str = "id") -> Payload:
    return {"node": None, "userErrors": [{"field": [where], "message": message}]}
