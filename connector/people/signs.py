"""What people show of themselves when they buy or come with a code, and the keyed hashes that are all we keep of it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from connector.crypto import Keys

_DIGITS_AT_END = re.compile(r"[0-9._-]+\Z")
_NO_LETTER = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows of themselves when they come, as they show it; empty where they show nothing."""

    address: str = ""
    """Of e-mail."""
    household: str = ""
    """A whole postal address."""
    phone: str = ""
    payment: str = ""
    """A fingerprint of the means of payment, as the shop's payment provider gives it."""
    device: str = ""
    ip: str = ""


def hashed(keys: Keys, programme_number: int, shown: Shown) -> dict[str, frozenset[str]]:
    """Keyed hashes by kind, of what is there."""
    texts = {
        "addresses": shown.address.strip().casefold(),
        "folded_addresses": folded_address(shown.address),
        "households": _NO_LETTER.sub("", _plain(shown.household)),
        "phones": re.sub(r"[^0-9]+", "", shown.phone).lstrip("0"),
        "payments": shown.payment.strip(),
        "devices": shown.device.strip(),
        "ips": shown.ip.strip(),
    }
    return {
        kind: frozenset({keys.hash_address(programme_number, f"{kind}:{text}")}) for kind, text in texts.items() if text
    }


def folded_address(address: str) -> str:
    """An e-mail address without what is easily varied: tags, dots, digits at the end, accents.

    ``Ada.Lovelace+2@example.com`` and ``adalovelace7@example.com`` are one.
    """
    name, at, host = _plain(address).strip().rpartition("@")
    if not at:
        return ""
    name = name.partition("+")[0]
    return f"{(_DIGITS_AT_END.sub('', name) or name).replace('.', '')}@{host}"


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def household(*parts: str | None) -> str:
    """A postal address of (street, further line, postcode, town, country); nothing without street, or without town and
    postcode: many live in one town.
    """
    street, _, postcode, town, _ = parts
    return " ".join(part for part in parts if part) if street and (postcode or town) else ""


def device(ip: str | None, browser: str | None) -> str:
    """A browser behind one address of the net. Its name alone says nothing: millions have the same."""
    return f"{ip} {browser}" if ip and browser else ""
