"""The plugin's translations: read from .po files, and written as the PHP arrays that WordPress loads since 6.5."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

SOURCE = ".po"
LOADED = ".l10n.php"
# How WordPress joins a context with its text, and the forms of a plural with each other.
AFTER_CONTEXT = "\x04"
BETWEEN_FORMS = "\x00"

_LINE = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?)?\s*"((?:[^"\\]|\\.)*)"')
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


@dataclass(frozen=True)
class Message:
    text: str
    plural: str | None = None
    context: str | None = None
    translations: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str | None, str, str | None]:
        return (self.context, self.text, self.plural)


@dataclass(frozen=True)
class Catalog:
    headers: dict[str, str]
    messages: tuple[Message, ...]


def read(po: str) -> Catalog:
    found = [_message(block) for block in re.split(r"\n\s*\n", po) if "msgid" in block]
    head = found[0].translations[0] if found and found[0].text == "" else ""
    headers = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    return Catalog(headers, tuple(message for message in found if message.text))


def _message(block: str) -> Message:
    fields: dict[str, str] = {}
    name = ""
    for line in block.splitlines():
        if not line or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(f"This is no line of a .po file: {line}")
        name = found.group(1) or name
        fields[name] = fields.get(name, "") + _unescaped(found.group(2))
    translations = tuple(text for name, text in fields.items() if name.startswith("msgstr"))
    return Message(fields["msgid"], fields.get("msgid_plural"), fields.get("msgctxt"), translations)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES[found.group(1)], text)


def as_php(po: str) -> str:
    """What WordPress finds by context and text; of a plural, by its first form."""
    catalog = read(po)
    head = {"plural-forms": catalog.headers["Plural-Forms"], "language": catalog.headers["Language"]}
    lines = [f"\t{_php(name)} => {_php(value)}," for name, value in head.items()]
    return "\n".join(["<?php", "return array(", *lines, "\t'messages' => array(", *_entries(catalog.messages)]) + (
        "\n\t),\n);\n"
    )


def _entries(messages: Iterable[Message]) -> Iterable[str]:
    for message in messages:
        before = "" if message.context is None else message.context + AFTER_CONTEXT
        yield f"\t\t{_php(before + message.text)} => {_php(BETWEEN_FORMS.join(message.translations))},"


def _php(text: str) -> str:
    """A literal of PHP in double quotes, the only ones that can name characters by their numbers."""
    quoted = re.sub(r'(["\\$])', r"\\\1", text)
    return '"' + re.sub(r"[\x00-\x1f]", lambda found: f"\\x{ord(found.group()):02x}", quoted) + '"'
