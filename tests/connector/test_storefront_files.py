"""What a headless shop's page loads: from any address, kept for ever, and small."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector import storefront
from connector.access.rates import ANYONE
from connector.storefront import squeezing
from tests.connector.outside import Outside, outside

PUBLIC = "https://points.example/belong"
KILOBYTES_MAX = 15
LANGUAGES = ("de", "en", "es", "zh-Hans", "zh-Hant")
ELSEWHERE = {"Origin": "https://anybody.example"}


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield found


async def test_files_with_their_version_are_kept_for_ever(service: Outside) -> None:
    told = (await service.http.get("/v1/storefront")).json()
    assert {one["file"] for one in told["files"]} == {"belong.css", "belong.js"} | {
        f"words-{tag}.json" for tag in LANGUAGES
    }
    for one in told["files"]:
        assert one["address"] == f"{PUBLIC}/storefront/{told['version']}/{one['file']}"
        answer = await service.http.get(f"/storefront/{told['version']}/{one['file']}", headers=ELSEWHERE)
        made = storefront.served()[one["file"]]
        assert (answer.status_code, answer.content, one["integrity"]) == (200, made.content, made.integrity)
        headers = answer.headers
        assert headers["cache-control"] == "public, max-age=31536000, immutable"
        assert (headers["access-control-allow-origin"], headers["content-encoding"]) == ("*", "gzip")
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        plain = await service.http.get(answer.url.path, headers={"Accept-Encoding": "identity"})
        assert plain.content == made.content and "content-encoding" not in plain.headers
        again = await service.http.get(answer.url.path, headers={"If-None-Match": headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["belong.js", "0123456789ab/belong.js"])
async def test_without_the_newest_version_a_page_is_led_to_it(service: Outside, path: str) -> None:
    answer = await service.http.get(f"/storefront/{path}")
    assert answer.status_code == 302
    assert answer.headers["location"] == f"{PUBLIC}/storefront/{storefront.version()}/belong.js"
    assert (answer.headers["cache-control"], answer.headers["access-control-allow-origin"]) == (
        "public, max-age=300",
        "*",
    )


async def test_nothing_else_is_handed_out(service: Outside) -> None:
    for name in ("belong-act.js", "__init__.py", "words", "..%2f__init__.py"):
        assert (await service.http.get(f"/storefront/{storefront.version()}/{name}")).status_code == 404


async def test_one_address_cannot_have_them_for_ever(service: Outside) -> None:
    asked = [(await service.http.head("/storefront/belong.css")).status_code for _ in range(ANYONE.at_once + 40)]
    assert asked[: ANYONE.at_once] == [302] * ANYONE.at_once and asked[-1] == 429


def test_all_that_a_page_loads_is_small() -> None:
    """C20, headless: the script, the style sheet and the words of one language."""
    sizes = {name: len(one.compressed) for name, one in storefront.served().items()}
    words = max(size for name, size in sizes.items() if name.startswith("words-"))
    assert 0 < sizes["belong.js"] + sizes["belong.css"] + words < KILOBYTES_MAX * 1000, sizes
    assert all(gzip.decompress(one.compressed) == one.content for one in storefront.served().values())


def _words(tag: str) -> dict[str, str]:
    told: dict[str, str] = json.loads((storefront.HERE / "words" / f"{tag}.json").read_text("utf-8"))
    return told


def test_every_language_has_every_word_with_the_same_places_and_each_is_said() -> None:
    english = _words("en")
    for tag in LANGUAGES:
        told = _words(tag)
        assert list(told) == list(english), tag
        wrong = [key for key in told if _places(told[key]) != _places(english[key]) or not told[key].strip()]
        assert wrong == [], tag
    script = (storefront.HERE / storefront.SHOWING).read_text("utf-8")
    said = set(re.findall(r"'(\w+\.\w+)'", script))
    begun = tuple(re.findall(r"`(\w+\.)\$", script)) + ("refused.",)
    assert {key for key in english if key not in said and not key.startswith(begun)} == set()
    assert {key for key in said if key.partition(".")[0] in {one.partition(".")[0] for one in english}} <= set(english)


def _places(text: str) -> list[str]:
    return sorted(re.findall(r"{(\w+)}", text))


@pytest.mark.parametrize("name", [storefront.STYLE, storefront.SCRIPT])
def test_what_is_served_is_what_was_written_but_for_comments_and_spaces(name: str) -> None:
    parts = {storefront.STYLE: (storefront.STYLE,), storefront.SCRIPT: storefront.HEADLESS}[name]
    written = "".join(path.read_text("utf-8") for path in storefront.paths(parts))
    served = storefront.served()[name].content.decode()
    assert "/*" in written and "/*" not in served
    bare = re.sub(r"\s", "", re.sub(r"/\*.*?\*/", "", written, flags=re.DOTALL))
    assert re.sub(r"\s", "", served).replace(";}", "}") == bare.replace(";}", "}")
    texts = re.findall(r"'[^'\n]*'|`[^`]*`", re.sub(r"/\*.*?\*/", "", written, flags=re.DOTALL))
    assert name == storefront.STYLE or len(texts) > 500
    assert [one for one in texts if one not in served] == []


@pytest.mark.parametrize(
    ("written", "served"),
    [
        ("  const a = 1;\n\n  b(a, c);\n", "const a=1;\nb(a,c);\n"),
        ("say('a /* b */  = c');", "say('a /* b */  = c');"),
        ('say("it\'s  = d");', 'say("it\'s  = d");'),
        ("say('it\\'s  = d');", "say('it\\'s  = d');"),
        ("say(`${one}  =  ${two}`);", "say(`${one}  =  ${two}`);"),
        ("x.replace(/[^/ ]*$/, '') ;", "x.replace(/[^/ ]*$/,'');"),
        ("return /a , b/.test(c) ? d : e", "return /a , b/.test(c)?d:e"),
        ("a = b / c; d = e / f;", "a=b / c;d=e / f;"),
        ("one() /* why */\ntwo()", "one()\ntwo()"),
        ("/* On\n   two lines. */\nlet i;\ni += 1", "let i;\ni +=1"),
        ("a + +b - -c", "a + +b - -c"),
    ],
)
def test_a_script_keeps_its_texts_its_patterns_and_its_lines(written: str, served: str) -> None:
    assert squeezing.script(written) == served


@pytest.mark.parametrize(
    ("written", "served"),
    [
        (".a > .b + .c, .d :is(p, q) { margin: 0 1em; }\n", ".a>.b + .c,.d :is(p,q){margin:0 1em}\n"),
        ("/* why */\n.a {\n  inline-size: calc(100% + (2 * 1em));\n}", ".a{inline-size:calc(100% + (2 * 1em))}\n"),
        ("@media (forced-colors: active) { .a { b: c; } }", "@media (forced-colors:active){.a{b:c}\n}\n"),
    ],
)
def test_a_style_sheet_keeps_what_parts_its_selectors(written: str, served: str) -> None:
    assert squeezing.style(written) == served
