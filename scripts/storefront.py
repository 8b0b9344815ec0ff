"""Copies what a WooCommerce shop shows from its one source into the plugin: `python -m scripts.storefront FOLDER`.

The copies are made where a plugin is built or tested, and are in no repository.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from connector import storefront

ROOT = Path(__file__).resolve().parent.parent
WOOCOMMERCE = ROOT / "plugins" / "woocommerce"
BELOW = Path("assets") / "storefront"


def files() -> list[Path]:
    """All of it that a WooCommerce shop's page can load."""
    return storefront.paths(storefront.WOOCOMMERCE)


def copy_to(plugin: Path) -> list[Path]:
    """The copies; what lay there before is gone."""
    folder = plugin / BELOW
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return [Path(shutil.copy(path, folder)) for path in files()]


if __name__ == "__main__":
    for copied in copy_to(Path(sys.argv[1]) if sys.argv[1:] else WOOCOMMERCE):
        print(copied)
