"""The made-up shop: it tells facts as they are, takes whatever it is given, and nothing leaves this process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import msgspec

from connector.api_client import ApiClient
from connector.credit_desk import CreditAnswer, CreditDesk, CreditState, StoreCredit
from connector.delivering.mail import Mail
from connector.people.signs import Shown
from connector.platforms import (
    FETCHED_ORDER,
    Connection,
    Credentials,
    Normaliser,
    Platform,
    PushResult,
    PushState,
    ShopClient,
    SnapshotPush,
    Voucher,
    VoucherAnswer,
    VoucherState,
)
from connector.rehearsal.state import Credited, State, Told
from loyalty_engine.facts import Activity, CustomerState, Fact, OrderState

CUSTOMER, ACTIVITY = "test/customer", "test/activity"
FACTS: dict[str, msgspec.json.Decoder[Fact]] = {
    FETCHED_ORDER: cast("msgspec.json.Decoder[Fact]", msgspec.json.Decoder(OrderState)),
    CUSTOMER: cast("msgspec.json.Decoder[Fact]", msgspec.json.Decoder(CustomerState)),
    ACTIVITY: cast("msgspec.json.Decoder[Fact]", msgspec.json.Decoder(Activity)),
}
MAILS_AT = "@test.invalid"
"""Behind a shopper's number: nobody can have such an address."""


class _MadeUpCredits:
    """Customers' credit accounts in the made-up shop: a list of what was done to them."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def newest(self, customer_ref: str, currency: str) -> str:
        """See CreditDesk."""
        return max((number for number, one in self._numbered() if one.ref == customer_ref), default="")

    async def give(self, credit: StoreCredit) -> CreditAnswer:
        """See CreditDesk."""
        return self._done(credit.customer_ref, credit.amount_minor, credit.currency)

    async def take(self, credit: StoreCredit) -> CreditAnswer:
        """See CreditDesk."""
        if self._state.credit(credit.customer_ref, credit.currency) < credit.amount_minor:
            return CreditAnswer(CreditState.NOT_ENOUGH)
        return self._done(credit.customer_ref, -credit.amount_minor, credit.currency)

    async def done_since(self, credit: StoreCredit, newest: str, *, gives: bool) -> list[str]:
        """See CreditDesk."""
        amount = credit.amount_minor if gives else -credit.amount_minor
        wanted = Credited(credit.customer_ref, amount, credit.currency)
        return [number for number, one in self._numbered() if number > newest and one == wanted]

    def _done(self, ref: str, amount_minor: int, currency: str) -> CreditAnswer:
        self._state.credited = [*self._state.credited, Credited(ref, amount_minor, currency)]
        return CreditAnswer(CreditState.DONE, transaction=self._numbered()[-1][0])

    def _numbered(self) -> list[tuple[str, Credited]]:
        return [(f"{n:06}", one) for n, one in enumerate(self._state.credited, 1)]


class _MadeUpShop:
    """Takes every snapshot and every code, and gives every credit."""

    flows = None

    def __init__(self, state: State) -> None:
        self.credits: CreditDesk | None = _MadeUpCredits(state)

    async def push_snapshots(self, pushes: Sequence[SnapshotPush]) -> list[PushResult]:
        return [PushResult(PushState.ACCEPTED) for _ in pushes]

    async def push_programme(self, body: str) -> PushResult:
        return PushResult(PushState.ACCEPTED)

    async def issue_voucher(self, voucher: Voucher) -> VoucherAnswer:
        return VoucherAnswer(VoucherState.PLACED, token=voucher.code)

    async def withdraw_voucher(self, code: str, mark: str, token: str | None) -> VoucherAnswer:
        return VoucherAnswer(VoucherState.WITHDRAWN)


class _MadeUpPlatform:
    """voucher_kinds: what the real shop's platform can give by itself."""

    push_batch_size = 50
    retries_deliveries = False

    def __init__(self, state: State, voucher_kinds: frozenset[str]) -> None:
        self.name = state.platform
        self.voucher_kinds = voucher_kinds
        self._state = state

    def normalise(self, topic: str, raw: bytes, normaliser: Normaliser) -> list[Fact]:
        """Facts come as they are."""
        fact = FACTS[topic].decode(raw)
        if isinstance(fact, CustomerState):
            return [replace(fact, address_hash=normaliser.hash_address(fact.customer_ref + MAILS_AT))]
        return [fact]

    def shown(self, topic: str, raw: bytes) -> Shown:
        return Shown()

    def client(self, connection: Connection, credentials: Credentials, api: ApiClient) -> ShopClient:
        return cast(ShopClient, _MadeUpShop(self._state))


def made_up(state: State, voucher_kinds: frozenset[str]) -> Platform:
    """The platform of a test shop: of the port only what the pipeline and the outbox use."""
    return cast(Platform, _MadeUpPlatform(state, voucher_kinds))


class ListingMailer:
    """Keeps what would have gone out. It counts as given: else no points would ever end in a test."""

    delivers = True

    def __init__(self, state: State) -> None:
        self._state = state

    async def send(self, mail: Mail) -> None:
        """See Mailer."""
        self._state.tell(Told(self._state.now, mail.to.removesuffix(MAILS_AT), mail.subject, mail.text))
