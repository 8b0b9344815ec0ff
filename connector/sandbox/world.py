"""Three months in the life of two shops: a schedule of what shoppers and merchants do, from a seed alone.

A schedule names deeds by nicknames ("order 17", "shopper 3") because ids are the shop's to give. ``play`` runs it; what
cannot be done any more when its turn comes (a refund of an order that went into the bin) is skipped, as in life.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connector.sandbox.records import Order
from connector.sandbox.shop import RATES, Basket, Shop
from connector.sandbox.woocommerce import SimulatedWooCommerce

FIRST_NAMES = ("Ada", "Bela", "Chidi", "Dora", "Emre", "Finn", "Grete", "Hana", "Ines", "Jonas", "Kira", "Lou", "Noor")
LAST_NAMES = ("Albers", "Bakker", "Conti", "Diallo", "Engel", "Fischer", "Grau", "Horvat", "Iversen", "Jansen", "Kaya")
SPAN = timedelta(days=90)
FOREIGN = ("JPY", "KWD", "USD")


@dataclass(frozen=True, slots=True)
class Action:
    """One deed at one moment. kind: a method of ``Player``; subject: the nickname it is about."""

    at: datetime
    kind: str
    subject: int
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make up. orders_per_shopper: on average; span: how far back it starts. platform: ``shopify`` or
    ``woocommerce``.
    """

    platform: str
    shoppers: int = 200
    orders_per_shopper: int = 4
    span: timedelta = SPAN


def schedule(seed: int, plan: Plan, until: datetime) -> list[Action]:
    """All deeds between ``until - plan.span`` and ``until``, in the order of time."""
    return sorted(_Writer(seed, plan, until).write(), key=lambda action: action.at)


def play(shop: Shop, actions: Iterable[Action], progress: Callable[[Action], None] | None = None) -> int:
    """Do everything now, each deed at its own moment; returns how many. Deliveries wait in ``shop.courier``."""
    player = Player(shop)
    done = 0
    for action in actions:
        done += player.do(action)
        if progress:
            progress(action)
    return done


async def live(
    shop: Shop, actions: Sequence[Action], *, burst: int = 25, progress: Callable[[int], None] | None = None
) -> int:
    """Like ``play``, but with deliveries in between, after every ``burst`` deeds, so that states in the making are seen
    too.
    """
    player = Player(shop)
    done = 0
    for start in range(0, len(actions), burst):
        for action in actions[start : start + burst]:
            done += player.do(action)
        await shop.courier.drain()
        if progress:
            progress(min(start + burst, len(actions)))
    return done


