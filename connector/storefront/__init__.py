"""What a shopper's page loads, one source for every shop: scripts, a style sheet, words.

A plugin gets the files that its pages need. A headless shop loads one script from us, the same files one after another,
and the words of its page's language alone. Whatever a page loads has its version in its address, so it may keep it for
ever.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from connector.storefront import squeezing

HERE = Path(__file__).parent
STYLE = "belong.css"
SCRIPT = "belong.js"
ASKING = "belong-ask.js"
ACTING = "belong-act.js"
ENDS = "belong-ends.js"
SHOWING = "belong-show.js"
INVITED = "belong-invited.js"
PLACE = "belong-place.js"
FORMS = "belong-form.js"
WOOCOMMERCE = (STYLE, SCRIPT, FORMS, PLACE)
"""Its own server acts and shows; forms are sent to it, and show at once what will be."""
SHOPIFY = (STYLE, SCRIPT, ASKING, ACTING, INVITED, ENDS, PLACE)
"""Liquid shows; a page acts, remembers by whose code somebody came, tells which ends it showed, asks for a place."""
HEADLESS = (SCRIPT, ASKING, ACTING, INVITED, SHOWING)
KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".json": "application/json"}


@dataclass(frozen=True, slots=True)
class ServedFile:
    """One file as pages load it. integrity: what a page can hold it to."""

    content: bytes
    compressed: bytes
    kind: str

    @property
    def etag(self) -> str:
        """Of its content."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:24]}"'

    @property
    def integrity(self) -> str:
        """For the attribute ``integrity``."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.content).digest()).decode()


def paths(names: tuple[str, ...]) -> list[Path]:
    """Of some of the files here."""
    return [HERE / name for name in names]


@cache
def served() -> Mapping[str, ServedFile]:
    """By name: what a headless shop's page can load."""
    script = "".join(squeezing.script(path.read_text("utf-8")) for path in paths(HEADLESS))
    contents = {STYLE: squeezing.style((HERE / STYLE).read_text("utf-8")).encode(), SCRIPT: script.encode()}
    for path in sorted((HERE / "words").glob("*.json")):
        told = json.dumps(json.loads(path.read_text("utf-8")), ensure_ascii=False, separators=(",", ":"))
        contents[f"words-{path.name}"] = told.encode()
    return {
        name: ServedFile(content, gzip.compress(content, 9, mtime=0), KINDS[Path(name).suffix])
        for name, content in contents.items()
    }


@cache
def version() -> str:
    """Names the content of all of them."""
    digest = hashlib.sha256()
    for name, one in sorted(served().items()):
        digest.update(f"{name} {len(one.content)} ".encode() + one.content)
    return digest.hexdigest()[:12]
