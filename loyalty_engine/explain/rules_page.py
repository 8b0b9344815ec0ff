"""A programme's rules as a page for shoppers: only sentences that are true of this version, in their language.

What cannot be said in words of ours (a condition on some products) is named as a condition and never left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from loyalty_engine.explain.arithmetic import exact_points
from loyalty_engine.explain.names import words_of
from loyalty_engine.explain.privileges import badge_lines, level_lines, tier_lines
from loyalty_engine.explain.spending import expiry_lines, reward_lines
from loyalty_engine.money import exponent_of
from loyalty_engine.programme.model import ORDER, AwardKind, Cap, Programme, Rule
from loyalty_engine.texts import Words, named
from loyalty_engine.texts.formats import date_text, day_before, ratio_text


@dataclass(frozen=True, slots=True)
class Section:
    """One section. key: stable (``earning``, ``tiers``...)."""

    key: str
    title: str
    sentences: tuple[str, ...]


def rules_page(programme: Programme, language: str) -> list[Section]:
    """Every section that has something to say."""
    words = words_of(programme, language)
    found = []
    for key, lines in _SECTIONS.items():
        sentences = tuple(lines(programme, words))
        if sentences:
            found.append(Section(key, words.text(f"page.{key}.title"), sentences))
    return found


def ways_to_earn(programme: Programme, words: Words, currency: str = "") -> Iterator[str]:
    """One sentence for each rule that gives points. currency: that of a shop; of a rule that has a rate in it no other
    is told.
    """
    for rule in _giving(programme):
        yield rule_line(_in_currency(rule, currency), programme, words)


def _giving(programme: Programme) -> Iterator[Rule]:
    return (rule for rule in programme.rules if not rule.dry_run)


def _in_currency(rule: Rule, currency: str) -> Rule:
    rates = rule.award.rates
    return replace(rule, award=replace(rule.award, rates={currency: rates[currency]})) if currency in rates else rule


def _joining(programme: Programme, words: Words) -> Iterator[str]:
    yield words.text(f"page.joining.{programme.enrolment}")


def _earning(programme: Programme, words: Words) -> Iterator[str]:
    yield from (rule_line(rule, programme, words) for rule in _giving(programme))
    if any(rule.trigger == ORDER for rule in _giving(programme)):
        yield from _orders(programme, words)
    for cap in programme.caps:
        yield cap_line(cap, words)


def cap_line(cap: Cap, words: Words) -> str:
    """What a cap over several rules allows."""
    if ORDER in cap.triggers:
        return _cap(words.text("page.cap.orders"), cap, words)
    if not cap.triggers:
        return _cap(words.text("page.cap.all"), cap, words)
    return _cap(_capital(words.listed([_what(trigger, words) for trigger in sorted(cap.triggers)])), cap, words)


def _orders(programme: Programme, words: Words) -> Iterator[str]:
    policy = programme.earn
    yield words.text(f"page.earn.basis.{policy.basis.value}")
    yield words.text("page.earn.shipping" if policy.include_shipping else "page.earn.no-shipping")
    for name in sorted(policy.excludes):
        yield words.text(f"page.earn.excludes.{name}")
    if policy.minimum_minor:
        yield words.text("page.earn.minimum", amount=words.money(policy.minimum_minor, programme.base_currency))
    yield words.text(f"page.earn.rounding.{policy.rounding.value}")
    pending = f"page.earn.pending.{policy.matures_from.value}"
    yield words.counted(pending, policy.pending_days) if policy.pending_days else words.text(f"{pending}.none")
    yield words.text(f"page.earn.refund.{policy.reverse_on_refund}")


def rule_line(rule: Rule, programme: Programme, words: Words) -> str:
    """What one rule gives, and when, and how often."""
    told = _award(rule, programme, words)
    if rule.verified_only:
        told = words.text("page.earn.verified", sentence=told)
    for name, least in sorted(rule.minimums.items()):
        what = words.text(f"minimum.{name}" if words.has(f"minimum.{name}") else "minimum.other")
        told = words.text("page.earn.minimum-of", sentence=told, needs=words.number(least), what=what)
    if rule.after_days:
        told = words.counted("page.earn.after-days", rule.after_days, sentence=told)
    if rule.conditions:
        fields = dict.fromkeys(condition.field for condition in rule.conditions)
        known = [words.text(f"condition.{f}" if words.has(f"condition.{f}") else "condition.other") for f in fields]
        told = words.text("page.earn.conditions", sentence=told, conditions=words.listed(known))
    if rule.starts_at is not None:
        told = words.text("page.earn.from", sentence=told, date=words.day(rule.starts_at.isoformat()))
    if rule.ends_at is not None:
        told = words.text("page.earn.until", sentence=told, date=words.last_day(rule.ends_at.isoformat()))
    gap = "" if words.language.startswith("zh") else " "
    told = gap.join([told, *(_cap(_capital(_what(rule.trigger, words)), cap, words) for cap in rule.caps)])
    # Only the merchant's own name: what we call a rule tells shoppers nothing that its sentence does not.
    called = named(rule.name, words.language)
    return words.text("page.earn.named", name=called, sentence=told) if called else told


def _award(rule: Rule, programme: Programme, words: Words) -> str:
    award = rule.award
    if award.kind is AwardKind.FACTOR:
        return words.text("page.earn.factor", factor=ratio_text(award.factor, words.language))
    if award.kind is AwardKind.PER_AMOUNT:
        sentences = [_per_amount(rule, currency, rate, words) for currency, rate in _rates(rule, programme)]
        return ("" if words.language.startswith("zh") else " ").join(sentences)
    points = words.points(award.points)
    if award.kind is AwardKind.PER_ITEM:
        return words.text("page.earn.per-item", points=points)
    if rule.trigger == ORDER:
        return words.text("page.earn.order", points=points)
    return _capital(words.text("page.earn.activity", points=points, what=_what(rule.trigger, words)))


def _rates(rule: Rule, programme: Programme) -> list[tuple[str, Fraction]]:
    """The base currency first, then the others by name."""
    return sorted(rule.award.rates.items(), key=lambda pair: (pair[0] != programme.base_currency, pair[0]))


def _per_amount(rule: Rule, currency: str, rate: Fraction, words: Words) -> str:
    step = rule.award.step_minor
    unit = 10 ** exponent_of(currency)
    key = "page.earn.per-amount" if step else "page.earn.per-amount.share"
    points = exact_points(Fraction(rate * step, unit) if step else rate, words)
    return words.text(key, points=points, unit=words.money(step or unit, currency))


def _cap(what: str, cap: Cap, words: Words) -> str:
    limit = words.points(cap.points) if cap.points is not None else words.counted("page.times", cap.times or 0)
    return words.text("page.cap.points", what=what, limit=limit, window=words.text(f"window.{cap.window.value}"))


def _what(trigger: str, words: Words) -> str:
    if trigger == ORDER:
        return words.text("page.cap.orders")
    if trigger.startswith("custom."):
        return words.text("what.custom", name=trigger.removeprefix("custom.").replace("_", " "))
    return words.text(f"what.{trigger}" if words.has(f"what.{trigger}") else "what.other")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _referral(programme: Programme, words: Words) -> Iterator[str]:
    policy = programme.referral
    if policy is None:
        return
    places = {"points": words.points(policy.referrer_points), "friend": words.points(policy.friend_points)}
    yield words.text("page.referral.both", **places)
    if policy.minimum_minor:
        yield words.text("page.referral.minimum", amount=words.money(policy.minimum_minor, programme.base_currency))
    if policy.per_year is not None:
        yield words.counted("page.referral.limit", policy.per_year)


def _ending(programme: Programme, words: Words) -> Iterator[str]:
    ending = programme.wind_down
    if ending is not None:
        yield words.text("page.end.earn", date=words.day(ending.earn_until.isoformat()))
        last = day_before(ending.redeem_until.isoformat(), programme.timezone)
        yield words.text("page.end.redeem", date=date_text(last, words.language) if last else "")


_SECTIONS: dict[str, Callable[[Programme, Words], Iterator[str]]] = {
    "ending": _ending,
    "joining": _joining,
    "earning": _earning,
    "rewards": reward_lines,
    "expiry": expiry_lines,
    "tiers": tier_lines,
    "badges": badge_lines,
    "levels": level_lines,
    "referral": _referral,
}
