"""The files of the theme extension: Shopify's theme check, and what it does not look at."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from connector import storefront
from connector.shopify.app_folder import IN_A_CLONE
from tests.shopify.app.node import node
from tests.shopify.theme.rendering import THEME

CHECK = Path(__file__).parent / "check.mjs"
SOURCE = IN_A_CLONE / THEME
BLOCKS = sorted((SOURCE / "blocks").glob("*.liquid"))
LANGUAGES = ("en.default", "de", "es", "zh-CN", "zh-TW")
SETTINGS = {"color", "header", "page", "product", "select", "text", "range", "checkbox", "paragraph"}
SCRIPT_MAX, WEIGHT_MAX, NAME_MAX, BLOCKS_MAX = 10_000, 15 * 1000, 25, 30
SAME_EVERYWHERE = {"number.group", "number.from", "points.with_number"}
"""Texts that are no words."""


def offences(tools: Path, folder: Path) -> list[dict[str, str]]:
    done = node(CHECK, tools, folder)
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


def schema(block: Path) -> dict[str, Any]:
    [found] = re.findall(r"{% schema %}(.*?){% endschema %}", block.read_text("utf-8"), re.S)
    told: dict[str, Any] = json.loads(found)
    return told


def texts(name: str) -> dict[str, str]:
    told = json.loads((SOURCE / "locales" / f"{name}.json").read_text("utf-8"))
    return {f"{group}.{key}": text for group, keys in told.items() for key, text in keys.items()}


def places(text: str) -> list[str]:
    return sorted(re.findall(r"{{ (\w+) }}", text))


def test_theme_check_has_nothing_against_it(shopify_tools: Path, theme_app: Path) -> None:
    assert offences(shopify_tools, theme_app / THEME) == []


def test_theme_check_would_say_so(shopify_tools: Path, theme_app: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(theme_app / THEME, broken)
    block = broken / "blocks" / "belong-points.liquid"
    block.write_text("{% render 'belong-nowhere' %}{{ 'balance.nowhere' | t }}" + block.read_text("utf-8"), "utf-8")
    assert {one["check"] for one in offences(shopify_tools, broken)} >= {"MissingTemplate", "TranslationKeyExists"}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.stem)
def test_the_schema_of_a_block_is_one_that_shopify_takes(theme_app: Path, block: Path) -> None:
    """What theme check does not see: files that are not there, kinds of settings, names that are too long."""
    told = schema(block)
    assert told["target"] == ("body" if block.stem == "belong-launcher" else "section")
    for kind in ("javascript", "stylesheet"):
        assert kind not in told or (theme_app / THEME / "assets" / told[kind]).is_file()
    labels = texts("en.default.schema")
    assert len(labels[told["name"].removeprefix("t:")]) <= NAME_MAX
    ids = [setting["id"] for setting in told["settings"] if setting["type"] != "header"]
    assert len(ids) == len(set(ids))
    assert {setting["type"] for setting in told["settings"]} <= SETTINGS
    used = set(re.findall(r'"t:([\w.]+)"', json.dumps(told)))
    assert used <= set(labels)
    asked = set(re.findall(r"block\.settings\.(\w+)", block.read_text("utf-8")))
    look = set(re.findall(r" settings\.(\w+)", (SOURCE / "snippets" / "belong-look.liquid").read_text("utf-8")))
    assert asked | (look if "belong-look" in block.read_text("utf-8") else set()) == set(ids)


def test_there_are_not_more_blocks_than_shopify_allows() -> None:
    assert 0 < len(BLOCKS) <= BLOCKS_MAX


@pytest.mark.parametrize("kind", ["", ".schema"])
def test_every_language_has_every_text_with_the_same_places(kind: str) -> None:
    english = texts(f"en.default{kind}")
    for name in LANGUAGES:
        told = texts(name + kind)
        assert list(told) == list(english), name
        assert [key for key in told if places(told[key]) != places(english[key]) or not told[key].strip()] == [], name
        same = {key for key, text in told.items() if text == english[key]} - SAME_EVERYWHERE
        assert name == "en.default" or not same & set(_spoken(english)) - _taken_over(name), name
    stems = {path.stem for path in (SOURCE / "locales").iterdir()}
    assert {stem for stem in stems if stem.endswith(".schema") == bool(kind)} == {name + kind for name in LANGUAGES}


def _spoken(texts_of: dict[str, str]) -> list[str]:
    return [key for key, text in texts_of.items() if re.search(r"[a-z]{3}", re.sub(r"{{ \w+ }}", "", text))]


def _taken_over(name: str) -> set[str]:
    """Words that are the same in two languages."""
    return {"de": {"badges.bronze", "badges.gold", "look.text", "look.accent", "kind.bonus"}}.get(name, set())


def test_every_text_is_shown_somewhere() -> None:
    liquid = "".join(path.read_text("utf-8") for path in SOURCE.rglob("*.liquid"))
    said = set(re.findall(r"'(\w+\.\w+)' \| t\b", liquid)) | set(re.findall(r"'(\w+\.\w+)'", liquid))
    begun = tuple(re.findall(r"'(\w+\.)' \| append", liquid))
    keys = set(texts("en.default"))
    assert {key for key in keys - said if not key.startswith(begun)} == set()
    labels = {key for block in BLOCKS for key in re.findall(r'"t:([\w.]+)"', block.read_text("utf-8"))}
    assert set(texts("en.default.schema")) == labels


def test_refusals_that_a_script_may_say_have_texts() -> None:
    script = "".join((storefront.HERE / name).read_text("utf-8") for name in (storefront.ASKING, storefront.ACTING))
    told = {name for name in re.findall(r"refused\.(\w+)", json.dumps([f"refused.{key}" for key in _refusals()]))}
    reached = set(re.findall(r": '([a-z-]+)'", script.split("const SAID = {")[1].split("};")[0]))
    reached |= set(re.findall(r"new (?:belong\.)?Refused\('([a-z-]+)'", script)) | {"other", "no-member"}
    assert {name.replace("-", "_") for name in reached} == told


def test_refusals_are_said_alike_on_pages_of_a_shop_and_in_its_account_and_checkout() -> None:
    """Two tables for two kinds of scripts, which cannot load one another."""

    def table(text: str) -> dict[str, str]:
        inside = text.split("SAID", 1)[1].split("{", 1)[1].split("};")[0]
        inside = inside.split("= {", 1)[1] if "= {" in inside else inside
        return {code: said for code, said in re.findall(r"'?([a-z-]+)'?: '(\w[\w-]*)'", inside)}

    pages = table((storefront.HERE / storefront.ASKING).read_text("utf-8"))
    extensions = table((IN_A_CLONE / "extensions" / "shared" / "asking" / "refusals.ts").read_text("utf-8"))
    assert len(pages) > 15
    assert {
        code: re.sub("-([a-z])", lambda found: found[1].upper(), said) for code, said in pages.items()
    } == extensions


def test_pages_without_liquid_say_what_a_theme_says() -> None:
    """The words of headless shops are files of their own; where both say something, it is the same."""
    for liquid, ours in (("en.default", "en"), ("de", "de"), ("es", "es"), ("zh-CN", "zh-Hans"), ("zh-TW", "zh-Hant")):
        theme = {key: re.sub(r"{{ (\w+) }}", r"{\1}", text) for key, text in texts(liquid).items()}
        told = json.loads((storefront.HERE / "words" / f"{ours}.json").read_text("utf-8"))
        both = theme.keys() & told.keys()
        assert len(both) > 50
        assert {key: told[key] for key in both} == {key: theme[key] for key in both}, ours


def _refusals() -> list[str]:
    return [key.removeprefix("refused.") for key in texts("en.default") if key.startswith("refused.")]


def test_storefront_assets_stay_under_the_size_limit(theme_app: Path) -> None:
    """C20, of this shop: all that a page can load, compressed, and each script as it is."""
    assets = sorted((theme_app / THEME / "assets").iterdir())
    assert set(storefront.SHOPIFY) <= {one.name for one in assets}
    assert all(path.stat().st_size < SCRIPT_MAX for path in assets if path.suffix == ".js"), assets
    # The launcher's own script and style come with the page.
    launcher = (SOURCE / "blocks" / "belong-launcher.liquid").read_text("utf-8")
    inline = "".join(re.findall(r"<(?:style|script)>(.*?)</", launcher, re.S))
    weight = sum(len(gzip.compress(path.read_bytes())) for path in assets) + len(gzip.compress(inline.encode()))
    assert 0 < weight < WEIGHT_MAX


def test_what_shapes_a_block_stands_before_it() -> None:
    """A page comes in pieces: what is shown before its style comes moves when it does."""
    shaped = {path.name: path.read_text("utf-8") for path in (SOURCE / "blocks").glob("*.liquid")}
    shaped = {name: html for name, html in shaped.items() if "<style" in html}
    assert set(shaped) == {"belong-launcher.liquid"}
    for name, html in shaped.items():
        assert html.index("<style") < html.index("<details"), name
