"""Nothing in the repository knows where it lies, on whose machine, or where packages come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scripts.lints.source import Finding, Source

# A path of a machine starts its word; the same letters inside an address or a longer path mean something else.
HOME = re.compile(r"(?<![\w.:/<>~-])/(?:work|root|home/\w+|Users/\w+)\b|\b[A-Z]:\\+Users\\+\w")
REGISTRY = re.compile(r"\b(pypi\.org|pythonhosted\.org|npmjs\.(org|com)|yarnpkg\.com|deb\.debian\.org)\b", re.I)


def check(sources: Iterable[Source]) -> Iterator[Finding]:
    for source in sources:
        for number, line in enumerate(source.text.splitlines(), start=1):
            if found := HOME.search(line):
                yield source.finding(number, f"{found.group()!r} is a path of one machine")
            if found := REGISTRY.search(line):
                yield source.finding(number, f"{found.group()!r} is for each person's own settings to choose")
