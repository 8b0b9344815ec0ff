"""Definitions of metafields: each owner type, namespace and key has one, and it says who may read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Payload = dict[str, Any]


class Definitions:
    """All of one shop. namespace: how Shopify writes one out."""

    def __init__(self, *, namespace: Callable[[str | None], str], next_id: Callable[[], int]) -> None:
        self.namespace = namespace
        self.next_id = next_id
        self._made: dict[tuple[str, str, str], Payload] = {}

    def resolvers(self) -> dict[str, Callable[..., Any]]:
        """The root fields that it answers."""
        return {
            "metafieldDefinitions": lambda _, info, **args: {"nodes": self._found(args)},
            "metafieldDefinitionCreate": lambda _, info, definition: self.create(definition),
        }

    def access(self, owner: str, key: str) -> Payload | None:
        """Who may read the app's own metafield; None: it has no definition."""
        found = self._made.get((owner, self.namespace(None), key))
        return found["access"] if found else None

    def create(self, given: Payload) -> Payload:
        """``metafieldDefinitionCreate``, also for what an app's file declares."""
        place = (given["ownerType"], self.namespace(given.get("namespace")), given["key"])
        if place in self._made:
            message = f"Key is in use for {place[0].capitalize()} metafields on the '{place[1]}' namespace."
            error = {"field": ["definition", "key"], "message": message, "code": "TAKEN"}
            return {"createdDefinition": None, "userErrors": [error]}
        access = {"storefront": "NONE", "customerAccount": "NONE"} | (given.get("access") or {})
        made = {
            "__typename": "MetafieldDefinition",
            "id": f"gid://shopify/MetafieldDefinition/{self.next_id()}",
            "access": access,
            "key": given["key"],
            "name": given["name"],
            "namespace": place[1],
        }
        self._made[place] = made
        return {"createdDefinition": made, "userErrors": []}

    def _found(self, args: Payload) -> list[Payload]:
        namespace = self.namespace(args["namespace"]) if args.get("namespace") else None
        return [
            made
            for (owner, space, key), made in self._made.items()
            if owner == args["ownerType"] and namespace in (None, space) and args.get("key") in (None, key)
        ][: args.get("first") or 250]
