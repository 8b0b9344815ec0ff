"""JSON as shops write it: decimals as plain numbers, and each platform's own way to escape characters."""

from __future__ import annotations

import re
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_WIDE = re.compile("[^\x00-\x7f]")
_RAILS = {"&": "\\u0026", "<": "\\u003c", ">": "\\u003e", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def plain_json(value: Any) -> bytes:
    """Compact JSON; a Decimal becomes a number with exactly its own digits."""
    return _ENCODER.encode(value)


def rails_json(value: Any) -> bytes:
    """As Shopify writes it: UTF-8, with the characters escaped that are dangerous in HTML."""
    text = plain_json(value).decode()
    for character, escaped in _RAILS.items():
        text = text.replace(character, escaped)
    return text.encode()


def php_json(value: Any) -> bytes:
    """As WordPress writes it: slashes and everything beyond ASCII escaped."""
    text = plain_json(value).decode().replace("/", "\\/")
    return _WIDE.sub(lambda found: _utf16_escape(found.group()), text).encode("ascii")


def _utf16_escape(character: str) -> str:
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
