"""Makes the site of the documents, in build/docs: `scripts/docs`, or `py scripts\\docs.py`. A link that leads nowhere,
or a document to which none leads, is an error.
"""

import subprocess
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)
from scripts import bootstrap

SITE = bootstrap.ROOT / "build" / "docs"


def build(site: Path, *options: str) -> int:
    """Sphinx's exit code: 0 for a site without a warning."""
    strict = ["--fail-on-warning", "--keep-going", "--quiet", "--jobs=auto"]
    command = [sys.executable, "-m", "sphinx", *strict, *options, "-c", "docs", ".", str(site)]
    return subprocess.run(command, cwd=bootstrap.ROOT, check=False).returncode


if __name__ == "__main__":
    bootstrap.enter(__file__, "test")
    code = build(SITE, *sys.argv[1:])
    if code == 0:
        print(f"The site begins at {(SITE / 'index.html').relative_to(bootstrap.ROOT).as_posix()}.")
    raise SystemExit(code)
