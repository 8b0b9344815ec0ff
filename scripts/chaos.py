"""Holds the service to its promises under load, faults and crashes: `scripts/chaos`, or `py scripts\\chaos.py`.

Arguments are those of `python -m tests.chaos`; `--small` for sizes of seconds, `--json` for one object a line.
"""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)
from scripts import bootstrap

if __name__ == "__main__":
    bootstrap.enter(__file__, "test")
    bootstrap.become(sys.executable, "-m", "tests.chaos", *sys.argv[1:])
