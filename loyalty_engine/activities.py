"""Which events are reported to us and what each says of an activity: its kind and its status. A plain table.

An event names one thing (a review, an answer, a vote); the activity is that thing's latest state. Some events tell of
two members: a helpful vote is received by one and given by the other, and becomes two activities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from loyalty_engine.facts import ActivityStatus

CUSTOM = "custom."
REMOVED = ".removed"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an event says. of_counterpart: kind of a second activity, of the other member, with the same status."""

    kind: str
    status: ActivityStatus
    of_counterpart: str | None = None


_SUBMITTED, _APPROVED, _GONE = ActivityStatus.SUBMITTED, ActivityStatus.APPROVED, ActivityStatus.REMOVED

EVENTS: Mapping[str, Meaning] = {
    "visit": Meaning("visit", _APPROVED),
    "email.confirmed": Meaning("email_confirmed", _APPROVED),
    "profile.completed": Meaning("profile_complete", _APPROVED),
    "privacy.changed": Meaning("privacy_changed", _APPROVED),
    "message.answered": Meaning("message_answered", _APPROVED),
    "review.submitted": Meaning("review", _SUBMITTED),
    "review.approved": Meaning("review", _APPROVED),
    "review.removed": Meaning("review", _GONE),
    "photo.submitted": Meaning("photo", _SUBMITTED),
    "photo.approved": Meaning("photo", _APPROVED),
    "photo.removed": Meaning("photo", _GONE),
    "question.asked": Meaning("question", _SUBMITTED),
    "question.approved": Meaning("question", _APPROVED),
    "question.removed": Meaning("question", _GONE),
    "answer.submitted": Meaning("answer", _SUBMITTED),
    "answer.approved": Meaning("answer", _APPROVED),
    "answer.removed": Meaning("answer", _GONE),
    "answer.accepted": Meaning("answer_accepted", _APPROVED),
    "answer.unaccepted": Meaning("answer_accepted", _GONE),
    "vote.helpful": Meaning("vote_given", _APPROVED, of_counterpart="helpful_vote"),
    "vote.withdrawn": Meaning("vote_given", _GONE, of_counterpart="helpful_vote"),
    "thanks.given": Meaning("thanks_given", _APPROVED, of_counterpart="thanks"),
    "welcome.sent": Meaning("welcome", _APPROVED),
    "introduction.made": Meaning("introduction", _APPROVED),
    "post.submitted": Meaning("post", _SUBMITTED),
    "post.approved": Meaning("post", _APPROVED),
    "post.removed": Meaning("post", _GONE),
    "suggestion.submitted": Meaning("suggestion", _APPROVED),
    "suggestion.removed": Meaning("suggestion", _GONE),
    "suggestion.adopted": Meaning("suggestion_adopted", _APPROVED),
    "event.attended": Meaning("event_attended", _APPROVED),
    "survey.answered": Meaning("survey", _APPROVED),
    "referral.shared": Meaning("referral_shared", _APPROVED),
    "flag.raised": Meaning("flag", _SUBMITTED),
    "flag.upheld": Meaning("flag_upheld", _APPROVED),
    "flag.dismissed": Meaning("flag_upheld", _GONE),
    "case.opened": Meaning("case", _SUBMITTED),
    "case.solved": Meaning("case", _APPROVED),
    "cause.donated": Meaning("donation", _APPROVED),
}
"""Every event type but the merchant's own (``custom.<name>`` and ``custom.<name>.removed``)."""

OURS = frozenset({"joined", "birthday", "referral", "referral_friend"})
"""Kinds that nobody reports: we find them ourselves."""

KINDS = frozenset(
    {meaning.kind for meaning in EVENTS.values()}
    | {meaning.of_counterpart for meaning in EVENTS.values() if meaning.of_counterpart}
    | OURS
)
"""What rules may name as their trigger, besides orders and ``custom.<name>``."""


def meaning_of(event_type: str) -> Meaning | None:
    """What an event type says; None if nobody knows it."""
    if event_type.startswith(CUSTOM):
        name = event_type.removeprefix(CUSTOM)
        is_gone = name.endswith(REMOVED)
        word = name.removesuffix(REMOVED) if is_gone else name
        if not _is_word(word):
            return None
        return Meaning(f"{CUSTOM}{word}", _GONE if is_gone else _APPROVED)
    return EVENTS.get(event_type)


def _is_word(text: str) -> bool:
    return 1 <= len(text) <= 40 and text.isascii() and text.replace("_", "").replace("-", "").isalnum()
