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
    assert 0 < sizes["belong.js"] + sizes["belong.css"] + words < KILOBYTES_MAX * 1024, sizes
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


def test_what_is_served_is_what_was_written_without_comments_and_indentation() -> None:
    for name, parts in ((storefront.STYLE, (storefront.STYLE,)), (storefront.SCRIPT, storefront.HEADLESS)):
        kept: list[str] = []
        for path in storefront.paths(parts):
            is_comment = False
            for line in map(str.lstrip, path.read_text("utf-8").splitlines()):
                is_comment = is_comment or line.startswith("/*")
                if not is_comment:
                    kept.append(line)
                elif line.endswith("*/"):
                    is_comment = False
        assert storefront.served()[name].content.decode().splitlines() == kept
