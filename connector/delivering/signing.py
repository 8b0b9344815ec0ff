"""Signatures of outgoing webhooks, after Standard Webhooks 1.0: who receives one can prove that we sent it, and when.

Signed is ``id.timestamp.body`` with HMAC-SHA256, under every secret that is live, so that a receiver can change from
one secret to the next without missing anything.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_signing_secret() -> bytes:
    """A secret, 32 random bytes."""
    return os.urandom(SECRET_BYTES)


def secret_text(secret: bytes) -> str:
    """As receivers are given it: ``whsec_`` and base64."""
    return PREFIX + base64.b64encode(secret).decode()


def signed_headers(message_id: str, at: datetime, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The three headers of an attempt at ``at``."""
    timestamp = str(int(at.timestamp()))
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    signatures = [base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode() for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
