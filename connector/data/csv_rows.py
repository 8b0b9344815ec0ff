"""CSV as merchants have it: UTF-8 with or without its mark, commas, semicolons or tabs. Nothing is guessed beyond that.

What is wrong is refused with its line and with what to write instead. Cells are never repeated in a message: they may
be somebody's address, or a formula.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from connector.errors import Permanent

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_ROWS = 200_000
MAX_CELL_CHARACTERS = 1_000
MAX_POINTS = 10**12
DELIMITERS = ",;\t"
_WHOLE = re.compile(r"[0-9]{1,13}")


class BadLine(ValueError):
    """A line that cannot be used; the message says what to write instead."""


def read_file(path: Path) -> bytes:
    """The bytes of a file. Raises Permanent if it is missing or too large."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise Permanent(f"{path} cannot be read: {error.strerror}.") from error
    if len(raw) > MAX_FILE_BYTES:
        raise Permanent(f"{path} is larger than {MAX_FILE_BYTES} bytes: divide it, each part with the line of names.")
    return raw


def text_of(raw: bytes) -> str:
    """The text of a file. Raises Permanent with the line if it is not UTF-8."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Permanent(f"Line {line} is not UTF-8. Save the file as CSV UTF-8 and try again.") from error
    if "\x00" in text:
        raise Permanent("The file holds zero bytes: it is no CSV file in UTF-8. Save it as CSV UTF-8 and try again.")
    return text


def cells(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every line that is not empty; the delimiter is the one that the first line has most of."""
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for count, row in enumerate(filter(any, reader), 1):
            if count > MAX_ROWS + 1:
                raise Permanent(
                    f"The file has more than {MAX_ROWS} lines: divide it, each part with the line of names."
                )
            if any(len(cell) > MAX_CELL_CHARACTERS for cell in row):
                raise Permanent(f"Line {reader.line_num} has a cell of more than {MAX_CELL_CHARACTERS} characters.")
            yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise Permanent(f"Line {reader.line_num} is not CSV: {error}. A quotation mark may be missing.") from error


def header_name(cell: str) -> str:
    """A column's name as it is compared: ``Customer ID`` is ``customer_id``."""
    return re.sub(r"[\s_-]+", "_", cell.strip().casefold())


def positions(header: Sequence[str], names: Sequence[str]) -> dict[str, int]:
    """Where columns are, of those that are there. Raises Permanent for a column that is there twice."""
    found = [header_name(cell) for cell in header]
    for name in names:
        if found.count(name) > 1:
            raise Permanent(f"The column {name} is there twice: leave one.")
    return {name: found.index(name) for name in names if name in found}


def whole_points(text: str) -> int:
    """Points as they are written. Raises BadLine for anything but digits."""
    if text.startswith("-"):
        raise BadLine("points below zero are not brought in: write 0, or correct the member by hand")
    if not _WHOLE.fullmatch(text) or int(text) > MAX_POINTS:
        raise BadLine("points are whole and written in digits alone, without separators or decimals: 1234")
    return int(text)
