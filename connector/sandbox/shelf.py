"""What both simulated shops sell, and how it is sorted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ware:
    """price: on the shelf, in minor units of a two-decimal currency. category, collections, tags: as their slugs.

    regular: what it costs when it is not on sale; 0: what it costs now. has_sizes: sold as variants of one product,
    where a shop tells these apart.
    """

    title: str
    price: int
    category: str
    collections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    regular: int = 0
    has_sizes: bool = False


SHELF = (
    Ware("Espresso beans 1kg", 2490, "coffee", ("bestsellers",), ("fair-trade",)),
    Ware("Filter coffee 500g", 1250, "coffee", (), ("fair-trade",)),
    Ware("Hand grinder", 7900, "gear", ("bestsellers", "gifts")),
    Ware("Enamel mug", 1495, "tableware", ("gifts",), regular=1995),
    Ware('Müsli & "Tassen"', 1999, "food"),
    Ware("Gooseneck kettle", 11900, "gear", ("gifts",)),
    Ware("Paper filters, 100", 549, "supplies"),
    Ware("Cold brew bottle", 3450, "tableware", (), ("summer",), regular=3990, has_sizes=True),
)
GIFT_CARD = Ware("Gift card", 5000, "vouchers")
