"""Keeps tests off the network: whatever is not this machine's loopback is refused before a packet leaves.

An audit hook, not a patched socket: it also sees connections that libraries open through the C module.
"""

from __future__ import annotations

import ipaddress
import sys


class OutgoingNetwork(Exception):
    """A test tried to reach something other than 127.0.0.1 or [::1]; use ASGITransport or MockTransport."""


def install() -> None:
    """For the rest of the process: an audit hook cannot be taken out again."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and not is_loopback(address[0]):
            raise OutgoingNetwork(f"{event} {address!r}")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and needs_name_server(arguments[0]):
        raise OutgoingNetwork(f"{event} {arguments[0]!r}")


def is_loopback(host: object) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def needs_name_server(host: object) -> bool:
    """None and the empty string mean every address of this machine; a literal address is not looked up."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return False
    try:
        ipaddress.ip_address(str(name).partition("%")[0])
    except ValueError:
        return True
    return False
