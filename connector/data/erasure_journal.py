"""The journal of erasures: a file beside the database that says who was erased, and that no restore takes back.

It names nobody: a line holds keyed hashes of a member's id and of one customer's id in a store. It is only ever
appended to, and is on disk before an erasure is noted in the database, so an older copy of the database is always
behind it.

    belong-erasures 1 JOURNAL KEY            the first line: the file's own id, and which master key it was made with
    PROGRAMME CONNECTION MEMBER CUSTOMER     one for each; CONNECTION 0 and CUSTOMER - for the member alone
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from connector.errors import ConfigProblem

_MAGIC, _VERSION = "belong-erasures", "1"
NOBODY = "-"


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """member: ``Keys.hash_member``. customer: what follows ``erased:`` in a tombstone; NOBODY with connection 0."""

    programme_number: int
    connection_number: int
    member: str
    customer: str

    def __str__(self) -> str:
        return f"{self.programme_number} {self.connection_number} {self.member} {self.customer}"


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a journal. journal_id: empty for a file that somebody made and nothing was written to yet."""

    journal_id: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ErasureJournal:
    """key: tells one master key from another (``exporting.key_check``)."""

    path: Path
    key: str

    def read(self) -> Contents | None:
        """Everything in it; None if there is no file. What a stop in the middle of a line left is not counted.

        Raises ConfigProblem if it cannot be read, is no journal, or belongs to another master key.
        """
        try:
            text = self.path.read_bytes().decode()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigProblem(f"The journal of erasures {self.path} cannot be read: {error}.") from error
        whole = [line for line in text.split("\n")[:-1] if line]
        if not whole:
            return Contents("", ())
        head = whole[0].split(" ")
        if len(head) != 4 or head[:2] != [_MAGIC, _VERSION]:
            raise ConfigProblem(f"{self.path} is no journal of erasures that this Belong reads.")
        if head[3] != self.key:
            raise ConfigProblem(
                f"The journal of erasures {self.path} was made with another master key: put the key or the journal of "
                "this installation in its place."
            )
        return Contents(head[2], tuple(self._line(number, line) for number, line in enumerate(whole[1:], 2)))

    def append(self, lines: Iterable[Line]) -> Contents:
        """Add those that are not in it, on disk when this returns. Begins the file if there is none."""
        known = self.read()
        contents = known or Contents("", ())
        new = sorted(set(lines) - set(contents.lines))
        begins = not contents.journal_id
        if not new and not begins:
            return contents
        head = [f"{_MAGIC} {_VERSION} {uuid.uuid4().hex} {self.key}"] if begins else []
        self._write("".join(f"{line}\n" for line in [*head, *map(str, new)]), is_new=known is None)
        written = self.read()
        if written is None or not set(new) <= set(written.lines):
            raise ConfigProblem(f"The journal of erasures {self.path} did not keep what was written to it.")
        return written

    def _write(self, text: str, *, is_new: bool) -> None:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.ftruncate(handle, _whole_bytes(self.path))
                # One call, so that processes that share the file do not write into each other's lines.
                os.write(handle, text.encode())
                os.fsync(handle)
            finally:
                os.close(handle)
            if is_new and os.name == "posix":
                _sync_folder(self.path.parent)
        except OSError as error:
            raise ConfigProblem(f"The journal of erasures {self.path} cannot be written: {error.strerror}.") from error

    def _line(self, number: int, text: str) -> Line:
        parts = text.split(" ")
        if len(parts) != 4 or not parts[0].isdigit() or not parts[1].isdigit():
            raise ConfigProblem(f"Line {number} of the journal of erasures {self.path} cannot be read: {text[:60]!r}.")
        return Line(int(parts[0]), int(parts[1]), parts[2], parts[3])


def _whole_bytes(path: Path) -> int:
    """Bytes up to the end of the last whole line: what a stop left of another was never acknowledged."""
    return path.read_bytes().rfind(b"\n") + 1


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
