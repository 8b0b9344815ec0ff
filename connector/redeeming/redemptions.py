"""Redeeming: points become a voucher or a hold, once, or nothing happens at all.

Each operation is one transaction over one locked member. A unit of a limited reward is reserved before it and goes back
if it fails. What a store has to be told is a row that ``connector/delivering/vouchers.py`` works off.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act, note
from connector.people.actors import Actor
from connector.redeeming.credit_wishes import wish_to_take_back
from connector.redeeming.pace import begin
from connector.redeeming.shown import GIVEN_BACK, shown
from connector.storage.atomic import atomic, is_outage
from connector.storage.audit import Act
from connector.storage.connections import load_connections
from connector.storage.idempotency import KeyState, KeyUse, forget_key, keep_answer
from connector.storage.programmes import load_programmes
from connector.storage.redemptions import (
    Due,
    count_had,
    customer_in_store,
    ended_vouchers,
    find_redemption,
    members_with_ended_vouchers,
    members_with_lapsed_holds,
    next_place,
)
from connector.storage.session import Session
from connector.storage.stock import (
    Unit,
    keep_unit,
    let_go_of_units,
    reserve_unit,
    return_due_units,
    return_unit,
    stock_taken,
)
from connector.storage.store_credits import KeptCredit, credit_key, keep_credit
from connector.storage.vouchers import KeptVoucher, VoucherKey, VoucherRow, keep_voucher, wish_to_withdraw
from loyalty_engine import commands
from loyalty_engine.cart import Cart
from loyalty_engine.codes import folded_code, voucher_code
from loyalty_engine.decision import Decision
from loyalty_engine.desk import Desk
from loyalty_engine.errors import Refused
from loyalty_engine.limits import limits_of
from loyalty_engine.member import RedemptionState
from loyalty_engine.programme.model import Programme, Reward, RewardKind
from loyalty_engine.rewards import Choice, Situation, redemption_for

log = logging.getLogger(__name__)

CREATED = 201


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for. connection: number of the store that it is for. points: with a slider.

    holds: set the points aside for the cart until its order is paid, instead of making a voucher. key: the caller's,
    for asking again. actor: ``shopper``, or who did it for them. caller: the API key, if one asks. by, why: a person
    whose deed it is, and their reason, for the member's audit.
    """

    programme_number: int
    member_id: str
    reward_id: str
    connection_number: int
    key: str
    points: int | None = None
    cart: Cart | None = None
    holds: bool = False
    actor: str = "shopper"
    caller: str = ""
    by: Actor | None = None
    why: str = ""

    @property
    def redemption_id(self) -> str:
        """Derived from the key, so that even a request whose outcome nobody knows cannot redeem twice."""
        text = json.dumps([self.programme_number, self.member_id, self.key])
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def sources(self) -> list[str]:
        """What its decision looks at: this redemption, and those that the cart uses."""
        used = self.cart.redemptions if self.cart is not None else ()
        return [f"redemption:{one}" for one in (self.redemption_id, *used)]

    @property
    def key_use(self) -> KeyUse:
        """The key, and a digest of everything else."""
        cart = asdict(self.cart) if self.cart else None
        asked = [self.reward_id, self.connection_number, self.points, self.holds, cart]
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
        return KeyUse(self.programme_number, f"redeem:{self.member_id}", self.key, digest)


async def redeem(pipeline: Pipeline, wish: Wish) -> dict[str, Any]:
    """Redeem or hold. Returns ``shown`` of the redemption; the same again for the same key and wish.

    Raises Refused and nothing has happened: codes of ``rewards`` and ``commands``, besides ``reward-unknown``,
    ``store-unknown``, ``no-account-in-store``, ``key-used-for-something-else``, ``request-under-way``, ``too-fast``.
    """
    use = wish.key_use
    kept = await atomic(
        pipeline.database,
        lambda session: begin(session, use, wish.member_id, wish.redemption_id, wish.caller, pipeline.now()),
    )
    if kept.state is KeyState.ANSWERED:
        answer: dict[str, Any] = json.loads(kept.body)
        return answer
    if kept.state is not KeyState.NEW:
        is_other = kept.state is KeyState.OTHER_BODY
        raise Refused("key-used-for-something-else" if is_other else "request-under-way", {"key": wish.key})
    try:
        made = await _redeem_once(pipeline, wish)
    except Refused:
        await atomic(pipeline.database, lambda session: forget_key(session, use))
        raise
    body = json.dumps(made)
    await atomic(pipeline.database, lambda session: keep_answer(session, use, CREATED, body))
    return made


