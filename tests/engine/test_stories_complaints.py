"""Complaints about other programmes, told day by day so that a merchant can read what happens here."""

from __future__ import annotations

from tests.engine.story import story


@story
def test_clawback_uses_the_rule_version_that_paid() -> None:
    """C02: the rate is changed, then the rule deleted, and each time half is refunded: exactly half comes back.

    programme: 2 points per EUR, pending 14 days
    2026-03-01  order 1 paid 350.00 EUR             | +700 earn
    2026-03-01  order 2 paid 50.00 EUR              | +100 earn
    2026-03-02  programme: 5 points per EUR, pending 0 days
    2026-03-03  order 1 refunded 175.00             | -350 clawback
    2026-03-03  order 3 paid 10.00 EUR              | +50 earn
    2026-03-04  programme: 1 point per USD, pending 0 days
    2026-03-05  order 2 refunded 25.00              | -50 clawback
    2026-03-05  order 3 refunded 5.00               | -25 clawback
    2026-03-05  order 1 refunded in full            | -350 clawback
    2026-03-06  Anna has 25 available and 50 pending until 2026-03-15
    """


@story
def test_merged_customer_keeps_points_and_one_time_awards_count_once() -> None:
    """C16: the sum is kept, joining counts once, and undoing the merge restores both.

    programme: 1 point per EUR, pending 0 days, joining earns 20
    2026-03-01  Anna joins                          | +20 bonus
    2026-03-01  Ben joins                           | Ben +20 bonus
    2026-03-02  order 1 paid 70.00 EUR by Ben       | Ben +70 earn
    2026-03-03  Ben is merged into Anna             | +20 transfer, +70 transfer, -20 clawback
    2026-03-03  Anna has 90 available
    2026-03-03  Ben has nothing
    2026-03-04  order 1 told again                  | nothing
    2026-03-04  Anna has 90 available
    2026-03-05  the merge of Ben into Anna is undone | Ben +70 transfer, Ben +20 bonus
    2026-03-05  Anna has 20 available
    2026-03-05  Ben has 90 available
    """
