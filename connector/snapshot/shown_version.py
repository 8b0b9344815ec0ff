"""What version a snapshot has that a store shows: read from its text, whoever may have written it."""

from __future__ import annotations

import msgspec


class _Version(msgspec.Struct):
    version: tuple[int, int]


def shown_version(value: str) -> tuple[int, int] | None:
    """``version`` of a snapshot's JSON, ``[epoch, counter]``; None if it is not one of ours."""
    try:
        return msgspec.json.decode(value, type=_Version).version
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
