"""Every complaint about other programmes has its regression test, under its name and at its level, with its id."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
COMPLAINTS = [
    ("C01", "test_full_refund_takes_back_every_point_the_order_earned", "journeys"),
    ("C02", "test_clawback_uses_the_rule_version_that_paid", "engine/test_stories_complaints.py"),
    ("C03", "test_any_split_of_partial_refunds_claws_back_the_same_total", "engine"),
    ("C04", "test_failed_payment_releases_a_hold_exactly_once", "members"),
    ("C05", "test_refund_of_a_points_paid_order_never_debits_again", "engine"),
    ("C06", "test_repeated_and_flapping_order_status_awards_once", "journeys"),
    ("C07", "test_fifty_parallel_redemptions_spend_the_balance_once", "members"),
    ("C08", "test_earning_ignores_the_currency_shown_to_the_shopper", "payloads/test_contract.py"),
    ("C09", "test_basis_and_rounding_follow_the_written_policy", "engine"),
    ("C10", "test_tier_is_a_pure_function_of_the_ledger_at_a_time", "engine"),
    ("C11", "test_tier_edit_previews_losers_and_loses_no_points", "engine"),
    ("C12", "test_no_lot_expires_without_a_sent_warning", "engine/test_stories_spending.py"),
    ("C13", "test_redeeming_never_lowers_the_tier", "engine"),
    ("C14", "test_guest_order_waits_and_is_claimed_after_verified_sign_in", "journeys"),
    ("C15", "test_backfill_is_repeatable_and_sends_no_mail", "journeys"),
    ("C16", "test_merged_customer_keeps_points_and_one_time_awards_count_once", "engine/test_stories_complaints.py"),
    ("C17", "test_every_capability_is_reachable_by_api_without_a_plan", "connector/test_every_capability.py"),
    ("C18", "test_no_limit_depends_on_order_count", "connector"),
    ("C20", "test_storefront_assets_stay_under_the_size_limit", "plugins"),
    ("C21", "test_reward_that_cannot_apply_takes_no_points", ""),
    ("C25", "test_excluded_tender_lines_and_late_birthday_earn_nothing", "engine"),
    ("C24", "test_lost_late_and_disabled_webhooks_are_reconciled", "journeys"),
]

OF_THE_PLUGIN = [
    ("C22", "test_plugin_works_with_hpos_and_block_checkout"),
    ("C23", "test_plugin_makes_one_cached_call_and_never_scans_users"),
]
PLUGIN = TESTS.parent / "plugins" / "woocommerce" / "tests"


@pytest.mark.parametrize(("complaint", "name"), OF_THE_PLUGIN)
def test_a_complaint_about_plugins_has_its_test(complaint: str, name: str) -> None:
    described = re.compile(rf"/\*\*[\s*]+{complaint}\.(?:(?!\*/).)*\*/\s+public function {name}\(", re.DOTALL)
    found = [path.name for path in PLUGIN.rglob("*Test.php") if described.search(path.read_text(encoding="utf-8"))]
    assert len(found) == 1, f"{name} is missing below plugins/woocommerce/tests"


@pytest.mark.parametrize(("complaint", "name", "where"), COMPLAINTS)
def test_a_complaint_has_its_test(complaint: str, name: str, where: str) -> None:
    there = TESTS / where
    files = [there] if there.is_file() else sorted(there.rglob("test_*.py"))
    found = [ast.get_docstring(test) or "" for path in files for test in _tests(path) if test.name == name]
    assert found, f"{name} is missing below tests/{where}"
    assert [text for text in found if not text.startswith(complaint)] == []


def _tests(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    text = path.read_text(encoding="utf-8")
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
