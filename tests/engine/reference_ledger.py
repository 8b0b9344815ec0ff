"""A small ledger with arithmetic of its own, to hold the engine against: every single point is a coin with a history.

It knows one programme: 1 point per whole euro of goods kept, pending five days, ending at the end of the 40th day after
the source was first decided, in UTC; 10 points a review, at most 25 for all; what is owed beyond a limit is forgiven.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

PENDING = timedelta(days=5)
WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
NEVER = datetime.max.replace(tzinfo=UTC)
REVIEWS_MAX = 25


def end_after(since: datetime) -> datetime:
    """Midnight after the 40th day."""
    return datetime.combine(since.date() + timedelta(days=41), time(), UTC)


def a_month_on(now: datetime) -> datetime:
    """Thirty days later, and on to the next midnight."""
    later = now + MONTH
    midnight = datetime.combine(later.date(), time(), UTC)
    return later if later == midnight else midnight + timedelta(days=1)


@dataclass(eq=False)
class Coin:
    """One point. by: who took it (a source), ``""`` while it is there; held: by which hold."""

    source: str
    batch: int
    matures: datetime
    end: datetime
    armed: datetime | None = None
    by: str = ""
    held: str = ""

    def is_there(self) -> bool:
        return not self.by and not self.held

    def is_live(self, now: datetime) -> bool:
        return self.armed is None or now < self.armed


@dataclass
class Purse:
    """A member's coins, and what is owed, oldest first: (source, how many). limit: more than that is forgiven."""

    limit: int | None = None
    coins: list[Coin] = field(default_factory=list)
    owed: list[tuple[str, int]] = field(default_factory=list)
    posted: dict[str, int] = field(default_factory=dict)
    first_seen: dict[str, datetime] = field(default_factory=dict)
    granted: dict[str, int] = field(default_factory=dict)
    forgiven: dict[str, int] = field(default_factory=dict)
    batches: int = 0

    # --- what is shown ---

    def points(self) -> int:
        return sum(not coin.by for coin in self.coins) - self.deficit()

    def deficit(self) -> int:
        return sum(many for _, many in self.owed)

    def available(self, now: datetime) -> int:
        return max(0, len(self._spendable(now)) - self.deficit())

    def pending(self, now: datetime) -> int:
        return sum(coin.is_there() and coin.matures > now and coin.is_live(now) for coin in self.coins)

    def held(self) -> int:
        return sum(bool(coin.held) for coin in self.coins)

    # --- what happens ---

    def review(self, source: str, is_approved: bool, matures: datetime, now: datetime) -> None:
        """Ten points as far as there is room; room once taken stays taken, for this review and from all others."""
        points = 10 if is_approved else 0
        had = self.granted.get(source, 0)
        room = max(0, REVIEWS_MAX - sum(self.granted.values()))
        self.granted[source] = max(had, min(points, had + room))
        self.settle(source, min(points, self.granted[source]), matures, now)

    def settle(self, source: str, due: int, matures: datetime, now: datetime) -> None:
        """Bring what is posted for a source to what is due."""
        had = self.posted.get(source, 0)
        is_late = source in self.first_seen
        if due and source not in self.first_seen:
            self.first_seen[source] = now
        if due > had:
            end = end_after(self.first_seen[source])
            self._mint(due - had, source, matures, max(end, a_month_on(now)) if is_late else end)
            self._no_longer_forgiven(source, due - had, now)
        elif due < had:
            self.claw(source, had - due, now)
        if due != had:
            self.posted[source] = due

    def give(self, source: str, many: int, now: datetime) -> None:
        self._mint(many, source, now, end_after(now))

    def claw(self, source: str, many: int, now: datetime) -> None:
        ended = [coin for coin in self.coins if coin.source == source and coin.by == "time"]
        ended.sort(key=lambda coin: -coin.batch)
        there, others = self._own_and_others(source, now)
        self._take(source, many, [*there, *ended, *others], now)

    def _own_and_others(self, source: str, now: datetime) -> tuple[list[Coin], list[Coin]]:
        own = [coin for coin in self.coins if coin.source == source and coin.is_there()]
        others = (c for c in self.coins if c.source != source and c.is_there() and c.is_live(now))
        return sorted(own, key=lambda coin: -coin.batch), self._in_use(others)

    def spend(self, source: str, many: int, now: datetime) -> None:
        """However many there are; the rest is owed."""
        self._take(source, many, self._spendable(now)[: self.available(now)], now)

    def hold(self, source: str, many: int, now: datetime) -> None:
        for coin in self._spendable(now)[:many]:
            coin.held = source

    def capture(self, source: str) -> None:
        for coin in self.coins:
            if coin.held == source:
                coin.held, coin.by = "", source

    def let_go(self, source: str, now: datetime) -> None:
        for coin in self.coins:
            if coin.held == source:
                coin.held = ""
        self.sweep(now)

    def give_back(self, source: str, many: int, now: datetime) -> None:
        taken = [coin for coin in self.coins if coin.by == source]
        taken.sort(key=lambda coin: (coin.armed or coin.end, coin.batch), reverse=True)
        back = taken[:many]
        for batch in dict.fromkeys(coin.batch for coin in back if not coin.is_live(now)):
            self._end(batch)
        stays = [coin for coin in back if (coin.armed or coin.end) >= now + MONTH]
        for coin in stays:
            coin.by = ""
        for coin in self.coins:
            if coin.batch in {back.batch for back in stays}:
                coin.armed = None
        anew = many - len(stays)
        if anew:
            self._mint(anew, source, now, a_month_on(now) if len(back) > len(stays) else end_after(now))
        for batch in dict.fromkeys(coin.batch for coin in stays):
            self._repay(batch)
        self._no_longer_forgiven(source, many, now)

    def tell(self, now: datetime) -> None:
        """Whoever has less than 60 days left is told of it."""
        for coin in self.coins:
            if coin.armed is None and coin.end <= now + timedelta(days=60):
                coin.armed = max(coin.end, now + WEEK)

    def sweep(self, now: datetime) -> None:
        for batch in sorted({coin.batch for coin in self.coins if not coin.is_live(now) and coin.is_there()}):
            self._end(batch)

    def move_to(self, other: Purse, now: datetime) -> None:
        """Everything goes to another purse, which then pays all that both owe."""
        arrived = {}
        for batch in sorted({coin.batch for coin in self.coins}):
            other.batches += 1
            arrived[batch] = other.batches
        for coin in self.coins:
            coin.batch = arrived[coin.batch]
        other.coins += self.coins
        owed: dict[str, int] = {}
        for source, many in self.owed:
            owed[source] = owed.get(source, 0) + many
        for source in sorted(owed):
            other._owe_again(source, owed[source], now)
        for batch in arrived.values():
            other._repay(batch)
        for source, many in self.posted.items():
            other.posted[source] = other.posted.get(source, 0) + many
        other.first_seen = self.first_seen | other.first_seen
        other.granted |= self.granted
        for source, many in self.forgiven.items():
            other.forgiven[source] = other.forgiven.get(source, 0) + many
        self.coins, self.owed = [], []
        self.posted = dict.fromkeys(self.posted, 0)
        self.granted, self.forgiven = {}, {}

    def send_back(self, refs: frozenset[str], other: Purse, now: datetime) -> None:
        """Some sources go to another purse. What they took of coins that stay is given back here and taken there; what
        stays and took of their coins pays for it here. What was forgiven them is so no more, or is so anew.
        """
        refs -= {f"writeoff:{ref}" for ref in refs}
        leaving = [coin for coin in self.coins if coin.source in refs and coin.by != coin.source]
        copies = self._copied(leaving, refs, other)
        outside = self._undo_debits(refs)
        for ref in sorted(refs & self.forgiven.keys()):
            self._no_longer_forgiven(ref, self.forgiven[ref], now)
        for batch in sorted({coin.batch for coin in leaving}):
            of_batch = [coin for coin in leaving if coin.batch == batch]
            free = [coin for coin in self.coins if coin.batch == batch and coin.is_there()]
            there, others = self._own_and_others(of_batch[0].source, now)
            rest = [coin for coin in (*there, *others) if coin.batch != batch]
            self._take(of_batch[0].source, len(of_batch), [*free, *rest], now)
        for batch in sorted({coin.batch for coin in self.coins}):
            self._repay(batch)
        other.coins += copies
        for ref in sorted(outside):
            other._owe_again(ref, outside[ref], now)
        for batch in sorted({coin.batch for coin in copies}):
            other._repay(batch)
        self._hand_over(refs, other)

    def _copied(self, leaving: list[Coin], refs: frozenset[str], other: Purse) -> list[Coin]:
        """The coins as they arrive: taken and held by what goes along, otherwise there."""
        arrived = {}
        for batch in sorted({coin.batch for coin in leaving}):
            other.batches += 1
            arrived[batch] = other.batches
        along = {*refs, "time"}
        return [
            replace(
                coin,
                batch=arrived[coin.batch],
                by=coin.by if coin.by in along else "",
                held=coin.held if coin.held in refs else "",
            )
            for coin in leaving
        ]

    def _undo_debits(self, refs: frozenset[str]) -> dict[str, int]:
        """Everything that the sources took or hold is there again; what they took of coins that stay, and owe."""
        outside: dict[str, int] = {}
        for coin in self.coins:
            if coin.held in refs:
                coin.held = ""
            if coin.by in refs and coin.source != coin.by:
                if coin.source not in refs:
                    outside[coin.by] = outside.get(coin.by, 0) + 1
                coin.by = ""
            elif coin.by == "time" and coin.source in refs:
                coin.by = ""
        for source, many in self.owed:
            if source in refs:
                outside[source] = outside.get(source, 0) + many
        self.owed = [(source, many) for source, many in self.owed if source not in refs]
        return outside

    def _owe_again(self, source: str, many: int, now: datetime) -> None:
        there, others = self._own_and_others(source, now)
        self._take(source, many, [*there, *others], now)

    def _hand_over(self, refs: frozenset[str], other: Purse) -> None:
        for ref in sorted(refs & self.posted.keys()):
            other.posted[ref] = other.posted.get(ref, 0) + self.posted[ref]
            self.posted[ref] = 0
        for ref in sorted(refs & self.first_seen.keys()):
            other.first_seen.setdefault(ref, self.first_seen[ref])
        for ref in sorted(refs & self.granted.keys()):
            other.granted[ref] = max(other.granted.get(ref, 0), self.granted.pop(ref))

    # --- coins ---

    def _mint(self, many: int, source: str, matures: datetime, end: datetime) -> None:
        self.batches += 1
        self.coins += [Coin(source, self.batches, matures, end) for _ in range(many)]
        self._repay(self.batches)

    def _take(self, source: str, many: int, coins: list[Coin], now: datetime) -> None:
        for coin in coins[:many]:
            coin.by = source
        if many > len(coins):
            self.owed.append((source, many - len(coins)))
            if self.limit is not None and self.deficit() > self.limit:
                beyond = self.deficit() - self.limit
                self.forgiven[source] = self.forgiven.get(source, 0) + beyond
                self._mint(beyond, f"writeoff:{source}", now, NEVER)

    def _no_longer_forgiven(self, source: str, many: int, now: datetime) -> None:
        """A source that gives again what it took gets nothing for having been forgiven."""
        again = min(many, self.forgiven.get(source, 0))
        if again:
            self.forgiven[source] -= again
            there, others = self._own_and_others(source, now)
            self._take(f"writeoff:{source}", again, [*there, *others], now)

    def _repay(self, batch: int) -> None:
        for coin in self.coins:
            if self.owed and coin.batch == batch and coin.is_there():
                source, many = self.owed.pop(0)
                coin.by = source
                self.owed[:0] = [(source, many - 1)] if many > 1 else []

    def _end(self, batch: int) -> None:
        self._repay(batch)
        for coin in self.coins:
            if coin.batch == batch and coin.is_there():
                coin.by = "time"

    def _spendable(self, now: datetime) -> list[Coin]:
        return self._in_use(
            coin for coin in self.coins if coin.is_there() and coin.matures <= now and coin.is_live(now)
        )

    @staticmethod
    def _in_use(coins: Iterable[Coin]) -> list[Coin]:
        return sorted(coins, key=lambda coin: (coin.end, coin.matures, coin.batch))
