"""What points buy, what comes back of a purchase, and how long points last, as sentences of the rules page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from loyalty_engine.explain.names import reward_text
from loyalty_engine.programme.model import ExpiryMode, Programme, Reward, RewardKind
from loyalty_engine.programme.returns import returns
from loyalty_engine.texts import Words
from loyalty_engine.texts.formats import FORMATS, percent_text


def reward_lines(programme: Programme, words: Words) -> Iterator[str]:
    """The ladder of rewards, what it gives back, and the rules of spending."""
    shown = [reward for reward in programme.rewards if not reward.hidden]
    if not shown:
        return
    for reward in shown:
        yield reward_line(reward, programme, words)
    yield from _return(programme, words)
    yield from _ends(shown, words)
    policy = programme.redeem
    if policy.max_share < 1:
        yield words.text("page.redeem.share", percent=percent_text(policy.max_share, words.language))
    yield words.text(f"page.redeem.reinstate.{policy.reinstate}")


def _ends(shown: Sequence[Reward], words: Words) -> Iterator[str]:
    """How long codes live, and store credit, which is no code and returns nothing."""
    lives = {one.voucher_days for one in shown if one.voucher_days and one.kind is not RewardKind.STORE_CREDIT}
    if len(lives) == 1:
        yield words.counted("page.reward.valid", *lives)
    if lives:
        yield words.text("page.reward.unused")
    credits = {one.credit_days for one in shown if one.credit_days}
    if len(credits) == 1:
        yield words.counted("page.reward.credit", *credits)


def reward_line(reward: Reward, programme: Programme, words: Words) -> str:
    """``500 points: €18.00 off, for orders from €54.00``."""
    if reward.kind is RewardKind.SLIDER:
        told = words.text("page.reward.step", points=words.points(reward.points), value=_slider_value(reward, words))
    else:
        told = words.text(
            "page.reward.line", points=words.points(reward.points), reward=words.name("reward", reward.reward_id)
        )
        given = reward_text(reward, programme.base_currency, words)
        if given != words.name("reward", reward.reward_id):
            told = words.listed([told, given])
    limits = []
    if reward.cap_minor is not None:
        limits.append(words.text("page.reward.cap", amount=words.money(reward.cap_minor, programme.base_currency)))
    if reward.minimum_order_minor:
        amount = words.money(reward.minimum_order_minor, programme.base_currency)
        limits.append(words.text("page.reward.minimum", amount=amount))
    if reward.tiers:
        names = [words.name("tier", tier.tier_id) for tier in programme.tiers if tier.tier_id in reward.tiers]
        limits.append(words.text("page.reward.tiers", tiers=words.listed(names)))
    return words.listed([told.rstrip(".。") if limits else told, *limits])


def _slider_value(reward: Reward, words: Words) -> str:
    currency, value = next(iter(sorted(reward.values.items())))
    return words.money(value, currency)


def _return(programme: Programme, words: Words) -> Iterator[str]:
    """What comes back of goods in the first tier, from the least to the best reward. Rounded down to 0.01 %."""
    lowest = programme.tiers[0].tier_id if programme.tiers else None
    hidden = {reward.reward_id for reward in programme.rewards if reward.hidden}
    found = [one for one in returns(programme, lowest) if one.reward_id not in hidden]
    if not found or not found[-1].percent:
        return
    least, most = (_percent(one.percent, words) for one in (found[0], found[-1]))
    if least == most:
        yield words.text("page.return.flat", most=most)
    else:
        yield words.text("page.return.range", least=least, most=most)


def _percent(percent: Fraction, words: Words) -> str:
    return percent_text(Fraction(int(percent * 100), 10_000), words.language)


def expiry_lines(programme: Programme, words: Words) -> Iterator[str]:
    """When points end, and that nobody is taken by surprise."""
    policy = programme.expiry
    if policy.mode is ExpiryMode.NEVER:
        yield words.text("page.expiry.never")
        return
    if policy.mode is ExpiryMode.CALENDAR:
        style = FORMATS[words.language]
        days = [
            style.date.format(day=day, month=style.months[month - 1], year="").rstrip()
            for month, day in policy.calendar_days
        ]
        yield words.text("page.expiry.calendar", days=words.listed([_without_year(day) for day in days]))
    else:
        spans = [words.counted("page.span.months", policy.months)] if policy.months else []
        spans += [words.counted("page.span.days", policy.days)] if policy.days else []
        yield words.text(f"page.expiry.{policy.mode.value}", span=words.listed(spans))
    yield words.text("page.expiry.notice")


def _without_year(day: str) -> str:
    """``5 de diciembre de`` -> ``5 de diciembre``; ``年12月5日`` -> ``12月5日``."""
    return day.removesuffix(" de").removeprefix("年").strip()
