"""A link from one document of ours to another leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from posixpath import dirname, join, normpath

from scripts.lints.source import Finding, Source

# Pictures are no text, so they are not among the sources.
PICTURES = (".gif", ".jpg", ".png")
LINK = re.compile(r"\]\(([^)\s#]+)(#[^)\s]*)?\)")


def check(sources: Iterable[Source]) -> Iterator[Finding]:
    sources = list(sources)
    paths = {source.path for source in sources}
    there = paths | {parent for path in paths for parent in _parents(path)}
    for source in sources:
        if source.path.endswith(".md"):
            for number, line in enumerate(source.text.splitlines(), start=1):
                for link in LINK.findall(line):
                    target = normpath(join(dirname(source.path), link[0]))
                    if ":" not in link[0] and target not in there and not target.endswith(PICTURES):
                        yield source.finding(number, f"there is no {target}")


def _parents(path: str) -> Iterator[str]:
    while path := dirname(path):
        yield path
