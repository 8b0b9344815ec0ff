"""Writes the lock files anew: `scripts/lock`. This is how a dependency is added, raised or dropped.

Python's locks hold for every platform and every Python from 3.11 on, pin the build backend too, and carry hashes
but no index address. `scripts/lock --upgrade` takes the newest versions that pyproject.toml allows; without it
only what must change does. npm's lock is written by hand from `npm view NAME dist.integrity`: see CONTRIBUTING.md.
"""

import subprocess
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)
from scripts import bootstrap

UV = "uv==0.13.9"
TOOLS = bootstrap.ROOT / ".cache" / "lock-tools"
SOURCES = ["pyproject.toml", "requirements/build.in"]
LOCKS = {
    "requirements/run.txt": SOURCES,
    "requirements/test.txt": ["--extra", "test", "--constraint", "requirements/run.txt", *SOURCES],
    # Tools that look at the others; nothing of ours imports them.
    "requirements/audit.txt": ["requirements/audit.in"],
}


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--upgrade"]):
        print("scripts/lock takes no argument but --upgrade.", file=sys.stderr)
        return 2
    uv = install_uv()
    for lock, options in LOCKS.items():
        command = [uv, "pip", "compile", "--quiet", "--universal", "--python-version=3.11", "--generate-hashes"]
        command += ["--no-header", "--no-annotate", "--no-emit-index-url", *options, *arguments]
        command += ["--output-file", lock]
        if subprocess.run(command, cwd=bootstrap.ROOT, check=False).returncode != 0:
            return 1
        print(f"wrote {lock}")
    return 0


def install_uv() -> str:
    """Only this command needs it, so it is kept apart from what Belong and its tests use."""
    scripts = TOOLS / ("Scripts" if sys.platform == "win32" else "bin")
    if not TOOLS.exists():
        print(f"Installing {UV} into {TOOLS.relative_to(bootstrap.ROOT).as_posix()}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(TOOLS)], check=True)
    subprocess.run([str(scripts / "python"), "-m", "pip", "install", "--quiet", UV], check=True)
    return str(scripts / "uv")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
