"""A place in a shop's orders as a text. What a place is, each platform's client knows for itself."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from connector.errors import Permanent

P = TypeVar("P", bound=msgspec.Struct)


def cursor_of(place: msgspec.Struct) -> str:
    """The cursor that names a place: the same text for the same place."""
    return msgspec.json.encode(place, order="deterministic").decode()


def place_of(cursor: str, kind: type[P]) -> P:
    """The place that a cursor names. Raises Permanent if it is none of this kind."""
    try:
        return msgspec.json.decode(cursor, type=kind)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Permanent("This is no place in the shop's orders.", detail=f"cursor refused: {error}") from error
