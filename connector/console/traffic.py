"""The pages of what came in and of what waits to go out: when, for whom, how often it was tried, and what was said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode, urlsplit

from connector.console.pages import Frame, page
from connector.console.words import TABLES
from connector.platforms import READ_GONE, READ_ORDERS, Connection
from connector.storage.endpoints import Endpoint
from connector.storage.inbox import DeliveryState
from connector.storage.rests import Rest
from connector.storage.traffic import GOING, Came, Place, Waits
from loyalty_engine.texts.formats import number_text

STATES: Mapping[str, DeliveryState] = {state.name.lower(): state for state in DeliveryState}
_TONES = {"waiting": "busy", "done": "good", "parked": "bad", "ignored": ""}
_CAME = re.compile(r"([0-9]{1,16})_([0-9]{1,18})")
_GOES = re.compile(r"([0-9]{1,16})_([0-9]{1,9})_([^\x00]{1,600})", re.DOTALL)
_KEY_ENDS = "\n"
"""Between the parts of a key in an address: nothing that a store calls its customers has it."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One delivery on the page. with_id: whether the reader may see what its object is called."""

    it: Came
    shop: str
    store: str
    with_id: bool

    @property
    def state(self) -> str:
        """Of the word ``traffic.state-<state>``."""
        return self.it.state.name.lower()

    @property
    def tone(self) -> str:
        """Of the chip."""
        return _TONES[self.state]

    @property
    def is_read(self) -> bool:
        """Whether we read it ourselves, or had it read."""
        return self.it.topic in READ_ORDERS | READ_GONE

    @property
    def address(self) -> str:
        """Of the order that it told of; empty where there is none."""
        if self.it.object_kind != "order" or self.it.state is not DeliveryState.DONE or not self.with_id:
            return ""
        return f"/console/orders/{quote(f'{self.store}:order:{self.it.object_id}', safe='')}"

    @property
    def letter_id(self) -> str:
        """Of the dead letter that it has become; empty if it is none."""
        return f"delivery:{self.it.shard}:{self.it.id}" if self.it.state is DeliveryState.PARKED else ""


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page. state, shop: what was chosen, empty for all. after: where the next page begins."""

    rows: Sequence[Arrived]
    shops: Sequence[Connection]
    state: str
    shop: str
    after: str
    is_first: bool
    with_reasons: bool

    def query(self, **more: str) -> str:
        """The address of the same filters, behind ``?``."""
        asked = {"state": self.state, "shop": self.shop, **more}
        return urlencode({name: text for name, text in asked.items() if text})


@dataclass(frozen=True, slots=True)
class Going:
    """One thing that waits. to: the shop, or the endpoint. button: of the word ``traffic.<button>``; empty: no deed."""

    it: Waits
    to: str
    is_due: bool
    button: str = ""

    @property
    def message_id(self) -> str:
        """Of a message to an endpoint."""
        return self.it.key[0]


@dataclass(frozen=True, slots=True)
class Resting:
    """A shop or an endpoint that is told nothing for now. until: None: until somebody sees to it."""

    name: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Outbox:
    """One page of one kind. after: where the next page begins."""

    kind: str
    rows: Sequence[Going]
    resting: Sequence[Resting]
    after: str
    is_first: bool
    with_reasons: bool

    def query(self, **more: str) -> str:
        """The address of the same kind, behind ``?``."""
        return urlencode({"kind": self.kind, **{name: text for name, text in more.items() if text}})


def inbox_page(frame: Frame, language: str, shown: Inbox) -> str:
    """What came in, as HTML."""
    return page("inbox.html", language, frame, shown=shown, states=tuple(STATES))


def outbox_page(frame: Frame, language: str, shown: Outbox) -> str:
    """What waits to go out, as HTML."""
    return page(
        "outbox.html",
        language,
        frame,
        shown=shown,
        kinds=GOING,
        mail_kind=lambda kind: mail_kind(kind, language),
        number=lambda count: number_text(count, language),
    )


def mail_kind(kind: str, language: str) -> str:
    """What a notice is about, in words; as it is kept where there are none."""
    said = TABLES[language]
    if kind.startswith("referral-"):
        return said["mail-kind.referral"]
    return said.get(f"mail-kind.{kind}") or said.get(f"traffic.notice-{kind}", kind)


def resting_shops(shops: Sequence[Connection], rests: Mapping[int, Rest]) -> list[Resting]:
    """Those of these shops that do not answer."""
    return [Resting(one.shop, rests[one.number].until) for one in shops if one.number in rests]


def stopped_endpoints(endpoints: Sequence[Endpoint]) -> list[Resting]:
    """Those to which nothing is sent any more."""
    return [Resting(name_of(one), None) for one in endpoints if one.disabled_at is not None]


def name_of(endpoint: Endpoint) -> str:
    """As people know it. Its whole address may hold a secret."""
    return endpoint.about or urlsplit(endpoint.url).hostname or endpoint.public_id[:8]


def came_place(text: str) -> tuple[int, int] | None:
    """Where a page of the inbox begins. Raises ValueError."""
    if not text:
        return None
    found = _CAME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found[1]), int(found[2])


def came_text(place: tuple[int, int]) -> str:
    """The same for an address."""
    return f"{place[0]}_{place[1]}"


def goes_place(text: str) -> Place | None:
    """Where a page of the outbox begins. Raises ValueError."""
    if not text:
        return None
    found = _GOES.fullmatch(text)
    # No key of ours has a letter that nobody knows, which stands for NUL in an address.
    if found is None or "\ufffd" in text:
        raise ValueError(text)
    return Place(int(found[1]), int(found[2]), tuple(found[3].split(_KEY_ENDS)))


def goes_text(place: Place) -> str:
    """The same for an address."""
    return f"{place.at_us}_{place.source}_{_KEY_ENDS.join(place.key)}"
