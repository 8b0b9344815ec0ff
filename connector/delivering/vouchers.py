"""Tells stores which codes to take and which to forget; what a store will never take gives its points back, once.

A code is derived from its redemption and a store is asked to make it exist, so asking again is safe. Points come back
only when the store has said that nobody can use the code: until then it might still be worth something.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.delivering.outbox import MAX_ATTEMPTS, OUTAGE_ATTEMPTS, PROBLEM_PAUSE, Outbox, pause_after, rest_of
from connector.errors import ConfigProblem, ConnectorError, Permanent, Resting, Transient
from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act
from connector.platforms import Connection, ShopClient, Voucher, VoucherAnswer, VoucherState
from connector.redeeming.redemptions import let_go
from connector.storage.atomic import atomic, is_outage
from connector.storage.connections import load_connections, set_problem
from connector.storage.programmes import load_programmes
from connector.storage.redemptions import find_redemption
from connector.storage.session import Session
from connector.storage.vouchers import (
    KeptVoucher,
    VoucherRow,
    claim_vouchers,
    due_stores,
    put_off,
    settle_voucher,
)
from loyalty_engine import commands
from loyalty_engine.codes import voucher_code
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused
from loyalty_engine.member import Redemption, RedemptionState
from loyalty_engine.order_share import combines_with_money
from loyalty_engine.programme.model import Programme, Reward, Rulebook

log = logging.getLogger(__name__)

BATCH = 10
"""Codes of one store in one round: each is a call of its own, and all must end before the lease does."""
CALL_SECONDS = 6
OVER = frozenset({RedemptionState.EXPIRED, RedemptionState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Placing:
    """What placing codes needs."""

    pipeline: Pipeline
    outbox: Outbox

    @property
    def now(self) -> datetime:
        return self.outbox.now()


async def settle_vouchers(placing: Placing, patience: float | None = None) -> int:
    """Issue and withdraw one batch of codes at every store that has some due. Returns how many were tried.

    patience: how long to wait for slow stores, see Rounds.
    """
    due = await due_stores(placing.outbox.database.reading(), placing.now)
    connections = await load_connections(placing.outbox.database.reading()) if due else {}
    awake = await placing.outbox.shops.rests.awake(due)
    return await placing.outbox.placing.go(awake, lambda number: _settle_store(placing, connections[number]), patience)


async def _settle_store(placing: Placing, connection: Connection) -> int:
    claimed = await atomic(
        placing.outbox.database, lambda session: claim_vouchers(session, connection.number, BATCH, placing.now)
    )
    for place, voucher in enumerate(claimed):
        try:
            client = await placing.outbox.shops.client(connection)
            await _settle(placing, client, voucher)
        except (ConfigProblem, Resting) as problem:
            await _store_stops(placing, connection, claimed[place:], problem)
            break
        except Exception as error:
            if is_outage(error):
                raise
            await _failed(placing, connection, voucher, error)
    return len(claimed)


async def _settle(placing: Placing, client: ShopClient, voucher: KeptVoucher) -> None:
    redemption, rulebook = await _loaded(placing, voucher)
    if voucher.state is VoucherRow.TO_ISSUE and redemption.state in OVER:
        # It ended before its store heard of it, or the answer was lost: what may be there is to go.
        await _withdraw_instead(placing, voucher, redemption.reason)
        return
    try:
        async with asyncio.timeout(CALL_SECONDS):
            if voucher.state is VoucherRow.TO_ISSUE:
                rules = rulebook.recorded(redemption.programme_version, redemption.created_at)
                asked = _asked(placing, voucher, redemption, rules)
                answer = await client.issue_voucher(asked)
            else:
                code = voucher_code(placing.pipeline.keys.voucher_key, voucher.redemption_id)
                answer = await client.withdraw_voucher(code, voucher.redemption_id, voucher.token)
    except TimeoutError as error:
        raise Transient("The shop did not answer in time.", detail="placing a code took too long") from error
    if voucher.state is VoucherRow.TO_ISSUE:
        await _after_issuing(placing, voucher, answer)
    else:
        await _after_withdrawing(placing, voucher, answer)


async def _loaded(placing: Placing, voucher: KeptVoucher) -> tuple[Redemption, Rulebook]:
    session = placing.outbox.database.reading()
    redemption = await find_redemption(session, voucher.programme_number, voucher.member_id, voucher.redemption_id)
    if redemption is None:
        raise Permanent("A code has no redemption any more.", detail=f"redemption {voucher.redemption_id} is gone")
    books = (await load_programmes(session))[voucher.programme_number]
    return redemption, books.rulebook


def reward_of(rules: Programme | None, redemption: Redemption) -> Reward | None:
    """What was redeemed, as the version in force then has it."""
    found = rules.rewards if rules else ()
    return next((reward for reward in found if reward.reward_id == redemption.reward_id), None)


def _asked(placing: Placing, voucher: KeptVoucher, redemption: Redemption, rules: Programme | None) -> Voucher:
    reward = reward_of(rules, redemption)
    name = next(iter(reward.name.values()), reward.reward_id) if reward else redemption.reward_id
    return Voucher(
        code=voucher_code(placing.pipeline.keys.voucher_key, redemption.redemption_id),
        kind=redemption.kind,
        customer_ref=voucher.customer_ref,
        mark=redemption.redemption_id,
        title=f"{name} ({redemption.points})",
        currency=redemption.currency,
        starts_at=redemption.created_at,
        value_minor=redemption.value_minor,
        percent_bp=0 if redemption.value_minor else redemption.percent_bp,
        minimum_minor=redemption.minimum_order_minor,
        product_id=redemption.product_id,
        expires_at=redemption.expires_at,
        stacks=reward.stacks if reward else False,
        stacks_with_money=rules is not None and combines_with_money(redemption.kind, rules),
    )


# --- what a store's answer means --------------------------------------------------------------------------------------


async def _after_issuing(placing: Placing, voucher: KeptVoucher, answer: VoucherAnswer) -> None:
    if answer.state is VoucherState.RETRY:
        await _later(placing, voucher, voucher.attempts + 1, answer.reason)
    elif answer.state is VoucherState.PLACED:
        await _placed(placing, voucher, answer)
    else:
        await _give_back(placing, voucher, VoucherRow.REFUSED, answer, f"store-refused: {answer.reason}")


async def _placed(placing: Placing, voucher: KeptVoucher, answer: VoucherAnswer) -> None:
    async def command(acting: Acting) -> Decision:
        await settle_voucher(acting.session, voucher, VoucherRow.PLACED, answer.token, None)
        return commands.issued(acting.member, voucher.redemption_id, acting.rulebook, acting.moment)

    try:
        await _act(placing, voucher, command)
    except Refused as refused:
        # It ended while the store was being asked.
        await _withdraw_instead(placing, voucher, refused.code, answer.token)


async def _withdraw_instead(placing: Placing, voucher: KeptVoucher, reason: str, token: str | None = None) -> None:
    async def body(session: Session) -> None:
        await settle_voucher(session, voucher, VoucherRow.TO_WITHDRAW, token or voucher.token, reason)

    await atomic(placing.outbox.database, body)


async def _after_withdrawing(placing: Placing, voucher: KeptVoucher, answer: VoucherAnswer) -> None:
    if answer.state is VoucherState.USED:
        # The order that used it tells the rest, now or with the next reading of the shop.
        await _note(placing, voucher, VoucherRow.PLACED, answer, "used-before-it-was-withdrawn")
    elif answer.state in (VoucherState.WITHDRAWN, VoucherState.GONE):
        await _give_back(placing, voucher, VoucherRow.WITHDRAWN, answer, voucher.reason or "withdrawn")
    else:
        await _later(placing, voucher, min(voucher.attempts + 1, OUTAGE_ATTEMPTS), answer.reason)


async def _give_back(
    placing: Placing, voucher: KeptVoucher, state: VoucherRow, answer: VoucherAnswer, reason: str
) -> None:
    """The code is worth nothing to anybody: its points go back to their lots, unless they did already."""

    async def command(acting: Acting) -> Decision:
        await settle_voucher(acting.session, voucher, state, answer.token or voucher.token, reason)
        decision = commands.cancel(acting.member, voucher.redemption_id, reason, acting.rulebook, acting.moment)
        await let_go(acting, voucher.programme_number, decision)
        return decision

    try:
        await _act(placing, voucher, command)
    except Refused as refused:
        # An order has used it meanwhile: the points stay where they are.
        await _note(placing, voucher, state, answer, refused.code)


async def _act(placing: Placing, voucher: KeptVoucher, command: Callable[[Acting], Awaitable[Decision]]) -> None:
    sources = [f"redemption:{voucher.redemption_id}"]
    await act(placing.pipeline, voucher.programme_number, voucher.member_id, command, sources)


async def _note(placing: Placing, voucher: KeptVoucher, state: VoucherRow, answer: VoucherAnswer, reason: str) -> None:
    async def body(session: Session) -> None:
        await settle_voucher(session, voucher, state, answer.token or voucher.token, reason)

    await atomic(placing.outbox.database, body)


# --- what goes wrong --------------------------------------------------------------------------------------------------


async def _failed(placing: Placing, connection: Connection, voucher: KeptVoucher, error: Exception) -> None:
    log.warning("a code was not settled", exc_info=error, extra={"connection": connection.number})
    why = str(error) if isinstance(error, ConnectorError) else f"{type(error).__name__}: {error}"
    if isinstance(error, Transient):
        attempts = max(voucher.attempts, min(voucher.attempts + 1, OUTAGE_ATTEMPTS))
        await _later(placing, voucher, attempts, why, error.retry_after_seconds)
    else:
        await _later(placing, voucher, voucher.attempts + 1, why)


async def _later(
    placing: Placing, voucher: KeptVoucher, attempts: int, why: str, retry_after_seconds: int | None = None
) -> None:
    """Try again after a pause. A code that a store keeps putting off is withdrawn, for it may be there after all."""
    if attempts >= MAX_ATTEMPTS and voucher.state is VoucherRow.TO_ISSUE:
        log.error("gave up issuing a code", extra={"connection": voucher.key.connection_number, "why": why})
        await _withdraw_instead(placing, voucher, f"store-refused: {why}")
        return
    pause = max(pause_after(placing.outbox, attempts), timedelta(seconds=retry_after_seconds or 0))
    later = [(voucher, min(attempts, MAX_ATTEMPTS), placing.now + pause, why)]
    await atomic(placing.outbox.database, lambda session: put_off(session, later))


async def _store_stops(
    placing: Placing, connection: Connection, vouchers: Sequence[KeptVoucher], problem: ConfigProblem | Resting
) -> None:
    """What the merchant must cure, and a shop that rests, stops the whole store and is no attempt."""
    rests = isinstance(problem, Resting)
    until = placing.now + (rest_of(problem) if isinstance(problem, Resting) else PROBLEM_PAUSE)
    if not rests:
        placing.outbox.shops.forget(connection.number)

    async def body(session: Session) -> None:
        await put_off(session, [(voucher, voucher.attempts, until, str(problem)) for voucher in vouchers])
        if not rests:
            await set_problem(session, connection.number, str(problem), placing.now)

    await atomic(placing.outbox.database, body)
