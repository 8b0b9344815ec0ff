"""A shop that a browser can look at: the plugin's zip in a real WordPress, on PHP's own server."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.browser.chromium import Answer, Asked
from tests.connector.home import free_port
from tests.plugins import php, sites
from tests.plugins.sites import Site

HERE = Path(__file__).parent / "wordpress"
ADDRESS = "https://shop.example"
"""As the site itself says; what a browser asks for there ends at PHP's server."""
WORKERS = "4"
SECONDS = 60


@dataclass(frozen=True)
class Shop:
    """A running site. cookies: of each person who is there, by name."""

    site: Site
    http: httpx.AsyncClient
    cookies: dict[str, str]

    def for_person(self, name: str) -> Answer:
        """What the site answers to this person."""

        async def answer(asked: Asked) -> httpx.Response | None:
            if not asked.url.startswith(ADDRESS + "/"):
                return None
            path = asked.url.removeprefix(ADDRESS).partition("#")[0]
            if path.endswith(".woff2"):
                # The theme's, of which words change their width when it comes: what moves shall be ours.
                return httpx.Response(404)
            headers = asked.headers | {"Cookie": self.cookies[name], "Accept-Encoding": "identity"}
            return await self.http.request(asked.method, path, content=asked.body, headers=headers)

        return answer


def seed(site: Site, *, is_connected: bool) -> dict[str, str]:
    """Pages, people and goods; their cookies."""
    content = site.folder / "wp-content" / "mu-plugins"
    content.mkdir(exist_ok=True)
    shutil.copy(HERE / "shop-front.php", content)
    tests = str(sites.PLUGIN / "tests")
    done = site.run(php.SYSTEM, str(HERE / "seed.php"), str(site.wordpress), tests, str(int(is_connected)))
    assert done.code == 0 and done.said.count("\n") == 1, done.said
    return dict(json.loads(done.said))


def says_it_is_at(site: Site, address: str) -> None:
    """The address that the shop tells a service, which can call it there; for a site that was opened."""
    filtered = f"add_filter( 'rest_url', fn( $url ) => str_replace( '{ADDRESS}', '{address}', $url ) );"
    (site.folder / "wp-content" / "mu-plugins" / "address.php").write_text(f"<?php {filtered}\n", encoding="utf-8")


@asynccontextmanager
async def opened(site: Site, *, is_connected: bool) -> AsyncIterator[Shop]:
    """The site with its server."""
    cookies, port = seed(site, is_connected=is_connected), free_port()
    settings = ("display_errors=1", "memory_limit=512M", "opcache.enable_cli=1")
    options = [word for setting in settings for word in ("-d", setting)]
    process = subprocess.Popen(
        [f"php{php.SYSTEM}", *options, "-S", f"127.0.0.1:{port}", "-t", str(site.wordpress), str(HERE / "router.php")],
        env={
            "PATH": "/usr/bin:/bin",
            "BELONG_SITE": str(site.folder),
            "BELONG_WORDPRESS": str(site.wordpress),
            "PHP_CLI_SERVER_WORKERS": WORKERS,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Its workers outlive it; so all of them are ended together.
        start_new_session=True,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS, trust_env=False) as http:
            await _ready(http)
            yield Shop(site, http, cookies)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


async def _ready(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                await http.get("/readme.html")
                return
            except httpx.TransportError:
                await asyncio.sleep(0.05)
