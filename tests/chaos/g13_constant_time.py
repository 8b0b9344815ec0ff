"""G13: how long a wrong proof takes says nothing about how much of it was right.

That nothing that somebody might guess is compared by ``==`` is read from the source
(``tests/house/test_secrets_compared_everywhere.py``); here the very functions are timed, with a proof that is wrong in
its first byte against one that is wrong in its last, in turns, so that whatever the machine does hits both alike.
"""

from __future__ import annotations

import base64
import gc
import random
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from connector.access.shopper_tokens import READ, mint_token, read_token
from connector.access.signatures import check_signature, sign
from connector.crypto import Keys, api_key_digest, new_api_key, same
from connector.errors import BadSignature
from tests.builders import KEYS
from tests.chaos.goal import Findings, Goal, Trial
from tests.house.test_secrets_compared_everywhere import PUBLIC, compared

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MOST_NS = 1_000
Try = Callable[[bytes], object]


def _signature() -> tuple[bytes, Try]:
    body, secret = b'{"id":5123}' * 50, b"s" * 43
    right = base64.b64decode(sign(body, secret))

    def check(given: bytes) -> None:
        try:
            check_signature([base64.b64encode(given)], body, [secret])
        except BadSignature:
            return
        raise AssertionError("a wrong signature was taken")

    return right, check


def _api_key() -> tuple[bytes, Try]:
    digest = api_key_digest(new_api_key()[0])
    return digest, lambda given: same(digest, given)


def _bearer() -> tuple[bytes, Try]:
    token = b"Bearer " + b"t" * 43
    return token, lambda given: same(given, token)


def _shopper(keys: Keys) -> tuple[bytes, Try]:
    token, _ = mint_token(keys, 1, 1, "0" * 32, frozenset({READ}), NOW)
    message, _, signature = token.rpartition(".")
    right = base64.urlsafe_b64decode(signature + "=")

    def check(given: bytes) -> None:
        text = base64.urlsafe_b64encode(given).rstrip(b"=").decode()
        assert read_token(keys, f"Bearer {message}.{text}", NOW) is None

    return right, check


def paths(keys: Keys) -> Mapping[str, tuple[bytes, Try]]:
    """What is compared: the right value, and what is done with a wrong one."""
    return {
        "signature of a delivery": _signature(),
        "digest of an API key": _api_key(),
        "token of commands and metrics": _bearer(),
        "signature of a shopper's token": _shopper(keys),
    }


async def run(trial: Trial) -> Findings:
    findings = Findings()
    findings.expect("secrets compared by equality", [one for one in compared() if (one[0], one[2]) not in PUBLIC], [])
    for name, (right, check) in paths(KEYS).items():
        difference = _difference_ns(right, check, trial.size["samples"], trial.chance)
        findings.figure[name] = f"{difference} ns"
        findings.must(difference < MOST_NS, f"{name}: first and last byte differ by {difference} ns")
    return findings


def _difference_ns(right: bytes, check: Try, samples: int, chance: random.Random) -> int:
    """Of the two first deciles, in nanoseconds: what the machine does besides only ever adds. samples: of both."""
    first = bytes([right[0] ^ 0x40]) + right[1:]
    last = right[:-1] + bytes([right[-1] ^ 0x40])
    taken: tuple[list[int], list[int]] = ([], [])
    clock = time.perf_counter_ns
    gc.disable()
    try:
        for _ in range(samples // 2):
            order = [(0, first), (1, last)]
            if chance.random() < 0.5:
                order.reverse()
            for which, given in order:
                began = clock()
                check(given)
                taken[which].append(clock() - began)
    finally:
        gc.enable()
    quick, other = (statistics.quantiles(each, n=10)[0] for each in taken)
    return abs(round(quick - other))


GOAL = Goal(
    "G13",
    "constant-time compare on every secret path; first/last byte difference < 1 us over 200 k",
    run,
    small={"samples": 4_000},
    full={"samples": 200_000},
    kinds=("sqlite",),
)
"""No database is asked; it is listed under the default one."""