class Player:
    """Turns actions into deeds and remembers which nickname became which id."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.shoppers: dict[int, int] = {}
        self.orders: dict[int, int] = {}

    def do(self, action: Action) -> bool:
        """One deed; False if it was not possible any more."""
        with self.shop.at(action.at):
            deed: Callable[..., bool] = getattr(self, f"_{action.kind}")
            return deed(action.subject, **action.details)

    def _register(self, nickname: int, email: str, first_name: str, last_name: str) -> bool:
        self.shoppers[nickname] = self.shop.register_customer(email, first_name, last_name).id
        return True

    def _buy(self, nickname: int, shopper: int | None, email: str, items: list[tuple[int, int]], **how: Any) -> bool:
        shelf = [product for product in self.shop.truth.products.values() if not product.is_gift_card]
        cards = [product for product in self.shop.truth.products.values() if product.is_gift_card]
        chosen = {shelf[place % len(shelf)].id: units for place, units in items}
        if how.pop("gift_card", False) and cards:
            chosen[cards[0].id] = 1
        basket = Basket(items=list(chosen.items()), **how)
        owner = self.shoppers[shopper] if shopper is not None else None
        self.orders[nickname] = self.shop.place_order(owner, basket, email).id
        return True

    def _pay(self, nickname: int) -> bool:
        order = self._open(nickname)
        return order is not None and order.paid_at is None and bool(self.shop.pay(order.id))

    def _complete(self, nickname: int) -> bool:
        order = self._open(nickname)
        return order is not None and bool(self.shop.complete(order.id))

    def _refund_some(self, nickname: int, shipping: bool, tax_named: bool) -> bool:
        order = self._open(nickname)
        line = next((line for line in order.lines if line.current_quantity), None) if order else None
        if order is None or line is None or not order.left_minor:
            return False
        named = tax_named or not isinstance(self.shop, SimulatedWooCommerce)
        self.shop.refund_lines(order.id, {line.id: 1}, shipping=shipping, tax_named=named)
        return True

    def _refund_bare(self, nickname: int, percent: int) -> bool:
        order = self._open(nickname)
        if order is None or not order.left_minor:
            return False
        grain = self.shop.grain(order.currency)
        amount_minor = max(grain, order.left_minor * percent // 100 // grain * grain)
        self.shop.refund_amount(order.id, amount_minor)
        return True

    def _refund_all(self, nickname: int) -> bool:
        order = self._open(nickname)
        return order is not None and order.left_minor > 0 and bool(self.shop.refund_all(order.id))

    def _cancel(self, nickname: int, refund: bool) -> bool:
        order = self._open(nickname)
        return order is not None and bool(self.shop.cancel(order.id, refund=refund))

    def _reopen(self, nickname: int) -> bool:
        order = self._known(nickname)
        if order is None or order.cancelled_at is None or not isinstance(self.shop, SimulatedWooCommerce):
            return False
        return bool(self.shop.reopen(order.id, "completed"))

    def _edit(self, nickname: int, add: int) -> bool:
        order = self._open(nickname)
        if order is None or order.refunds:
            return False
        line = next((line for line in order.lines if line.current_quantity > 1), None)
        shelf = list(self.shop.truth.products)
        self.shop.edit(order.id, {line.id: 1} if line else {}, [(shelf[add % len(shelf)], 1)] if add else [])
        return True

    def _trash(self, nickname: int) -> bool:
        order = self._open(nickname)
        if order is None or not isinstance(self.shop, SimulatedWooCommerce):
            return False
        return bool(self.shop.trash(order.id))

    def _restore(self, nickname: int) -> bool:
        order = self._known(nickname)
        if order is None or not order.trashed or not isinstance(self.shop, SimulatedWooCommerce):
            return False
        return bool(self.shop.restore(order.id))

    def _delete(self, nickname: int) -> bool:
        order = self._known(nickname)
        if order is None:
            return False
        self.shop.delete(order.id)
        return True

    def _delete_refund(self, nickname: int) -> bool:
        order = self._open(nickname)
        if order is None or not order.refunds or not isinstance(self.shop, SimulatedWooCommerce):
            return False
        self.shop.delete_refund(order.id, order.refunds[-1].id)
        return True

    def _claim(self, nickname: int, shopper: int) -> bool:
        order = self._open(nickname)
        return order is not None and bool(self.shop.attach_guest_order(order.id, self.shoppers[shopper]))

    def _known(self, nickname: int) -> Order | None:
        order = self.shop.truth.orders[self.orders[nickname]]
        return None if order.deleted else order

    def _open(self, nickname: int) -> Order | None:
        """An order that is neither gone nor in the bin nor called off."""
        order = self._known(nickname)
        return order if order and not order.trashed and order.cancelled_at is None else None


class _Writer:
    """Makes up deeds. One generator of chance for everything, so the seed decides all."""

    def __init__(self, seed: int, plan: Plan, until: datetime) -> None:
        self.chance = random.Random(f"world:{seed}:{plan.platform}")
        self.plan = plan
        self.until = until
        self.begins = until - plan.span
        self.is_woo = plan.platform == "woocommerce"

    def write(self) -> Iterator[Action]:
        """Every action, in no order."""
        joined = []
        for shopper in range(self.plan.shoppers):
            first, last = self.chance.choice(FIRST_NAMES), self.chance.choice(LAST_NAMES)
            at = self._moment(self.begins, self.begins + self.plan.span / 3)
            joined.append(at)
            email = f"{first}.{last}.{shopper}@example.test".lower()
            yield Action(at, "register", shopper, {"email": email, "first_name": first, "last_name": last})
        for order in range(self.plan.shoppers * self.plan.orders_per_shopper):
            shopper = self.chance.randrange(self.plan.shoppers)
            yield from self._order(order, shopper, joined[shopper])

    def _order(self, order: int, shopper: int, joined: datetime) -> Iterator[Action]:
        at = self._moment(joined + timedelta(minutes=1), self.until)
        guest = self._percent(10)
        details: dict[str, Any] = {
            "shopper": None if guest else shopper,
            "email": self._guest_address(shopper) if guest else "",
            "items": [self._item() for _ in range(self.chance.randint(1, 3))],
            "shipping_minor": self.chance.choice((0, 490, 490, 790)),
            "coupon_percent": self.chance.choice((0, 0, 0, 0, 10, 15)),
            "coupon": "WELCOME",
            "is_test": not self.is_woo and self._percent(1),
            "gift_card": self._percent(4),
            **self._currency(),
            **self._checkout(),
        }
        yield Action(at, "buy", order, details)
        if not details["paid"] and self._percent(85):
            yield Action(self._soon(at, 2), "pay", order)
        if self._percent(70):
            yield Action(self._soon(at, 6), "complete", order)
        if guest and details["email"] and self._percent(30):
            yield Action(self._soon(at, 20), "claim", order, {"shopper": shopper})
        yield from self._aftermath(order, self._soon(at, 8))

    def _aftermath(self, order: int, at: datetime) -> Iterator[Action]:
        """What goes wrong with 30 orders in a hundred."""
        stories = (
            (8, self._returns),
            (12, self._goodwill),
            (17, lambda order, at: [Action(at, "refund_all", order)]),
            (22, self._cancels),
            (26, lambda order, at: [Action(at, "edit", order, {"add": self.chance.choice((0, 3, 5))})]),
            (28, self._bins),
            (29, lambda order, at: [Action(at, "delete", order)]),
            (30, self._takes_back_a_refund),
        )
        draw = self.chance.randrange(100)
        story = next((story for below, story in stories if draw < below), None)
        yield from story(order, at) if story else ()

    def _returns(self, order: int, at: datetime) -> list[Action]:
        first = {"shipping": self._percent(20), "tax_named": self._percent(80)}
        second = {"shipping": False, "tax_named": True}
        later = [Action(self._soon(at, 5), "refund_some", order, second)] if self._percent(30) else []
        return [Action(at, "refund_some", order, first), *later]

    def _goodwill(self, order: int, at: datetime) -> list[Action]:
        return [Action(at, "refund_bare", order, {"percent": self.chance.randint(5, 60)})]

    def _cancels(self, order: int, at: datetime) -> list[Action]:
        cancel = Action(at, "cancel", order, {"refund": self._percent(60) and not self.is_woo})
        return [cancel, *([Action(self._soon(at, 3), "reopen", order)] if self._percent(40) else [])]

    def _bins(self, order: int, at: datetime) -> list[Action]:
        trash = Action(at, "trash", order)
        return [trash, *([Action(self._soon(at, 2), "restore", order)] if self._percent(50) else [])]

    def _takes_back_a_refund(self, order: int, at: datetime) -> list[Action]:
        refund = Action(at, "refund_bare", order, {"percent": 30})
        return [refund, Action(self._soon(at, 2), "delete_refund", order)]

    def _currency(self) -> dict[str, Any]:
        if not self._percent(6):
            return {}
        foreign = self.chance.choice(FOREIGN)
        if self.is_woo:
            return {"currency": foreign, "shipping_minor": 0}
        return {"presentment": (foreign, *RATES[foreign])}

    def _checkout(self) -> dict[str, Any]:
        if not self.is_woo:
            return {"paid": self._percent(94), "channel": "pos" if self._percent(5) else "web"}
        checkout = self.chance.choice(("classic", "block", "rest"))
        gateway = self.chance.choice(("bogus", "bogus", "bogus", "cod", "bacs"))
        fee = self.chance.choice((0, 0, 0, 238))
        return {"paid": gateway == "bogus", "gateway": gateway, "checkout": checkout, "fee_minor": fee}

    def _item(self) -> tuple[int, int]:
        return self.chance.randrange(20), self.chance.choice((1, 1, 1, 2, 3))

    def _guest_address(self, shopper: int) -> str:
        return "" if self._percent(20) and not self.is_woo else f"Guest.{shopper}+Shop@Example.test"

    def _percent(self, share: int) -> bool:
        return self.chance.randrange(100) < share

    def _moment(self, start: datetime, end: datetime) -> datetime:
        seconds = max(1, int((end - start).total_seconds()))
        return start + timedelta(seconds=self.chance.randrange(seconds))

    def _soon(self, at: datetime, days: int) -> datetime:
        """Within some days, but never in the future."""
        return min(self.until, at + timedelta(seconds=self.chance.randint(60, days * 86400)))
