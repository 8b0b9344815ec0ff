"""Pages of points for many members at once, and of what waits for a second person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connector.console.pages import Frame, page
from connector.console.refused import refusal
from connector.people.bulk_adjusting import Preview
from connector.storage.adjust_requests import AdjustRequest
from connector.storage.bulks import Bulk, Progress
from loyalty_engine.errors import Refused
from loyalty_engine.texts import Words


@dataclass(frozen=True, slots=True)
class BulkShown:
    """One bulk, and how far it is. state: as it is by now. finished: how many members were worked on."""

    it: Bulk
    state: str
    progress: Progress
    counts: Mapping[str, int]

    @property
    def finished(self) -> int:
        """Members who wait no more."""
        return self.it.members - self.counts["waiting"] - (self.counts["posted"] if self.state == "undoing" else 0)


@dataclass(frozen=True, slots=True)
class Giving:
    """What somebody is about to give. asked: the filters; points: as typed. preview: None before there is one."""

    asked: Mapping[str, str]
    points: str
    reason: str
    preview: Preview | None
    refused: str


def segments_page(
    frame: Frame, words: Words, bulks: Sequence[BulkShown], waiting: Sequence[AdjustRequest], refused: str
) -> str:
    """All of them, newest first, and above them what waits."""
    return page(
        "segments.html", words.language, frame=frame, words=words, bulks=bulks, waiting=waiting, refused=refused
    )


def giving_page(frame: Frame, words: Words, it: Giving) -> str:
    """How many points, for whom, and what it would come to."""
    return page("segment_new.html", words.language, frame=frame, words=words, it=it)


def bulk_page(frame: Frame, words: Words, one: BulkShown, refused: str, anew: str, *, may: bool) -> str:
    """One of them, and how far it is, or why it was not done. anew: where the same is asked for again. may: whether the
    reader may answer it, take it back, or ask anew.
    """
    dropped = refusal(words.language, Refused(one.it.dropped_for)) if one.it.dropped_for else ""
    told = {"one": one, "refused": refused, "dropped": dropped, "anew": anew, "may": may}
    return page("segment.html", words.language, frame=frame, words=words, **told)
