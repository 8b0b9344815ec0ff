"""Plain elements in place of Shopify's own, so that a browser can show what an extension draws.

What a look at them proves: which texts, names and roles there are, and that they bear narrow screens. How Shopify's
elements look and behave it does not.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from html.parser import HTMLParser

TAGS = {
    "s-stack": "div",
    "s-form": "form",
    "s-scroll-box": "div",
    "s-unordered-list": "ul",
    "s-list-item": "li",
    "s-details": "details",
    "s-summary": "summary",
    "s-link": "a",
    "s-badge": "span",
    "s-heading": "h2",
}
HEADED = {
    "s-page": ("main", "h1"),
    "s-section": ("section", "h2"),
    "s-admin-block": ("section", "h2"),
    "s-pos-block": ("section", "h2"),
}
FIELDS = ("s-number-field", "s-text-field")
CLOSED = {
    "s-text": "p",
    "s-banner": "div",
    "s-button": "button",
    "s-progress": "progress",
    "s-tile": "button",
    **dict.fromkeys(FIELDS, "div"),
    **TAGS,
    **{name: around for name, (around, _) in HEADED.items()},
}
STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; margin: 1rem; max-width: 44rem; color: #1a1a1a; background: #fff }
.part { border: 1px solid #bbb; border-radius: .5rem; padding: 1rem }
.inline { display: flex; flex-wrap: wrap; align-items: center }
.block { display: flex; flex-direction: column } ul { margin: 0 }
section.block { margin-block: 1rem }
.none { gap: 0 } .small-300, .small-200 { gap: .25rem } .small { gap: .5rem } .base { gap: 1rem } .large { gap: 1.5rem }
section.block { gap: .5rem } h1, h2 { margin: 0; font-size: 1.2rem } p { margin: 0; overflow-wrap: anywhere }
.strong { font-weight: 600 } .subdued { color: #555 }
span.badge { border: 1px solid #777; border-radius: 1rem; padding: 0 .5rem }
button { font: inherit; padding: .4rem .8rem; align-self: start; max-width: 100% }
input { font: inherit; max-width: 100% }
[role=status] { border: 1px solid #777; padding: .5rem; background: #f5f5f0 } progress { width: 100% }
:focus-visible { outline: 3px solid #0057c2; outline-offset: 2px } summary { cursor: pointer }
@media (prefers-color-scheme: dark) {
  body { color: #eee; background: #111 } .subdued { color: #bbb } [role=status] { background: #222 } a { color: #9cf }
  button, input { color: #eee; background: #333; border: 1px solid #999 } button:disabled { color: #999 }
}
"""


def _language(has: dict[str, str]) -> str:
    return f' lang="{escape(has["lang"])}"' if "lang" in has else ""


def _label(has: dict[str, str]) -> str:
    return f' aria-label="{escape(has["accessibilitylabel"])}"' if "accessibilitylabel" in has else ""


DRAWN: dict[str, Callable[[dict[str, str]], str]] = {
    "s-stack": lambda has: f'<div class="{has.get("direction", "block")} {has.get("gap", "none")}">',
    "s-text": lambda has: f'<p class="{has.get("type", "")} {has.get("color", "")}"{_language(has)}>',
    "s-banner": lambda has: f'<div role="status">{escape(has.get("heading", ""))}',
    "s-button": lambda has: f"<button{_label(has)}{' disabled' if has.get('disabled') == 'true' else ''}>",
    "s-progress": lambda has: f'<progress{_label(has)} max="{has["max"]}" value="{has["value"]}">',
    "s-tile": lambda has: f"<button><strong>{escape(has['heading'])}</strong><br>{escape(has['subheading'])}",
    "s-link": lambda has: f'<a href="{escape(has["href"])}">',
    "s-details": lambda _: "<details open>",
}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.made: list[str] = []
        self.fields = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.made.append(self._opened(tag, has))

    def _opened(self, tag: str, has: dict[str, str]) -> str:
        if tag in HEADED:
            around, heading = HEADED[tag]
            return f'<{around} class="block"><{heading}>{escape(has.get("heading", ""))}</{heading}>'
        if tag in FIELDS:
            return self._field(has)
        if tag in DRAWN:
            return DRAWN[tag](has)
        return f'<{TAGS[tag]} class="{tag[2:]}">' if tag in TAGS else "<span hidden>"

    def _field(self, has: dict[str, str]) -> str:
        self.fields += 1
        told = " ".join(has[name] for name in ("details", "error") if has.get(name))
        name = f"field-{self.fields}"
        return (
            f'<div class="block"><label for="{name}">{escape(has["label"])}</label>'
            f'<input id="{name}" value="{escape(has.get("value", ""))}" aria-describedby="{name}-told">'
            f'<p class="subdued" id="{name}-told">{escape(told)}</p>'
        )

    def handle_endtag(self, tag: str) -> None:
        self.made.append(f"</{CLOSED.get(tag, 'span')}>")

    def handle_data(self, data: str) -> None:
        self.made.append(escape(data))


def page_of(drawn: str, title: str, language: str) -> str:
    """A whole page around what was drawn."""
    page = _Page()
    page.feed(drawn)
    body = "".join(page.made)
    # A block stands on a page of the shop.
    whole = body if "<main" in body else f'<main><h1><a href="/">{escape(title)}</a></h1>{body}</main>'
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        f'<body><div id="belong">{whole}</div></body></html>'
    )
