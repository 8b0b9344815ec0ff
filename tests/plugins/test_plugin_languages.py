"""All that the plugin says is in its template and, in each language there is, translated and not left half done."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.woocommerce import plugin_languages
from connector.woocommerce.plugin_languages import Message
from scripts import plugin_strings

PO_FILES = sorted(plugin_strings.LANGUAGES.glob("*.po"))
FORMS = {"nplurals=2; plural=(n != 1);": 2, "nplurals=1; plural=0;": 1}


@pytest.fixture(scope="module")
def said() -> list[Message]:
    return [one.message for one in plugin_strings.said()]


def test_the_template_is_what_the_plugin_says() -> None:
    written = plugin_strings.TEMPLATE.read_text(encoding="utf-8")
    assert written == plugin_strings.template(), "run: python -m scripts.plugin_strings"


@pytest.mark.parametrize("path", PO_FILES, ids=lambda path: path.stem)
def test_a_language_has_the_same_strings_and_all_of_them(path: Path, said: list[Message]) -> None:
    po = path.read_text(encoding="utf-8")
    catalog = plugin_languages.read(po)
    assert {message.key for message in catalog.messages} == {message.key for message in said}
    assert plugin_strings.brought_up_to_date(po) == po, "run: python -m scripts.plugin_strings"
    assert path.stem == f"{plugin_strings.DOMAIN}-{catalog.headers['Language']}"
    forms = FORMS[catalog.headers["Plural-Forms"]]
    assert [problem for message in catalog.messages for problem in problems(message, forms)] == []


def problems(message: Message, forms: int) -> list[str]:
    found = []
    if len(message.translations) != (1 if message.plural is None else forms):
        found.append(f"{message.text}: {len(message.translations)} forms")
    for translation in message.translations:
        if not translation.strip():
            found.append(f"{message.text}: empty")
        elif placeholders(translation) != placeholders(message.text):
            found.append(f"{message.text}: other placeholders in {translation}")
        elif message.plural is not None and placeholders(translation) != placeholders(message.plural):
            found.append(f"{message.plural}: other placeholders in {translation}")
    return found


def placeholders(text: str) -> list[str]:
    return sorted(plugin_strings.PLACEHOLDER.findall(text))


def test_problems_are_seen() -> None:
    assert problems(Message("%s is", translations=("%s ist",)), 2) == []
    assert problems(Message("%s is", translations=("ist",)), 2) == ["%s is: other placeholders in ist"]
    assert problems(Message("one", translations=("",)), 2) == ["one: empty"]
    assert problems(Message("one", "many", translations=("eins",)), 2) == ["one: 1 forms"]
    assert problems(Message("one", "%s", translations=("eins", "zwei")), 2)[0] == "%s: other placeholders in eins"


def test_strings_are_found_with_contexts_plurals_and_comments() -> None:
    php = """
        /* translators: %s: a name. */
        esc_html__( 'It\\'s %s', 'belong-for-woocommerce' );
        _x( 'Post', 'verb', 'belong-for-woocommerce' );
        _n( '%s day', '%s days', $days['left'], 'belong-for-woocommerce' );
        _nx( 'a', 'b', count( $x ), 'c', 'belong-for-woocommerce' );
    """
    assert list(plugin_strings.in_php(php)) == [
        plugin_strings.Said(Message("It's %s"), "translators: %s: a name."),
        plugin_strings.Said(Message("Post", context="verb")),
        plugin_strings.Said(Message("%s day", "%s days")),
        plugin_strings.Said(Message("a", "b", "c")),
    ]


@pytest.mark.parametrize(
    "call",
    [
        "__( $text, 'belong-for-woocommerce' )",
        "__( 'No domain' )",
        "__( 'Another', 'woocommerce' )",
        "_n_noop( 'a', 'b', 'belong-for-woocommerce' )",
    ],
)
def test_a_string_that_cannot_be_collected_is_refused(call: str) -> None:
    with pytest.raises(ValueError, match=r"__|_n_noop"):
        list(plugin_strings.in_php(call))


def test_what_wordpress_loads_keeps_contexts_forms_and_every_character() -> None:
    po = """
msgid ""
msgstr ""
"Language: de_DE\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgctxt "verb"
msgid "Post"
msgstr "Schreiben"

msgid "%s \\"day\\""
msgid_plural "%s days"
msgstr[0] "%1$s Tag\\n"
msgstr[1] "%s "
"Tage"
"""
    php = plugin_languages.as_php(po)
    assert '"language" => "de_DE",' in php
    assert '"plural-forms" => "nplurals=2; plural=(n != 1);",' in php
    assert '"verb\\x04Post" => "Schreiben",' in php
    assert '"%s \\"day\\"" => "%1\\$s Tag\\x0a\\x00%s Tage",' in php
