"""What Shopify tells us, as facts: topic -> parser. docs/goods-kept.md says which field counts for what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from connector.errors import Unreadable
from connector.ingest.payload import NULL, address, decode, label, object_id, refuse_order, utc
from connector.person_news import PersonNews
from connector.platforms import FETCHED_GONE, FETCHED_ORDER, Normaliser
from connector.shopify.mail_consent import answer
from connector.shopify.normalise_fetched import order_from_read
from connector.shopify.normalise_webhook import order_from_webhook, refund_from_webhook
from connector.shopify.settings import BIRTHDAY_METAFIELD
from connector.shopify.webhooks import MAIL_CONSENT
from loyalty_engine.facts import CustomersMerged, CustomerState, Fact, OrderDeleted


class _OnlyId(msgspec.Struct, gc=False):
    id: int | str
    line_items: msgspec.Raw = NULL


class _Metafield(msgspec.Struct, gc=False):
    namespace: str
    key: str
    value: str | int | None = None


class _Customer(msgspec.Struct, gc=False):
    id: int | str
    line_items: msgspec.Raw = NULL
    created_at: datetime | None = None
    updated_at: datetime | None = None
    email: str | None = None
    verified_email: bool | None = None
    first_name: str | None = None
    metafields: list[_Metafield] = []
    state: str | None = None


class _Consent(msgspec.Struct, gc=False):
    state: str
    consent_updated_at: datetime | None = None


class _MailConsent(msgspec.Struct, gc=False):
    """As the topic of this name has it; since 2025-01 customers' own topics say nothing of it."""

    customer_id: int | str
    email_marketing_consent: _Consent
    email_address: str | None = None


class _Merge(msgspec.Struct, gc=False):
    kept: str = msgspec.field(name="admin_graphql_api_customer_kept_id")
    deleted: str = msgspec.field(name="admin_graphql_api_customer_deleted_id")
    status: str


_MERGE = msgspec.json.Decoder(_Merge)
_MERGED = frozenset({"success", "successful", "succeeded", "completed"})
_NOT_MERGED = frozenset({"failed", "requested", "in_progress", "pending"})
_ONLY_ID = msgspec.json.Decoder(_OnlyId)
_CUSTOMER = msgspec.json.Decoder(_Customer)
_MAIL_CONSENT = msgspec.json.Decoder(_MailConsent)


def normalise(topic: str, raw: bytes, normaliser: Normaliser) -> list[Fact]:
    """Facts in one delivery; an empty list for topics that say nothing to us. Raises Unreadable."""
    if topic == "customers/merge":
        return _customers_merged(raw, normaliser)
    if topic == MAIL_CONSENT:
        _mail_consent(raw, normaliser)
        return []
    parser = _PARSERS.get(topic)
    return [parser(raw, normaliser)] if parser else []


def _order_deleted(raw: bytes, normaliser: Normaliser) -> OrderDeleted:
    body = decode(_ONLY_ID, raw, "order")
    refuse_order(body.line_items, "deletion of an order")
    order_id = object_id(body.id, "order", "id")
    return OrderDeleted(normaliser.source_ref("order", order_id), order_id)


def _customer(raw: bytes, normaliser: Normaliser) -> CustomerState:
    body = decode(_CUSTOMER, raw, "customer")
    refuse_order(body.line_items, "customer")
    customer_ref = object_id(body.id, "customer", "id")
    wanted = normaliser.connection.settings.get(BIRTHDAY_METAFIELD, "")
    for field in body.metafields:
        if wanted and f"{field.namespace}.{field.key}" == wanted and field.value not in (None, ""):
            normaliser.note_birthday(customer_ref, str(field.value))
    normaliser.note_person(customer_ref, PersonNews(first_name=label(body.first_name) or ""))
    # An address that was never verified proves nothing about who owns it.
    email = None if body.verified_email is False else address(body.email)
    return CustomerState(
        source_ref=normaliser.source_ref("customer", customer_ref),
        customer_ref=customer_ref,
        updated_at=utc(body.updated_at, "customer", "updated_at") if body.updated_at else None,
        created_at=utc(body.created_at, "customer", "created_at") if body.created_at else None,
        address_hash=normaliser.hash_address(email) if email else None,
        # Guests and imported customers are called verified, too: only who can sign in has shown anything.
        address_proven=email is not None and body.verified_email is True and body.state == "enabled",
    )


def _mail_consent(raw: bytes, normaliser: Normaliser) -> None:
    """A person's answer, which is part of no fact: whether they take mails of the shop."""
    body = decode(_MAIL_CONSENT, raw, "consent to mail")
    customer_ref = object_id(body.customer_id, "consent to mail", "customer_id")
    said = body.email_marketing_consent
    news = answer(said.state, said.consent_updated_at, body.email_address, "consent to mail")
    normaliser.note_person(customer_ref, news)


def _customer_deleted(raw: bytes, normaliser: Normaliser) -> CustomerState:
    body = decode(_ONLY_ID, raw, "customer")
    refuse_order(body.line_items, "deletion of a customer")
    customer_ref = object_id(body.id, "customer", "id")
    return CustomerState(normaliser.source_ref("customer", customer_ref), customer_ref, None, None, is_deleted=True)


def _customers_merged(raw: bytes, normaliser: Normaliser) -> list[Fact]:
    body = decode(_MERGE, raw, "merge of customers")
    status = body.status.lower()
    if status in _NOT_MERGED:
        return []
    if status not in _MERGED:
        # Neither word is guessed at: members would become one for good, or points would stay behind.
        raise Unreadable(f"merge of customers: status is {body.status[:60]!r}, which nobody here knows")
    gone, kept = _customer_of_gid(body.deleted), _customer_of_gid(body.kept)
    if gone == kept:
        raise Unreadable("merge of customers: kept and deleted are one customer")
    return [CustomersMerged(normaliser.source_ref("customer", gone), gone, kept)]


def _customer_of_gid(gid: str) -> str:
    kind, _, number = gid.rpartition("/")
    if kind != "gid://shopify/Customer" or not (number.isascii() and number.isdigit()):
        raise Unreadable(f"merge of customers: {gid[:100]!r} is no customer")
    return number


_PARSERS: dict[str, Callable[[bytes, Normaliser], Fact]] = {
    "orders/create": order_from_webhook,
    "orders/paid": order_from_webhook,
    "orders/updated": order_from_webhook,
    "orders/cancelled": order_from_webhook,
    "orders/fulfilled": order_from_webhook,
    "orders/partially_fulfilled": order_from_webhook,
    "orders/delete": _order_deleted,
    "refunds/create": refund_from_webhook,
    "customers/create": _customer,
    "customers/update": _customer,
    "customers/enable": _customer,
    "customers/disable": _customer,
    "customers/delete": _customer_deleted,
    FETCHED_ORDER: order_from_read,
    FETCHED_GONE: _order_deleted,
}
"""``orders/edited`` and ``order_transactions/create`` are missing on purpose: their bodies are not the order, which is
read instead (``webhooks.asks``).
"""
