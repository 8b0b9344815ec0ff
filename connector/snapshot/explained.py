"""An entry of the ledger in words, and why a source brought none: for whoever asks, in their language."""

from __future__ import annotations

import json
import uuid
from typing import Any

from msgspec import Struct

from connector.storage.awaited_history import told_nth
from connector.storage.session import Row, Session
from loyalty_engine.decision import Reason
from loyalty_engine.explain.calculation import calculation
from loyalty_engine.explain.refusals import as_known, rule_refusal, waits, why_not
from loyalty_engine.explain.sentences import sentence
from loyalty_engine.texts import Words


class StepShown(Struct):
    """One step of the calculation."""

    kind: str
    text: str
    values: dict[str, Any]


class Explained(Struct):
    """Why an entry moved its points. not_fired: why, for each rule that did not. erased: its text is gone."""

    id: str
    language: str
    kind: str
    points: int
    programme_version: int
    why: str
    calculation: list[StepShown]
    not_fired: list[str]
    erased: bool


class WhyNot(Struct):
    """Why a source earned nothing, or not what its shopper may have expected."""

    source: str
    code: str
    sentences: list[str]
    inputs: dict[str, Any]


async def explained(session: Session, member_id: str, row: Row, words: Words) -> Explained:
    """One row of a member's ledger in words."""
    explanation = json.loads(row["body_text"]) if row["body_text"] else None
    if explanation is not None and waits(explanation):
        nth = await told_nth(session, member_id, row["source_ref"])
        explanation = as_known(explanation, nth) if nth else explanation
    return Explained(
        f"{uuid.UUID(member_id)}.{row['n']}",
        words.language,
        row["kind"],
        row["points"],
        row["programme_version"],
        sentence(row["kind"], row["points"], explanation, words),
        [StepShown(step.kind, step.text, dict(step.values)) for step in calculation(explanation, words)],
        [rule_refusal(missed, words) for missed in (explanation or {}).get("rules", ())],
        explanation is None,
    )


def earns_nothing(row: Row, words: Words) -> WhyNot:
    """Why one source earned nothing, in words."""
    inputs = json.loads(row["body_text"])
    reason = Reason(row["source_ref"], row["kind"], inputs, tuple(inputs.get("rules", ())))
    return WhyNot(row["source_ref"], row["kind"], why_not(reason, words), inputs)
