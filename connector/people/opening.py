"""What customers of a shop had with another plugin there, brought along: one adjustment for each, told by our plugin.

Its id follows from connection, plugin, kind of points, customer and round, so that a page that is told twice, an import
that is begun anew and several processes at once post nothing twice. Taking an import back ends its round: whoever has
chosen a wrong factor begins the next one. ``belong import balances`` does the same from a file (``data/importing``).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from connector.ingest.pipeline import Pipeline, first_day
from connector.people.act import Acting, act, note
from connector.people.actors import Actor
from connector.people.enrolling import enrol_member
from connector.platforms import Connection
from connector.storage.audit import Act
from connector.storage.erasures import tombstone_of
from connector.storage.facts import Customer, load_identities
from connector.storage.programmes import load_programmes
from loyalty_engine import commands
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused
from loyalty_engine.explain.opening import IMPORTED, UNDONE
from loyalty_engine.member import MemberState
from loyalty_engine.programme.model import Rulebook

POINTS_MAX = 10**9
"""For one customer, as ``bulk_adjusting.MAX_POINTS``."""
ROUNDS_MAX = 9


class Doing(StrEnum):
    """look: what would happen, nothing is written. book: give. take-back: take what this round or one before gave."""

    LOOK = "look"
    BOOK = "book"
    TAKE_BACK = "take-back"


class State(StrEnum):
    """new: it would be given. booked: given now. known: given before, as much. nothing: nothing to give or take.
    taken-back: taken now. refused: nothing has happened.
    """

    NEW = "new"
    BOOKED = "booked"
    KNOWN = "known"
    NOTHING = "nothing"
    TAKEN_BACK = "taken-back"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Opening:
    """One import of one kind of points. source: which plugin it was. kind: that plugin's own name of these points."""

    connection: Connection
    source: str
    kind: str
    round: int
    doing: Doing
    actor: Actor

    def customer(self, ref: str) -> Customer:
        return Customer(self.connection.programme_number, self.connection.number, ref)

    def adjust_id(self, ref: str, in_round: int) -> str:
        """The same for the same customer, kind and round, whoever tells it and whenever."""
        number = self.connection.number
        told = f"{number}\n{self.source}\n{self.kind}\n{ref}".encode()
        return f"opening-{number}-{self.source}-{hashlib.sha256(told).hexdigest()[:32]}-{in_round}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one balance. code: why it was refused. points: what was given, or taken (below 0), or would be; of
    a refusal, what stands in its way. enrols: whether they become a member by it.
    """

    state: State
    code: str | None = None
    points: int = 0
    enrols: bool = False


class _OnlyLooked(Exception):
    """Ends a look before anything is written."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def may_bring(setting: str, rulebook: Rulebook, opening: Opening, pipeline: Pipeline) -> None:
    """Raises Refused ``importing-switched-off`` or ``importing-needs-operator``.

    A shop is nobody who could be told from a second person. Where the programme asks for two, its operator must have
    said that this shop may bring balances along.
    """
    if setting == "no":
        raise Refused("importing-switched-off")
    asks_for_two = rulebook.in_force(pipeline.now()).adjust.asks_for_two
    if opening.doing is Doing.BOOK and asks_for_two and setting != "yes":
        raise Refused("importing-needs-operator")


async def bring(pipeline: Pipeline, opening: Opening, ref: str, points: int) -> Outcome:
    """Give one customer what they had, take it back, or look what giving would do. A refusal is an outcome."""
    try:
        if opening.doing is not Doing.TAKE_BACK and not 0 <= points <= POINTS_MAX:
            raise Refused("opening-not-a-balance", {"points": points})
        member_id, enrols = await _member(pipeline, opening, ref, points)
        if member_id is None:
            return Outcome(State.NEW, points=points, enrols=True) if enrols else Outcome(State.NOTHING)
        outcome = await _post(pipeline, opening, ref, member_id, points)
        return Outcome(outcome.state, points=outcome.points, enrols=enrols)
    except Refused as error:
        given = int(error.numbers.get("points", 0)) if error.code == "opening-differs" else 0
        return Outcome(State.REFUSED, error.code, given)