async def _redeem_once(pipeline: Pipeline, wish: Wish) -> dict[str, Any]:
    done = await find_redemption(pipeline.database.reading(), wish.programme_number, wish.member_id, wish.redemption_id)
    if done is not None:
        # Its answer was lost; whatever has become of reward and stock since, the points are taken.
        return shown(pipeline, done)
    programme, reward = await _reward(pipeline, wish)
    unit = Unit(wish.programme_number, wish.reward_id, wish.member_id, wish.redemption_id)
    is_limited = reward.stock is not None
    if reward.stock is not None:
        stock, now = reward.stock, pipeline.now()
        if not await atomic(pipeline.database, lambda session: reserve_unit(session, unit, stock, now)):
            raise Refused("out-of-stock", {"reward": reward.reward_id, "stock": stock})

    async def command(acting: Acting) -> Decision:
        return await _take(pipeline, acting, wish, reward, unit if is_limited else None)

    try:
        await act(pipeline, wish.programme_number, wish.member_id, command, wish.sources)
    except Refused:
        if is_limited:
            await atomic(pipeline.database, lambda session: return_unit(session, unit))
        raise
    return await show(pipeline, wish.programme_number, wish.member_id, wish.redemption_id)


async def _reward(pipeline: Pipeline, wish: Wish) -> tuple[Programme, Reward]:
    books = (await load_programmes(pipeline.database.reading()))[wish.programme_number]
    programme = books.rulebook.in_force(pipeline.now())
    for reward in programme.rewards:
        if reward.reward_id == wish.reward_id:
            return programme, reward
    raise Refused("reward-unknown", {"reward": wish.reward_id})


async def _take(pipeline: Pipeline, acting: Acting, wish: Wish, reward: Reward, unit: Unit | None) -> Decision:
    """Inside the transaction: check, take or book the points, keep the code and the unit."""
    session, member, moment = acting.session, acting.member, acting.moment
    if member.redemption(wish.redemption_id) is not None:
        return unchanged(acting)
    connection = (await load_connections(session)).get(wish.connection_number)
    if connection is None or connection.programme_number != wish.programme_number:
        raise Refused("store-unknown", {"store": wish.connection_number})
    customer_ref = await customer_in_store(session, wish.member_id, wish.connection_number)
    if customer_ref is None:
        raise Refused("no-account-in-store", {"store": wish.connection_number})
    if unit is not None and not await keep_unit(session, unit):
        raise Refused("out-of-stock", {"reward": reward.reward_id, "stock": reward.stock})
    taken = await stock_taken(session, wish.programme_number)
    if unit is not None:
        # One of those taken is this redemption's own.
        taken[wish.reward_id] = taken.get(wish.reward_id, 1) - 1
    programme = acting.rulebook.in_force(moment.now)
    situation = Situation(
        programme,
        moment.now,
        wish.cart,
        connection.settings.get("currency"),
        taken=taken,
        had=await count_had(session, wish.member_id, limits_of([reward], programme.timezone, moment.now)),
        paused=acting.is_paused,
        kinds=pipeline.platforms[connection.platform].voucher_kinds,
        connection_number=wish.connection_number,
    )
    place = await next_place(session, wish.member_id, wish.reward_id)
    choice = Choice(wish.redemption_id, wish.connection_number, place, wish.points, wish.holds)
    redemption = redemption_for(reward, member, situation, choice)
    if wish.holds:
        decision = commands.hold(member, redemption, acting.rulebook, moment)
    else:
        decision = commands.redeem(member, redemption, acting.rulebook, moment, wish.actor)
    if wish.by is not None:
        told = {"redemption": wish.redemption_id, "reward": wish.reward_id}
        await note(acting, wish.programme_number, Act.REDEMPTION_MAKE, wish.by, wish.why, told)
    if reward.kind is RewardKind.STORE_CREDIT:
        where = wish.connection_number, wish.redemption_id, customer_ref
        wanted = KeptCredit(credit_key(*where), wish.programme_number, wish.member_id, customer_ref)
        await keep_credit(session, wanted, moment.now)
    elif reward.kind is not RewardKind.PERK:
        await keep_voucher(session, _voucher(pipeline, wish, customer_ref), moment.now)
    return decision


