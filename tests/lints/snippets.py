"""Writes a rule's verdict on a few lines as something that a test can compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from textwrap import dedent

from scripts.lints.source import Finding, Source

Rule = Callable[[Iterable[Source]], Iterator[Finding]]


def lines_found(rule: Rule, path: str, text: str) -> list[int]:
    return sorted(finding.line for finding in rule([Source(path, dedent(text))]))
