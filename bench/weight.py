"""What a shopper's page loads of ours, compressed: no clock, the same figures on every machine."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence

from bench.databases import Databases
from bench.measure import Figure
from bench.sizes import Sizes
from connector import storefront

LIMIT_KB = 15
"""KB are 1,000 bytes."""
ALWAYS_IN_A_THEME = (storefront.SCRIPT, storefront.ASKING, storefront.ACTING, storefront.INVITED)


def run(kinds: Sequence[Databases], sizes: Sizes) -> Sequence[Figure]:
    """Of each kind of shop."""
    del kinds, sizes
    return list(_figures())


def _figures() -> Iterator[Figure]:
    served = {name: len(one.compressed) for name, one in storefront.served().items()}
    words = {name: size for name, size in served.items() if name.startswith("words-")}
    script, style = served[storefront.SCRIPT], served[storefront.STYLE]
    yield _figure("headless: script", script)
    yield _figure("headless: style sheet", style)
    for name, size in words.items():
        yield _figure(f"headless: {name}", size)
    yield _figure("headless: all, in the longest language", script + style + max(words.values()), LIMIT_KB)
    own = [name for name in storefront.WOOCOMMERCE if name != storefront.STYLE]
    yield _figure("woocommerce: scripts", _weight(own))
    yield _figure("theme: scripts of blocks that act", _weight(ALWAYS_IN_A_THEME))
    yield _figure("theme: script where points end", _weight([storefront.ENDS]))
    yield _figure("theme: script of a leaderboard", _weight([storefront.PLACE]))
    yield _figure("woocommerce and theme: style sheet", _weight([storefront.STYLE]))


def _weight(names: Sequence[str]) -> int:
    """Each file by itself, as a plugin ships it."""
    return sum(len(gzip.compress(path.read_bytes(), 9, mtime=0)) for path in storefront.paths(tuple(names)))


def _figure(case: str, size: int, must: float | None = None) -> Figure:
    return Figure("weight", case, size / 1000, "KB", must, None, None, {"bytes": float(size)})
