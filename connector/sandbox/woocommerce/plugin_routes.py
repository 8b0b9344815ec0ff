"""``/wp-json/belong/v1/...``: what the service calls our plugin with, each call signed for its own address and once."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.sandbox.json_text import php_json
from connector.sandbox.woocommerce.errors import RestError
from connector.sandbox.woocommerce.plugin import VERSIONS, Plugin, signed

TOLERANCE_SECONDS = 300
MOST = 100
_ID = re.compile(r"([a-z]+)_[A-Za-z0-9-]{16,64}")
Body = dict[str, Any]


class PluginRoutes:
    """The routes of one shop's plugin. has_customer: whether somebody has an account."""

    def __init__(self, plugin: Plugin, has_customer: Callable[[int], bool]) -> None:
        self.plugin = plugin
        self.has_customer = has_customer

    def routes(self, prefix: str) -> list[Route]:
        """All of them."""
        answers = {
            "snapshots": self._snapshots,
            "removals": self._removals,
            "shown": self._shown,
            "programme": self._programme,
            "state": self._state,
        }
        return [Route(f"{prefix}/{name}", self._signed(name, made), methods=["POST"]) for name, made in answers.items()]

    def _signed(self, purpose: str, answer: Callable[[Body], Body]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            try:
                raw = await request.body()
                self._prove(request, purpose, raw)
                return Response(php_json(answer(json.loads(raw))), 200, media_type="application/json")
            except RestError as error:
                return Response(php_json(error.body()), error.status, media_type="application/json")

        return endpoint

    def _prove(self, request: Request, purpose: str, raw: bytes) -> None:
        pair, now = self.plugin.pair, self.plugin.clock()
        if pair is None:
            raise RestError(404, "belong_not_connected", "This shop is not connected.")
        call_id, seconds = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "0")
        if not seconds.isdigit() or abs(now.timestamp() - int(seconds)) > TOLERANCE_SECONDS:
            raise RestError(401, "belong_stale_timestamp", "The signature is too old.")
        shape = _ID.fullmatch(call_id)
        at = now.fromtimestamp(int(seconds), now.tzinfo)
        wanted = signed(pair.to_shop, call_id, at, raw)["webhook-signature"]
        given = request.headers.get("webhook-signature", "").split()
        if shape is None or shape[1] != purpose or not any(hmac.compare_digest(wanted, one) for one in given):
            raise RestError(401, "belong_wrong_signature", "The signature is wrong.")
        if call_id in self.plugin.used:
            raise RestError(409, "belong_replayed", "This call was made before.")
        self.plugin.used.add(call_id)

    def _snapshots(self, body: Body) -> Body:
        return {"results": [self._keep(one["customer"], one["body"]) for one in body["snapshots"][:MOST]]}

    def _keep(self, customer: str, body: str) -> Body:
        if not customer.isdigit() or not self.has_customer(int(customer)):
            return {"customer": customer, "state": "gone", "reason": "", "version": None}
        if not self.plugin.keeps_snapshots:
            return {"customer": customer, "state": "refused", "reason": "another plugin drops it", "version": None}
        state = self.plugin.keep(int(customer), body)
        version = json.loads(self.plugin.snapshots[int(customer)])["version"]
        return {"customer": customer, "state": state, "reason": "", "version": version}

    def _removals(self, body: Body) -> Body:
        for customer in body["customers"]:
            self.plugin.snapshots.pop(int(customer), None)
        return {
            "results": [
                {"customer": customer, "state": "accepted", "reason": "", "version": None}
                for customer in body["customers"]
            ]
        }

    def _shown(self, body: Body) -> Body:
        return {"customers": [self._one(customer) for customer in body["customers"]]}

    def _one(self, customer: str) -> Body:
        text = self.plugin.snapshots.get(int(customer))
        return {
            "customer": customer,
            "is_there": self.has_customer(int(customer)),
            "version": json.loads(text)["version"] if text else None,
            "digest": hashlib.sha256(text.encode()).hexdigest() if text else None,
        }

    def _programme(self, body: Body) -> Body:
        self.plugin.programme = body["programme"]
        return {"programme": self.plugin.programme}

    def _state(self, body: Body) -> Body:
        pair = self.plugin.pair
        assert pair is not None
        return {
            "versions": VERSIONS,
            "site": self.plugin.site,
            "is_other_site": self.plugin.site != pair.site,
            "queue": {"depth": len(self.plugin.rows), "oldest": None},
            "last_success": None,
            "last_failure": None,
            "reason": self.plugin.stopped or "",
        }