async def _member(pipeline: Pipeline, opening: Opening, ref: str, points: int) -> tuple[str | None, bool]:
    """Who the customer is, and whether they become a member by it. None: nobody yet, and nothing is to be done."""
    customer = opening.customer(ref)
    session = pipeline.database.reading()
    known = await load_identities(session, [customer, tombstone_of(pipeline.keys, customer)])
    if (customer.connection_number, ref) in known:
        return known[customer.connection_number, ref], False
    if known:
        raise Refused("member-erased")
    if points == 0 or opening.doing is Doing.TAKE_BACK:
        return None, False
    books = (await load_programmes(session))[opening.connection.programme_number]
    if books.rulebook.in_force(pipeline.now()).enrolment != "automatic":
        raise Refused("opening-needs-consent")
    if opening.doing is Doing.LOOK:
        return None, True
    # From the same day on as if an order had come first: what those earn must not hang on which is told first.
    since = first_day(books, opening.connection)
    enrolled = await enrol_member(pipeline, customer, opening.actor, since, greets=False)
    return enrolled.member_id, enrolled.is_new


async def _post(pipeline: Pipeline, opening: Opening, ref: str, member_id: str, points: int) -> Outcome:
    """Decide under the member's lock. A look takes the same way and ends before it writes."""
    found: list[Outcome] = []

    async def command(acting: Acting) -> Decision:
        found.clear()
        if opening.doing is Doing.TAKE_BACK:
            decision = await _take_back(acting, opening, ref, found)
        else:
            decision = await _give(acting, opening, ref, points, found)
        if opening.doing is Doing.LOOK:
            state = State.NEW if found[0].state is State.BOOKED else found[0].state
            raise _OnlyLooked(Outcome(state, points=found[0].points))
        return decision

    ids = [opening.adjust_id(ref, number) for number in range(1, opening.round + 1)]
    refs = [f"adjust:{undo}{one}" for one in ids for undo in ("", "undo-")]
    try:
        await act(pipeline, opening.connection.programme_number, member_id, command, refs)
    except _OnlyLooked as looked:
        return looked.outcome
    return found[0]


async def _give(acting: Acting, opening: Opening, ref: str, points: int, found: list[Outcome]) -> Decision:
    member = acting.member
    for number in range(1, opening.round + 1):
        one = opening.adjust_id(ref, number)
        if not _was_posted(member, one):
            continue
        given = _net(member, one)
        if _was_posted(member, f"undo-{one}"):
            if number == opening.round:
                raise Refused("opening-taken-back", {"round": number})
            continue
        if given != points:
            raise Refused("opening-differs", {"points": given})
        found.append(Outcome(State.KNOWN, points=given))
        return Decision(member.member_id)
    if points == 0:
        found.append(Outcome(State.NOTHING))
        return Decision(member.member_id)
    return await _adjust(acting, opening, points, opening.adjust_id(ref, opening.round), found)


async def _take_back(acting: Acting, opening: Opening, ref: str, found: list[Outcome]) -> Decision:
    """From whoever has it now, whichever round gave it; what was spent meanwhile is owed."""
    for number in range(opening.round, 0, -1):
        one = opening.adjust_id(ref, number)
        given = _net(acting.member, one)
        if given and not _was_posted(acting.member, f"undo-{one}"):
            return await _adjust(acting, opening, -given, f"undo-{one}", found)
    found.append(Outcome(State.NOTHING))
    return Decision(acting.member.member_id)


async def _adjust(acting: Acting, opening: Opening, points: int, adjust_id: str, found: list[Outcome]) -> Decision:
    is_given = points > 0
    decision = commands.adjust(
        acting.member,
        points,
        adjust_id,
        opening.actor.name,
        f"{IMPORTED if is_given else UNDONE}:{opening.source}",
        acting.rulebook,
        acting.moment,
        is_limited=False,
        may_owe=True,
    )
    details = {"points": points, "import": f"{opening.source}:{opening.kind}", "round": opening.round}
    done = Act.IMPORT_BALANCE if is_given else Act.IMPORT_UNDO
    await note(acting, opening.connection.programme_number, done, opening.actor, "", details)
    found.append(Outcome(State.BOOKED if is_given else State.TAKEN_BACK, points=points))
    return decision


def _was_posted(member: MemberState, adjust_id: str) -> bool:
    posted = member.posted.get(f"adjust:{adjust_id}")
    return posted is not None and bool(posted.last_source_n)


def _net(member: MemberState, adjust_id: str) -> int:
    """What stands for it at this member, also if it came by a merge."""
    posted = member.posted.get(f"adjust:{adjust_id}")
    return posted.points + posted.adjusted if posted is not None else 0
