"""Codes of vouchers: derived from their redemption, so that a retry finds its own, and hard to guess."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

CODE_BYTES = 10
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No I, L, O or U: what looks alike is one, and no word comes about."""
_TAKEN_FOR = str.maketrans("ILO", "110")


def voucher_code(key: bytes, redemption_id: str, prefix: str = "") -> str:
    """The code of a redemption, the same at every call: 80 bits of a keyed hash in four groups of four letters.

    Upper case; shops may write it otherwise, ``folded_code`` makes such spellings one.
    """
    digest = hmac.digest(key, f"voucher:{redemption_id}".encode(), hashlib.sha256)
    text = crockford(digest[:CODE_BYTES])
    groups = "-".join(text[start : start + 4] for start in range(0, len(text), 4))
    return f"{prefix}-{groups}" if prefix else groups


def crockford(data: bytes) -> str:
    """Bytes in Crockford's base 32, five bits a letter; a rest of bits is filled up with zeros on the right."""
    letters = -(-len(data) * 8 // 5)
    number = int.from_bytes(data, "big") << (letters * 5 - len(data) * 8)
    return "".join(CROCKFORD[(number >> 5 * (letters - place - 1)) & 31] for place in range(letters))


def folded_code(code: str) -> str:
    """A code as we keep and compare it, however a shop or a shopper wrote it: upper case, without spaces around."""
    return code.strip().upper()


def typed_code(text: str) -> str:
    """A code in Crockford's letters as a person typed it: in any case and width, with spaces or dashes between, and
    with the letters that are none of them for the digits they look like.
    """
    letters = unicodedata.normalize("NFKC", text).upper()
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum()).translate(_TAKEN_FOR)
