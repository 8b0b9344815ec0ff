"""The plugin keeps the rules of WordPress's plugin review, as far as they can be seen without running it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from scripts.debian_packages import DebianUnavailable
from tests.plugins import php, sites, wordpress_core, wordpress_rules
from tests.plugins.wordpress_rules import RULES, Rule

PLUGIN = sites.PLUGIN
MAIN = PLUGIN / f"{sites.SLUG}.php"
SHIPPED_KINDS = {".php", ".txt", ".js", ".css", ".svg", ".pot", ".po", ".mo", ".json"}


def shipped() -> list[Path]:
    folders = [PLUGIN / name for name in sites.NOT_SHIPPED]
    return [path for path in sorted(PLUGIN.rglob("*")) if path.is_file() and not is_below(path, folders)]


def is_below(path: Path, folders: list[Path]) -> bool:
    return any(path == folder or folder in path.parents for folder in folders)


def php_files() -> list[Path]:
    return [path for path in shipped() if path.suffix == ".php"]


def texts() -> dict[str, str]:
    """By path: names alone stand in more than one folder."""
    return {path.relative_to(PLUGIN).as_posix(): path.read_text(encoding="utf-8") for path in php_files()}


# For each address of the service that a shop calls, what readme.txt says of it under External services.
SAID_OF_CALLS = {
    "batch": "When something changes",
    "shopper-tokens": "When a shopper does something with points",
    "join": "when somebody agrees to take part",
    "handover": "For opening the console",
    "order": "the screen of an order asks",
    "member": "that of a user",
    "adjust": "changed by hand",
    "opening-balances": "For balances of another plugin",
    "site": "the shop has moved",
    "disconnect": '"Disconnect"',
    "state": '"Try again"',
}


def headers() -> dict[str, str]:
    return dict(re.findall(r"^ \* ([A-Z][\w ]+?):\s+(.+)$", MAIN.read_text(encoding="utf-8"), re.MULTILINE))


def readme() -> dict[str, str]:
    head = (PLUGIN / "readme.txt").read_text(encoding="utf-8").partition("\n\n")[0]
    return dict(re.findall(r"^([A-Z][\w ]+): (.+)$", head, re.MULTILINE))


@pytest.mark.parametrize("rule", RULES, ids=[rule.says for rule in RULES])
def test_a_rule_sees_what_it_should_and_nothing_else(rule: Rule) -> None:
    for line in rule.bad:
        assert re.search(rule.pattern, line, re.MULTILINE), line
    for line in rule.good:
        assert not re.search(rule.pattern, line, re.MULTILINE), line


def test_comments_are_no_findings_and_lines_keep_their_numbers() -> None:
    text = "<?php\n/**\n * eval( 1 );\n */\n$x = 1; // eval( 2 );\neval( 3 );\n"
    assert [found.split(": ")[0] for found in wordpress_rules.findings("x.php", text)] == ["x.php:6"]


def test_what_is_shipped_keeps_the_rules() -> None:
    assert [line for name, text in texts().items() for line in wordpress_rules.findings(name, text)] == []


def test_what_a_rule_lets_pass_is_one_line_that_it_would_find() -> None:
    for rule in RULES:
        for name, _, line in (exception.partition(": ") for exception in rule.but):
            text = wordpress_rules.without_comments((PLUGIN / name).read_text(encoding="utf-8"))
            assert [text_line.strip() for text_line in text.split("\n")].count(line) == 1, line
            assert re.search(rule.pattern, line), line


def test_every_file_is_closed_to_whoever_opens_it_directly() -> None:
    guard = "defined( 'ABSPATH' ) || exit;"
    assert [name for name, text in texts().items() if guard not in text] == []


def test_whatever_reads_a_request_checks_a_nonce() -> None:
    reading = re.compile(r"\$_(GET|POST|REQUEST)\b")
    checking = re.compile(r"wp_verify_nonce|check_admin_referer|check_ajax_referer")
    assert [name for name, text in texts().items() if reading.search(text) and not checking.search(text)] == []


def test_there_is_one_way_to_a_hook_and_it_is_taken_in_classes_called_hooks_alone() -> None:
    """One for each area; src/Hooks.php calls the others."""
    adding = re.compile(r"(?<![\w>])(add_action|add_filter|add_shortcode)\s*\(")
    listening = re.compile(
        r"->listening->(?:action|filter|refusing|shortcode)\(|\bregister_(?:de)?activation_hook\s*\("
    )
    assert [name for name, text in texts().items() if adding.search(text)] == ["src/Listening.php"]
    files = {name for name, text in texts().items() if listening.search(text)}
    first = texts()["src/Hooks.php"]
    called = {
        f"src/{area}/Hooks.php" for area in re.findall(r"^use Belong\\(\w+)\\Hooks as \1Hooks;$", first, re.MULTILINE)
    }
    assert files == called | {"src/Hooks.php"}
    assert len(re.findall(r"new \w+Hooks\( \$this->listening \)", first)) == len(called)


def test_every_hook_of_ours_is_heard_by_us_or_told_to_others() -> None:
    all_of_it = "".join(texts().values())
    made = set(re.findall(r"(?:do_action|apply_filters)\(\s*'(belong_\w+)'", all_of_it))
    heard = set(re.findall(r"->(?:action|filter)\(\s*'(belong_\w+)'", all_of_it))
    told = set(re.findall(r"`(belong_\w+)`", (PLUGIN / "README.md").read_text(encoding="utf-8")))
    assert made and made <= heard | told, made - heard - told


def test_each_class_lies_where_its_name_says() -> None:
    for path in (PLUGIN / "src").rglob("*.php"):
        text = path.read_text(encoding="utf-8")
        namespace = "\\".join(("Belong", *path.parent.relative_to(PLUGIN / "src").parts))
        assert f"\nnamespace {namespace};\n" in text, path.name
        if path.name != "autoload.php":
            assert re.search(rf"^(final |abstract )?(class|interface) {path.stem}\b", text, re.MULTILINE), path.name


def test_only_kinds_of_files_that_review_lets_pass_are_shipped() -> None:
    names = [path.relative_to(PLUGIN).as_posix() for path in shipped()]
    assert [name for name in names if Path(name).suffix not in SHIPPED_KINDS] == []
    assert [name for name in names if any(part.startswith(".") for part in name.split("/"))] == []


def test_header_and_readme_agree() -> None:
    header, read = headers(), readme()
    title = (PLUGIN / "readme.txt").read_text(encoding="utf-8").splitlines()[0]
    assert title == f"=== {header['Plugin Name']} ==="
    assert header["Version"] == read["Stable tag"]
    for name in ("Requires at least", "Requires PHP", "License", "License URI"):
        assert header[name] == read[name], name
    assert header["Text Domain"] == sites.SLUG
    assert header["Requires Plugins"] == "woocommerce"
    assert header["License"] == "GPL-2.0-or-later"
    assert "Update URI" not in header


def test_the_readme_is_one_that_review_lets_pass() -> None:
    text = (PLUGIN / "readme.txt").read_text(encoding="utf-8")
    assert len(readme()["Tags"].split(",")) <= 5
    assert re.fullmatch(r"\d+\.\d+", readme()["Tested up to"])
    short = text.split("\n\n")[1]
    assert len(short) <= 150 and "\n" not in short
    sections = (
        "Description",
        "External services",
        "Installation",
        "Frequently Asked Questions",
        "Screenshots",
        "Changelog",
    )
    for section in sections:
        assert f"\n== {section} ==\n" in text


def test_the_readme_says_of_each_call_what_is_sent() -> None:
    told = (PLUGIN / "readme.txt").read_text(encoding="utf-8")
    services = told.partition("== External services ==")[2].partition("\n== ")[0]
    wire = (wordpress_core.ROOT / "docs" / "plugin-wire.md").read_text(encoding="utf-8")
    assert set(re.findall(r"POST /v1/store/([\w-]+)", wire)) == set(SAID_OF_CALLS)
    assert [call for call, said in SAID_OF_CALLS.items() if said not in services] == []
    filters = set(re.findall(r"apply_filters\( '(belong_\w+_meta_keys)'", "".join(texts().values())))
    assert filters == set(re.findall(r"`(belong_\w+)`", services))


def test_every_file_is_php_that_can_be_compiled() -> None:
    try:
        php.require_system()
    except DebianUnavailable as why:
        pytest.skip(f"no PHP to read the plugin with: {why}")
    program = f"php{php.SYSTEM}"
    for path in sorted(PLUGIN.rglob("*.php")):
        done = subprocess.run([program, "-l", str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
