"""Lists of a whole programme, the newest first: redemptions, awards of one badge, referrals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.storage.ledger_rows import badge_change_of, redemption_of
from connector.storage.referrals import referral_of
from connector.storage.session import Session
from connector.storage.walks import LAST, Place, Road, Stretch, first_mark, walk
from loyalty_engine.member import BadgeChange, Redemption
from loyalty_engine.referral import Referral

END_OF_REDEMPTIONS: Place = (LAST, "")
END_OF_AWARDS: Place = (LAST, "", 0)
END_OF_REFERRALS: Place = (LAST, "")
IS_STORE_CREDIT = "t.kind = 'store_credit' AND t.redemption_state = 'issued'"
NEVER_CAME = "t.reason LIKE 'store-refused%' OR t.reason = 'perk-refused'"
"""What was called off because a store, or whoever gives it by hand, could not give it."""
REDEMPTION_FILTERS = {
    "": "t.redemption_state NOT IN ('moved', 'released', 'lapsed')",
    "open": f"t.redemption_state IN ('held', 'requested', 'issued') AND NOT ({IS_STORE_CREDIT})",
    "used": f"(t.redemption_state = 'used' OR ({IS_STORE_CREDIT}))",
    "cancelled": f"t.redemption_state = 'cancelled' AND NOT (t.reason IS NOT NULL AND ({NEVER_CAME}))",
    "expired": "t.redemption_state = 'expired'",
    "failed": f"t.redemption_state = 'cancelled' AND ({NEVER_CAME})",
}
"""By the name of a filter. Store credit that was given lies in the shop: it is over, as what was used is. A hold that
was let go never took a point.
"""

AWARD_STANDS = (
    "{0}.badge_state = 'awarded' AND NOT EXISTS (SELECT 1 FROM badge_change l WHERE l.shard = {0}.shard "
    "AND l.member_id = {0}.member_id AND l.badge = {0}.badge AND l.award_key = {0}.award_key AND l.n > {0}.n)"
)
"""A row of badge_change, by its alias, after which nothing happened to this award."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A redemption and whose it is."""

    member_id: str
    redemption: Redemption


@dataclass(frozen=True, slots=True)
class Award:
    """An award of a badge that stands, and whose it is."""

    member_id: str
    change: BadgeChange


async def newest_redemptions(
    session: Session, programme_number: int, state: str, reward_id: str, behind: Place, limit: int
) -> tuple[list[Owned], Stretch]:
    """state: of REDEMPTION_FILTERS. reward_id: empty: of all rewards."""
    where = REDEMPTION_FILTERS[state]
    if reward_id:
        where += f" AND t.reward_id = ${first_mark(1, 2)}"
    road = Road(
        "redemption",
        "redemption_newest",
        [("programme_number", programme_number)],
        ("created_at_us", "redemption_id"),
        where,
        [reward_id] if reward_id else [],
    )
    made = await walk(session, road, behind, limit)
    return [Owned(row["member_id"], redemption_of(row)) for row in made.rows], made


async def newest_awards(
    session: Session, programme_number: int, badge: str, behind: Place, limit: int
) -> tuple[list[Award], Stretch]:
    """Awards that nothing came after, of members who take part."""
    road = Road(
        "badge_change",
        "badge_change_newest",
        [("programme_number", programme_number), ("badge", badge)],
        ("at_us", "member_id", "n"),
        f"{AWARD_STANDS.format('t')} AND EXISTS (SELECT 1 FROM member m WHERE m.shard = t.shard "
        "AND m.member_id = t.member_id AND m.status = 'active')",
    )
    made = await walk(session, road, behind, limit)
    return [Award(row["member_id"], badge_change_of(row)) for row in made.rows], made


async def newest_referrals(
    session: Session, programme_number: int, states: Sequence[str], behind: Place, limit: int
) -> tuple[list[Referral], Stretch]:
    """states: any of these; none: all."""
    first = first_mark(1, 2)
    marks = ", ".join(f"${first + place}" for place in range(len(states)))
    road = Road(
        "referral",
        "referral_newest",
        [("programme_number", programme_number)],
        ("registered_at_us", "friend_id"),
        f"t.referral_state IN ({marks})" if states else "",
        list(states),
    )
    made = await walk(session, road, behind, limit)
    return [referral_of(row) for row in made.rows], made
