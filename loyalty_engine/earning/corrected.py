"""Which rules a source counts under once versions were corrected, and which it cannot count under.

What products, prices and customers were like is fixed in a context when a source is decided for the first time, and
only what its version asked for. A corrected version that asks for more would find nothing and take points that were
earned, because of what we lack. So it does not hold for such a source, which stays under the version that it counts
under.
"""

from __future__ import annotations

from loyalty_engine.earning.compiled import CATALOGUE, PRICES, ReadyRule, compiled
from loyalty_engine.earning.contexts import ASKED, UNREAD, read_values
from loyalty_engine.member import Context
from loyalty_engine.programme.model import ORDER, Programme, Rulebook


def rules_of(rulebook: Rulebook, context: Context) -> Programme | None:
    """The rules for a source with this context. None if there is no such version."""
    if not rulebook.corrections:
        return rulebook.recorded(context.programme_version, context.paid_at)
    kept = kept_in(rulebook, context)
    return rulebook.recorded(context.programme_version, context.paid_at, lambda right: asked_by(right, context) <= kept)


def kept_in(rulebook: Rulebook, context: Context) -> frozenset[str]:
    """What was asked of shops for a context, and answered."""
    values = read_values(context)
    own = next((one for one in rulebook.versions if one.version == context.programme_version), None)
    kept = (compiled(own).asks if own is not None else frozenset()) | frozenset(values.get(ASKED, ()))
    return kept - {CATALOGUE} if UNREAD in values else kept


def asked_by(rules: Programme, context: Context) -> frozenset[str]:
    """What a version would ask of shops to work a source out, by its rules that were open at the payment."""
    ready, is_order = compiled(rules), context.place > 0
    found: frozenset[str] = frozenset({PRICES}) if is_order and ready.needs_prices else frozenset()
    for lanes in (ready.rules, ready.factors):
        for trigger, several in lanes.items():
            if (trigger == ORDER) is is_order:
                found = found.union(*(each.asks for each in several if _counts(each, context)))
    return found


def _counts(ready: ReadyRule, context: Context) -> bool:
    rule, at = ready.rule, context.paid_at
    is_begun = rule.starts_at is None or rule.starts_at <= at
    return not rule.dry_run and is_begun and (rule.ends_at is None or at < rule.ends_at)
