"""How often somebody may ask: counted in memory, for each proven caller and for each address that proves nothing.

A leaky bucket each, of which a bounded number is remembered; whoever asks least often is forgotten first. Each process
counts for itself, so several allow several times as much. What must hold over all of them is counted in the database
(``storage.pace``). Deliveries of shops are not counted here: turning a genuine one away would lose it.
"""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from connector import clock

REMEMBERED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """``at_once`` in a row, and then ``per_second``; 0: as often as they like."""

    at_once: int
    per_second: int | Fraction


UNPROVEN = Rate(60, 1)
"""Failed proofs, of one address: who guesses, or asks with a key that is over."""
SIGN_INS = Rate(20, Fraction(1, 10))
"""Passwords and codes that somebody tries, right or wrong, of one address: each is work for us. How often one person's
are looked at is counted with the person, for all processes.
"""
ANYONE = Rate(200, 20)
"""Pages that need no proof, of one address."""
SHOPPER = Rate(120, 4)
"""Of one member, with whatever tokens."""
KEY_PER_SECOND = 200
NOTED_SECONDS = 3600
"""So often each process writes down that a key is used."""
SECONDS_AT_ONCE = 10
"""A key may use that many seconds' worth in a row."""


@dataclass(slots=True)
class Buckets:
    """Counts by name. seconds: the clock."""

    rate: Rate
    remembered_max: int = REMEMBERED_MAX
    seconds: Callable[[], float] = clock.monotonic_seconds
    _full_until: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def take(self, name: str) -> int:
        """Count one more, or refuse it and count nothing: 0, or after how many whole seconds there is room again."""
        if self.rate.per_second == 0:
            return 0
        now = self.seconds()
        ahead = max(self._full_until.get(name, now) - now, 0.0)
        room = (self.rate.at_once - 1) / self.rate.per_second
        if ahead > room:
            return max(1, math.ceil(ahead - room))
        self._full_until[name] = now + ahead + 1 / self.rate.per_second
        self._full_until.move_to_end(name)
        while len(self._full_until) > self.remembered_max:
            self._full_until.popitem(last=False)
        return 0

    def is_full(self, name: str) -> bool:
        """Whether one more would be refused now."""
        if self.rate.per_second == 0:
            return False
        ahead = self._full_until.get(name, 0.0) - self.seconds()
        return ahead > (self.rate.at_once - 1) / self.rate.per_second


@dataclass(slots=True)
class Rates:
    """Every limit of one process. ``proven`` remembers keys that were right lately, so that nobody who guesses from
    the same address can keep their owners out.
    """

    keys: Buckets
    shoppers: Buckets = field(default_factory=lambda: Buckets(SHOPPER))
    unproven: Buckets = field(default_factory=lambda: Buckets(UNPROVEN))
    anyone: Buckets = field(default_factory=lambda: Buckets(ANYONE))
    sign_ins: Buckets = field(default_factory=lambda: Buckets(SIGN_INS))
    proven: OrderedDict[bytes, float] = field(default_factory=OrderedDict)

    def was_right(self, digest: bytes) -> bool:
        """Remember what proved somebody, by its digest. Whether that is to be noted: at most hourly of each."""
        now = self.keys.seconds()
        noted = self.proven.get(digest)
        is_due = noted is None or now - noted >= NOTED_SECONDS
        self.proven[digest] = now if noted is None or is_due else noted
        self.proven.move_to_end(digest)
        while len(self.proven) > REMEMBERED_MAX:
            self.proven.popitem(last=False)
        return is_due


def rates_for(key_per_second: int = KEY_PER_SECOND) -> Rates:
    """The limits of a process; key_per_second: of one API key, 0 for none."""
    return Rates(Buckets(Rate(key_per_second * SECONDS_AT_ONCE, key_per_second)))


def neighbourhood(client: tuple[str, int] | None) -> str:
    """Who shares a limit: an IPv4 address, or 64 bits of an IPv6 one, of which everybody has as many as they like."""
    host = client[0] if client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:64]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    return str(address)
