"""Calls that a shop's plugin signs with the secret that it was paired with: for one purpose each, and each once.

The headers are those of Standard Webhooks, and ``belong-connection``; see ``docs/plugin-wire.md``. The secrets are not
those of webhooks: what is signed with these proves no call, and the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connector.access.auth import MINT_TOKENS, ProgrammeScope
from connector.access.signatures import check_one_of
from connector.access.signed_requests import SIGNATURE, TOLERANCE, VERSION
from connector.errors import BadSignature
from connector.ingest.hook_targets import HookTarget
from connector.platforms import Connection

CONNECTION = "belong-connection"
_ID = re.compile(r"([a-z][a-z-]{0,40})_[A-Za-z0-9-]{16,64}")
_SECONDS = re.compile(r"[0-9]{1,11}")


@dataclass(frozen=True, slots=True)
class StoreCaller:
    """Proof that somebody calls for one connection."""

    connection: Connection

    @property
    def mints(self) -> ProgrammeScope:
        """With it the shop's server gets tokens for its signed-in customers, and nothing else."""
        return ProgrammeScope(
            self.connection.programme_number, frozenset({MINT_TOKENS}), f"store-{self.connection.number}"
        )


@dataclass(frozen=True, slots=True)
class StoreScope(StoreCaller):
    """Proof that a shop's plugin calls, for its own connection. call_id: not used before.

    knows: the newest of several secrets, where it is the one that it used: nobody needs those before it any more.
    """

    call_id: str
    knows: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CallHead:
    """What the headers of a call say before its body is there. values: signatures in base64."""

    call_id: str
    sent: str
    values: tuple[bytes, ...]

    def check(self, raw: bytes, secrets: tuple[bytes, ...]) -> None:
        """Raise BadSignature unless one of the signatures is right under one of the secrets."""
        message = b".".join([self.call_id.encode(), self.sent.encode(), raw])
        check_one_of(self.values, message, secrets)


def read_head(headers: Mapping[str, str], purpose: str, now: datetime) -> CallHead:
    """Raises BadSignature where no body could make it right: reasons stale-timestamp, other-purpose and the like."""
    sent, call_id = headers.get("webhook-timestamp", ""), headers.get("webhook-id", "")
    if _SECONDS.fullmatch(sent) is None:
        raise BadSignature("webhook-timestamp must be whole seconds since 1970.", reason="malformed-timestamp")
    if abs(now - datetime.fromtimestamp(int(sent), UTC)) > TOLERANCE:
        raise BadSignature("The signature is too old, or made by a clock that is wrong.", reason="stale-timestamp")
    shape = _ID.fullmatch(call_id)
    if shape is None:
        raise BadSignature("webhook-id must be PURPOSE_ and 16 to 64 letters and digits.", reason="malformed-id")
    if shape[1] != purpose:
        raise BadSignature("It was signed for another address.", reason="other-purpose")
    given = headers.get(SIGNATURE, "").split()
    return CallHead(
        call_id, sent, tuple(one.removeprefix(VERSION).encode() for one in given if one.startswith(VERSION))
    )


def scope_of(target: HookTarget, head: CallHead, raw: bytes) -> StoreScope:
    """Who calls. Raises BadSignature."""
    head.check(raw, target.to_service)
    newest = target.to_service[0]
    is_one_of_several = len(target.to_service) > 1 and _is_right(head, raw, newest)
    return StoreScope(target.connection, head.call_id, newest if is_one_of_several else None)


def _is_right(head: CallHead, raw: bytes, secret: bytes) -> bool:
    try:
        head.check(raw, (secret,))
    except BadSignature:
        return False
    return True
