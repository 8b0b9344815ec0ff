"""Programmes as their stored documents say, read here on our own: exact rates, days, zone and days of the books."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from connector.storage.instants import instant, micros
from connector.storage.models import Programme, ProgrammeVersion
from connector.storage.session import Session

DAY_US = 24 * 60 * 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class Rules:
    """One version. rates: points for one whole unit of a currency. Moments in microseconds since 1970."""

    version: int
    effective_from_us: int
    made_at_us: int
    rates: Mapping[str, Fraction]
    pending_us: int
    back_pay_us: int


@dataclass(frozen=True, slots=True)
class Books:
    """One programme. versions: by number, rising. closed_through: last day whose books are closed."""

    number: int
    zone: str
    first_day: date
    closed_through: date | None
    versions: Mapping[int, Rules]

    def in_force(self, paid_at_us: int, decided_at_us: int) -> Rules | None:
        """The rules for a payment, among those that were made when it was decided; else the first ones."""
        known = [rules for rules in self.versions.values() if rules.made_at_us <= decided_at_us]
        fitting = [rules for rules in known if rules.effective_from_us <= paid_at_us]
        if fitting:
            return fitting[-1]
        return next(iter(self.versions.values()), None)


async def load_books(session: Session) -> dict[int, Books]:
    """Every programme by number."""
    programmes = await Programme.all().using_db(session.client)
    rows = await ProgrammeVersion.all().using_db(session.client).order_by("programme_number", "version")
    versions: dict[int, dict[int, Rules]] = {}
    for row in rows:
        rules = _rules(row)
        if rules is not None:
            versions.setdefault(row.programme_number, {})[row.version] = rules
    return {
        row.number: Books(
            row.number,
            row.timezone,
            local_day(row.timezone, micros(row.starts_at)),
            row.closed_through,
            versions.get(row.number, {}),
        )
        for row in programmes
    }


def _rules(row: ProgrammeVersion) -> Rules | None:
    """A document that nobody can read counts as missing: whatever was decided under it is then reported."""
    try:
        document = json.loads(row.document, parse_float=Decimal)
        earn, general = document["points"]["earn"], document["programme"]
        written = earn["rates"] if "rates" in earn else {general["currency"]: earn["per_unit"]}
        rates = {code: Fraction(number) for code, number in written.items()}
        pending_days, back_pay_days = int(earn.get("pending_days", 14)), int(general.get("back_pay_days", 0))
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return None
    return Rules(
        row.version,
        micros(row.effective_from),
        micros(row.created_at),
        rates,
        pending_days * DAY_US,
        back_pay_days * DAY_US,
    )


@lru_cache(maxsize=4096)
def local_day(zone: str, moment_us: int) -> date:
    """The programme's local day of a moment."""
    return instant(moment_us).astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=65_536)
def iso(moment_us: int) -> str:
    """``2026-11-21T22:54:50.123456+00:00``, without a fraction when it is zero."""
    try:
        whole, rest = divmod(moment_us, 1_000_000)
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=whole, microseconds=rest)
    except OverflowError:
        return f"outside the calendar: {moment_us}"
    return moment.isoformat()
