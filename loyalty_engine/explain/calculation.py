"""The whole arithmetic of an entry for the support desk: every recorded step, as data and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from loyalty_engine.explain.arithmetic import exact_points
from loyalty_engine.explain.refusals import rule_refusal
from loyalty_engine.explain.sentences import money_of, reason_text
from loyalty_engine.texts import Words
from loyalty_engine.texts.formats import ratio_text

Explanation = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One step. kind: stable code (``goods``, ``rule``, ``factor``, ``rounding``, ``cap``, ``due``...). values: the
    recorded numbers it shows.
    """

    kind: str
    text: str
    values: Mapping[str, Any]


def calculation(explanation: Explanation | None, words: Words) -> list[Step]:
    """Every step of an entry in the order of the decision; none once the explanation was erased."""
    if explanation is None:
        return []
    return [step for part in _PARTS for step in part(explanation, words)]


def _basis(told: Explanation, words: Words) -> Iterator[Step]:
    if "kept_minor" in told:
        kept, ordered = money_of(told, "kept_minor", words), money_of(told, "ordered_minor", words)
        yield _step("goods", words.text("step.goods", kept=kept, ordered=ordered), told, "kept_minor", "ordered_minor")
    if "excluded_tender_minor" in told:
        amount = money_of(told, "excluded_tender_minor", words)
        yield _step("tender", words.text("step.tender", amount=amount), told, "excluded_tender_minor")
    if "share_kept" in told:
        share = str(told["share_kept"])
        yield _step("share", words.text("step.share", share=share), told, "share_kept")


def _lines(told: Explanation, words: Words) -> Iterator[Step]:
    for line in told.get("lines", ()):
        if "factor" in line:
            factor = ratio_text(Fraction(line["factor"]), words.language)
            lane = words.name("tier", str(line["tier"])) if "tier" in line else words.name("rule", str(line["rule"]))
            yield Step("factor", words.text("step.factor", factor=factor, lane=lane), line)
        elif "points" in line:
            yield Step("rule", _rule_line(line, str(told.get("currency", "")), words), line)
    if "factor" in told:
        factor = ratio_text(Fraction(told["factor"]), words.language)
        yield _step("factors", words.text("calc.factor", factor=factor), told, "factor")
    if "rounding" in told and "due" in told:
        points = words.points(int(told.get("uncapped", told["due"])))
        how = words.text(f"calc.rounded.{told['rounding']}")
        yield _step("rounding", words.text("step.rounded", rounding=how, points=points), told, "rounding", "uncapped")


def _rule_line(line: Mapping[str, Any], currency: str, words: Words) -> str:
    rule = words.name("rule", str(line["rule"]))
    points = exact_points(Fraction(line["points"]), words)
    if line.get("award") == "per_amount":
        rate = f"{exact_points(Fraction(line['rate']), words)} / {words.money(int(line['unit_minor']), currency)}"
        amount = words.money(int(line["amount_minor"]), currency)
        return words.text("step.per-amount", rule=rule, amount=amount, rate=rate, points=points)
    if line.get("award") == "per_item":
        count, each = words.number(int(line["units"])), words.points(int(line["each"]))
        return words.text("step.per-item", rule=rule, count=count, each=each, points=points)
    return words.text("step.gives", rule=rule, points=points)


def _caps(told: Explanation, words: Words) -> Iterator[Step]:
    for cap in told.get("caps", ()):
        before, after = words.points(int(cap["before"])), words.points(int(cap["after"]))
        yield Step("cap", words.text("step.cap", cap=str(cap["cap"]), before=before, after=after), cap)


def _difference(told: Explanation, words: Words) -> Iterator[Step]:
    if "due" in told and "posted" in told:
        due, posted = int(told["due"]), int(told["posted"])
        places = {"due": words.number(due), "posted": words.number(posted), "points": words.points(due - posted)}
        yield _step("due", words.text("step.due", **places), told, "due", "posted")
    reason = told.get("reason")
    if reason and words.has(f"reason.{reason}"):
        text = words.text("step.reason", reason=reason_text(str(reason), told, words))
        yield _step("reason", text, told, "reason")


def _missed(told: Explanation, words: Words) -> Iterator[Step]:
    for missed in told.get("rules", ()):
        rule = words.name("rule", str(missed["rule"]))
        text = words.text("step.not-fired", rule=rule, reason=rule_refusal(missed, words))
        yield Step("not-fired", text, missed)


def _lots(told: Explanation, words: Words) -> Iterator[Step]:
    for lot in told.get("lots", ()):
        points = words.points(int(lot["points"]))
        yield Step("lot", words.text("step.lot", lot=str(lot["lot"]), source=str(lot["source"]), points=points), lot)
    for name in ("repaid", "owed"):
        if name in told:
            yield _step(name, words.text(f"step.{name}", points=words.points(int(told[name]))), told, name)


def _circumstances(told: Explanation, words: Words) -> Iterator[Step]:
    if "tier" in told:
        yield _step("tier", words.text("step.tier", tier=words.name("tier", str(told["tier"]))), told, "tier")
    if "place" in told:
        yield _step("place", words.text("step.place", place=words.number(int(told["place"]))), told, "place")
    for name, key in (("paid", "paid_at"), ("matures", "matures_at")):
        if told.get(key) and not str(told[key]).startswith("9999"):
            yield _step(name, words.text(f"step.{name}", date=words.day(str(told[key]))), told, key)
    if "programme_version" in told:
        text = words.text("step.version", version=str(told["programme_version"]))
        yield _step("version", text, told, "programme_version")
    if "corrected_version" in told:
        text = words.text("step.corrected", version=str(told["corrected_version"]))
        yield _step("corrected", text, told, "corrected_version")
    if "actor" in told:
        yield _step("actor", words.text("step.actor", actor=str(told["actor"])), told, "actor")


def _step(kind: str, text: str, told: Explanation, *names: str) -> Step:
    return Step(kind, text, {name: told[name] for name in names if name in told})


_PARTS: tuple[Callable[[Explanation, Words], Iterator[Step]], ...] = (
    _basis,
    _lines,
    _caps,
    _difference,
    _missed,
    _lots,
    _circumstances,
)
