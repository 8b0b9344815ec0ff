"""Lock files pin by name, version and hash. They say nothing of where from: no address, host, path or index."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from scripts.lints.source import Finding, Source

REQUIREMENT = re.compile(r"^[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==[A-Za-z0-9.!+_-]+( ;( [\w.<>=!'()]+)+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
ADDRESS = re.compile(r"://|^(file|git|github|https?|link|ssh):|^git@|^([A-Za-z]:)?[/\\]")


def check(sources: Iterable[Source]) -> Iterator[Finding]:
    for source in sources:
        if source.fits("requirements/*.txt"):
            yield from _in_requirements(source)
        elif source.name in ("package-lock.json", "npm-shrinkwrap.json"):
            yield from _in_npm_lock(source)


def _in_requirements(source: Source) -> Iterator[Finding]:
    waits_for_hash = False
    for number, line in enumerate(source.text.splitlines(), start=1):
        if REQUIREMENT.match(line):
            waits_for_hash = True
        elif HASH.match(line):
            waits_for_hash = False
        else:
            yield source.finding(number, "neither `name==version \\` nor a sha256 hash; make it with scripts/lock")
    if waits_for_hash:
        yield source.finding(number, "the last package has no hash")


def _in_npm_lock(source: Source) -> Iterator[Finding]:
    lock = json.loads(source.text)
    for where, text in _texts(lock, ()):
        if where[-1:] == ("resolved",) or ADDRESS.search(text):
            line = _line_of(source.text, text)
            yield source.finding(line, f"{'/'.join(where)} names an address or path; make the lock with scripts/lock")
    for name, package in lock.get("packages", {}).items():
        if name and "integrity" not in package and not package.get("link"):
            yield source.finding(_line_of(source.text, name), f"{name} has no integrity hash")


def _texts(value: object, where: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*where, key))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, where)


def _line_of(text: str, part: str) -> int:
    return text[: max(text.find(json.dumps(part)), 0)].count("\n") + 1
