"""The console's pages of outgoing webhooks: who is told what happens, and what became of each message."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.console.pages import Frame, page
from connector.delivering.endpoints import ENDPOINTS_MAX, URL_MAX
from connector.storage.endpoints import Endpoint
from connector.storage.happenings import TOPICS
from connector.storage.messages import Message, MessageState
from loyalty_engine.texts.formats import number_text

ABOUT_MAX = 100
OVERLAP_HOURS = (0, 24, 168, 720)
"""How long the old secret may sign beside the new one."""


@dataclass(frozen=True, slots=True)
class EndpointShown:
    """One endpoint. counts: of its messages, by the word ``webhooks.<state>``; of_newest: among how many of them, but
    for those that wait; None: among all.
    """

    it: Endpoint
    counts: Mapping[str, int]
    of_newest: int | None

    @property
    def state(self) -> str:
        """``working``, ``failing`` or ``stopped``."""
        if self.it.disabled_at is not None:
            return "stopped"
        return "failing" if self.it.failing_since is not None else "working"

    @property
    def since(self) -> datetime | None:
        """Since when it does not work."""
        return self.it.disabled_at or self.it.failing_since


@dataclass(frozen=True, slots=True)
class MessageShown:
    """One message. state: of the word ``webhooks.<state>``."""

    it: Message
    state: str

    @property
    def body(self) -> str:
        """What was sent, to be read."""
        try:
            return json.dumps(json.loads(self.it.body), indent=2, ensure_ascii=False)
        except ValueError:
            return self.it.body


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form said that was refused. problem: of the word ``webhooks.problem-<problem>``; why: in English."""

    url: str
    about: str
    events: Sequence[str]
    problem: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What an endpoint answered to an event that says nothing. why: why it did not take it, in English."""

    status: int | None
    why: str | None


def word_of(state: MessageState) -> str:
    """As words and the API name it."""
    return state.name.lower().replace("_", "-")


def webhooks_page(
    frame: Frame, language: str, endpoints: Sequence[EndpointShown], typed: Typed | None, secret: str = ""
) -> str:
    """All of them. secret: of one that was just made; it is shown this once."""
    return page(
        "settings_webhooks.html",
        language,
        frame,
        endpoints=endpoints,
        typed=typed,
        secret=secret,
        topics=TOPICS,
        is_full=len(endpoints) >= ENDPOINTS_MAX,
        url_max=URL_MAX,
        about_max=ABOUT_MAX,
        number=lambda count: number_text(count, language),
    )


def webhook_page(frame: Frame, language: str, one: EndpointShown, **shown: Any) -> str:
    """One of them, with its messages."""
    return page(
        "settings_webhook.html",
        language,
        frame,
        one=one,
        topics=TOPICS,
        hours=OVERLAP_HOURS,
        number=lambda count: number_text(count, language),
        **shown,
    )
