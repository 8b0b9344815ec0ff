"""The extensions with Shopify's own types, tester and command: what they say, do and weigh.

What it proves: our code against what Shopify's packages say that a surface is. None of it ran inside Shopify.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from connector.shopify.app_folder import IN_A_CLONE
from tests.databases import Databases
from tests.shopify.app.node import RUN, node
from tests.shopify.extensions.spoken import spoken, written

EXTENSIONS = IN_A_CLONE / "extensions"
NAMES = sorted(path.parent.name for path in EXTENSIONS.glob("*/shopify.d.ts"))
SUITES = Path(__file__).parent / "vitest"
VECTORS = Path(__file__).parents[2] / "data" / "earn_vectors.json"
TSC = Path("typescript") / "bin" / "tsc"
CLI = Path("@shopify") / "cli" / "bin" / "run.js"
BYTES_MAX = 64 * 1000
"""Of one extension's script as it is: whether Shopify weighs it compressed, nobody says."""
SECONDS = 300
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def test_there_are_extensions_for_every_surface() -> None:
    targets = {
        one["target"] for name in NAMES for part in _configuration(name)["extensions"] for one in part["targeting"]
    }
    assert targets == {
        "customer-account.profile.block.render",
        "customer-account.order-status.block.render",
        "customer-account.page.render",
        "purchase.checkout.block.render",
        "purchase.thank-you.block.render",
        "admin.customer-details.block.render",
        "admin.order-details.block.render",
        "pos.home.tile.render",
        "pos.home.modal.render",
        "pos.customer-details.block.render",
    }


def _configuration(name: str) -> dict[str, Any]:
    return tomllib.loads((EXTENSIONS / name / "shopify.extension.toml").read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_an_extension_asks_for_what_it_uses(name: str) -> None:
    """A page of the account stands alone, or Shopify takes none of it; who asks our service nothing has no network."""
    told = _configuration(name)
    assert told["api_version"] == "2026-07"
    [part] = told["extensions"]
    assert part["handle"] == name
    targets = [one["target"] for one in part["targeting"]]
    assert "customer-account.page.render" not in targets or len(targets) == 1
    source = "".join(path.read_text("utf-8") for path in (EXTENSIONS / name / "src").iterdir())
    asks = "parts/Rewards" in source or "parts/Balance" in source
    assert part.get("capabilities", {}).get("network_access", False) is asks
    has_entries = "ofEntries" in source
    wanted = [{"namespace": "$app", "key": key} for key in ("summary", "programme")]
    assert part.get("metafields", []) == (wanted if has_entries else [])


@pytest.mark.parametrize("name", NAMES)
def test_types_are_those_of_the_surface(shopify_tools: Path, app_folder: Path, name: str) -> None:
    done = node(shopify_tools / TSC, "-p", app_folder / "extensions" / name)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("name", "file", "old", "new"),
    [
        ("belong-account", "Profile.tsx", "shopify.query", "shopify.queries"),
        ("belong-checkout", "Spending.tsx", 'variant="secondary"', 'variant="third"'),
        ("belong-admin", "Customer.tsx", "shopify.auth.idToken()", "shopify.sessionToken.get()"),
        ("belong-pos", "Tile.tsx", "subheading=", "subheadline="),
    ],
)
def test_another_surfaces_words_would_be_found(
    shopify_tools: Path, app_folder: Path, name: str, file: str, old: str, new: str
) -> None:
    path = app_folder / "extensions" / name / "src" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    assert node(shopify_tools / TSC, "-p", app_folder / "extensions" / name).returncode != 0


def test_scripts_weigh_less_than_shopify_takes(shopify_tools: Path, app_folder: Path) -> None:
    done = node(shopify_tools / CLI, "app", "build", "--skip-dependencies-installation", "--no-color", cwd=app_folder)
    assert done.returncode == 0, done.stdout + done.stderr
    sizes = {name: len((app_folder / "extensions" / name / "dist" / f"{name}.js").read_bytes()) for name in NAMES}
    assert {name: size for name, size in sizes.items() if not 5_000 < size < BYTES_MAX} == {}, sizes


@pytest.fixture
async def heard(databases: Databases, tmp_path: Path) -> Path:
    """What the real service said; which database it has, nobody hears."""
    with databases.prepared("sqlite") as url:
        (tmp_path / "home").mkdir()
        return written(await spoken(url, tmp_path / "home"), tmp_path / "spoken.json")


@pytest.mark.parametrize("suite", sorted(path.name for path in SUITES.glob("*.test.*")))
def test_suite(shopify_tools: Path, app_folder: Path, heard: Path, suite: str) -> None:
    told = run_suite(shopify_tools, app_folder, heard, suite)
    assert told["success"], "\n".join(failures(told))
    assert told["numTotalTests"] == told["numPassedTests"] > 1


def run_suite(tools: Path, folder: Path, heard: Path, suite: str, drawn: str = "") -> dict[str, Any]:
    """One file of tests in the app's folder; what vitest tells of it. drawn: where pictures of what is shown go."""
    put_suites(folder)
    report = folder / "report.json"
    environment = {"SPOKEN": str(heard), "EARN_VECTORS": str(VECTORS), "DRAWN": drawn, "TZ": "UTC", "CI": "1"}
    arguments = ["run", "--config", "vitest.config.mjs", "--reporter=json", f"--outputFile={report}", f"vitest/{suite}"]
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(tools / "vitest" / "vitest.mjs"), *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    return dict(json.loads(report.read_text("utf-8")))


def put_suites(folder: Path) -> None:
    place = folder / "vitest"
    place.mkdir(exist_ok=True)
    for path in SUITES.iterdir():
        target = folder if path.suffix == ".mjs" else place
        (target / path.name).write_text(path.read_text("utf-8"), "utf-8")


def failures(told: dict[str, Any]) -> list[str]:
    every = [one for file in told["testResults"] for one in file["assertionResults"] if one["status"] == "failed"]
    files = [file["message"] for file in told["testResults"] if file["message"]]
    return files + [f"{one['fullName']}: {COLOURS.sub('', one['failureMessages'][0])[:600]}" for one in every]
