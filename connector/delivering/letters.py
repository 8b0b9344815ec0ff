"""What a mail looks like: the same words as text and as simple markup, in the member's language.

No picture, no script, nothing that is fetched: nobody learns whether it was opened. Names that people wrote are kept
from breaking out: escaped in markup, without line breaks and marks that turn the direction of reading.
"""

from __future__ import annotations

import base64
import hashlib
import html as markup
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from loyalty_engine.texts import TAGS, Words

_TEMPLATES = Environment(
    loader=PackageLoader("connector.delivering"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
DIRECTION = "ltr"
"""Of all the languages that we write."""
NAME_MAX = 40
"""A longer first name greets nobody: it is something else."""
_FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;"
LOOKS = {
    "around": f"margin:0;padding:16px 8px;background-color:#f1f2f0;color:#1a1a1a;{_FONT}",
    "preheader": "display:none;max-height:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px;color:transparent",
    "sheet": "max-width:560px;margin:0 auto;background-color:#ffffff;color:#1a1a1a;border-radius:12px;overflow:hidden",
    "band": "margin:0;padding:16px 24px;font-size:17px;line-height:1.4;font-weight:600;overflow-wrap:anywhere;",
    "inside": "padding:8px 24px 16px",
    "title": "margin:24px 0 8px;font-size:21px;line-height:1.3;font-weight:700;overflow-wrap:anywhere",
    "text": "margin:12px 0;font-size:16px;line-height:1.55;overflow-wrap:anywhere",
    "soft": "margin:0;padding:16px 24px 24px;font-size:14px;line-height:1.5;color:#555555",
    "link": "color:#555555;text-decoration:underline",
    "way": "margin:24px 0 16px;font-size:16px;line-height:1.4",
    "button": (
        "display:inline-block;padding:12px 20px;border-radius:8px;border:1px solid;font-weight:600;"
        "text-decoration:none;overflow-wrap:anywhere;"
    ),
}
"""Beside each element, for programs that drop style sheets."""
STYLE = (
    "@media (prefers-color-scheme: dark){"
    ".around{background-color:#101211!important;color:#f2f2f2!important}"
    ".sheet{background-color:#1d201f!important;color:#f2f2f2!important}"
    ".soft{color:#b9bdba!important}}"
)
_STYLED = re.compile(r' style="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is told."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Links:
    """Where a letter leads. choose: the page where its reader chooses what they get; shop: where they see their points
    in their shop; empty: there is none.
    """

    choose: str = ""
    shop: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is told, before it is written. first_name: of whom it is for."""

    words: Words
    programme: str
    accent: str
    parts: Sequence[Part]
    first_name: str = ""
    links: Links = Links()


@dataclass(frozen=True, slots=True)
class Written:
    """A letter as it is sent."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the template fills in."""

    subject: str
    preheader: str
    programme: str
    accent: str
    on_accent: str
    hello: str
    parts: Sequence[Part]
    why: str
    links: Links
    choose_label: str
    shop_label: str


def write(letter: Letter) -> Written:
    """As text and as markup. Several things make one letter, in their order."""
    words, programme = letter.words, one_line(letter.programme)
    parts = [Part(one_line(each.title), tuple(clean(one) for one in each.paragraphs)) for each in letter.parts]
    several = len(parts) > 1
    shown = _Shown(
        subject=words.text("mail.several", programme=programme) if several else parts[0].title,
        preheader=" · ".join(each.title for each in parts) if several else one_line(" ".join(parts[0].paragraphs)),
        programme=programme,
        accent=letter.accent,
        on_accent=readable_on(letter.accent),
        hello=_hello(words, letter.first_name),
        parts=parts,
        why=words.text("mail.why", programme=programme),
        links=letter.links,
        choose_label=words.text("mail.choose"),
        shop_label=one_line(words.text("mail.shop")),
    )
    html = _TEMPLATES.get_template("mail.html").render(
        it=shown, tag=TAGS[words.language], direction=DIRECTION, looks=LOOKS, style=STYLE
    )
    return Written(shown.subject, _text(shown), html)


def _text(it: _Shown) -> str:
    told = [block for part in it.parts for block in (part.title, *part.paragraphs)]
    way = [f"{it.shop_label}:\n{it.links.shop}"] if it.links.shop else []
    foot = [it.why, *([f"{it.choose_label}: {it.links.choose}"] if it.links.choose else [])]
    return "\n\n".join([it.hello, *told, *way, "-- \n" + "\n".join(foot)])


def _hello(words: Words, first_name: str) -> str:
    name = one_line(first_name)
    # Whoever signs somebody else up under the name of a page must not have us send it there.
    is_name = 0 < len(name) <= NAME_MAX and not any(sign in name for sign in "/:@.=<>")
    return words.text("mail.hello-name", name=name) if is_name else words.text("mail.hello")


def style_sources(html: str) -> list[str]:
    """By what a browser is told that the styles of this letter, and no others, are ours: to show it inside a page."""
    styles = [STYLE, *(markup.unescape(found) for found in _STYLED.findall(html))]
    digests = {hashlib.sha256(style.encode()).digest() for style in styles}
    return sorted(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def clean(text: str) -> str:
    """Without characters that nobody sees but that change what is read: controls and turns of direction. Lines stay,
    and so does what joins emoji.
    """
    return "".join(sign for sign in text if sign in "\n\u200d\u200c" or unicodedata.category(sign) not in _UNSEEN)


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def one_line(text: str) -> str:
    """The same in one line, for headers and headings."""
    return clean(" ".join(text.split()))


def readable_on(colour: str) -> str:
    """Black or white, whichever is read more easily on ``#rrggbb``."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    # The luminance at which both have the same contrast (WCAG).
    return "#000000" if 2126 * red + 7152 * green + 722 * blue > 1791 * 1000 else "#ffffff"


def _linear(channel: int) -> int:
    """A channel of sRGB in thousandths of light."""
    if channel <= 10:
        return round(channel * 1000 / 255 / 12.92)
    return round(math.pow((channel / 255 + 0.055) / 1.055, 2.4) * 1000)
