"""Collects what the WooCommerce plugin says: `python -m scripts.plugin_strings` writes its .pot file anew.

The .po files follow: a new string is added without a translation, one that nobody says any more is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from connector.woocommerce import plugin_languages
from connector.woocommerce.plugin_languages import Message

PLUGIN = Path(__file__).resolve().parent.parent / "plugins" / "woocommerce"
DOMAIN = "belong-for-woocommerce"
LANGUAGES = PLUGIN / "languages"
TEMPLATE = LANGUAGES / f"{DOMAIN}.pot"
# The contexts that WordPress asks with for the fields of a block.json.
BLOCK_CONTEXTS = {"title": "block title", "description": "block description", "keywords": "block keyword"}

_NAMES = r"__|_e|_x|_ex|_n|_nx|_n_noop|_nx_noop|esc_(?:html|attr)(?:__|_e|_x)"
_CALL = re.compile(rf"(?<![\w>:$])({_NAMES})\s*\(")
_TEXT = r"\s*'((?:[^'\\]|\\.)*)'\s*"
_DOMAIN = rf"\s*'{DOMAIN}'\s*\)"
_ARGUMENTS = {
    "one": re.compile(rf"{_TEXT},{_DOMAIN}"),
    "context": re.compile(rf"{_TEXT},{_TEXT},{_DOMAIN}"),
    "plural": re.compile(rf"{_TEXT},{_TEXT},[^;]*?,{_DOMAIN}"),
    "plural and context": re.compile(rf"{_TEXT},{_TEXT},[^;]*?,{_TEXT},{_DOMAIN}"),
}
_COMMENT = re.compile(r"/\*\s*(translators: .*?)\s*\*/", re.DOTALL)
PLACEHOLDER = re.compile(r"%(?:\d+\$)?[sd]")


@dataclass(frozen=True)
class Said:
    message: Message
    comment: str = ""


def said(plugin: Path = PLUGIN) -> list[Said]:
    """Each string once, in the order of files; all comments on it are kept."""
    main = plugin / f"{DOMAIN}.php"
    found: dict[object, Said] = {}
    paths = [main, *sorted(plugin.glob("src/**/*.php"))]
    everything = [one for path in paths for one in in_php(path.read_text(encoding="utf-8"))]
    everything += [Said(message) for path in sorted(plugin.glob("blocks/*/block.json")) for message in _in_block(path)]
    description = re.search(r"^ \* Description:\s+(.+)$", main.read_text(encoding="utf-8"), re.MULTILINE)
    if description is not None:
        everything.append(Said(Message(description.group(1)), "translators: what the list of plugins says."))
    for one in everything:
        before = found.get(one.message.key, one)
        comments = dict.fromkeys(line for line in (before.comment, one.comment) if line)
        found[one.message.key] = replace(before, comment="\n".join(comments))
    return list(found.values())


def in_php(text: str) -> Iterator[Said]:
    for call in _CALL.finditer(text):
        arguments = _ARGUMENTS[_kind(call.group(1))].match(text, call.end())
        if arguments is None:
            line = text.count("\n", 0, call.start()) + 1
            raise ValueError(f"Line {line}: {call.group(1)} needs literal texts in single quotes and our text domain.")
        texts = [re.sub(r"\\(['\\])", r"\1", given) for given in arguments.groups()]
        yield Said(_message(_kind(call.group(1)), texts), _comment_before(text, call.start()))


def _kind(function: str) -> str:
    if "noop" in function:
        raise ValueError(f"{function} is not read here.")
    has_plural = function.startswith("_n")
    if function.endswith("x"):
        return "plural and context" if has_plural else "context"
    return "plural" if has_plural else "one"


def _message(kind: str, texts: list[str]) -> Message:
    if kind == "context":
        return Message(texts[0], context=texts[1])
    plural = texts[1] if len(texts) > 1 else None
    return Message(texts[0], plural, texts[2] if len(texts) > 2 else None)


def _comment_before(text: str, call: int) -> str:
    """On the line before the one with the call."""
    lines = text[:call].splitlines()[-2:]
    found = _COMMENT.findall("\n".join(lines))
    return found[-1] if found else ""


def _in_block(path: Path) -> Iterator[Message]:
    block = json.loads(path.read_text(encoding="utf-8"))
    for field, context in BLOCK_CONTEXTS.items():
        values = block.get(field, [])
        for value in [values] if isinstance(values, str) else values:
            yield Message(value, context=context)


def template() -> str:
    head = f"Project-Id-Version: {DOMAIN}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
    return _written(head, [(one, ()) for one in said()])


def brought_up_to_date(po: str) -> str:
    catalog = plugin_languages.read(po)
    known = {message.key: message.translations for message in catalog.messages}
    head = "".join(f"{name}: {value}\n" for name, value in catalog.headers.items())
    return _written(head, [(one, known.get(one.message.key, ())) for one in said()])


def _written(head: str, entries: list[tuple[Said, tuple[str, ...]]]) -> str:
    lines = ['msgid ""', 'msgstr ""', *(_quoted(f"{line}\n") for line in head.splitlines())]
    for one, translations in entries:
        lines += ["", *_entry(one, translations)]
    return "\n".join(lines) + "\n"


def _entry(one: Said, translations: tuple[str, ...]) -> Iterator[str]:
    message = one.message
    yield from (f"#. {line}" for line in one.comment.splitlines())
    if PLACEHOLDER.search(message.text):
        yield "#, php-format"
    if message.context is not None:
        yield f"msgctxt {_quoted(message.context)}"
    yield f"msgid {_quoted(message.text)}"
    if message.plural is None:
        yield f"msgstr {_quoted(''.join(translations))}"
        return
    yield f"msgid_plural {_quoted(message.plural)}"
    for form, text in enumerate(translations or ("", "")):
        yield f"msgstr[{form}] {_quoted(text)}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def main() -> None:
    TEMPLATE.write_text(template(), encoding="utf-8")
    for path in sorted(LANGUAGES.glob("*.po")):
        path.write_text(brought_up_to_date(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
