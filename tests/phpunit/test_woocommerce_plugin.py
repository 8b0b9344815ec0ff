"""The plugin's PHPUnit suite in real WordPress, at both ends of what we support."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from scripts.npm_packages import NpmUnavailable
from tests.plugins import php, sites, wordpress_core
from tests.plugins.sites import Site

RUNS = [
    ("newest", php.SYSTEM),
    ("oldest", php.SYSTEM),
    ("newest", php.WASM_NEWEST),
    ("oldest", php.WASM_OLDEST),
]


@pytest.mark.parametrize(("age", "php_version"), RUNS)
def test_the_suite_passes(
    age: str, php_version: str, installed: Callable[[str], Site], tell: Callable[[str], None]
) -> None:
    only = ["--testsuite", "contract,stories"] if sites.is_real() else []
    started = time.monotonic()
    with sites.copy(installed(age), php_version) as site:
        try:
            outcome = sites.run_phpunit(site, php_version, *only)
        except NpmUnavailable as why:
            pytest.skip(f"no PHP {php_version} to test the plugin with: {why}")
    assert outcome.unhappy == 0, outcome.said
    assert outcome.tests > 0, outcome.said
    tell(f"{outcome.versions}: {outcome.tests} tests of the plugin in {time.monotonic() - started:.1f} s")


@pytest.mark.parametrize("age", sorted(wordpress_core.SUITES))
def test_wordpress_is_whole(age: str, installed: Callable[[str], Site]) -> None:
    """Debian's packages share libraries by links, and a missing one shows only where it is used."""
    core = installed(age).wordpress
    for name in ("PHPMailer/PHPMailer.php", "ID3/getid3.php", "js/underscore.js", "js/dist/vendor/lodash.js"):
        assert (core / "wp-includes" / name).is_file(), name
    assert [path for path in core.rglob("*") if path.is_symlink()] == []


@pytest.mark.parametrize("php_version", [php.SYSTEM, php.WASM_OLDEST])
def test_a_suite_that_fails_is_seen_to_fail(php_version: str, installed: Callable[[str], Site]) -> None:
    """Without the line that hears of deleted refunds, a story fails; PHP as WebAssembly says 0 all the same."""
    if sites.is_real():
        pytest.skip("a real WooCommerce has no double to break")
    with sites.copy(installed("newest"), php_version) as site:
        hooks = site.folder / "wp-content" / "plugins" / sites.SLUG / "src" / "Hooks.php"
        text = hooks.read_text(encoding="utf-8")
        deaf = "\n".join(line for line in text.split("\n") if "woocommerce_pre_delete_order_refund" not in line)
        assert deaf != text
        hooks.write_text(deaf, encoding="utf-8")
        outcome = sites.run_phpunit(site, php_version, "--filter", "OrderStoriesTest")
    assert outcome.unhappy == 1, outcome.said
    assert "test_a_deleted_refund_marks_its_order" in outcome.said