def unchanged(acting: Acting) -> Decision:
    """The decision that nothing is to be done."""
    return Desk(acting.member, acting.rulebook, acting.moment).decision()


def _voucher(pipeline: Pipeline, wish: Wish, customer_ref: str) -> KeptVoucher:
    """A hold's code stands in no store: the shop's own cart takes the points off and writes it on the order."""
    state = VoucherRow.PLACED if wish.holds else VoucherRow.TO_ISSUE
    key = code_key(pipeline, wish.connection_number, wish.redemption_id)
    return KeptVoucher(key, wish.programme_number, wish.member_id, wish.redemption_id, customer_ref, state)


def code_key(pipeline: Pipeline, connection_number: int, redemption_id: str) -> VoucherKey:
    """Where the code of a redemption is kept."""
    return VoucherKey(connection_number, folded_code(voucher_code(pipeline.keys.voucher_key, redemption_id)))


async def release(
    pipeline: Pipeline, programme_number: int, member_id: str, redemption_id: str, reason: str = "released"
) -> dict[str, Any]:
    """Let a hold go; once more changes nothing. Raises Refused as ``commands.release``."""

    async def command(acting: Acting) -> Decision:
        decision = commands.release(acting.member, redemption_id, acting.rulebook, acting.moment, reason)
        await let_go(acting, programme_number, decision)
        return decision

    await act(pipeline, programme_number, member_id, command, [f"redemption:{redemption_id}"])
    await return_stock(pipeline)
    return await show(pipeline, programme_number, member_id, redemption_id)


async def cancel(
    pipeline: Pipeline, number: int, member_id: str, redemption_id: str, cause: str, actor: Actor, reason: str = ""
) -> dict[str, Any]:
    """Call a redemption off. The points of a voucher or a credit come back when its store has it no more, not at once.

    cause: a word for the books, such as ``cancelled``; reason: why, in somebody's words, for the member's audit. Raises
    Refused ``redemption-unknown``, ``redemption-used``, ``redemption-not-open``, ``credit-under-way``.
    """
    done = (number, Act.REDEMPTION_CANCEL, actor, reason, {"redemption": redemption_id})

    async def command(acting: Acting) -> Decision:
        redemption = acting.member.redemption(redemption_id)
        if redemption is not None and redemption.state in (RedemptionState.REQUESTED, RedemptionState.ISSUED):
            key = code_key(pipeline, redemption.connection_number, redemption_id)
            is_credit, now = redemption.kind == RewardKind.STORE_CREDIT, acting.moment.now
            if is_credit and await wish_to_take_back(acting.session, redemption, cause, now):
                await note(acting, *done)
                return unchanged(acting)
            if not is_credit and await wish_to_withdraw(acting.session, [key], cause, now):
                await note(acting, *done)
                return unchanged(acting)
        who = actor.name or actor.person
        decision = commands.cancel(acting.member, redemption_id, cause, acting.rulebook, acting.moment, who)
        if decision.entries:
            await note(acting, *done)
        await let_go(acting, number, decision)
        return decision

    await act(pipeline, number, member_id, command, [f"redemption:{redemption_id}"])
    await return_stock(pipeline)
    return await show(pipeline, number, member_id, redemption_id)


# --- what time does ---------------------------------------------------------------------------------------------------


