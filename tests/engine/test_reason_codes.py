"""Every code that says why something earns nothing, or why a rule did not fire: a case that really brings it about, and
a sentence in every language. A code without a case, or a case without a code, fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from loyalty_engine.decision import Reason
from loyalty_engine.earning.evaluate import first_context, worth_of
from loyalty_engine.explain.refusals import rule_refusal, why_not
from loyalty_engine.facts import Activity, ActivityStatus, OrderState, OrderStatus
from loyalty_engine.member import MemberState, MemberStatus
from loyalty_engine.programme.earning_model import Combine
from loyalty_engine.programme.model import ORDER, Cap, EarnPolicy, Lane, Programme, Rulebook, Stop, WindDown, Window
from loyalty_engine.texts import LANGUAGES, Words
from loyalty_engine.worth import Refusal, Worth
from tests.engine.builders import PAID, an_order, returned
from tests.engine.earning import (
    an_activity,
    fixed,
    member,
    per_amount,
    programme,
    source_of_activity,
    source_of_order,
    when,
)
from tests.engine.test_texts import codes_in

PLAIN = programme(per_amount())
REVIEWS = programme(fixed(10, "review", "review"))
BUDGET = Cap("budget", Window.MONTH, points=1000, triggers=frozenset({ORDER, "review"}))
DAY = timedelta(days=1)
Found = Worth | Refusal


def decided(
    fact: OrderState | Activity,
    rules: Programme = PLAIN,
    who: MemberState | None = None,
    *,
    first: OrderState | Activity | None = None,
    belongs: bool = True,
    stops: tuple[Stop, ...] = (),
) -> Found:
    """What a fact is worth, or why it has no context. first: how it stood when its context was written."""
    who = who or member()
    then, now = [
        replace(source_of_order(one) if isinstance(one, OrderState) else source_of_activity(one), belongs=belongs)
        for one in (first or fact, fact)
    ]
    context = first_context(then, who, Rulebook((rules,), stops=stops), PAID)
    return context if isinstance(context, Refusal) else worth_of(now, context, rules, who)


def full(cap: Cap) -> MemberState:
    """A member who has nothing left under a cap of one day."""
    return member(room_taken={(cap.cap_id, PAID.date().isoformat()): (10**6, 10**6)})


ONCE = Cap("once", Window.DAY, points=5, triggers=frozenset({ORDER}))
OWN = Cap("own", Window.DAY, points=5)
STOPPED = (Stop("budget", PAID.strftime("%Y-%m"), PAID - DAY),)

SOURCES: dict[str, Callable[[], Found]] = {
    "order-not-paid": lambda: decided(an_order(status=OrderStatus.OPEN)),
    "order-cancelled": lambda: decided(an_order(status=OrderStatus.CANCELLED)),
    "order-deleted": lambda: decided(an_order(status=OrderStatus.DELETED)),
    "test-order": lambda: decided(an_order(is_test=True)),
    "payment-date-unknown": lambda: decided(an_order(paid_at=None)),
    "belongs-to-another": lambda: decided(an_order(), belongs=False),
    "member-blocked": lambda: decided(an_order(), who=member(status=MemberStatus.BLOCKED)),
    "member-erased": lambda: decided(an_order(), who=member(status=MemberStatus.ERASED)),
    "programme-ended": lambda: decided(an_order(), programme(per_amount(), wind_down=WindDown(PAID, PAID + DAY))),
    "paid-before-enrolment": lambda: decided(an_order(), who=MemberState("anna", PAID + 400 * DAY)),
    "paid-after-leaving": lambda: decided(an_order(), who=member(left_at=PAID)),
    "not-approved": lambda: decided(an_activity(status=ActivityStatus.SUBMITTED), REVIEWS),
    "activity-removed": lambda: decided(an_activity(status=ActivityStatus.REMOVED), REVIEWS),
    "reported-too-late": lambda: decided(an_activity(values={"pays": False}), REVIEWS),
    "no-rule-applies": lambda: decided(an_activity("photo"), REVIEWS),
    "more-points-than-possible": lambda: decided(an_order(10**17), programme(per_amount("1000"))),
    "cap-reached": lambda: decided(an_order(), programme(per_amount(), caps=(ONCE,)), full(ONCE)),
    "refunded-in-full": lambda: decided(an_order(10_000, returned(10_000)), first=an_order()),
    "programme-cap-reached": lambda: decided(
        an_order(), programme(per_amount(), programme_caps=(BUDGET,)), stops=STOPPED
    ),
    "order-below-minimum": lambda: decided(an_order(), programme(per_amount(), earn=EarnPolicy(minimum_minor=20_000))),
    "currency-without-rate": lambda: decided(an_order(currency="USD"), programme(per_amount())),
    "no-goods-that-earn": lambda: decided(an_order(0)),
    "below-one-point": lambda: decided(an_order(50)),
}
RULES: dict[str, Callable[[], Found]] = {
    "not-yet": lambda: decided(an_order(), programme(per_amount(starts_at=PAID + DAY))),
    "over": lambda: decided(an_order(), programme(per_amount(ends_at=PAID))),
    "dry-run": lambda: decided(an_order(), programme(per_amount(dry_run=True))),
    "not-verified": lambda: decided(an_activity(), programme(fixed(10, "review", "review", verified_only=True))),
    "minimum-chars": lambda: decided(an_activity(), programme(fixed(10, "review", "review", minimums={"chars": 40}))),
    "condition-country": lambda: decided(an_order(), programme(per_amount(conditions=when("country", "in", "FR")))),
    "cap-reached": lambda: decided(an_order(), programme(per_amount(caps=(OWN,))), full(OWN)),
    "currency-without-rate": lambda: decided(an_order(currency="USD")),
    "order-below-minimum": SOURCES["order-below-minimum"],
    "programme-cap-reached": SOURCES["programme-cap-reached"],
    "nothing-that-counts": lambda: decided(an_order(0)),
    "another-gave-more": lambda: decided(
        an_order(),
        programme(
            per_amount(),
            per_amount("2", "more"),
            earn=EarnPolicy(lanes={**EarnPolicy().lanes, Lane.BASE: Combine.BEST}),
        ),
    ),
}


def test_every_code_of_the_engine_has_a_case() -> None:
    modules = ("earning/contexts.py", "earning/evaluate.py", "earning/orders.py", "earning/activities.py")
    assert codes_in(*modules) - SOURCES.keys() - RULES.keys() == set()
    assert codes_in("earning/summing.py") - SOURCES.keys() - RULES.keys() == set()


@pytest.mark.parametrize("code", sorted(SOURCES))
def test_a_source_earns_nothing_for_this_reason_and_says_so_in_every_language(code: str) -> None:
    found = SOURCES[code]()
    assert (found.code if isinstance(found, Refusal) else found.reason) == code
    if isinstance(found, Worth) and code != "more-points-than-possible":
        assert found.points == 0
    rules = () if isinstance(found, Refusal) else found.rules
    told = {
        language: why_not(Reason("x", code, inputs=found.inputs, rules=rules), Words(language))
        for language in LANGUAGES
    }
    assert_said(code, {language: sentences[0] for language, sentences in told.items()})


@pytest.mark.parametrize("code", sorted(RULES))
def test_a_rule_does_not_fire_for_this_reason_and_says_so_in_every_language(code: str) -> None:
    found = RULES[code]()
    assert isinstance(found, Worth)
    missed: list[dict[str, Any]] = [one for one in found.rules if one["code"] == code]
    assert missed, found.rules
    assert_said(code, {language: rule_refusal(missed[0], Words(language)) for language in LANGUAGES})


def assert_said(code: str, told: dict[str, str]) -> None:
    """A sentence of its own in each language (both ways of writing Chinese may agree), and not the code itself."""
    assert len({told[language] for language in LANGUAGES if language != "zh_hant"}) == len(LANGUAGES) - 1, told
    assert all(code not in sentence and "{" not in sentence for sentence in told.values()), told
