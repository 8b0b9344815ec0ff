"""What a source is worth under its context: the door to this package. docs/engine.md has the law in words."""

from __future__ import annotations

from loyalty_engine.earning.activities import activity_worth
from loyalty_engine.earning.contexts import first_context, named, qualifies
from loyalty_engine.earning.orders import order_worth
from loyalty_engine.member import Context, MemberState, SourceState
from loyalty_engine.programme.model import Programme
from loyalty_engine.worth import Refusal, Worth

__all__ = ["Refusal", "Worth", "first_context", "qualifies", "worth_of"]


def worth_of(source: SourceState, context: Context, rules: Programme, member: MemberState) -> Worth:
    """Points due for a source that has a context; 0 with a reason where nothing is."""
    if not source.belongs or (source.order is None and source.activity is None):
        return Worth(0, "belongs-to-another", named(source), is_activity=source.activity is not None)
    if source.activity is not None:
        return activity_worth(source, source.activity, context, rules, member)
    assert source.order is not None
    return order_worth(source, source.order, context, rules, member)
