"""One check for signatures over raw bodies: base64 of HMAC-SHA256, several active secrets, constant time."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from connector.errors import BadSignature

DIGEST_BYTES = 32
ENCODED_BYTES = 44


def sign(raw: bytes, secret: bytes) -> bytes:
    """base64(HMAC-SHA256(secret, raw)), 44 bytes."""
    return base64.b64encode(hmac.digest(secret, raw, hashlib.sha256))


def check_signature(values: Sequence[bytes], raw: bytes, secrets: Sequence[bytes], *, hint: str = "") -> None:
    """Raise BadSignature unless exactly one header value signs ``raw`` with one of ``secrets``.

    Reasons: no-secret, missing-signature, repeated-signature, malformed-signature, wrong-signature. Every secret is
    tried, whatever the earlier ones gave, so that the time tells nothing. An empty secret counts as none.
    """
    usable = [secret for secret in secrets if secret]
    if not usable:
        raise BadSignature("No webhook secret is configured for this connection.", reason="no-secret")
    if not values:
        raise BadSignature("The delivery carries no signature.", reason="missing-signature")
    if len(values) > 1:
        raise BadSignature("The delivery carries more than one signature.", reason="repeated-signature")
    given = _decoded(values[0])
    is_right = False
    for secret in usable:
        is_right |= hmac.compare_digest(hmac.digest(secret, raw, hashlib.sha256), given)
    if not is_right:
        raise BadSignature(f"The signature does not match any active secret.{hint}", reason="wrong-signature")


SIGNATURES_MAX = 4
"""Of one message: the sender may be changing its secret, and then signs with two."""


def check_one_of(values: Sequence[bytes], raw: bytes, secrets: Sequence[bytes]) -> None:
    """As ``check_signature``, but one right value of several is enough. All are tried, whatever the first ones gave."""
    if len(values) > SIGNATURES_MAX:
        raise BadSignature("The message carries too many signatures.", reason="repeated-signature")
    if len(values) < 2:
        check_signature(values, raw, secrets)
        return
    wrong = []
    for value in values:
        try:
            check_signature([value], raw, secrets)
        except BadSignature as error:
            wrong.append(error)
    if len(wrong) == len(values):
        raise wrong[0]


def _decoded(value: bytes) -> bytes:
    if len(value) == ENCODED_BYTES:
        try:
            decoded = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            decoded = b""
        if len(decoded) == DIGEST_BYTES and base64.b64encode(decoded) == value:
            return decoded
    raise BadSignature("The signature is not the base64 of 32 bytes.", reason="malformed-signature")
