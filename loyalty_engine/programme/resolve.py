"""What a document leaves to the shop is filled in: zone, currency, and thresholds that follow its own customers.

A template says ``timezone = "shop"``, ``spend_12m = "p80"`` or ``free_shipping_over:aov``; what is published names
fixed numbers, so that a programme never changes by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from loyalty_engine.errors import ProgrammeError
from loyalty_engine.money import decimal_from_minor
from loyalty_engine.programme.fields import currency_of, decimal_text
from loyalty_engine.programme.model import Warned
from loyalty_engine.programme.parse import SCHEMA
from loyalty_engine.programme.unwritten import warnings_of, written_out

SHOP = "shop"
AOV_FALLBACK = Decimal("50.00")
AVERAGE_ORDER = "average order"
"""What a shop may not know besides a percentile."""
PERCENTILE = re.compile(r"p([1-9][0-9]?)")


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """What a shop knows of itself. aov_minor: average order of the last 365 days. spend_percentiles: 80 -> what 80 % of
    its customers spent at most in 12 months, in minor units. None or absent: too little is known.
    """

    timezone: str | None = None
    currency: str | None = None
    aov_minor: int | None = None
    spend_percentiles: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A document that names nothing but fixed values, and what had to be guessed."""

    document: dict[str, Any]
    warnings: tuple[Warned, ...]


def resolve(document: Mapping[str, Any], shop: ShopFacts) -> Resolved:
    """Fill in what the shop gives. The document itself is left as it is. Raises ProgrammeError if nobody knows it."""
    warnings = warnings_of(document)
    found = written_out(document)
    found.setdefault("schema", SCHEMA)
    general = found["programme"] = dict(_mapping(document.get("programme")))
    for key, value, example in (("timezone", shop.timezone, '"Europe/Berlin"'), ("currency", shop.currency, '"EUR"')):
        if general.get(key, SHOP) == SHOP:
            if value is None:
                raise ProgrammeError(f"programme.{key}", "shop-silent", example=example)
            general[key] = value
    currency = currency_of(general["currency"], "programme.currency")
    tiers = document.get("tiers")
    if isinstance(tiers, list):
        found["tiers"] = [_tier(tier, n, shop, currency, warnings) for n, tier in enumerate(tiers)]
    return Resolved(found, tuple(warnings))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _tier(tier: Any, n: int, shop: ShopFacts, currency: str, warnings: list[Warned]) -> Any:
    if not isinstance(tier, Mapping):
        return tier  # refused when it is parsed
    found = dict(tier)
    path = f"tiers[{n}]"
    if isinstance(tier.get("qualify"), Mapping):
        found["qualify"] = _qualify(tier["qualify"], f"{path}.qualify", shop, currency, warnings)
    if isinstance(tier.get("benefits"), list):
        found["benefits"] = [_benefit(text, path, shop, currency, warnings) for text in tier["benefits"]]
    return found


def _qualify(
    qualify: Mapping[str, Any], path: str, shop: ShopFacts, currency: str, warnings: list[Warned]
) -> dict[str, Any]:
    found = dict(qualify)
    for key, value in qualify.items():
        percentile = PERCENTILE.fullmatch(value) if isinstance(value, str) else None
        if percentile is None:
            continue
        minor = shop.spend_percentiles.get(int(percentile[1]))
        if minor:
            found[key] = Decimal(decimal_from_minor(minor, currency))
            continue
        fallback = qualify.get("fallback")
        if decimal_text(fallback) is None:
            raise ProgrammeError(f"{path}.{key}", "shop-unknown", what=value)
        found[key] = fallback
        warnings.append(_guess(f"{path}.{key}", value, fallback))
    if "fallback" in found and found != dict(qualify):
        del found["fallback"]
    return found


def _benefit(text: Any, path: str, shop: ShopFacts, currency: str, warnings: list[Warned]) -> Any:
    if not isinstance(text, str) or not text.endswith(":aov"):
        return text
    if shop.aov_minor:
        return f"{text.removesuffix('aov')}{decimal_from_minor(shop.aov_minor, currency)}"
    warnings.append(_guess(f"{path}.benefits", AVERAGE_ORDER, AOV_FALLBACK))
    return f"{text.removesuffix('aov')}{AOV_FALLBACK}"


def _guess(path: str, what: str, value: Any) -> Warned:
    return Warned(path, "shop-unknown", {"what": what, "value": value})
