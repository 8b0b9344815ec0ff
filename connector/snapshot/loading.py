"""Everything that a snapshot shows of members, for a whole batch in a few queries. Only looks, never locks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from connector.crypto import Keys
from connector.snapshot.views import MemberView, load_views
from connector.storage.ledger_load import MemberKey, load_members
from connector.storage.people import load_people
from connector.storage.programmes import ProgrammeBooks, load_programmes
from connector.storage.redemptions import ToTell, count_had_by, load_told
from connector.storage.referrals import brought_of, owned_codes
from connector.storage.reported import reported_kinds
from connector.storage.reviews import Standing, load_standings
from connector.storage.session import Session
from connector.storage.stock import stock_taken
from loyalty_engine.explain import words_of
from loyalty_engine.limits import Limit, limits_of
from loyalty_engine.member import MemberState, Redemption
from loyalty_engine.pauses import seen
from loyalty_engine.programme.model import Programme
from loyalty_engine.texts import Words, language_of

HOLDERS_BELIEVED = timedelta(hours=1)
"""How many hold a badge changes nothing for anyone; counting them with every push would read every badge."""

WAITING_SHOWN = 100
"""Of what waits to be used, those whose ends come first: so many alone are more than a snapshot holds."""
USED_SHOWN = 5
GIVEN_BACK_SHOWN = timedelta(days=30)
"""How long a member sees that a code ran out, or that a perk could not be given."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One member with all that a snapshot says of it. holders: members by badge; members: of the programme.

    reported: kinds of activity that something connected reports.
    taken: of each reward with a stock. referral_code: None before somebody asked for it. friends: referrals by state.
    was_brought: whether somebody brought this member.
    """

    member: MemberState
    view: MemberView
    standing: Standing
    books: ProgrammeBooks
    programme: Programme
    words: Words
    keys: Keys
    holders: Mapping[str, int]
    members: int
    reported: frozenset[str]
    taken: Mapping[str, int]
    referral_code: str | None
    friends: Mapping[str, int]
    was_brought: bool
    redemptions: Sequence[Redemption]
    """Oldest first, no more than are told: of the member's state above the engine asks for less."""
    had: Mapping[str, int]
    """Of each reward with a limit, how many count towards it now."""


class Counted(NamedTuple):
    """holders: members by badge. members: active ones. reported: kinds of activity that were ever reported."""

    holders: dict[str, int]
    members: int
    reported: frozenset[str]


@dataclass(slots=True)
class Holders:
    """How many members hold each badge of each programme, and what is reported of them, counted once an hour."""

    _counted: dict[int, tuple[datetime, Counted]] = field(default_factory=dict)

    async def of(self, session: Session, programme_number: int, now: datetime) -> Counted:
        """What was counted of a programme, at most an hour ago."""
        known = self._counted.get(programme_number)
        if known is None or now - known[0] >= HOLDERS_BELIEVED:
            reported = await reported_kinds(session, programme_number)
            known = (now, Counted(*await _count(session, programme_number), reported))
            self._counted[programme_number] = known
        return known[1]


async def load_shown(
    session: Session, keys: Keys, members: Sequence[MemberKey], holders: Holders, now: datetime, language: str = ""
) -> dict[str, Shown]:
    """By member id; inside ``atomic.consistent_read``. language: of the store, for members without one of their own."""
    wanted = sorted(set(members))
    states = await load_members(session, (), also=wanted, lock=False)
    views = await load_views(session, wanted)
    standings = await load_standings(session, wanted)
    people = await load_people(session, keys, [member_id for _, member_id in wanted])
    programmes = await load_programmes(session)
    numbers = {member_id: view.balance["programme_number"] for member_id, view in views.items()}
    counted = {number: await holders.of(session, number, now) for number in sorted(set(numbers.values()))}
    limits = {number: _limits(programmes[number].rulebook.in_force(now), now) for number in counted}
    taken = {number: await stock_taken(session, number) for number in counted}
    codes = await owned_codes(session, keys, numbers)
    friends, brought = await _friends(session, wanted), await brought_of(session, wanted)
    told = await load_told(session, wanted, ToTell(WAITING_SHOWN, USED_SHOWN, now - GIVEN_BACK_SHOWN))
    had = await count_had_by(session, {(shard, m): limits[numbers[m]] for shard, m in wanted if m in numbers})
    found = {}
    words: dict[tuple[int, str], Words] = {}
    for member_id, number in numbers.items():
        books = programmes[number]
        programme = books.rulebook.in_force(now)
        person = people.get(member_id)
        speaks = language_of((person.language if person else "") or language)
        if (number, speaks) not in words:
            words[number, speaks] = words_of(programme, speaks)
        found[member_id] = Shown(
            replace(states[member_id], lots=seen(states[member_id].lots, books.rulebook)),
            views[member_id],
            standings[member_id],
            books,
            programme,
            words[number, speaks],
            keys,
            *counted[number],
            taken[number],
            codes.get(member_id),
            friends.get(member_id, {}),
            member_id in brought,
            told.get(member_id, ()),
            had[member_id],
        )
    return found


def _limits(programme: Programme, now: datetime) -> tuple[Limit, ...]:
    return limits_of(programme.rewards, programme.timezone, now)


async def _count(session: Session, programme_number: int) -> tuple[dict[str, int], int]:
    rows = await session.rows(
        "SELECT b.badge, count(DISTINCT b.member_id) AS number FROM badge_change b "
        "WHERE b.programme_number = $1 AND b.badge_state = 'awarded' AND NOT EXISTS (SELECT 1 FROM badge_change later "
        "WHERE later.shard = b.shard AND later.member_id = b.member_id AND later.badge = b.badge "
        "AND later.award_key = b.award_key AND later.n > b.n) GROUP BY b.badge",
        programme_number,
    )
    members = await session.number(
        "SELECT count(*) FROM member WHERE programme_number = $1 AND status = 'active'", programme_number
    )
    return {row["badge"]: int(row["number"]) for row in rows}, members


async def _friends(session: Session, members: Sequence[MemberKey]) -> dict[str, dict[str, int]]:
    """By member and state. Who tried their own code is no friend who came."""
    keyset, values = session.keyset("shard member_id", members)
    rows = await session.rows(
        f"SELECT r.member_id, r.referral_state, count(*) AS number FROM {keyset} CROSS JOIN referral r "
        "WHERE r.shard = k.shard AND r.member_id = k.member_id AND r.friend_id <> r.member_id "
        "GROUP BY r.member_id, r.referral_state",
        *values,
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row["member_id"]][row["referral_state"]] = int(row["number"])
    return found
