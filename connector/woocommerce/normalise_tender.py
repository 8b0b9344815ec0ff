"""What gift cards and store credit paid of an order. WooCommerce has neither: each extension tells it in its own way.

docs/goods-kept.md names the ways that are known. What the parts of an order come to beyond its total, and nothing known
explains, was paid by something that was applied after the totals: that is what gift cards are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from connector.errors import Unreadable
from connector.ingest.payload import NULL, Amounts
from connector.woocommerce.normalise_refund import Meta

GIFT_CARD_META = "_ywgc_applied_gift_cards"
"""Default of the setting ``gift_card_meta``: order meta with what gift cards paid, of YITH's extension."""
GIFT_CARDS_ARE_A_FEE = "ywgc_gift_card_updated_as_fee"
"""Order meta of the same: the cards stand among the fees, so they are a discount already."""
STORE_CREDIT_META = "_funds_used"
"""Default of the setting ``store_credit_meta``: what Account Funds paid of an order."""
STORE_CREDIT_METHODS = "accountfunds,wallet"
"""Default of the setting ``store_credit_methods``: ``payment_method`` of orders that store credit paid as a whole."""
WALLET_FEE = "_via_wallet_partial_payment"
"""Key of the negative fee by which TeraWallet pays a part."""
FEE_KEY = "_legacy_fee_key"

WORKED_OUT = "tender-worked-out"
UNKNOWN = "tender-unknown"
MAX_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Paid:
    """An order's total and what it should be. parts: goods, shipping, fees and tax as they are written, wallet fees
    left out. wallet: what those paid. slack: how far parts and total may differ by rounding.
    """

    method: str | None
    total: int
    parts: int
    wallet: int
    slack: int
    gift_cards: msgspec.Raw
    meta: Iterable[Meta]


@dataclass(frozen=True, slots=True)
class Tender:
    """outside: what of both the order's total does not hold. notes: stable codes to explain."""

    gift_card: int = 0
    store_credit: int = 0
    outside: int = 0
    notes: tuple[str, ...] = ()


def tender_of(paid: Paid, settings: Mapping[str, str], money: Amounts) -> Tender:
    """What other tender than money paid. What cannot be read is noted, and left out."""
    meta = {entry.key: entry.value for entry in paid.meta if isinstance(entry.key, str)}
    named = [paid.gift_cards]
    if _is_nothing(meta.get(GIFT_CARDS_ARE_A_FEE, NULL)):
        named += [meta.get(key, NULL) for key in _words(settings.get("gift_card_meta", GIFT_CARD_META))]
    credits = [meta.get(key, NULL) for key in _words(settings.get("store_credit_meta", STORE_CREDIT_META))]
    by_card, by_credit = _sum(named, money), _sum(credits, money)
    notes = (UNKNOWN,) if by_card is None or by_credit is None else ()
    gift_card, store_credit = by_card or 0, (by_credit or 0) + paid.wallet
    gap = paid.parts - paid.total
    outside = gap if gap > paid.slack else 0
    if outside - gift_card - store_credit > paid.slack:
        gift_card, notes = outside - store_credit, (WORKED_OUT,)
    elif outside:
        outside = min(outside, gift_card + store_credit)
    if paid.method in _words(settings.get("store_credit_methods", STORE_CREDIT_METHODS)):
        # All that the total still asks for; what the same extension noted elsewhere is this very payment.
        store_credit = max(store_credit, paid.total + min(outside, store_credit))
    return Tender(gift_card, store_credit, outside, notes)


def is_wallet_fee(meta: Iterable[Meta]) -> bool:
    """Whether a fee line is what a wallet paid."""
    return any(entry.key == FEE_KEY and bytes(entry.value) == f'"{WALLET_FEE}"'.encode() for entry in meta)


def places_of(raw: msgspec.Raw) -> int:
    """How many decimals an amount is printed with: shops may print fewer than the currency has."""
    return len(bytes(raw).decode("ascii", "replace").strip('"').partition(".")[2])


@lru_cache(maxsize=64)
def _words(setting: str) -> frozenset[str]:
    return frozenset(word.strip() for word in setting.split(",") if word.strip())


def _is_nothing(raw: msgspec.Raw) -> bool:
    return bytes(raw).strip() in (b"", b"null", b"false", b'""', b"[]", b"{}", b'"0"', b"0", b'"no"')


def _sum(values: Iterable[msgspec.Raw], money: Amounts) -> int | None:
    """The sum of several values of meta; None if one of them is no amount."""
    try:
        return sum(_amount(value, money, 0) for value in values)
    except (Unreadable, msgspec.MsgspecError):
        return None


def _amount(raw: msgspec.Raw, money: Amounts, depth: int) -> int:
    """An amount, or the sum of a list or an object of amounts; of an object with ``amount``, that one. At least 0."""
    text = bytes(raw).strip()
    if _is_nothing(raw):
        return 0
    if depth < MAX_DEPTH and text[:1] == b"{":
        fields = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        wanted = [fields["amount"]] if "amount" in fields else list(fields.values())
        return sum(_amount(value, money, depth + 1) for value in wanted)
    if depth < MAX_DEPTH and text[:1] == b"[":
        return sum(_amount(value, money, depth + 1) for value in msgspec.json.decode(text, type=list[msgspec.Raw]))
    return money.positive(raw, "meta_data")
