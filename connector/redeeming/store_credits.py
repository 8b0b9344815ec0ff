"""Asks stores for the credit that members redeemed points for, and never twice for the same.

A store does twice what it is asked twice, and its answer can be lost. So that it is being asked is written down first,
under the member's lock, with one question at a time for each customer's account. Where no answer came, nothing is asked
for a whole lease; then the account is read: nothing new is asked for again, one new transaction of this amount is the
answer, and several are for a person to look at. ADR 0018 has the reasons.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from connector.credit_desk import CreditAnswer, CreditDesk, CreditState, StoreCredit
from connector.delivering.outbox import MAX_ATTEMPTS, OUTAGE_ATTEMPTS, PROBLEM_PAUSE, pause_after, rest_of
from connector.delivering.vouchers import CALL_SECONDS, OVER, Placing
from connector.errors import ConfigProblem, ConnectorError, CreditRefused, MissingScope, Permanent, Resting, Transient
from connector.people.act import Acting, Command, act
from connector.platforms import Connection
from connector.redeeming.redemptions import let_go, unchanged
from connector.storage.atomic import atomic, is_outage
from connector.storage.connections import load_connections, set_problem
from connector.storage.redemptions import find_redemption
from connector.storage.session import Session
from connector.storage.store_credits import (
    ASKED,
    CreditRow,
    KeptCredit,
    begin_asking,
    claim_credits,
    claimed_refs,
    due_credit_stores,
    put_credits_off,
    settle_credit,
)
from connector.storage.vouchers import LEASE
from loyalty_engine import commands
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused
from loyalty_engine.member import Redemption, RedemptionState

log = logging.getLogger(__name__)

BATCH = 5
"""Credits of one store in one round: each is two calls, and all must begin before the lease ends."""
TURN = timedelta(seconds=5)
"""How long a credit waits while its store is asked about another one of the same customer."""
GIVES = frozenset({CreditRow.TO_GIVE, CreditRow.GIVING})


class _NotOurTurn(Exception):
    """Somebody else goes on with this credit; what was decided is not written."""


@dataclass(frozen=True, slots=True)
class _Asking:
    """One credit and whom to ask about it."""

    placing: Placing
    desk: CreditDesk
    credit: KeptCredit
    redemption: Redemption

    @property
    def gives(self) -> bool:
        return self.credit.state in GIVES

    @property
    def wish(self) -> StoreCredit:
        one = self.redemption
        return StoreCredit(self.credit.customer_ref, one.value_minor, one.currency, one.expires_at)


async def settle_credits(placing: Placing, patience: float | None = None) -> int:
    """Work off one batch of credits at every store that has some due. Returns how many were tried.

    patience: how long to wait for slow stores, see Rounds.
    """
    due = await due_credit_stores(placing.outbox.database.reading(), placing.now)
    connections = await load_connections(placing.outbox.database.reading()) if due else {}
    awake = await placing.outbox.shops.rests.awake(due)
    return await placing.outbox.crediting.go(
        awake, lambda number: _settle_store(placing, connections[number]), patience
    )


async def _settle_store(placing: Placing, connection: Connection) -> int:
    claimed = await atomic(
        placing.outbox.database, lambda session: claim_credits(session, connection.number, BATCH, placing.now)
    )
    for place, credit in enumerate(claimed):
        try:
            await _settle(placing, connection, credit)
        except (ConfigProblem, Resting) as problem:
            await _store_stops(placing, connection, claimed[place:], problem)
            break
        except Exception as error:
            if is_outage(error):
                raise
            await _failed(placing, credit, error)
    return len(claimed)


async def _settle(placing: Placing, connection: Connection, credit: KeptCredit) -> None:
    redemption = await _loaded(placing, credit)
    desk = (await placing.outbox.shops.client(connection)).credits
    if desk is None:
        raise Permanent("This store has no store credit.", detail=f"connection {connection.number}")
    asking = _Asking(placing, desk, credit, redemption)
    if credit.state is CreditRow.TO_GIVE and redemption.state in OVER:
        await _note(placing, credit, CreditRow.REFUSED, redemption.reason)
    elif credit.state in ASKED:
        await _look(asking)
    else:
        await _begin(asking)


async def _begin(asking: _Asking) -> None:
    """Read where the account stands, then ask."""
    try:
        async with asyncio.timeout(CALL_SECONDS):
            newest = await asking.desk.newest(asking.credit.customer_ref, asking.redemption.currency)
    except TimeoutError as error:
        raise Transient("The shop did not answer in time.", detail="reading an account took too long") from error
    except CreditRefused as refused:
        await _after(asking, CreditAnswer(CreditState.REFUSED, str(refused)))
    except MissingScope as problem:
        await _may_not(asking, problem)
    else:
        await _ask(asking, newest)


async def _loaded(placing: Placing, credit: KeptCredit) -> Redemption:
    session = placing.outbox.database.reading()
    found = await find_redemption(session, credit.programme_number, credit.member_id, credit.key.redemption_id)
    if found is None:
        raise Permanent("A credit has no redemption any more.", detail=f"{credit.key.redemption_id} is gone")
    return found


# --- asking -----------------------------------------------------------------------------------------------------------


async def _ask(asking: _Asking, newest: str) -> None:
    """Write down that the store is asked, then ask it. Whatever goes wrong from here on may have happened there."""
    placing = asking.placing
    begun = await _begun(asking, newest)
    if begun is None:
        if asking.credit.state not in ASKED:
            await _later(placing, asking.credit, asking.credit.attempts, "waits for another one of this customer", TURN)
        return
    asked = _Asking(placing, asking.desk, begun, asking.redemption)
    try:
        async with asyncio.timeout(CALL_SECONDS):
            call = asked.desk.give if asked.gives else asked.desk.take
            answer = await call(asked.wish)
    except MissingScope as problem:
        if not problem.is_whole:
            raise
        await _may_not(asked, problem)
    except ConfigProblem:
        raise
    except Exception as error:
        if is_outage(error):
            raise
        await _failed(placing, begun, error)
    else:
        await _after(asked, answer)


async def _begun(asking: _Asking, newest: str) -> KeptCredit | None:
    """The credit as it is once the question is written down; None if it must wait, or is not ours to ask for."""
    credit, gives = asking.credit, asking.gives
    begun: list[KeptCredit | None] = []

    async def command(acting: Acting) -> Decision:
        one = acting.member.redemption(credit.key.redemption_id)
        is_open = one is not None and one.state is (RedemptionState.REQUESTED if gives else RedemptionState.ISSUED)
        state = CreditRow.GIVING if gives else CreditRow.TAKING
        found = await begin_asking(acting.session, credit, state, newest, asking.placing.now) if is_open else None
        begun[:] = [found]
        return unchanged(acting)

    await _act(asking.placing, credit, command)
    return begun[0]


async def _look(asking: _Asking) -> None:
    """No answer came: what has the store done since it was asked?"""
    credit = asking.credit
    newest = credit.seen_ref or ""
    try:
        async with asyncio.timeout(CALL_SECONDS):
            found = await asking.desk.done_since(asking.wish, newest, gives=asking.gives)
    except TimeoutError as error:
        raise Transient("The shop did not answer in time.", detail="reading an account took too long") from error
    except CreditRefused as refused:
        # Their account may have gone to another customer, with what was given.
        await _unclear(asking.placing, credit, str(refused))
        return
    session = asking.placing.outbox.database.reading()
    claimed = await claimed_refs(session, credit, found)
    free = [ref for ref in found if ref not in claimed]
    if not free:
        await _ask(asking, newest)
    elif len(free) == 1:
        await _done(asking.placing, credit, free[0])
    else:
        await _unclear(asking.placing, credit, f"each of these may be it: {', '.join(free)}")


# --- what a store's answer means --------------------------------------------------------------------------------------


async def _after(asking: _Asking, answer: CreditAnswer) -> None:
    placing, credit = asking.placing, asking.credit
    if answer.state is CreditState.DONE:
        await _done(placing, credit, str(answer.transaction))
    elif answer.state is CreditState.NOT_ENOUGH and not asking.gives:
        await _kept(placing, credit, answer.reason)
    else:
        await _refused(placing, credit, answer.reason)


async def _done(placing: Placing, credit: KeptCredit, transaction: str) -> None:
    """The store gave it, or took it back, by this transaction of its own."""

    async def command(acting: Acting) -> Decision:
        if credit.state in GIVES:
            return await note_given(acting, credit, transaction)
        return await note_taken(acting, credit, transaction, credit.reason or "called-off")

    await _act(placing, credit, command)


async def note_given(acting: Acting, credit: KeptCredit, transaction: str) -> Decision:
    """The store gave it, by this transaction. Raises Refused as ``commands.credited``."""
    await _settled(acting.session, credit, CreditRow.GIVEN, given_ref=transaction)
    return commands.credited(acting.member, credit.key.redemption_id, transaction, acting.rulebook, acting.moment)


async def note_taken(acting: Acting, credit: KeptCredit, transaction: str, reason: str) -> Decision:
    """The store took it back, by this transaction: its points return. Raises Refused as ``commands.cancel``."""
    await _settled(acting.session, credit, CreditRow.TAKEN, taken_ref=transaction, reason=reason)
    return await _points_back(acting, credit, reason)


async def _refused(placing: Placing, credit: KeptCredit, why: str) -> None:
    """Nothing has changed in the store: what was never given gives its points back, what was given stays."""
    if credit.state not in GIVES:
        await _note(placing, credit, CreditRow.GIVEN, why)
        return
    reason = f"store-refused: {why}"

    async def command(acting: Acting) -> Decision:
        await _settled(acting.session, credit, CreditRow.REFUSED, reason=reason)
        return await _points_back(acting, credit, reason)

    await _act(placing, credit, command)


async def _kept(placing: Placing, credit: KeptCredit, why: str) -> None:
    """It cannot be taken back, for its customer has spent it: it stays given, and the redemption says so."""

    async def command(acting: Acting) -> Decision:
        await _settled(acting.session, credit, CreditRow.GIVEN, reason=why)
        return commands.credit_kept(acting.member, credit.key.redemption_id, acting.rulebook, acting.moment)

    await _act(placing, credit, command)


async def _points_back(acting: Acting, credit: KeptCredit, reason: str) -> Decision:
    decision = commands.cancel(acting.member, credit.key.redemption_id, reason, acting.rulebook, acting.moment)
    await let_go(acting, credit.programme_number, decision)
    return decision


async def _settled(
    session: Session,
    credit: KeptCredit,
    state: CreditRow,
    *,
    given_ref: str | None = None,
    taken_ref: str | None = None,
    reason: str | None = None,
) -> None:
    if not await settle_credit(session, credit, state, given_ref=given_ref, taken_ref=taken_ref, reason=reason):
        raise _NotOurTurn


async def _note(placing: Placing, credit: KeptCredit, state: CreditRow, reason: str) -> None:
    await atomic(placing.outbox.database, lambda session: settle_credit(session, credit, state, reason=reason))


async def _act(placing: Placing, credit: KeptCredit, command: Command) -> None:
    """Run a command about a credit, unless it is on its way to another member, or somebody else goes on with it."""
    try:
        await act(
            placing.pipeline,
            credit.programme_number,
            credit.member_id,
            command,
            [f"redemption:{credit.key.redemption_id}"],
        )
    except Refused as refused:
        await _later(placing, credit, credit.attempts, refused.code, LEASE)
    except _NotOurTurn:
        log.info("another worker goes on with a credit", extra={"connection": credit.key.connection_number})


# --- what goes wrong --------------------------------------------------------------------------------------------------


async def _unclear(placing: Placing, credit: KeptCredit, why: str) -> None:
    log.error("a person must look at a store credit", extra={"redemption": credit.key.redemption_id, "why": why})
    state = CreditRow.GIVING_UNCLEAR if credit.state in GIVES else CreditRow.TAKING_UNCLEAR
    await _note(placing, credit, state, why)


async def _failed(placing: Placing, credit: KeptCredit, error: Exception) -> None:
    log.warning("a store credit was not settled", exc_info=error, extra={"connection": credit.key.connection_number})
    why = str(error) if isinstance(error, ConnectorError) else f"{type(error).__name__}: {error}"
    attempts, retry_after = credit.attempts + 1, 0
    if isinstance(error, (Transient, TimeoutError)):
        attempts = max(credit.attempts, min(attempts, OUTAGE_ATTEMPTS))
        retry_after = getattr(error, "retry_after_seconds", None) or 0
    if attempts >= MAX_ATTEMPTS:
        await (_unclear if credit.state in ASKED else _refused)(placing, credit, why)
        return
    pause = max(pause_after(placing.outbox, attempts), timedelta(seconds=retry_after))
    # Whatever was asked may still be on its way: nothing is asked again, and nothing is read, within a lease.
    await _later(placing, credit, attempts, why, max(pause, LEASE) if credit.state in ASKED else pause)


async def _later(placing: Placing, credit: KeptCredit, attempts: int, why: str, pause: timedelta) -> None:
    # Of one that is called off, the reason is why.
    reason = why if credit.state in GIVES else credit.reason or why
    later = [(credit, min(attempts, MAX_ATTEMPTS), placing.now + pause, reason)]
    await atomic(placing.outbox.database, lambda session: put_credits_off(session, later))


async def _may_not(asking: _Asking, problem: MissingScope) -> None:
    """Only this is refused, and the merchant is told; everything else that the store hears from us goes on."""
    placing, number = asking.placing, asking.credit.key.connection_number
    log.error("a store does not let us give credit", extra={"connection": number, "why": str(problem)})
    await _refused(placing, asking.credit, str(problem))
    await atomic(placing.outbox.database, lambda session: set_problem(session, number, str(problem), placing.now))


async def _store_stops(
    placing: Placing, connection: Connection, credits: Sequence[KeptCredit], problem: ConfigProblem | Resting
) -> None:
    """What the merchant must cure, and a shop that rests, stops the whole store and is no attempt."""
    rests = isinstance(problem, Resting)
    until = placing.now + (rest_of(problem) if isinstance(problem, Resting) else PROBLEM_PAUSE)
    if not rests:
        placing.outbox.shops.forget(connection.number)

    async def body(session: Session) -> None:
        await put_credits_off(session, [(credit, credit.attempts, until, str(problem)) for credit in credits])
        if not rests:
            await set_problem(session, connection.number, str(problem), placing.now)

    await atomic(placing.outbox.database, body)
