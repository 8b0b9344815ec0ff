"""``GET /v1/me`` before the router, for shoppers who have just proven who they are: pages ask it again and again.

It knows nothing that the operation does not: what proof, origin and answer are is decided there. Whatever is out of the
ordinary (no proof yet, an end of it, too many requests, no such member, a database that fails) is left to it too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connector import clock
from connector.access.rates import Buckets
from connector.access.shopper_tokens import ShopperScope
from connector.routes.numbers import ASK_AGAIN, Numbers, is_shown

PATH = "/v1/me"
BELIEVED = timedelta(seconds=10)
"""How long a proof is believed without being looked at again, and so how late a change of a store's origins counts."""
MOST = 10_000

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Pairs = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """Who asks, until when that is believed, and the headers that their browser needs."""

    shopper: ShopperScope
    until: datetime
    headers: Pairs


@dataclass(slots=True)
class Proven:
    """Proofs by (authorization, origin); the oldest is forgotten first."""

    _proofs: dict[tuple[bytes, bytes], Proof] = field(default_factory=dict)

    def remember(self, given: Mapping[str, str], shopper: ShopperScope, cors: Mapping[str, str]) -> None:
        """The operation has let this caller in."""
        key = given["authorization"].encode("latin-1"), given.get("origin", "").encode("latin-1")
        until = min(clock.utc_now() + BELIEVED, shopper.ends_at)
        told = {**cors, "Vary": ", ".join(filter(None, ["Authorization", cors.get("Vary")]))}
        headers = tuple((name.lower().encode(), value.encode()) for name, value in told.items())
        self._proofs.pop(key, None)
        if len(self._proofs) >= MOST:
            del self._proofs[next(iter(self._proofs))]
        self._proofs[key] = Proof(shopper, until, headers)

    def find(self, authorization: bytes, origin: bytes) -> Proof | None:
        """A proof that is still believed."""
        proof = self._proofs.get((authorization, origin))
        return proof if proof is not None and clock.utc_now() < proof.until else None


@dataclass(slots=True)
class OwnNumbers:
    """Answers what it can. pace: of shoppers, the same that the operation counts with."""

    numbers: Numbers
    proven: Proven
    pace: Buckets

    async def answered(self, scope: MutableMapping[str, Any], send: Send) -> bool:
        """Whether this request is answered; False: nothing has been sent."""
        if scope["path"] != PATH or scope["method"] != "GET" or scope["query_string"]:
            return False
        given = dict(scope["headers"])
        proof = self.proven.find(given.get(b"authorization", b""), given.get(b"origin", b""))
        if proof is None:
            return False
        shopper, shown = proof.shopper, given.get(b"if-none-match")
        if self.pace.is_full(shopper.member_id):
            return False
        try:
            answer = await self.numbers.answer(shopper.programme_number, shopper.member_id, shown)
        except Exception:
            # The operation meets the same, and says it in its own words.
            return False
        self.pace.take(shopper.member_id)
        headers = [(b"etag", answer.etag), (b"cache-control", ASK_AGAIN), *proof.headers]
        if is_shown(shown, answer.etag):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return True
        length = str(len(answer.body)).encode()
        headers += [(b"content-type", b"application/json"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})
        return True
