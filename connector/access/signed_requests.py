"""Requests that a store signs with the secret of its webhooks instead of showing a key (Standard Webhooks).

``webhook-signature: v1,base64(HMAC-SHA256(secret, id.timestamp.body))``, with ``webhook-id``, ``webhook-timestamp``
(whole seconds since 1970) and ``belong-connection``, the store's connection id.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from connector.access.auth import WRITE_EVENTS, ProgrammeScope
from connector.access.signatures import check_signature
from connector.errors import BadSignature
from connector.ingest.hook_targets import HookTargets

SIGNATURE = "webhook-signature"
TOLERANCE = timedelta(minutes=5)
"""How far the sender's clock may be off; older signatures may be copies."""
VERSION = "v1,"


async def signed_scope(
    targets: HookTargets, headers: Mapping[str, str], raw: bytes, now: datetime
) -> ProgrammeScope | None:
    """What a signed request may do: report events for its own programme. None: no such store. Raises BadSignature."""
    target = await targets.find(headers.get("belong-connection", ""))
    if target is None:
        return None
    sent = headers.get("webhook-timestamp", "")
    if not sent.isascii() or not sent.isdigit() or len(sent) > 11:
        raise BadSignature("webhook-timestamp must be whole seconds since 1970.", reason="malformed-timestamp")
    if abs(now - datetime.fromtimestamp(int(sent), UTC)) > TOLERANCE:
        raise BadSignature("The signature is too old, or made by a clock that is wrong.", reason="stale-timestamp")
    message = b".".join([headers.get("webhook-id", "").encode(), sent.encode(), raw])
    values = [value.removeprefix(VERSION).encode() for value in headers.get(SIGNATURE, "").split()]
    check_signature([value for value in values if value], message, target.secrets)
    connection = target.connection
    return ProgrammeScope(connection.programme_number, frozenset({WRITE_EVENTS}), f"store-{connection.number}")
