"""A home of Belong on disk, its commands as processes, and a simulated shop that they can reach."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from connector.running.serve import bind, server_for
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.woocommerce import SimulatedWooCommerce
from tests.forked import Said, command

ROOT = Path(__file__).resolve().parents[2]
KEY, SECRET = "ck_" + "1" * 40, "cs_" + "2" * 40
SECONDS = 240
"""No process of a test lives longer; a busy machine takes minutes where a quiet one takes seconds."""


def free_port() -> int:
    """A port that nobody listens on now, for a service that must come back to its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@dataclass
class Home:
    """One installation. ``environment``: what its commands find set."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        inherited = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
        self.environment = {
            **inherited,
            "BELONG_HOME": str(self.folder),
            "BELONG_PORT": "0",
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
            **self.environment,
        }

    @classmethod
    def at_one_address(cls, folder: Path, **environment: str) -> Home:
        """One whose service comes back to where a shop knows it to be."""
        port = free_port()
        own = {"BELONG_PORT": str(port), "BELONG_PUBLIC_URL": f"http://localhost:{port}"}
        return cls(folder, {**own, **environment})

    def pairing_code(self, *more: str) -> str:
        """What an owner types into the plugin; more: of ``belong connect``."""
        said = self.must("connect", "woocommerce", "--pair", *more)
        [code] = [word for word in said.split() if word.startswith("BELONG1.")]
        return code

    def run(self, *arguments: str, answer: str = "", **environment: str) -> Said:
        """Run one command to its end. answer: what somebody types; without one nobody is there."""
        done = command(arguments, {**self.environment, **environment}, answer, SECONDS)
        assert "Traceback" not in done.err, done.err
        return done

    def must(self, *arguments: str, **environment: str) -> str:
        """Run a command that succeeds; what it printed."""
        said = self.run(*arguments, **environment)
        assert said.code == 0, said
        return said.out

    @contextmanager
    def serving(self, *arguments: str, **environment: str) -> Iterator[Serving]:
        """``belong serve`` as a process, ready; killed at the end if it still runs."""
        process = subprocess.Popen(
            [sys.executable, "-m", "connector.cli", "serve", *arguments],
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        watchdog = threading.Timer(SECONDS, process.kill)
        watchdog.start()
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if "listens on " not in line:
                process.kill()
                raise AssertionError(f"belong serve did not start: {line}{process.communicate()[1]}")
            yield Serving(process, line.split("listens on ")[1].split(" ")[0])
        finally:
            watchdog.cancel()
            if process.poll() is None:
                process.kill()
            process.communicate()


@dataclass
class Serving:
    """A running ``belong serve`` and its address."""

    process: subprocess.Popen[str]
    url: str

    def stop(self) -> Said:
        """SIGTERM, and what it said until its end."""
        self.process.terminate()
        out, err = self.process.communicate(timeout=SECONDS)
        return Said(self.process.returncode, out, err)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(self.url + path, headers=headers, trust_env=False, timeout=10)

    def until(self, path: str, wanted: Mapping[str, Any], **headers: str) -> dict[str, Any]:
        """Ask again until the answer holds what is wanted."""
        last: Any = None
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            answer = self.get(path, **headers)
            last = answer.json()
            if answer.status_code == 200 and all(last.get(name) == value for name, value in wanted.items()):
                return dict(last)
            time.sleep(0.05)
        raise AssertionError(f"{path} never said {wanted}, but {last}")


@contextmanager
def simulated_shop() -> Iterator[SimulatedWooCommerce]:
    """A WooCommerce on loopback, in a thread of its own; its ``base_url`` says where."""
    with bound() as (listener, address):
        shop = SimulatedWooCommerce(1, base_url=address, consumer_key=KEY, consumer_secret=SECRET, counts_as_tls=False)
        with _served(shop.app, listener):
            yield shop


@contextmanager
def simulated_shopify(**how: Any) -> Iterator[tuple[SimulatedShopify, str]]:
    """A Shopify on loopback, in a thread of its own, and its address."""
    with bound() as (listener, address):
        shop = SimulatedShopify(1, **how)
        with _served(shop.app, listener):
            yield shop, address


@contextmanager
def bound() -> Iterator[tuple[socket.socket, str]]:
    """A free port of this machine, and its address."""
    listener = bind("127.0.0.1", 0)
    try:
        yield listener, f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


@contextmanager
def _served(app: Any, listener: socket.socket) -> Iterator[None]:
    server = server_for(app, drain_seconds=1)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def service_file(home: Home) -> dict[str, str]:
    """Address and token that a running service left."""
    found: dict[str, str] = json.loads((home.folder / "service.json").read_text())
    return found
