"""The demo opens its console where somebody sits at a desktop, and nowhere else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

URL = "http://127.0.0.1:8421/console/join/abc?x=1"
ASK = f"from connector.sandbox.opening import open_for_a_person; open_for_a_person({URL!r})"


def browser(folder: Path) -> Path:
    """One that writes down what it is given."""
    script = folder / "browser"
    script.write_text(f"#!/bin/sh\nprintf '%s' \"$1\" > '{folder}/opened'\n", encoding="utf-8")
    script.chmod(0o755)
    return script


@pytest.mark.parametrize(
    ("has_person", "desktop", "opens"), [(True, ":1", True), (True, "", False), (False, ":1", False)]
)
def test_a_page_opens_for_a_person_at_a_desktop(tmp_path: Path, has_person: bool, desktop: str, opens: bool) -> None:
    script = browser(tmp_path)
    environment = {**os.environ, "BROWSER": str(script), "DISPLAY": desktop, "WAYLAND_DISPLAY": ""}
    ours, theirs = pty.openpty()
    try:
        said = theirs if has_person else subprocess.DEVNULL
        done = subprocess.run([sys.executable, "-c", ASK], env=environment, stdout=said, timeout=60, check=False)
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 0
    written = tmp_path / "opened"
    assert (written.read_text("utf-8") if written.exists() else "") == (URL if opens else "")
