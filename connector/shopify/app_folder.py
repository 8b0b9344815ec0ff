"""The folder that a merchant deploys with Shopify's CLI: plugins/shopify, with the app's id and our addresses in it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from connector import storefront
from connector.errors import Permanent

CONNECTOR = Path(__file__).resolve().parent.parent
# A wheel brings the app along here; a clone has it beside the package.
IN_A_WHEEL = CONNECTOR / "shopify" / "app"
IN_A_CLONE = CONNECTOR.parent / "plugins" / "shopify"
THEME_ASSETS = Path("extensions") / "belong-theme" / "assets"
CONFIGURATION = "shopify.app.toml"
CLIENT_ID = "BELONG_CLIENT_ID"
ADDRESS = "https://belong.example"
"""What stands in the file instead of the app's id, and of our public address."""
_NOT_COPIED = shutil.ignore_patterns("node_modules", "dist", "README.md", "__pycache__", ".*")


def write_folder(folder: Path, client_id: str, public_url: str) -> Path:
    """Write it and return where its configuration is. Raises Permanent if the folder has something in it, or our
    address is none that Shopify would call.
    """
    if not public_url.startswith("https://"):
        raise Permanent(f"Shopify calls https only, and this service is {public_url}: set BELONG_PUBLIC_URL first.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Permanent(f"{folder} has something in it already: name a new folder.")
    source = IN_A_CLONE if IN_A_CLONE.is_dir() else IN_A_WHEEL
    template = source / CONFIGURATION
    if not template.is_file():
        raise Permanent("The app's files are not here: take a clone or the wheel of Belong.")
    shutil.copytree(source, folder, ignore=_NOT_COPIED, dirs_exist_ok=True)
    for path in storefront.paths(storefront.SHOPIFY):
        shutil.copy(path, folder / THEME_ASSETS)
    configuration = folder / CONFIGURATION
    configuration.write_text(filled(template.read_text(encoding="utf-8"), client_id, public_url), encoding="utf-8")
    return configuration


def filled(text: str, client_id: str, public_url: str) -> str:
    """The configuration with these in it. Neither can break out of its place."""
    if re.search(r"[\"\\\s]", client_id + public_url):
        raise Permanent("The client id or the public address has characters that it cannot have.")
    return text.replace(CLIENT_ID, client_id).replace(ADDRESS, public_url.rstrip("/"))
