"""How large amounts of a currency are, roughly: what is five of one money is five hundred of another."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_TIMES_TEN = {
    1: "BOB CNY CZK DKK DOP EGP HKD HNL HTG MDL MKD MUR MXN MVR NIO NOK PHP SEK SZL THB TRY TWD UAH UYU ZAR ZMW",
    2: "AFN ALL AMD BDT BTN CVE DJF DZD ETB HUF INR ISK JPY KES KGS KMF KZT LKR LRD NPR PKR RSD RUB SSP VUV XPF YER",
    3: "AOA ARS BIF BWP CLP COP CRC IQD KHR KRW MGA MNT MMK MWK NGN RWF SDG TZS UGX XAF XOF",
    4: "GNF IDR LAK PYG SLE STN UZS",
    5: "IRR LBP VND",
}
POWERS: Mapping[str, int] = {code: power for power, codes in _TIMES_TEN.items() for code in codes.split()}
"""By how many noughts amounts are longer than those in euros, where one unit is worth much less than one."""


def sized(document: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """A template, whose amounts are those of a euro or a dollar, with amounts that a shop of this currency would write:
    500 yen off and a point for 100 yen, where it has 5 euros off and a point for one.
    """
    found = dict(document)
    if currency not in POWERS:
        return found
    times = Decimal(10) ** POWERS[currency]
    points = found["points"] = dict(found.get("points", {}))
    if "per_unit" in points.get("earn", {}):
        points["earn"] = {**points["earn"], "per_unit": _plain(Decimal(str(points["earn"]["per_unit"])) / times)}
    if "steps" in points.get("redeem", {}):
        points["redeem"] = {**points["redeem"], "steps": [_larger(one, times) for one in points["redeem"]["steps"]]}
    if "rewards" in found:
        found["rewards"] = [_larger(one, times) for one in found["rewards"]]
    if "referral" in found:
        found["referral"] = _larger(found["referral"], times)
    if "tiers" in found:
        found["tiers"] = [
            {**tier, "qualify": _larger(tier["qualify"], times)} if "qualify" in tier else tier
            for tier in found["tiers"]
        ]
    return found


_AMOUNTS = ("value", "min_order", "fallback")


def _larger(table: Mapping[str, Any], times: Decimal) -> dict[str, Any]:
    return {key: _plain(Decimal(str(one)) * times) if key in _AMOUNTS else one for key, one in table.items()}


def _plain(amount: Decimal) -> Decimal:
    """Without noughts that a currency of whole units does not have."""
    return Decimal(f"{amount.normalize():f}")
