"""Wrong passwords and wrong codes of people who sign in to the console: how many there were, and the pauses after them.

Attempts of strangers are counted with the person. A browser with which that person signed in before keeps a token and
has a count of its own, so that whoever knows an address alone keeps nobody out of their own browser. The bounds of both
are the same, and neither sets the other back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.storage.console_people import CODE_TRIES, ConsolePerson, folded_address, read_person
from connector.storage.instants import micros
from connector.storage.session import Session

FREE_ATTEMPTS = 5
"""So many in a row are looked at without a pause."""
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 240, 480, 900))
"""After the last free attempt, and after each further one; the last of them again and again."""
FADES = timedelta(hours=6)
"""After so long without another attempt they count from the beginning. Whoever rests so long could have tried more
often without a rest, so waiting for it is no way to guess faster.
"""
KNOWN_LIVES = timedelta(days=365)
"""So long after signing in with it a browser is known."""
KNOWN_MOST = 20
"""Of one person so many browsers are, the ones that signed in last."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Whose password is about to be looked at. browser: the digest of a known one; empty: a stranger's."""

    person: ConsolePerson
    browser: str = ""


async def begin_attempt(
    session: Session, address: str, now: datetime, browsers: Collection[bytes] = ()
) -> Attempt | None:
    """Whose password is about to be looked at; None: nobody's, for there is nobody, or they must wait. browsers:
    digests of the tokens that theirs keeps.

    The attempt is counted before it is made, so that many at once are no more than one after another.
    """
    known = await _known(session, address, now, browsers)
    if known is not None:
        return await _begin_known(session, address, now, known)
    row = await session.one(
        f"UPDATE console_person SET {_counted('')} "
        "WHERE address = $1 AND disabled_at_us IS NULL AND paused_until_us <= $2 RETURNING *",
        folded_address(address),
        micros(now),
    )
    return None if row is None else Attempt(read_person(row))


async def _known(session: Session, address: str, now: datetime, browsers: Collection[bytes]) -> str | None:
    """Which of these somebody with this address signed in with."""
    if not browsers:
        return None
    marks = ", ".join(f"${place}" for place in range(3, 3 + len(browsers)))
    row = await session.one(
        "SELECT b.digest FROM console_browser b JOIN console_person p ON p.number = b.person_number "
        f"WHERE p.address = $1 AND b.seen_at_us > $2 AND b.digest IN ({marks}) ORDER BY b.digest LIMIT 1",
        folded_address(address),
        micros(now - KNOWN_LIVES),
        *(one.hex() for one in browsers),
    )
    return None if row is None else str(row["digest"])


async def _begin_known(session: Session, address: str, now: datetime, digest: str) -> Attempt | None:
    row = await session.one(
        "SELECT * FROM console_person WHERE address = $1 AND disabled_at_us IS NULL", folded_address(address)
    )
    counted = await session.one(
        f"UPDATE console_browser SET {_counted('')} WHERE digest = $1 AND paused_until_us <= $2 RETURNING digest",
        digest,
        micros(now),
    )
    return None if row is None or counted is None else Attempt(read_person(row), digest)


async def begin_code(session: Session, digest: bytes, now: datetime) -> ConsolePerson | None:
    """Whose code is about to be looked at, as ``begin_attempt``, by the ticket that their password gave them. Codes
    have a count of their own: whoever does not know the password cannot make anybody wait here.
    """
    row = await session.one(
        f"UPDATE console_person SET {_counted('code_')} "
        "WHERE number = (SELECT person_number FROM console_ticket WHERE digest = $1 AND kind = 'code' "
        f"AND ends_at_us > $2 AND tries < {CODE_TRIES}) "
        "AND disabled_at_us IS NULL AND code_paused_until_us <= $2 RETURNING *",
        digest.hex(),
        micros(now),
    )
    if row is not None:
        await session.run("UPDATE console_ticket SET tries = tries + 1 WHERE digest = $1", digest.hex())
    return None if row is None else read_person(row)


def _counted(kind: str) -> str:
    """One attempt more, and the pause after it. A free one leaves no moment: of two at once the later is no pause.

    kind: of the columns, ``code_`` for codes.
    """
    now, fades = "CAST($2 AS BIGINT)", FADES // timedelta(microseconds=1)
    count = f"(CASE WHEN {kind}failed_at_us <= {now} - {fades} THEN 0 ELSE {kind}failures END) + 1"
    steps = [f"WHEN {count} < {FREE_ATTEMPTS} THEN 0"]
    for more, pause in enumerate(PAUSES):
        test = f"WHEN {count} = {FREE_ATTEMPTS + more} THEN" if pause != PAUSES[-1] else "ELSE"
        steps.append(f"{test} {now} + {pause // timedelta(microseconds=1)}")
    paused = "CASE {} END".format(" ".join(steps))
    return f"{kind}failures = {count}, {kind}failed_at_us = {now}, {kind}paused_until_us = {paused}"


async def forgive(session: Session, attempt: Attempt) -> None:
    """The password was right: it was no failure, and those before it, where this one was counted, are over. What
    strangers tried goes on counting while the person comes and goes in a browser of their own.
    """
    if attempt.browser:
        await session.run(
            "UPDATE console_browser SET failures = 0, paused_until_us = 0 WHERE digest = $1", attempt.browser
        )
    else:
        await session.run(
            "UPDATE console_person SET failures = 0, paused_until_us = 0 WHERE number = $1", attempt.person.number
        )


async def end_codes(session: Session, number: int, now: datetime) -> None:
    """They have proven who they are, with a code where it takes one."""
    await session.run(
        "UPDATE console_person SET code_failures = 0, code_paused_until_us = 0, seen_at_us = $2 WHERE number = $1",
        number,
        micros(now),
    )


async def know_browser(
    session: Session, person_number: int, digest: bytes, had: Sequence[bytes], now: datetime
) -> frozenset[bytes]:
    """From now on this browser is known as theirs, by a token that nobody had before. had: digests of the tokens that
    it came with. Answers which of those are over: they were of the same person.
    """
    gone = set()
    for one in had:
        row = await session.one(
            "DELETE FROM console_browser WHERE digest = $1 AND person_number = $2 RETURNING digest",
            one.hex(),
            person_number,
        )
        if row is not None:
            gone.add(one)
    await session.run(
        "INSERT INTO console_browser (digest, person_number, seen_at_us) VALUES ($1, $2, $3)",
        digest.hex(),
        person_number,
        micros(now),
    )
    await session.run(
        "DELETE FROM console_browser WHERE person_number = $1 AND digest NOT IN "
        "(SELECT b.digest FROM console_browser b WHERE b.person_number = $1 "
        f"ORDER BY b.seen_at_us DESC, b.digest LIMIT {KNOWN_MOST})",
        person_number,
    )
    return frozenset(gone)


async def prune_browsers(session: Session, now: datetime) -> None:
    """Forget those that are known no more."""
    await session.run("DELETE FROM console_browser WHERE seen_at_us <= $1", micros(now - KNOWN_LIVES))
