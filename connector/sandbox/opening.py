"""A page that opens by itself, where there is a person and a desktop."""

from __future__ import annotations

import os
import sys
import webbrowser

DESKTOPS = ("DISPLAY", "WAYLAND_DISPLAY")
"""What says so where it is neither Windows nor macOS."""


def open_for_a_person(url: str) -> bool:
    """In the browser that the desktop (or BROWSER) names. Returns whether one took it: never in a pipe, in a service,
    or on a machine that somebody has only a terminal of.
    """
    has_desktop = sys.platform in ("win32", "darwin") or any(os.environ.get(name) for name in DESKTOPS)
    return sys.stdout.isatty() and has_desktop and webbrowser.open(url)
