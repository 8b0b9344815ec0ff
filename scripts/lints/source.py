"""What a rule is given, and what it gives back."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

IGNORED_WITHOUT_GIT = {".cache", ".git", ".hypothesis", ".mypy_cache", ".ruff_cache", ".venv", "__pycache__"}


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    says: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.says}"


@dataclass(frozen=True)
class Source:
    """A file by its path from the repository's root, with forward slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All of the tree: walking it takes longer than any rule does with a node."""
        return list(ast.walk(self.tree))

    @property
    def is_python(self) -> bool:
        return self.path.endswith(".py")

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def fits(self, *patterns: str) -> bool:
        """As in a shell, but `*` also crosses folders."""
        return any(fnmatch(self.path, pattern) for pattern in patterns)

    def finding(self, where: ast.AST | int, says: str) -> Finding:
        line = where if isinstance(where, int) else getattr(where, "lineno", 1)
        return Finding(self.path, line, says)


def read_all(root: Path) -> list[Source]:
    """Every text file that git keeps or would keep."""
    return [source for path in sorted(_paths(root)) if (source := _read(root, path)) is not None]


def _paths(root: Path) -> Iterator[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        # An unpacked archive has no git; what tools leave behind must then be named.
        for path in root.rglob("*"):
            relative = path.relative_to(root)
            if path.is_file() and not IGNORED_WITHOUT_GIT.intersection(relative.parts):
                yield relative.as_posix()
        return
    yield from (path for path in listed.split("\0") if path)


def _read(root: Path, path: str) -> Source | None:
    """None for what is no text, or was deleted and is not committed yet."""
    try:
        return Source(path, (root / path).read_text(encoding="utf-8"))
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return None
