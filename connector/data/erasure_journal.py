"""The journal of erasures: a file beside the database that says who was erased, and that no restore takes back.

It names nobody: a line holds keyed hashes of a member's id and of one customer's id in a store. It is only ever
appended to, and is on disk before an erasure is noted in the database, so an older copy of the database is always
behind it.

    belong-erasures 1 JOURNAL KEY            the first line: the file's own id, and which master key it was made with
    PROGRAMME CONNECTION MEMBER CUSTOMER     one for each; CONNECTION 0 and CUSTOMER - for the member alone
"""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connector.errors import ConfigProblem

_MAGIC, _VERSION = "belong-erasures", "1"
NOBODY = "-"
_FAR = 1 << 40


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
        numbered = [(number, line) for number, line in enumerate(whole[1:], 2) if not self._is_head(line)]
        return Contents(head[2], tuple(self._line(number, line) for number, line in numbered))

    def append(self, lines: Iterable[Line]) -> Contents:
        """Add those that are not in it, on disk when this returns. Begins the file if there is none.

        One after the other, whichever threads and processes of this machine write: what is added follows from what is
        there, and a line that a stop cut off is taken away only while nobody writes another.
        """
        wanted = set(lines)
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _alone(self.path) as handle:
                self._add(handle, wanted)
                # Also where nothing was new: whoever wrote it may have been killed before it was on disk.
                os.fsync(handle)
            _sync_folder(self.path.parent)
        except OSError as error:
            raise ConfigProblem(f"The journal of erasures {self.path} cannot be written: {error.strerror}.") from error
        written = self.read()
        if written is None or not wanted <= set(written.lines):
            raise ConfigProblem(f"The journal of erasures {self.path} did not keep what was written to it.")
        return written

    def _add(self, handle: int, wanted: set[Line]) -> None:
        contents = self.read() or Contents("", ())
        head = [] if contents.journal_id else [f"{_MAGIC} {_VERSION} {uuid.uuid4().hex} {self.key}"]
        new = [*head, *map(str, sorted(wanted - set(contents.lines)))]
        if new:
            os.ftruncate(handle, _whole_bytes(self.path))
            os.write(handle, "".join(f"{line}\n" for line in new).encode())

    def _is_head(self, text: str) -> bool:
        """Before writers waited for each other, each of those that began it at once wrote one; the first counts."""
        parts = text.split(" ")
        return len(parts) == 4 and parts[:2] == [_MAGIC, _VERSION] and parts[3] == self.key

    def _line(self, number: int, text: str) -> Line:
        parts = text.split(" ")
        if len(parts) != 4 or not parts[0].isdigit() or not parts[1].isdigit():
            raise ConfigProblem(f"Line {number} of the journal of erasures {self.path} cannot be read: {text[:60]!r}.")
        return Line(int(parts[0]), int(parts[1]), parts[2], parts[3])


def _whole_bytes(path: Path) -> int:
    """Bytes up to the end of the last whole line: what a stop left of another was never acknowledged."""
    return path.read_bytes().rfind(b"\n") + 1


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    """The file, open for appending, while nobody else writes to it. A process that is killed lets go of it."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        if sys.platform == "win32":
            import msvcrt

            # A byte that no journal reaches: on Windows whoever reads a locked one is refused.
            os.lseek(handle, _FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
