"""What is kept of a test shop beside its database: its moment, who is in it, their orders, and what was told."""

from __future__ import annotations

from datetime import datetime

import msgspec

from loyalty_engine.facts import OrderState

PROGRAMME = CONNECTION = 1
"""Numbers in the database of a test shop: there is one of each."""
TOLD_MAX = 200
ONCE_MAX = 60


class Shopper(msgspec.Struct):
    """A made-up customer. role: why they were made, of the words ``test.role.<role>``; empty: somebody added them."""

    ref: str
    name: str
    birthday: str = ""
    member_id: str = ""
    role: str = ""


class Told(msgspec.Struct, frozen=True):
    """A mail that would have gone out."""

    at: datetime
    ref: str
    subject: str
    text: str


class Credited(msgspec.Struct, frozen=True):
    """What the made-up shop did to a customer's credit account. amount_minor: below 0 where it took."""

    ref: str
    amount_minor: int
    currency: str


class Move(msgspec.Struct, frozen=True):
    """The clock is on its way. key: of the form that set it going; who finds another one goes on no further. halted:
    why it stands before it is there, of the words ``refusal.<halted>``; empty while it goes.
    """

    until: datetime
    key: str
    halted: str = ""


class State(msgspec.Struct):
    """now: the test's moment. since: where the clock stood before it was moved last; move: None while it stands.
    origin: what the programme was taken from, as it is shown; draft: the draft's id, if it was one. once: keys of the
    forms that were done.
    """

    now: datetime
    began: datetime
    since: datetime
    origin: str
    draft: str = ""
    language: str = "en"
    platform: str = "woocommerce"
    shoppers: list[Shopper] = []
    orders: list[OrderState] = []
    told: list[Told] = []
    once: list[str] = []
    move: Move | None = None
    credited: list[Credited] = []
    deeds: int = 0

    def shopper(self, ref: str) -> Shopper | None:
        """Who has this number."""
        return next((one for one in self.shoppers if one.ref == ref), None)

    def order(self, order_id: str) -> OrderState | None:
        """The order of this number."""
        return next((one for one in self.orders if one.order_id == order_id), None)

    def credit(self, ref: str, currency: str) -> int:
        """What is in somebody's account in the made-up shop, in minor units."""
        return sum(one.amount_minor for one in self.credited if (one.ref, one.currency) == (ref, currency))

    def tell(self, told: Told) -> None:
        """Keep the newest."""
        self.told = [*self.told, told][-TOLD_MAX:]


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(State)


def written(state: State) -> str:
    """As the row keeps it."""
    return _ENCODER.encode(state).decode()


def read(text: str) -> State:
    """What the row says."""
    return _DECODER.decode(text)
