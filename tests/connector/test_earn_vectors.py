"""The plugin in a shop reckons points itself, by tests/data/earn_vectors.json: which must be what the engine says."""

from __future__ import annotations

import json

from tests.connector import earn_vectors


def test_the_vectors_are_what_the_engine_says_now() -> None:
    """Wrong? `python -m tests.connector.earn_vectors` writes them anew: then the plugin's suite says what it lacks."""
    said = earn_vectors.written(earn_vectors.document()).splitlines()
    kept = earn_vectors.FILE.read_text(encoding="utf-8").splitlines()
    assert [line for line in said if line not in set(kept)] == []
    assert len(said) == len(kept)


def test_names_are_single_and_most_cases_earn_something() -> None:
    cases = json.loads(earn_vectors.FILE.read_text(encoding="utf-8"))["cases"]
    assert len({case["name"] for case in cases}) == len(cases)
    assert sum(1 for case in cases if case["points"][1]) > len(cases) * 3 // 4
