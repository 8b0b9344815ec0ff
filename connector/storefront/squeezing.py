"""Scripts and style sheets without what is for their writers alone: comments, and spaces that mean nothing.

Names, and where a line of a script ends, stay as they were written, so what a browser shows of an error can be found in
the source.
"""

from __future__ import annotations

import re

_STYLE_COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)
_KEPT = re.compile(
    r"""
      (?P<comment> /\*.*?\*/ )
    | (?P<text> '(?:[^'\\\n]|\\.)*' | "(?:[^"\\\n]|\\.)*" | `(?:[^`\\]|\\.)*` )
    | (?: (?<=[(,=:!&|?]) | (?<=[(,=:!&|?][ ]) | (?<=\breturn[ ]) )
      (?P<pattern> /(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/ )
    """,
    re.VERBOSE | re.DOTALL,
)
"""Of a script of ours, in which no line comment stands and no template inside of another."""
_AROUND_SIGNS = re.compile(r"[ \t]*([=(){}\[\],;:?<>&|*!])[ \t]*")
_LINES = re.compile(r"[ \t]*\n\s*")


def script(text: str) -> str:
    """Texts and patterns stay to the letter, and so does every end of a line, which can end a statement."""
    found: list[str] = []
    start = 0
    for kept in _KEPT.finditer(text):
        found += [_code(text[start : kept.start()]), "" if kept["comment"] else kept[0]]
        start = kept.end()
    return _LINES.sub("\n", "".join([*found, _code(text[start:])])).lstrip()


def _code(text: str) -> str:
    return _AROUND_SIGNS.sub(r"\1", text)


def style(text: str) -> str:
    """A rule to a line. What parts selectors from each other, and numbers from a plus, stays."""
    bare = re.sub(r"\s*([{};,>])\s*", r"\1", _STYLE_COMMENTS.sub("", text))
    return re.sub(r":[ ]+", ":", bare).replace(";}", "}").replace("}", "}\n").lstrip()
