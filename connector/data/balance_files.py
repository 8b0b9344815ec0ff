"""Balances as other platforms give them: which columns are read. All others are ignored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from connector.data.csv_rows import MAX_ROWS, BadLine, cells, positions, text_of, whole_points
from connector.errors import Permanent


@dataclass(frozen=True, slots=True)
class Layout:
    """Names of the columns, as ``csv_rows.header_name`` writes them; empty: it has none. customer: the store's id."""

    points: str
    email: str = ""
    customer: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.customer, self.email, self.points) if name)


LAYOUTS: Mapping[str, Layout] = {
    "plain": Layout("points", "email", "customer_id"),
    "smile": Layout("points", "email"),
    "loyaltylion": Layout("points_approved", "email", "merchant_id"),
}
FORMATS = (*LAYOUTS, "woorewards", "yith")


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """One customer's balance. line: in the file, of JSON the place. customer or email is there."""

    line: int
    points: int
    customer: str = ""
    email: str = ""


@dataclass(slots=True)
class BalanceFile:
    """What a file says. errors: (line, what to write instead)."""

    rows: list[BalanceRow] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)

    def take(self, line: int, points: str, customer: str, email: str) -> None:
        """Keep a row, or why it cannot be kept."""
        try:
            if not customer and not email:
                raise BadLine("the customer is missing")
            self.rows.append(BalanceRow(line, whole_points(points), customer, email))
        except BadLine as error:
            self.errors.append((line, str(error)))


def read_balances(raw: bytes, layout: str) -> BalanceFile:
    """Read a file of one of ``FORMATS``. Raises Permanent if it is not such a file at all."""
    text = text_of(raw)
    if layout == "woorewards":
        return _woorewards(text)
    rows = cells(text)
    return _yith(rows) if layout == "yith" else _named(rows, LAYOUTS[layout])


def _named(rows: Iterator[tuple[int, list[str]]], layout: Layout) -> BalanceFile:
    _, header = next(rows, (1, []))
    at = positions(header, layout.names)
    if layout.points not in at or len(at) < 2:
        people = " or ".join(name for name in layout.names[:-1])
        raise Permanent(f"The first line names no columns {people}, and {layout.points}: is this the right --format?")
    found = BalanceFile()
    for line, row in rows:
        if len(row) != len(header):
            found.errors.append((line, f"{len(row)} cells where the first line has {len(header)}"))
            continue
        cell = {name: row[place] for name, place in at.items()}
        found.take(line, cell[layout.points], cell.get(layout.customer, ""), cell.get(layout.email, ""))
    return found


def _yith(rows: Iterator[tuple[int, list[str]]]) -> BalanceFile:
    """Two columns without certain names: user id or address, and points. A first line of names is passed over."""
    found = BalanceFile()
    for place, (line, row) in enumerate(rows):
        if len(row) != 2:
            found.errors.append((line, f"{len(row)} cells where there are two: customer and points"))
        elif place or any(letter.isdigit() for letter in row[1]):
            is_email = "@" in row[0]
            found.take(line, row[1], "" if is_email else row[0], row[0] if is_email else "")
    return found


def _woorewards(text: str) -> BalanceFile:
    """A JSON list of objects with email and points."""
    try:
        given = json.loads(text, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise Permanent("The file is not JSON: is this the right --format?") from error
    if not isinstance(given, list) or len(given) > MAX_ROWS:
        raise Permanent(f"The file is a JSON list of at most {MAX_ROWS} customers with email and points.")
    found = BalanceFile()
    for place, one in enumerate(given, 1):
        if not isinstance(one, dict) or not isinstance(one.get("email"), str):
            found.errors.append((place, "an object with email and points is expected"))
            continue
        found.take(place, str(one.get("points", "")).strip(), "", one["email"].strip())
    return found
