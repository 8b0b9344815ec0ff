"""A shop whose web server asks for a password before everything: pairing works, and points come into the shop."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from tests.browser import shop
from tests.connector.home import Home
from tests.plugins import php, sites
from tests.plugins.sites import Site
from tests.plugins.test_end_to_end import Shop

PASSWORD = "Basic " + base64.b64encode(b"staging:open sesame").decode()


@dataclass
class Front:
    """Stands before the shop, at ``behind``. is_open: asks nobody for a password. below: elsewhere there is something
    else. seen: paths and answers."""

    behind: str
    is_open: bool = False
    below: str = "/"
    seen: list[tuple[str, int]] = field(default_factory=list)
    port: int = 0

    def answered(self, path: str) -> set[int]:
        return {status for asked, status in self.seen if path in asked}


@contextmanager
def standing(front: Front) -> Iterator[Front]:
    """The front on a port of this machine."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if not self.path.startswith(front.below):
                self._say(404, "text/html", b"<!doctype html><title>Another site</title>")
            elif front.is_open or self.headers.get("Authorization") == PASSWORD:
                headers = {name: text for name, text in self.headers.items() if name.lower() != "host"}
                answer = httpx.request(
                    self.command, front.behind + self.path, content=body, headers=headers, timeout=60
                )
                self._say(answer.status_code, answer.headers.get("content-type", ""), answer.content)
            else:
                self._say(401, "text/html", b"<!doctype html><title>401 Authorization Required</title>")

        do_GET = do_POST

        def _say(self, status: int, kind: str, body: bytes) -> None:
            front.seen.append((self.path, status))
            self.send_response(status)
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="staging"')
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Not on the test's own output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    front.port = int(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield front
    finally:
        server.shutdown()
        server.server_close()


async def test_a_shop_behind_a_password_collects_and_is_called_once_the_door_is_open(
    tmp_path: Path, installed: Callable[[str], Site]
) -> None:
    with sites.copy(installed("newest"), php.SYSTEM) as site:
        async with shop.opened(site, is_connected=False) as one:
            with standing(Front(str(one.http.base_url).rstrip("/"))) as front:
                shop.says_it_is_at(site, f"http://127.0.0.1:{front.port}")
                await asyncio.to_thread(paired_twice, tmp_path, site, front)


def paired_twice(tmp_path: Path, site: Site, front: Front) -> None:
    shopper = Shop(site)
    home = Home.at_one_address(tmp_path / "home", BELONG_ALLOW_PRIVATE_HOSTS=f"127.0.0.1:{front.port}")
    with home.serving():
        shopper.run("pair", home.pairing_code("--name", "Tea"))
        assert front.answered("/belong/v1/state") == {401}
        assert "we cannot call it" in home.must("status")
        shopper.run("make", "1")
        shopper.until_lifetime(40)
        front.is_open = True
        shopper.run("pair", home.pairing_code("--programme", "1"))
        assert 200 in front.answered("/belong/v1/state")
        assert "paired; we call it" in home.must("status")
        shopper.run("make", "1")
        shopper.until_lifetime(80)
        assert 200 in front.answered("/belong/v1/snapshots")
    home.must("verify")
