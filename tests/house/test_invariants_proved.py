"""Each of the twelve invariants of the design is held by tests; this table says by which.

`property`: examples are made by Hypothesis or by a seed. Where an invariant is about transactions, tenants or a store's
answer, it is held by tests on both databases instead, one for each way to break it.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
PROPERTIES: dict[int, list[str]] = {
    1: [
        "engine/test_invariants.py::test_a_replay_with_the_recorded_contexts_gives_the_same_entries",
        "engine/test_review.py::test_rows_may_come_in_any_order_and_a_second_look_changes_nothing",
    ],
    2: [
        "engine/test_invariants.py::test_lots_less_deficit_are_the_sum_of_all_entries_after_every_step",
        "engine/test_lots.py::test_remaining_less_deficit_is_always_the_sum_of_what_moved",
    ],
    3: ["engine/test_lots_pay.py::test_only_lots_that_are_mature_and_have_not_ended_pay"],
    4: [
        "engine/test_invariants.py::test_telling_everything_again_posts_nothing",
        "engine/test_invariants.py::test_any_order_of_the_same_last_states_ends_in_the_same_balances",
        "engine/test_invariants.py::test_no_order_of_arrival_exceeds_a_cap_and_room_never_comes_back",
        "engine/test_invariants.py::test_every_order_has_one_place_and_the_third_pays_once",
        "journeys/test_any_order.py::test_any_disorder_of_deliveries_and_reading_again_ends_at_the_truth",
    ],
    5: [
        "engine/test_complaints.py::test_any_split_of_partial_refunds_claws_back_the_same_total",
        "engine/test_invariants.py::test_refunding_everything_brings_every_order_to_zero",
        "engine/test_invariants.py::test_no_order_is_ever_taken_back_further_than_it_earned",
    ],
    6: ["engine/test_invariants.py::test_a_programme_that_changes_later_changes_nothing_for_orders_already_decided"],
    7: ["engine/test_invariants.py::test_every_entry_can_be_worked_out_again_from_its_explanation_alone"],
    8: [
        "engine/test_invariants.py::test_nothing_in_a_decision_is_anything_but_a_whole_number",
        "engine/test_money.py::test_parts_add_up_and_none_is_a_whole_unit_off_its_share",
    ],
    9: [
        "engine/test_invariants.py::test_a_members_entries_are_one_chain_and_no_entry_can_be_left_out",
        "engine/test_books_closing.py::test_any_day_balances_and_the_order_of_its_sums_is_nothing",
    ],
    12: ["engine/test_invariants.py::test_erasing_every_text_changes_no_number_and_the_ledger_goes_on"],
}
CASES: dict[int, list[str]] = {
    9: ["storage/test_verify_tampering.py::test_random_edits_are_seen"],
    10: [
        "members/test_membership.py::test_members_of_other_programmes_are_not_there",
        "members/test_members_api.py::test_a_key_of_another_programme_finds_nobody",
        "members/test_erasure.py::test_nobody_of_another_programme_is_erased",
    ],
    11: [
        "connector/test_inbox.py::test_a_delivery_is_durable_the_moment_it_is_called_kept",
        "connector/test_inbox.py::test_when_the_database_is_out_everyone_is_told_at_once_and_nothing_is_kept",
        "connector/test_inbox.py::test_a_sender_that_hangs_up_loses_nothing_and_disturbs_nobody",
        "connector/test_webhook_route.py::test_a_genuine_delivery_is_durable_when_it_is_answered_and_becomes_points",
    ],
    12: [
        "members/test_erasure.py::test_whatever_says_who_they_are_goes_and_every_number_stays",
        "members/test_erasure.py::test_nothing_that_is_told_again_brings_anybody_back_or_earns",
    ],
}


def test_all_twelve_are_held() -> None:
    assert sorted(PROPERTIES | CASES) == list(range(1, 13))


@pytest.mark.parametrize("named", [name for table in (PROPERTIES, CASES) for names in table.values() for name in names])
def test_what_the_table_names_is_there(named: str) -> None:
    assert _test(named) is not None


@pytest.mark.parametrize("named", [name for names in PROPERTIES.values() for name in names])
def test_a_property_makes_its_examples(named: str) -> None:
    test = _test(named)
    assert test is not None
    decorators = [call.func for call in test.decorator_list if isinstance(call, ast.Call)]
    assert "given" in [made.id for made in decorators if isinstance(made, ast.Name)]


def _test(named: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    path, _, name = named.partition("::")
    found = ast.walk(ast.parse((TESTS / path).read_text(encoding="utf-8")))
    tests = [node for node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return next((test for test in tests if test.name == name), None)
