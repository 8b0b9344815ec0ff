"""Shopify's own command takes the folder that a merchant deploys, and its doctor finds nothing in it.

The doctor reads the app's files alone, none of our Python: docs/shopify-review.md says what covers that.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connector.shopify.app_folder import CONFIGURATION
from tests.shopify.app.node import node

CLI = Path("@shopify") / "cli" / "bin" / "run.js"


@pytest.fixture
def folder(app_folder: Path) -> Path:
    return app_folder


def build(tools: Path, folder: Path) -> tuple[int, str]:
    done = node(tools / CLI, "app", "build", "--skip-dependencies-installation", "--no-color", cwd=folder)
    return done.returncode, done.stdout + done.stderr


def findings(tools: Path, folder: Path) -> list[dict[str, Any]]:
    done = node(tools / CLI, "app", "doctor", "--json", "--blocking", "high", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return list(json.loads(done.stdout)["scan"]["issues"])


def changed(folder: Path, old: str, new: str) -> None:
    path = folder / CONFIGURATION
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_it_builds(shopify_tools: Path, folder: Path) -> None:
    code, said = build(shopify_tools, folder)
    assert (code, "built" in said) == (0, True), said


@pytest.mark.parametrize(("old", "new"), [('uri = "https://', 'uri = "http://'), ('"shop/redact"', '"shop/forget"')])
def test_what_is_wrong_does_not_build(shopify_tools: Path, folder: Path, old: str, new: str) -> None:
    """Or a folder that builds would say nothing. Of extensions the command looks at little before they are deployed."""
    changed(folder, old, new)
    assert build(shopify_tools, folder)[0] != 0


def test_the_doctor_finds_nothing(shopify_tools: Path, folder: Path) -> None:
    assert findings(shopify_tools, folder) == []


def test_the_doctor_would_find_that_nobody_hears_of_data_requests(shopify_tools: Path, folder: Path) -> None:
    changed(folder, 'compliance_topics = ["customers/data_request", "customers/redact", "shop/redact"]', "topics = []")
    assert [one["id"] for one in findings(shopify_tools, folder)] == ["MISSING_COMPLIANCE_WEBHOOKS"]
