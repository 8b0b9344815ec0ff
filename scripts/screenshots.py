"""Takes a picture of every page of the console and of the shops, into docs/screenshots: `scripts/screenshots`, or
`py scripts\\screenshots.py`.
"""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)
from scripts import bootstrap

if __name__ == "__main__":
    bootstrap.enter(__file__, "test")
    bootstrap.become(sys.executable, "-m", "tests.browser.screenshots", *sys.argv[1:])
