"""The zip that a shop's owner uploads: what ships of plugins/woocommerce, and connector/storefront.

Nothing in it depends on when, where or by whom it is made: names are sorted, dates fixed, and files are stored as they
are, because compressed bytes differ between versions of zlib. So its checksum names its content. Translations are
written here in the form that WordPress loads.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from connector import storefront
from connector.errors import Permanent
from connector.woocommerce import plugin_languages

SLUG = "belong-for-woocommerce"
CONNECTOR = Path(__file__).resolve().parent.parent
# A wheel brings the plugin along here; a clone has it beside the package.
IN_A_WHEEL = CONNECTOR / "woocommerce" / "plugin"
IN_A_CLONE = CONNECTOR.parent / "plugins" / "woocommerce"
# Also in pyproject.toml, for the wheel.
SHIPPED = (f"{SLUG}.php", "uninstall.php", "readme.txt", "src", "assets", "blocks", "languages")
COPIES = "assets/storefront"
KINDS = {".php", ".txt", ".js", ".css", ".svg", ".json", plugin_languages.SOURCE}
MADE = (1980, 1, 1, 0, 0, 0)
READABLE = 0o100644 << 16
UNIX = 3


@dataclass(frozen=True)
class PluginZip:
    version: str
    content: bytes

    @property
    def name(self) -> str:
        return f"{SLUG}-{self.version}.zip"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def is_newer_than(self, installed: str) -> bool:
        """Than the version that a shop says it has. What cannot be read is not older: nobody is sent to do something
        for nothing.
        """
        ours, theirs = _numbers(self.version), _numbers(installed)
        return ours is not None and theirs is not None and ours > theirs


@cache
def handed_out() -> PluginZip:
    """``build()``, once in the life of a process."""
    return build()


def build() -> PluginZip:
    folder = IN_A_CLONE if IN_A_CLONE.is_dir() else IN_A_WHEEL
    main = folder / f"{SLUG}.php"
    if not main.is_file():
        raise Permanent("The plugin's files are not here: take a clone or the wheel of Belong.")
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, path in sorted(_files(folder).items()):
            entry = zipfile.ZipInfo(f"{SLUG}/{_name_inside(name)}", MADE)
            entry.create_system = UNIX
            entry.external_attr = READABLE
            archive.writestr(entry, _content(path))
    return PluginZip(_version(main), written.getvalue())


def _files(folder: Path) -> dict[str, Path]:
    """By their names in the plugin. Copies that an earlier build left in a clone are none of them."""
    below = [path for name in SHIPPED for path in _all(folder / name)]
    found = {path.relative_to(folder).as_posix(): path for path in below}
    shipped = {name: path for name, path in found.items() if not name.startswith(f"{COPIES}/")}
    shipped |= {f"{COPIES}/{path.name}": path for path in storefront.paths(storefront.WOOCOMMERCE)}
    return {name: path for name, path in shipped.items() if path.suffix in KINDS and not path.name.startswith(".")}


def _name_inside(name: str) -> str:
    source, loaded = plugin_languages.SOURCE, plugin_languages.LOADED
    return name.removesuffix(source) + loaded if name.endswith(source) else name


def _content(path: Path) -> bytes:
    if path.suffix == plugin_languages.SOURCE:
        return plugin_languages.as_php(path.read_text(encoding="utf-8")).encode()
    return path.read_bytes()


def _all(path: Path) -> list[Path]:
    return [path] if path.is_file() else [below for below in path.rglob("*") if below.is_file()]


def _version(main: Path) -> str:
    found = re.search(r"^ \* Version:\s+(\S+)$", main.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise Permanent(f"{main.name} does not say its version.")
    return found.group(1)


def _numbers(version: str) -> tuple[int, ...] | None:
    """``1.10.0`` as numbers, with no zeros at the end."""
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}", version):
        return None
    numbers = [int(number) for number in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
