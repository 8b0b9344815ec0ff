"""Tests reach this machine and nothing else."""

from __future__ import annotations

import asyncio
import socket

import pytest

from tests.loopback_only import OutgoingNetwork, needs_name_server

# Set aside for documentation: nobody is there.
FAR_AWAY = ("192.0.2.1", 443)


def test_a_connection_to_another_machine_is_refused() -> None:
    with socket.socket() as far, pytest.raises(OutgoingNetwork):
        far.connect(FAR_AWAY)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far, pytest.raises(OutgoingNetwork):
        far.sendto(b"?", FAR_AWAY)


async def test_asyncio_is_refused_too() -> None:
    with pytest.raises(OutgoingNetwork):
        await asyncio.open_connection(*FAR_AWAY)


def test_no_name_server_is_asked() -> None:
    with pytest.raises(OutgoingNetwork):
        socket.getaddrinfo("shop.example", 443)


@pytest.mark.parametrize("host", [None, "", "localhost", "127.0.0.1", "::1", "192.0.2.1", b"127.0.0.1"])
def test_addresses_and_this_machine_are_not_looked_up(host: object) -> None:
    assert not needs_name_server(host)


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_this_machine_can_be_reached(family: socket.AddressFamily, host: str) -> None:
    with socket.socket(family) as server, socket.socket(family) as client:
        try:
            server.bind((host, 0))
        except OSError:
            assert family == socket.AF_INET6, "a machine without IPv6 has no ::1 to reach"
            return
        server.listen()
        client.connect(server.getsockname())
