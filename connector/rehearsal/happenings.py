"""What happened to a shopper of a test, one line for each thing, with its moment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from connector.rehearsal.stage import SCOPE
from connector.rehearsal.state import Shopper
from connector.snapshot.loading import Shown
from connector.storage.instants import instant
from connector.storage.members import load_entries
from connector.storage.notices import NoticeState, list_notices
from connector.storage.reviews import tiers_of
from connector.storage.session import Session
from loyalty_engine.explain.notices import notice_text
from loyalty_engine.explain.sentences import sentence
from loyalty_engine.member import BadgeState, TierCause
from loyalty_engine.texts import Words

ENTRIES, NOTICES = 200, 100


@dataclass(frozen=True, slots=True)
class Happening:
    """kind: of the word ``test.kind.<kind>``. text: a sentence, or a name that the kind's word says more of. points:
    what they moved; 0 where none moved.
    """

    at: datetime
    ref: str
    name: str
    kind: str
    text: str
    points: int = 0


async def happenings_of(session: Session, who: Shopper, shown: Shown, words: Words, now: datetime) -> list[Happening]:
    """Everything that happened to one shopper, in no order."""
    found: list[tuple[datetime, str, str, int]] = []
    for row in await load_entries(session, SCOPE, who.member_id, 2**31 - 1, ENTRIES):
        explanation = json.loads(row["body_text"]) if row["body_text"] else None
        said = sentence(row["kind"], row["points"], explanation, words)
        found.append((instant(row["recorded_at_us"]), _kind(row["kind"], row["points"]), said, row["points"]))
    opened = {at for at, *_ in found}
    found += [
        (lot.matures_at, "matured", "", lot.size)
        for lot in shown.member.lots
        if lot.matures_at <= now and lot.matures_at not in opened and _waited(lot.matures_at, opened)
    ]
    for step in await tiers_of(session, who.member_id):
        if step.cause is not TierCause.JOINED:
            kind = "tier-down" if step.cause is TierCause.LOST else "tier"
            found.append((step.at, kind, words.name("tier", step.tier), 0))
    for change in shown.standing.badges:
        kind = "badge" if change.state is BadgeState.AWARDED else "badge-gone"
        found.append((change.at, kind, words.name("badge", change.badge), 0))
    for notice, state in await list_notices(session, who.member_id, NOTICES):
        inputs = {**notice.inputs, "programme": shown.programme.name}
        title = notice_text(notice.kind, inputs, words, shown.programme.base_currency).title
        if state is not NoticeState.DUE:
            found.append((notice.at, "mail" if state is NoticeState.TOLD else "shown", title, 0))
    return [Happening(at, who.ref, who.name, kind, text, points) for at, kind, text, points in found]


def _kind(kind: str, points: int) -> str:
    if kind == "expire":
        return "ended"
    return "got" if points > 0 else "lost"


def _waited(at: datetime, opened: set[datetime]) -> bool:
    """Whether points became free at another moment than they came at."""
    return all(abs((at - one).total_seconds()) > 60 for one in opened)
