"""What both simulated shops sell, and how it is sorted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ware:
    """price: on the shelf, in minor units of a two-decimal currency. category, collections, tags: as their slugs."""

    title: str
    price: int
    category: str
    collections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


SHELF = (
    Ware("Espresso beans 1kg", 2490, "coffee", ("bestsellers",), ("fair-trade",)),
    Ware("Filter coffee 500g", 1250, "coffee", (), ("fair-trade",)),
    Ware("Hand grinder", 7900, "gear", ("bestsellers", "gifts")),
    Ware("Enamel mug", 1495, "tableware", ("gifts",)),
    Ware('Müsli & "Tassen"', 1999, "food"),
    Ware("Gooseneck kettle", 11900, "gear", ("gifts",)),
    Ware("Paper filters, 100", 549, "supplies"),
    Ware("Cold brew bottle", 3450, "tableware", (), ("summer",)),
)
GIFT_CARD = Ware("Gift card", 5000, "vouchers")
