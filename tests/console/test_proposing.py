"""What the guided set-up proposes can be used in every currency and size of shop, and people can reckon with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.programmes.drafting import pretty, read_typed
from connector.programmes.files import fitted, template, template_names
from connector.programmes.proposing import (
    BACK_MAX,
    BACK_MIN,
    KINDS,
    ORDERS,
    SHARES,
    TIERS_MAX,
    USUAL,
    USUAL_UNITS,
    Sizes,
    Wishes,
    first_reward,
    propose,
    rate_for,
    sizes_of,
    thresholds,
)
from connector.programmes.rehearsing import rehearse
from connector.programmes.shop_facts import ENOUGH
from connector.storage.figures import Bought
from loyalty_engine.money import MAX_MINOR, THREE_DECIMALS, TWO_DECIMALS, ZERO_DECIMALS, exponent_of
from loyalty_engine.programme import Programme, parse_programme
from loyalty_engine.programme.resolve import ShopFacts
from loyalty_engine.programme.returns import points_per_unit, return_percent

NOW = datetime(2026, 11, 28, tzinfo=UTC)
CURRENCIES = sorted(ZERO_DECIMALS | TWO_DECIMALS | THREE_DECIMALS)
MINORS = st.integers(1, 10**11)
ALL = frozenset(KINDS)


@st.composite
def shops(draw: st.DrawFn) -> Sizes:
    spent = sorted(draw(st.lists(MINORS, min_size=99, max_size=99))) if draw(st.booleans()) else []
    return Sizes(draw(st.sampled_from(CURRENCIES)), draw(MINORS), is_guess=False, spent_minor=spent)


@st.composite
def answers(draw: st.DrawFn) -> Wishes:
    yes = st.booleans()
    return Wishes(
        name=draw(st.text("ab <>&'\"月é", min_size=1, max_size=100).filter(str.strip)),
        back=draw(st.fractions(BACK_MIN, BACK_MAX, max_denominator=100)),
        one=draw(st.sampled_from(["", "bean"])),
        many="beans",
        language=draw(st.sampled_from(["en", "zh-Hant"])),
        tiers=draw(st.integers(0, TIERS_MAX)),
        kinds=draw(st.frozensets(st.sampled_from(KINDS), min_size=1)),
        referral=draw(yes),
        welcome=draw(yes),
        birthday=draw(yes),
    )


def used(wishes: Wishes, sizes: Sizes) -> Programme:
    """By the way that it takes as a draft: written out, and read again."""
    text = pretty(propose(wishes, sizes, "Asia/Tokyo"))
    return parse_programme(read_typed(text), 1, NOW - timedelta(days=800))


@given(answers(), shops())
def test_every_proposal_can_be_used(wishes: Wishes, sizes: Sizes) -> None:
    programme = used(wishes, sizes)
    assert {one.code for one in programme.warnings} <= {"generous"}
    assert programme.base_currency == sizes.currency
    assert len(programme.tiers) == (wishes.tiers + 1 if wishes.tiers else 0)
    assert {one.kind.value for one in programme.rewards} == wishes.kinds


@given(answers(), shops())
def test_a_usual_order_gives_a_number_that_people_can_reckon_with(wishes: Wishes, sizes: Sizes) -> None:
    usual = rate_for(sizes) * Fraction(sizes.median_minor, 10 ** exponent_of(sizes.currency))
    assert 20 <= usual <= 200
    digits = str(rate_for(sizes).numerator * rate_for(sizes).denominator).rstrip("0")
    assert digits in ("1", "2", "5"), "a round number"


@given(answers(), shops())
def test_no_more_comes_back_than_was_asked_for_but_for_round_numbers(wishes: Wishes, sizes: Sizes) -> None:
    wishes = replace(wishes, kinds=ALL)
    back = return_percent(used(wishes, sizes))
    assert wishes.back * Fraction(7, 10) <= back <= wishes.back * Fraction(11, 10)


@given(st.sampled_from(CURRENCIES), st.integers(1_000, 10**11), st.sampled_from([1, 3, 5, 10]))
def test_the_first_reward_comes_after_a_few_orders(currency: str, median: int, back: int) -> None:
    sizes = Sizes(currency, median, is_guess=False)
    rate = rate_for(sizes)
    points, _ = first_reward(Wishes("x", Fraction(back)), sizes, rate)
    usual = rate * Fraction(median, 10 ** exponent_of(currency))
    assert Fraction(3, 2) <= points / usual <= 6


@given(st.integers(1, TIERS_MAX), shops())
def test_tiers_begin_where_customers_become_few_and_never_with_one_order(tiers: int, sizes: Sizes) -> None:
    found = thresholds(tiers, sizes)
    assert all(below < above for below, above in pairwise(found)) and found[0] > sizes.median_minor
    if sizes.spent_minor:
        assert all(at >= sizes.spent_minor[share - 1] for at, share in zip(found, SHARES[tiers], strict=True))
    else:
        assert all(at >= sizes.median_minor * times for at, times in zip(found, ORDERS, strict=False))


@pytest.mark.parametrize(
    ("currency", "median", "per_unit", "first"),
    [
        ("EUR", 40_00, "1", (100, 3_00)),
        ("EUR", 89_90, "1", (200, 6_00)),
        ("JPY", 6_000, "0.01", (200, 600)),
        ("KRW", 45_000, "0.002", (200, 3_000)),
        ("IDR", 350_000_00, "0.0002", (200, 30_000_00)),
        ("VND", 800_000, "0.0001", (200, 60_000)),
        ("KWD", 15_000, "5", (170, 1_000)),
    ],
)
def test_numbers_that_a_person_would_choose(currency: str, median: int, per_unit: str, first: tuple[int, int]) -> None:
    sizes = Sizes(currency, median, is_guess=False)
    assert propose(Wishes("x"), sizes, "UTC")["points"]["earn"]["per_unit"] == pytest.approx(Fraction(per_unit))
    assert first_reward(Wishes("x"), sizes, rate_for(sizes)) == first


@pytest.mark.parametrize("median", [MAX_MINOR // 3, MAX_MINOR, MAX_MINOR * 1000])
def test_orders_as_large_as_amounts_may_be_still_have_tiers(median: int) -> None:
    for tiers in range(1, TIERS_MAX + 1):
        found = thresholds(tiers, Sizes("EUR", median, is_guess=False))
        assert len(found) == tiers and found[-1] <= MAX_MINOR
        assert all(below < above for below, above in pairwise(found))


def bought(people: int = 40, days: int = 365) -> Bought:
    """Each bought once: for 10, 20, 30 ... euros, the last yesterday."""
    values = [1000 * (n + 1) for n in range(people)]
    enough = [values[share * people // 100] for share in range(1, 100)] if people >= ENOUGH else []
    sample = [[(1, value)] for value in values]
    return Bought("EUR", people, people, sum(values), sum(values), 0, days, enough, enough, enough, sample)


def test_what_is_not_known_is_guessed_from_the_currency_and_said() -> None:
    assert sizes_of(bought(), "EUR") == Sizes("EUR", 21_000, False, bought().spent_minor)
    assert sizes_of(None, "EUR") == sizes_of(bought(29), "EUR") == Sizes("EUR", 50_00, True)
    assert sizes_of(bought(), "JPY") == Sizes("JPY", 5_000, True), "counted in another currency"
    assert sizes_of(None, "IDR").median_minor == 500_000_00
    assert sizes_of(bought(days=100), "EUR") == Sizes("EUR", 21_000, False), "a season is no year"


def test_a_rehearsal_is_what_a_plain_reckoning_says() -> None:
    sizes = Sizes("EUR", 50_00, is_guess=False)
    programme = used(Wishes("x", welcome=False, tiers=1), sizes)
    assert thresholds(1, sizes) == [200_00]
    found = rehearse(bought(), programme, NOW)
    spent = [10 * (n + 1) for n in range(40)]
    # One point for each euro; the tier is had from 200 euros on, and after the order that leads to it.
    assert found.people == 40 and found.points == Fraction(sum(spent), 40)
    assert [(one.orders, one.spent_minor, one.points, one.tier) for one in found.best[:2]] == [
        (1, 400_00, 400, "silver"),
        (1, 390_00, 390, "silver"),
    ]
    assert found.tiers == {"member": 19, "silver": 21}
    assert found.cost == 0, "points of yesterday cannot be used yet"
    assert found.most == Fraction(3, 100) and found.of_all(found.most) == sum(spent) * 3


def test_money_off_is_used_as_soon_as_it_can_be() -> None:
    sizes = Sizes("EUR", 50_00, is_guess=False)
    programme = used(Wishes("x", welcome=False, tiers=0), sizes)
    twice = replace_sample(bought(1), [[(100, 200_00), (10, 100_00)]])
    found = rehearse(twice, programme, NOW)
    (reward,) = [one for one in programme.rewards if one.points == first_reward(Wishes("x"), sizes, Fraction(1))[0]]
    assert reward.points <= 200 and found.cost == Fraction(reward.values["EUR"], 300_00 - reward.values["EUR"])


def replace_sample(one: Bought, sample: list[list[tuple[int, int]]]) -> Bought:
    one.sample = sample
    return one


@pytest.mark.parametrize("name", template_names())
@pytest.mark.parametrize("currency", ["EUR", "SEK", "JPY", "KRW", "IDR", "VND", "KWD"])
def test_a_template_has_amounts_of_the_size_of_its_currency(name: str, currency: str) -> None:
    ours, theirs = (
        parse_programme(read_typed(pretty(fitted(template(name), ShopFacts("Asia/Tokyo", one)).document)), 1, NOW)
        for one in (currency, "EUR")
    )
    # So many units are what one euro is to a shop there: yen and won have no hundredths.
    times = USUAL.get(currency, USUAL_UNITS) // USUAL_UNITS
    unit = 10 ** exponent_of(currency)

    def units(programme: Programme, minor: int) -> Fraction:
        return Fraction(minor, 10 ** exponent_of(programme.base_currency))

    assert return_percent(ours) == return_percent(theirs)
    assert points_per_unit(ours) * times == points_per_unit(theirs)
    for mine, other in zip(ours.rewards, theirs.rewards, strict=True):
        assert mine.points == other.points
        for minor, euro in zip(mine.values.values(), other.values.values(), strict=True):
            assert units(ours, minor) == times * units(theirs, euro) and minor % unit == 0
    for mine_tier, other_tier in zip(ours.tiers, theirs.tiers, strict=True):
        for way, euro_way in zip(mine_tier.ways, other_tier.ways, strict=True):
            scale = times if way.metric == "spend" else 1
            assert Fraction(way.at_least, unit if way.metric == "spend" else 1) == scale * Fraction(
                euro_way.at_least, 100 if way.metric == "spend" else 1
            )
    assert {one.code for one in ours.warnings} == {one.code for one in theirs.warnings}


@pytest.mark.parametrize(("code", "worth"), [("JPY", "0.006"), ("KWD", "2.9"), ("USD", "0.9")])
def test_in_another_currency_as_much_comes_back_as_in_the_programme_s_own(code: str, worth: str) -> None:
    sizes = Sizes("EUR", 4_000, is_guess=False, rates={code: Fraction(worth)})
    document = propose(Wishes("Beans", kinds=frozenset({"amount", "store_credit"})), sizes, "Asia/Tokyo")
    document["programme"]["base_rates"] = {code: worth}
    programme = parse_programme(read_typed(pretty(document)), 1, NOW)
    assert [one.code for one in programme.warnings if one.code in ("spend-not-counted", "reward-without-value")] == []
    euros, others = (return_of(programme, one) for one in ("EUR", code))
    assert len(programme.rewards) == 4
    assert all(Fraction(9, 10) * one < other <= one for one, other in zip(euros, others, strict=True))


def return_of(programme: Programme, currency: str) -> list[Fraction]:
    """Of each reward, what share of an order in this currency comes back."""
    [rates] = [one.award.rates for one in programme.rules if one.award.rates]
    unit = 10 ** exponent_of(currency)
    return [rates[currency] * Fraction(one.values[currency], unit) / one.points for one in programme.rewards]