async def lapse_holds(pipeline: Pipeline) -> int:
    """Let go of every hold whose time is over. Returns how many members had one."""
    return await _each_due(pipeline, _while_it_runs(members_with_lapsed_holds), _lapse)


async def expire_vouchers(pipeline: Pipeline) -> int:
    """Give the points of unused vouchers back whose time is over. Returns how many members had one."""
    return await _each_due(pipeline, _while_it_runs(members_with_ended_vouchers), _expire, ended_vouchers)


def _while_it_runs(find: Find) -> Find:
    """While a programme stands still, nothing ends: not even what a hold kept from ending."""

    async def running(session: Session, now: datetime) -> Sequence[Due]:
        programmes = await load_programmes(session)
        return [one for one in await find(session, now) if not programmes[one[0]].is_paused]

    return running


async def return_stock(pipeline: Pipeline) -> int:
    """Give back units that no redemption stands for. Returns how many."""
    total = 0
    while count := await atomic(pipeline.database, lambda session: return_due_units(session, pipeline.now())):
        total += count
    return total


Find = Callable[[Session, datetime], Awaitable[Sequence[Due]]]
Name = Callable[[Session, str, datetime], Awaitable[Sequence[str]]]
Ending = Callable[[Pipeline, Acting, int], Awaitable[Decision]]


async def _each_due(pipeline: Pipeline, find: Find, ending: Ending, name: Name | None = None) -> int:
    """Each member in a transaction of its own: one that fails keeps no other waiting. name: what ends, if not holds."""
    total = 0
    failed: set[Due] = set()
    while due := [one for one in await find(pipeline.database.reading(), pipeline.now()) if one not in failed]:
        for programme_number, member_id in due:
            named = await name(pipeline.database.reading(), member_id, pipeline.now()) if name else []

            async def command(acting: Acting, number: int = programme_number) -> Decision:
                return await ending(pipeline, acting, number)

            try:
                await act(pipeline, programme_number, member_id, command, [f"redemption:{one}" for one in named])
            except Exception as error:
                if is_outage(error):
                    raise
                log.exception("what is over could not be ended", extra={"member": member_id})
                failed.add((programme_number, member_id))
        total += len(due)
    await return_stock(pipeline)
    return total - len(failed)


async def _lapse(pipeline: Pipeline, acting: Acting, programme_number: int) -> Decision:
    decision = commands.lapse_due(acting.member, acting.rulebook, acting.moment)
    await let_go(acting, programme_number, decision)
    return decision


async def _expire(pipeline: Pipeline, acting: Acting, programme_number: int) -> Decision:
    decision = commands.expire_vouchers_due(acting.member, acting.rulebook, acting.moment)
    ended = [
        code_key(pipeline, one.connection_number, one.redemption_id)
        for one in decision.redemptions
        if one.state is RedemptionState.EXPIRED
    ]
    await wish_to_withdraw(acting.session, ended, "voucher-expired", acting.moment.now)
    await let_go(acting, programme_number, decision)
    return decision


async def let_go(acting: Acting, programme_number: int, decision: Decision) -> None:
    """Units of redemptions that this decision ended unused are to go back, in the same transaction."""
    units = []
    for redemption in decision.redemptions:
        rules = acting.rulebook.recorded(redemption.programme_version, redemption.created_at)
        limited = {reward.reward_id for reward in rules.rewards if reward.stock is not None} if rules else set()
        if redemption.state in GIVEN_BACK and redemption.reward_id in limited:
            units.append(Unit(programme_number, redemption.reward_id, decision.member_id, redemption.redemption_id))
    await let_go_of_units(acting.session, units, acting.moment.now)


# --- what callers see -------------------------------------------------------------------------------------------------


async def show(pipeline: Pipeline, programme_number: int, member_id: str, redemption_id: str) -> dict[str, Any]:
    """``shown`` of one redemption. Raises Refused ``redemption-unknown``."""
    session = pipeline.database.reading()
    redemption = await find_redemption(session, programme_number, member_id, redemption_id)
    if redemption is None:
        raise Refused("redemption-unknown", {"redemption": redemption_id})
    return shown(pipeline, redemption)
