"""A page of a shop with blocks of the theme extension on it, for a browser: what a theme puts around them."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

import httpx

from tests.browser.chromium import Answer, Asked
from tests.shopify.theme.rendering import LAUNCHER, THEME

SHOP = "https://demo.myshopify.com"
ASSETS = "https://cdn.shop.example/extensions/belong/assets/"
KINDS = {".css": "text/css", ".js": "text/javascript"}
ACTING = {"belong-points", "belong-rewards", "belong-referral", "belong-board", "belong-privacy"}
"""Blocks whose schema names the script."""
LIGHT, DARK = ("#ffffff", "#222222"), ("#14171a", "#f2f2f2")


def page_of(blocks: Mapping[str, str], language: str = "en", colours: tuple[str, str] = LIGHT) -> str:
    """HTML of a page. blocks: rendered ones by name; the launcher goes to the end of the body, as Shopify puts it.

    Style and script stand in the head, the script deferred.
    """
    background, text = colours
    sections = "".join(
        f"<div class='shopify-block shopify-app-block'>{html}</div>"
        for name, html in blocks.items()
        if name != LAUNCHER
    )
    script = f'<script src="{ASSETS}belong-act.js" defer></script>' if ACTING & set(blocks) else ""
    sheet = f'<link rel="stylesheet" href="{ASSETS}belong.css">' if set(blocks) - {LAUNCHER} else ""
    return f"""<!doctype html>
<html lang="{escape(language)}"><head><meta charset="utf-8"><title>Points</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">{sheet}{script}
<style>
  body {{ margin: 0; font: 1rem/1.5 sans-serif; background: {background}; color: {text}; }}
  main {{ max-width: 48rem; margin: 0 auto; padding: 1rem; }}
  a {{ color: inherit; }}
  main button {{ background: {text}; color: {background}; border: 0; border-radius: .25rem; cursor: pointer; }}
</style></head>
<body><main><h1>Points</h1>{sections}<p>Words of the shop.</p></main>
{blocks.get(LAUNCHER, "")}</body></html>"""


def served(page: str, app: Path, asked: Asked) -> httpx.Response | None:
    """The page and what lies in the extension's assets; None: neither."""
    address = asked.url.partition("?")[0].partition("#")[0]
    if address == f"{SHOP}/":
        return httpx.Response(200, text=page, headers={"Content-Type": "text/html; charset=utf-8"})
    if address.startswith(ASSETS):
        path = app / THEME / "assets" / address.removeprefix(ASSETS)
        if path.is_file():
            return httpx.Response(200, content=path.read_bytes(), headers={"Content-Type": KINDS[path.suffix]})
    return None


def still(page: str, app: Path) -> Answer:
    """A page of which nobody asks anything else."""

    async def answer(asked: Asked) -> httpx.Response | None:
        return served(page, app, asked)

    return answer
