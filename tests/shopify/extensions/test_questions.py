"""What extensions ask Shopify is what Shopify's schemas have, in the version that they are made for."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from graphql import GraphQLSchema, NoDeprecatedCustomRule, build_client_schema, parse, specified_rules, validate

from connector.shopify.app_folder import IN_A_CLONE

QUESTIONS = IN_A_CLONE / "extensions" / "shared" / "asking" / "metafields.ts"
VERSION = "2026-07"
SCHEMAS = {"admin": "admin", "customer": "customer", "storefront": "storefront-graphql"}


def questions() -> list[tuple[str, str]]:
    return re.findall(r"/\* (\w+) \*/ `([^`]+)`", QUESTIONS.read_text("utf-8"))


@pytest.fixture(scope="module")
def data(request: pytest.FixtureRequest) -> Path:
    try:
        found = Path(request.getfixturevalue("npm_folder")) / "@shopify" / "dev-mcp" / "dist" / "data"
        assert found.is_dir()
    except (OSError, AssertionError, subprocess.CalledProcessError) as why:
        if os.environ.get("CI", "").lower() in ("1", "true"):
            raise
        pytest.skip(f"Shopify's schemas are not at hand (npm package @shopify/dev-mcp): {why}")
    return found


def schema(data: Path, which: str) -> GraphQLSchema:
    packed = (data / f"{SCHEMAS[which]}_{VERSION}.json.gz").read_bytes()
    return build_client_schema(json.loads(gzip.decompress(packed))["data"], assume_valid=True)


@pytest.mark.parametrize("which", SCHEMAS)
def test_questions_are_valid_and_not_deprecated(data: Path, which: str) -> None:
    asked = [text for name, text in questions() if name == which]
    assert asked
    known = schema(data, which)
    for text in asked:
        problems = validate(known, parse(text), [*specified_rules, NoDeprecatedCustomRule])
        assert [problem.message for problem in problems] == []


def test_every_question_is_looked_at() -> None:
    text = QUESTIONS.read_text("utf-8")
    assert len(questions()) == text.count("`query ") == 5
    assert set(re.findall(r"/api/(\d{4}-\d{2})/", text)) == {VERSION}
