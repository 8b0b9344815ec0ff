"""Ends that a signed-in shopper asks for: the answer is the notice of exactly these (ADR 0011)."""

from __future__ import annotations

from collections.abc import Sequence

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


async def show_ends(pipeline: Pipeline, programme_number: int, member_id: str) -> list[Ending]:
    """What of the shopper's points ends and is to be shown to them now, soonest first. From now on they count as
    warned of it. Nothing while the programme is paused. Raises Refused ``member-unknown``.
    """
    member, rulebook, moment = await peek(pipeline, programme_number, member_id)
    if rulebook.paused_at is not None:
        return []
    found = _ends_of(member, rulebook, moment)
    if all(one.is_warned for one in found):
        return found
    shown: list[Ending] = []

    async def command(acting: Acting) -> Decision:
        shown[:] = [] if acting.is_paused else _ends_of(acting.member, acting.rulebook, acting.moment)
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


def _ends_of(member: MemberState, rulebook: Rulebook, moment: Moment) -> list[Ending]:
    return to_be_shown(seen(member.lots, rulebook), rulebook.in_force(moment.now).expiry, moment.now)


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
