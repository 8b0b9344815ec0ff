"""Programmes as their stored documents say, read here on our own: versions, corrections, days of the books."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from connector.storage.instants import instant, micros
from connector.storage.models import Programme, ProgrammeCorrection, ProgrammePause, ProgrammeVersion
from connector.storage.session import Row, Session
from connector.verify.document import Document, read_document

DAY_US = 24 * 60 * 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class Rules:
    """One version. Moments in microseconds since 1970. marks_after: members up to this one are marked to be looked at
    once it begins, as ``<shard>:<member id>``; None: all are.
    """

    version: int
    effective_from_us: int
    made_at_us: int
    document: Document
    marks_after: str | None = None

    def has_marked(self, shard: int, member_id: str) -> bool:
        """Whether a review of this member is due once this version begins, or was made since."""
        if self.marks_after is None:
            return True
        last_shard, _, last_member = self.marks_after.rpartition(":")
        return bool(last_shard) and (shard, member_id) <= (int(last_shard), last_member)

    @property
    def pending_us(self) -> int:
        """From payment, or from shipping."""
        return self.document.pending_days * DAY_US

    def waits_us(self, activity: str | None) -> int:
        """How long points wait at least: an order's return window, unless shipping begins it; an activity's days."""
        if activity is None:
            return 0 if self.document.earn.get("matures_from", "paid") == "fulfilled" else self.pending_us
        real = [rule for rule in self.document.rules if rule.on == activity and rule.factor is None and not rule.is_dry]
        return max((rule.after_days for rule in real), default=0) * DAY_US

    @property
    def back_pay_us(self) -> int:
        """How long before enrolment orders still earn."""
        return self.document.back_pay_days * DAY_US


@dataclass(frozen=True, slots=True)
class Correction:
    """Payments in [from, until) under version ``wrong`` count as under ``right`` since it was decided."""

    wrong: int
    right: int
    from_us: int
    until_us: int


@dataclass(frozen=True, slots=True)
class Books:
    """One programme. versions: by number, rising. closed_through: last day whose books are closed. pauses: [begin, end)
    of those that are over, oldest first. paused_us: since when it stands still; None: it does not.
    """

    number: int
    zone: str
    first_day: date
    created_at_us: int
    closed_through: date | None
    versions: Mapping[int, Rules]
    corrections: Sequence[Correction] = ()
    pauses: Sequence[tuple[int, int]] = ()
    paused_us: int | None = None

    def in_force(self, paid_at_us: int, decided_at_us: int) -> Rules | None:
        """The rules for a payment, among those that were made when it was decided; else the first ones."""
        known = [rules for rules in self.versions.values() if rules.made_at_us <= decided_at_us]
        fitting = [rules for rules in known if rules.effective_from_us <= paid_at_us]
        if fitting:
            return fitting[-1]
        return next(iter(self.versions.values()), None)

    def corrected(self, version: int, paid_at_us: int) -> Rules | None:
        """The rules that count for a redemption made under ``version``, whatever was corrected since."""
        for correction in self.corrections:
            if correction.wrong == version and correction.from_us <= paid_at_us < correction.until_us:
                version = correction.right
        return self.versions.get(version)

    def ways(self, context: Row) -> list[Rules]:
        """Every version that a source with these terms has counted under, the present one last. What asks for more than
        its terms hold did not hold for it.
        """
        number, at = context["programme_version"], context["paid_at_us"]
        found = [self.versions[number]] if number in self.versions else []
        for correction in self.corrections:
            right = self.versions.get(correction.right)
            if correction.wrong == number and correction.from_us <= at < correction.until_us and right is not None:
                if right.document.asks(at, is_order=context["place"] > 0) <= self._answered(context):
                    number = correction.right
                    found.append(right)
        return found

    def _answered(self, context: Row) -> frozenset[str]:
        own = self.versions.get(context["programme_version"])
        try:
            values = json.loads(context["values_text"], parse_float=Decimal)
        except ValueError:
            values = {}
        found = (own.document.keeps if own is not None else frozenset()) | set(values.get("asked", ()))
        return found - {"catalogue"} if "unread" in values else found


async def load_books(session: Session) -> dict[int, Books]:
    """Every programme by number."""
    programmes = await Programme.all().using_db(session.client)
    # What was withdrawn never held: whatever names it is reported.
    standing = ProgrammeVersion.filter(withdrawn_at=None).using_db(session.client)
    rows = await standing.order_by("programme_number", "version")
    corrections = await ProgrammeCorrection.all().using_db(session.client).order_by("id")
    pauses = await ProgrammePause.all().using_db(session.client).order_by("begins_at")
    versions: dict[int, dict[int, Rules]] = {}
    for row in rows:
        document = _readable(row.document)
        if document is not None:
            rules = Rules(row.version, micros(row.effective_from), micros(row.created_at), document, row.marks_after)
            versions.setdefault(row.programme_number, {})[row.version] = rules
    return {
        row.number: Books(
            row.number,
            row.timezone,
            local_day(row.timezone, micros(row.starts_at)),
            micros(row.created_at),
            row.closed_through,
            versions.get(row.number, {}),
            [
                Correction(one.wrong_version, one.right_version, micros(one.paid_from), micros(one.paid_until))
                for one in corrections
                if one.programme_number == row.number
            ],
            [
                (micros(one.begins_at), micros(one.ends_at))
                for one in pauses
                if one.programme_number == row.number and one.ends_at is not None
            ],
            next((micros(one.begins_at) for one in pauses if _is_open(one, row.number)), None),
        )
        for row in programmes
    }


def _is_open(pause: ProgrammePause, number: int) -> bool:
    return pause.programme_number == number and pause.ends_at is None


@lru_cache(maxsize=256)
def _readable(text: str) -> Document | None:
    """A document that nobody can read counts as missing: whatever was decided under it is then reported."""
    try:
        return read_document(text)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return None


@lru_cache(maxsize=4096)
def local_day(zone: str, moment_us: int) -> date:
    """The programme's local day of a moment."""
    return instant(moment_us).astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=4096)
def day_begins_us(zone: str, day: date) -> int:
    """When a local day begins."""
    return micros(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC))


@lru_cache(maxsize=65_536)
def iso(moment_us: int) -> str:
    """``2026-11-21T22:54:50.123456+00:00``, without a fraction when it is zero."""
    try:
        whole, rest = divmod(moment_us, 1_000_000)
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=whole, microseconds=rest)
    except OverflowError:
        return f"outside the calendar: {moment_us}"
    return moment.isoformat()
