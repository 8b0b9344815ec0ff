"""Linters, formatting, types, import rules and project rules: `scripts/check`, or `py scripts\\check.py` on Windows.

Runs all of them, whatever fails, and asks whether a package is known to be vulnerable. `--fix` first lets ruff repair
and format what it can.
"""

import subprocess
import sys
import time
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)
from scripts import audit, bootstrap

ROOT = Path(__file__).resolve().parent.parent
PYTHON_FOLDERS = ("bench", "connector", "loyalty_engine", "scripts", "tests")


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--fix"]):
        print("scripts/check takes no argument but --fix.", file=sys.stderr)
        return 2
    bootstrap.enter(__file__, "test")
    if arguments:
        for command in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
            subprocess.run([sys.executable, "-m", "ruff", *command, *folders()], cwd=ROOT, check=False)
    failed = [name for name, command in checks().items() if not passes(name, command)]
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return 1 if failed else 0


def checks() -> dict[str, list[str]]:
    return {
        "ruff": ["-m", "ruff", "check", "--quiet", "--output-format=concise", *folders()],
        "format": ["-m", "ruff", "format", "--check", "--output-format=concise", *folders()],
        "types": ["-m", "mypy", *folders()],
        "imports": ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        "project rules": ["-m", "scripts.lints"],
        "audit": ["-m", "scripts.audit", "--if-possible"],
    }


def folders() -> list[str]:
    """Those that hold Python: mypy refuses a folder without any."""
    return [name for name in PYTHON_FOLDERS if any((ROOT / name).rglob("*.py"))]


def passes(name: str, command: list[str]) -> bool:
    """What a check says is shown only when it objects, or could not look."""
    started = time.monotonic()
    done = subprocess.run([sys.executable, *command], cwd=ROOT, check=False, capture_output=True, text=True)
    outcome = "ok" if done.returncode == 0 else "FAILED"
    print(f"{name:<14} {outcome:<7} {time.monotonic() - started:5.1f} s", flush=True)
    for line in done.stdout.splitlines():
        if done.returncode == 0 and line.startswith(audit.NOT_AUDITED):
            print(line, flush=True)
    if done.returncode != 0:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
