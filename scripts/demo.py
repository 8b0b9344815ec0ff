"""Shows the whole of Belong on this machine: `scripts/demo`, or `py scripts\\demo.py` on Windows.

Arguments are those of `belong demo`; `--check` runs it once in a temporary folder and verifies it.
"""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)
from scripts import bootstrap

if __name__ == "__main__":
    bootstrap.enter(__file__, "run")
    bootstrap.become(sys.executable, "-m", "connector.cli", "demo", *sys.argv[1:])
