"""Ends that a signed-in shopper asks for: the answer is the notice of exactly these (ADR 0011)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act, peek
from connector.programmes.passing_time import EXPIRY_NOTICE
from connector.storage.notices import note_shown
from loyalty_engine.commands import arm
from loyalty_engine.decision import Decision, Moment, Notice
from loyalty_engine.expiry import Ending, LotEnd, to_be_shown
from loyalty_engine.member import MemberState
from loyalty_engine.pauses import seen
from loyalty_engine.programme.model import Rulebook


async def show_ends(
    pipeline: Pipeline,
    programme_number: int,
    member_id: str,
    on_page: Collection[tuple[int, datetime]] | None = None,
) -> list[Ending]:
    """What of the shopper's points ends and is to be shown to them now, soonest first. From now on they count as
    warned of it. Nothing while the programme is paused. Raises Refused ``member-unknown``.

    on_page: points and moments that a page made earlier has shown them; only what these cover is answered and counts.
    """
    member, rulebook, moment = await peek(pipeline, programme_number, member_id)
    if rulebook.paused_at is not None:
        return []
    found = _ends_of(member, rulebook, moment, on_page)
    if all(one.is_warned for one in found):
        return found
    shown: list[Ending] = []

    async def command(acting: Acting) -> Decision:
        shown[:] = [] if acting.is_paused else _ends_of(acting.member, acting.rulebook, acting.moment, on_page)
        told = [end for one in shown for end in one.lots]
        at = acting.moment.now
        armed = arm(acting.member, told, at, acting.rulebook, acting.moment)
        if armed.lots:
            news = {lot.n for lot in armed.lots}
            notice = _notice(shown, [end for end in told if end.lot_n in news], acting.moment)
            await note_shown(acting.session, programme_number, member_id, notice)
        return armed

    await act(pipeline, programme_number, member_id, command)
    return shown


def _ends_of(
    member: MemberState, rulebook: Rulebook, moment: Moment, on_page: Collection[tuple[int, datetime]] | None
) -> list[Ending]:
    found = to_be_shown(seen(member.lots, rulebook), rulebook.in_force(moment.now).expiry, moment.now)
    return found if on_page is None else [one for one in found if _is_covered(one, on_page)]


def _is_covered(one: Ending, on_page: Collection[tuple[int, datetime]]) -> bool:
    """Whether a page showed no fewer points, to end no later than they do and no sooner than they should."""
    soonest = min(end.nominal_at for end in one.lots)
    return any(points >= one.points and soonest <= ends_at <= one.ends_at for points, ends_at in on_page)


def _notice(shown: Sequence[Ending], news: Sequence[LotEnd], moment: Moment) -> Notice:
    """One row for what was not known before."""
    lots = [end.lot_n for end in news]
    inputs = {
        "points": sum(end.points for end in news),
        "ends_at": min(one.ends_at for one in shown if not one.is_warned).isoformat(),
        "lots": lots,
    }
    return Notice(
        EXPIRY_NOTICE, f"{min(end.nominal_at for end in news).isoformat()}:shown:{lots[0]}", moment.now, inputs
    )
