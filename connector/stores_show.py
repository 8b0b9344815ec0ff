"""What stores show of us: codes that bear our mark, snapshots, and tags."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MarkedVoucher:
    """A code that stands in a store and bears a mark of ours. code: as the store writes it. token: by which the store
    finds it. is_usable: somebody could use it now or later: it has not ended and was not used.
    """

    code: str
    mark: str
    token: str
    is_usable: bool


@dataclass(frozen=True, slots=True)
class ShownSnapshot:
    """What a store shows of one customer. is_there: whether the store has such a customer at all. version: of our
    snapshot, None where there is none or nobody can read it. token: what an accepted push of exactly this content gives
    as its token.
    """

    is_there: bool
    version: tuple[int, int] | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class TierTag:
    """wanted: the tag that says a member's tier; None: they have none. ours: every tag that may be taken away."""

    wanted: str | None
    ours: frozenset[str]
