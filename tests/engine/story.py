"""Dated ledger texts that a merchant can read, played through the real engine.

    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 5123 paid 120.00 EUR       | +120 earn
    2026-03-09  order 5123 refunded 20.00        | -20 clawback
    2026-03-10  Anna has 100 pending until 2026-03-15

Left of the bar: what happens at noon of that day. Right of it: every entry that it makes, or ``nothing``; entries of
Ben are written ``Ben +120 earn``; what cannot be done is ``refused`` with its code. A line with ``has`` or ``owes``
names all numbers that are not zero. What the text does not say exactly, or the engine does otherwise, is an
AssertionError with the line. ``story_acts.py`` lists all that may happen.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from loyalty_engine.errors import Refused
from loyalty_engine.ledger import NewEntry
from tests.engine.books import ANNA, ENGINE, Account, Books, Engine
from tests.engine.builders import OPENING
from tests.engine.soundness import assert_sound

Effect = list[NewEntry] | str
"""Entries that something made, or why it was refused."""


class Story:
    """The state of a story between two lines."""

    def __init__(self, engine: Engine = ENGINE) -> None:
        self.books = Books(engine=engine)
        self.now = OPENING

    def play(self, text: str) -> None:
        """Play every line; blank ones are skipped."""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        assert any("|" in line for line in lines), "a story in which nothing happens"
        for line in lines:
            happening, bar, expected = (part.strip() for part in line.partition("|"))
            effect = self._happen(happening, line)
            assert bool(bar) == (effect is not None), f"the bar belongs to what happens, and to that alone: {line}"
            if effect is not None:
                assert written(effect) == expected, f"{line}\nbut it made: {written(effect)}"
                for account in self.books.accounts.values():
                    assert_sound(account, self.now)

    def _happen(self, happening: str, line: str) -> Effect | None:
        # Here, because what may happen acts on a Story.
        from tests.engine.story_acts import ACTS

        dated = re.fullmatch(r"(\d{4}-\d\d-\d\d)\s+(.*)", happening)
        if dated:
            now = day(dated[1])
            assert now >= self.now, f"a story goes forward: {line}"
            self.now, happening = now, dated[2]
        for pattern, act in ACTS.items():
            words = re.fullmatch(pattern, happening)
            if words:
                assert dated or happening.startswith("programme"), f"a day is missing: {line}"
                return act(self, **words.groupdict())
        raise AssertionError(f"not understood: {line}")

    def run(self, command: str, who: str, *given: Any, **named: Any) -> Effect:
        """A command on a member; refusals become their code, and must have changed nothing."""
        account = self.books.account(who.lower())
        before = (len(account.entries), dict(account.lots), dict(account.redemptions))
        try:
            return self.books.run(command, who.lower(), *given, now=self.now, **named)
        except Refused as refused:
            assert before == (len(account.entries), account.lots, account.redemptions)
            return f"refused {refused.code}"


def shown(account: Account, now: datetime) -> str:
    """The balance of one member in words; numbers that are zero are left out."""
    balances = account.balances(now)
    if balances["deficit"] and not balances["available"]:
        return f"owes {balances['deficit']}"
    parts = [f"{balances[name]} {name}" for name in ("available", "pending", "held") if balances[name]]
    matures = [lot.matures_at for lot in account.lots.values() if lot.free and lot.matures_at > now]
    until = f" until {min(matures).date()}" if matures else ""
    if until and "held" in parts[-1]:
        return f"has {' and '.join(parts[:-1])}{until} and {parts[-1]}"
    return f"has {' and '.join(parts) or 'nothing'}{until}"


def written(effect: Effect) -> str:
    """Entries as a story writes them."""
    if isinstance(effect, str):
        return effect
    texts = [
        f"{'' if entry.member_id == ANNA else entry.member_id.capitalize() + ' '}{entry.points:+d} {entry.kind}"
        for entry in effect
    ]
    return ", ".join(texts) or "nothing"


def day(text: str) -> datetime:
    """Noon of a day."""
    return datetime.fromisoformat(text).replace(hour=12, tzinfo=UTC)


def story(test: Callable[[], None]) -> Callable[[], None]:
    """Make a test of a function whose docstring is a story; what stands before its programme is prose."""
    text = test.__doc__ or ""

    def play() -> None:
        Story().play(tale(text))

    play.__name__, play.__doc__, play.__module__ = test.__name__, text, test.__module__
    return play


def tale(text: str) -> str:
    """The part of a docstring that is the story: from the programme on."""
    return text[text.index("programme:") :] if "programme:" in text else text
