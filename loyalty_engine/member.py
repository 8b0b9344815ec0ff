"""MemberState: all that a decision may look at. Whoever calls the engine loads it; the engine asks nobody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from loyalty_engine.facts import OrderState
from loyalty_engine.ledger import GENESIS
from loyalty_engine.lots import Debt, Lot


@dataclass(frozen=True, slots=True)
class Context:
    """What a source was decided under when it first qualified. Written once; every later difference uses it.

    enrolled_at: the member's enrolment as it counted then. matures_at: when its points become spendable.
    """

    source_ref: str
    programme_version: int
    enrolled_at: datetime
    paid_at: datetime
    matures_at: datetime
    decided_at: datetime

    def seal(self, member_id: str) -> bytes:
        """SHA-256 over the member and every field: an edited context is found by comparing it. 32 bytes."""
        fields = (
            member_id,
            self.source_ref,
            self.programme_version,
            self.enrolled_at.isoformat(),
            self.paid_at.isoformat(),
            self.matures_at.isoformat(),
            self.decided_at.isoformat(),
        )
        return hashlib.sha256(json.dumps(fields).encode()).digest()


@dataclass(frozen=True, slots=True)
class Posted:
    """What the ledger already says of one source of a member: sum of its points and its highest source_n."""

    points: int = 0
    last_source_n: int = 0


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source to decide: the order as known now, and whether it belongs to this member at this moment.

    order: None when only the removal of a source is known.
    """

    source_ref: str
    order: OrderState | None
    belongs: bool


@dataclass(frozen=True, slots=True)
class MemberState:
    """One member under lock.

    points: sum of all entries. lifetime: points ever earned, less reversals. last_n, last_hash: head of the chain.
    lots: those with points left. debts: oldest first.
    """

    member_id: str
    enrolled_at: datetime
    points: int = 0
    lifetime: int = 0
    last_n: int = 0
    last_hash: bytes = GENESIS
    lots: tuple[Lot, ...] = ()
    debts: tuple[Debt, ...] = ()
    posted: Mapping[str, Posted] = field(default_factory=dict)
    contexts: Mapping[str, Context] = field(default_factory=dict)
