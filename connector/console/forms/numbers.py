"""Numbers as people type them: whichever marks they use, and refused where two readings are possible."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from connector.console.forms.fields import Wrong

LENGTH_MAX = 20
SPACES = re.compile("(?<=[0-9])[ \u00a0\u2009\u202f'\u2019](?=[0-9]{3}(?![0-9]))")
"""Between thousands; nobody writes them before a decimal."""
PLAIN = re.compile(r"[0-9]+")
ONE_MARK = re.compile(r"([0-9]+)[.,]([0-9]+)")
THOUSANDS = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})+")
BOTH = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})+(?!\1)[.,]([0-9]+)")


def plain_number(typed: str) -> str:
    """``1234.5`` of ``1.234,5``, ``1,234.5`` or ``1234,5``. Raises Wrong for what is no number, and for ``1,000`` or
    ``1.000``, which some read as one and some as a thousand.
    """
    text = SPACES.sub("", unicodedata.normalize("NFKC", typed.strip()))
    if len(text) > LENGTH_MAX:
        raise Wrong("number", typed=typed[:LENGTH_MAX])
    if PLAIN.fullmatch(text):
        return text
    if THOUSANDS.fullmatch(text):
        return re.sub(r"[.,]", "", text)
    if found := BOTH.fullmatch(text):
        whole = text[: -len(found[2]) - 1]
        return f"{re.sub(r'[.,]', '', whole)}.{found[2]}"
    found = ONE_MARK.fullmatch(text)
    if found is None:
        raise Wrong("number", typed=typed[:LENGTH_MAX])
    whole, part = found.groups()
    if len(part) == 3 and len(whole) <= 3 and not whole.startswith("0"):
        raise Wrong("two-readings", typed=text, many=whole + part, one=shortened(f"{whole}.{part}"))
    return f"{whole}.{part}"


def shortened(text: str) -> str:
    """Without zeros at the end of its part."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def whole_typed(typed: str, low: int) -> int:
    """A whole number, perhaps with a minus before it. Raises Wrong."""
    text = unicodedata.normalize("NFKC", typed.strip()).replace("\u2212", "-")
    sign = -1 if text.startswith("-") else 1
    number = plain_number(text.removeprefix("-"))
    if "." in number:
        raise Wrong("whole", typed=typed[:LENGTH_MAX])
    if sign * int(number) < low:
        raise Wrong("least", low=str(low))
    return sign * int(number)


def decimal_typed(typed: str) -> int | Decimal:
    """A decimal number without sign. Raises Wrong."""
    number = plain_number(typed)
    return Decimal(number) if "." in number else int(number)
