"""A service on loopback for the plugin: it refuses what the real one refuses, and keeps what it took."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from connector import clock

SECRET = b"thirty-two bytes to the service."
CONNECTION = "00000000-0000-4000-8000-000000000001"
SECONDS_OFF_MAX = 300


@dataclass
class Receiver:
    """`newest`: of each object the item that was read last, by its reading and not by its arrival."""

    port: int = 0
    items: list[dict[str, Any]] = field(default_factory=list)
    newest: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    is_down: bool = False
    _ids: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def answer(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        with self._lock:
            if self.is_down:
                return 503, {}
            problem = self._problem(headers, body)
            if problem is not None:
                self.refused.append(problem[1])
                return problem[0], {"code": problem[1]}
            return 200, self._take(json.loads(body)["items"])

    def _problem(self, headers: dict[str, str], body: bytes) -> tuple[int, str] | None:
        called, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if headers.get("belong-connection") != CONNECTION:
            return 404, "not-connected"
        proof = hmac.digest(SECRET, f"{called}.{moment}.".encode() + body, hashlib.sha256)
        if headers.get("webhook-signature") != "v1," + base64.b64encode(proof).decode():
            return 401, "wrong-signature"
        if re.fullmatch(r"batch_[A-Za-z0-9-]{16,64}", called) is None:
            return 401, "wrong-purpose"
        if abs(clock.utc_now().timestamp() - int(moment)) > SECONDS_OFF_MAX:
            return 401, "stale-timestamp"
        if called in self._ids:
            return 409, "replayed"
        self._ids.add(called)
        return None

    def _take(self, items: list[dict[str, Any]]) -> dict[str, Any]:
        told = []
        for item in items:
            self.items.append(item)
            key = f"{item['kind']}:{item['id']}"
            is_newer = key not in self.newest or item["read_at"] >= self.newest[key]["read_at"]
            if is_newer:
                self.newest[key] = item
            told.append({"ref": item["ref"], "state": "kept" if is_newer else "known", "problem": None})
        return {"items": told, "snapshots": [], "programme": None, "wanted": {"orders": []}, "collect": False}


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answer = receiver.answer(headers, body)
            sent = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing: pytest's output is for what is wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
