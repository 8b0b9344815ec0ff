"""Blocks of the theme extension as a page of a shop shows them, rendered with liquidjs (render.mjs)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.shopify.app.node import node

RENDER = Path(__file__).parent / "render.mjs"
THEME = Path("extensions") / "belong-theme"
BLOCKS = (
    "belong-points", "belong-tier", "belong-rewards", "belong-badges", "belong-referral", "belong-ways",
    "belong-rules", "belong-history", "belong-board", "belong-privacy",
)  # fmt: skip
LAUNCHER = "belong-launcher"
LOOK = {"accent": "", "text": "", "background": ""}
LAUNCHER_LOOK = {
    "side": "end",
    "page": {"url": "/pages/points"},
    "accent": "#1f5f4a",
    "on_accent": "#ffffff",
    "background": "#ffffff",
    "text": "#1a1a1a",
}


@dataclass(frozen=True)
class Shown:
    """One block on one page. told, programme: texts of the two metafields; None: there is none. signed_in: somebody is.

    customer: who is. escapes: whether the filter `t` escapes what is put into a text, which Shopify does not say.
    """

    block: str
    told: str | None = None
    programme: str | None = None
    signed_in: bool = True
    customer: int = 7
    language: str = "en.default"
    escapes: bool = True
    settings: dict[str, Any] = field(default_factory=dict)
    zone: str = "Europe/Berlin"
    more: dict[str, Any] = field(default_factory=dict)

    def as_page(self) -> dict[str, Any]:
        """For render.mjs."""
        look = LAUNCHER_LOOK if self.block == LAUNCHER else LOOK
        # As text: numbers of customers are larger than those that JavaScript knows exactly.
        known = {"id": str(self.customer), "metafields": {"$app": {"summary": _value(self.told)}}}
        customer = known if self.signed_in else None
        return {
            "file": f"blocks/{self.block}.liquid",
            "language": self.language,
            "now": None,
            "zone": self.zone,
            "escapes": self.escapes,
            "globals": {
                "customer": customer,
                "shop": {
                    "metafields": {"$app": {"programme": _value(self.programme)}},
                    "currency": "EUR",
                    "taxes_included": False,
                },
                "request": {"locale": {"iso_code": self.language.split(".")[0]}},
                "routes": {"root_url": "/", "cart_url": "/cart", "account_login_url": "/account/login"},
                **self.more,
            },
            "scope": {
                "block": {
                    "id": f"b{abs(hash(self.block)) % 1000}",
                    "shopify_attributes": "",
                    "settings": {"proxy": "/apps/belong", **look, **self.settings},
                }
            },
        }


def _value(text: str | None) -> dict[str, Any] | None:
    return None if text is None else {"value": json.loads(text)}


def render(tools: Path, folder: Path, pages: list[Shown]) -> list[str]:
    """The HTML of each, in order. folder: of the whole app."""
    given = json.dumps({"folder": str(folder / THEME), "pages": [page.as_page() for page in pages]})
    done = node(RENDER, tools, given=given)
    assert done.returncode == 0, done.stderr[-3000:]
    told: list[str] = json.loads(done.stdout)
    return told


def blocks_of(
    tools: Path, app: Path, heard: Mapping[str, Any], person: str, language: str = "en.default", **look: str
) -> dict[str, str]:
    """Every block, and the launcher, by name."""
    told = json.loads(heard["summary_after"])
    told["ends"] = [{"points": 20, "ends_at": "2027-01-31T23:00:00Z", "warned": True}]
    summary = json.dumps(told) if person == "member" else None
    programme = json.loads(heard["programme"])
    programme["board"]["places"] = [
        {"rank": 1 + n, "name": name, "value": 12 - n, "badges": n} for n, name in enumerate(("Moor", "W" * 40, "نور"))
    ]
    names = (*BLOCKS, LAUNCHER)
    pages = [
        Shown(
            name, summary, json.dumps(programme), signed_in=person == "member", language=language,
            settings=look if name == LAUNCHER else {},
        )
        for name in names
    ]  # fmt: skip
    return dict(zip(names, render(tools, app, pages), strict=True))
