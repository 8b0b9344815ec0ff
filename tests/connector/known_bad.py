"""Connectors with one wrong door each: mistakes that services like this have really made. The suite must object.

A pytest plugin: with BELONG_KNOWN_BAD it puts the mistake of that name in place before any test is imported, so that
also what is imported by name is the wrong one. ``test_known_bad.py`` runs the tests that each mistake must fail.
"""

from __future__ import annotations

import asyncio
import hmac
import importlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from connector.platforms import Headers
from connector.storage.inbox import Delivery
from connector.storage.session import Row, Session

if TYPE_CHECKING:
    # Imported for real it would already hold what a mistake replaces.
    from connector.access.auth import ProgrammeScope

ENVIRONMENT_KEY = "BELONG_KNOWN_BAD"

_unfinished: set[asyncio.Task[bool]] = set()


def locks_nothing(_session: Session, _alias: str) -> str:
    """Naive race: a balance is read, something is decided, and meanwhile another request does the same."""
    return ""


def delivery_id_alone(headers: Headers, _raw: bytes, _topic: str) -> str:
    """WooCommerce gives all deliveries of one second one id."""
    return "id:" + b",".join(headers.all(b"x-wc-webhook-delivery-id")).decode("latin-1")


def event_id_alone(headers: Headers, _raw: bytes, _topic: str) -> str:
    """Shopify gives all deliveries of one action one id."""
    return "event:" + b",".join(headers.all(b"x-shopify-event-id")).decode("latin-1")


def answers_before_the_commit(right: Any) -> Any:
    """The sender is told "kept", and what cannot be stored afterwards is lost."""

    async def keep(inbox: Any, delivery: Delivery, sender_retries: bool = True) -> bool:
        task = asyncio.create_task(right(inbox, delivery, sender_retries))
        _unfinished.add(task)
        task.add_done_callback(_forget)
        return True

    return keep


def _forget(task: asyncio.Task[bool]) -> None:
    _unfinished.discard(task)
    if not task.cancelled():
        task.exception()


def with_equals(one: bytes, other: bytes) -> bool:
    """How long it takes tells how much of a guess was right."""
    return one == other


async def in_any_programme(session: Session, _scope: ProgrammeScope, member_id: str) -> Row | None:
    """Whoever knows an id may read it."""
    return await session.one(
        "SELECT m.member_id, m.shard, m.enrolled_at_us, b.points, b.deficit, b.lifetime, b.last_n, b.next_change_at_us "
        "FROM member m JOIN balance b ON b.shard = m.shard AND b.member_id = m.member_id WHERE m.member_id = $1",
        member_id,
    )


async def of_any_shop(session: Session, customers: Sequence[Any]) -> dict[tuple[int, str], str]:
    """Customer 7 is customer 7, whichever shop says so."""
    rows = await session.rows("SELECT customer_ref, member_id FROM identity ORDER BY connection_number")
    known = {row["customer_ref"]: row["member_id"] for row in reversed(rows)}
    found = [one for one in customers if one.customer_ref in known]
    return {(one.connection_number, one.customer_ref): known[one.customer_ref] for one in found}


@dataclass(frozen=True)
class Mistake:
    """What is put in the place of what (module, name inside it), and the tests that must all fail for it."""

    module: str
    name: str
    wrong: Any
    tests: tuple[str, ...]
    wraps: bool = False
    """Whether ``wrong`` makes the wrong door from the right one."""

    def put(self) -> None:
        owner = importlib.import_module(self.module)
        *path, last = self.name.split(".")
        for step in path:
            owner = getattr(owner, step)
        right = getattr(owner, last)
        setattr(owner, last, self.wrong(right) if self.wraps else self.wrong)


ROUTE = "tests/connector/test_webhook_route.py::"
CONSTANT = "tests/connector/test_secrets_compared.py::"

MISTAKES = {
    "naive race": Mistake(
        "connector.storage.session",
        "Session.locked",
        locks_nothing,
        ("tests/members/test_redemptions.py::test_what_serves_them_in_turn_is_not_what_keeps_the_balance[postgresql]",),
    ),
    "dedupe by delivery id": Mistake(
        "connector.woocommerce.webhooks",
        "delivery_key",
        delivery_id_alone,
        ("tests/connector/woocommerce/test_webhooks.py::test_deliveries_of_one_second_share_an_id_but_not_a_key",),
    ),
    "dedupe by event id": Mistake(
        "connector.shopify.webhooks",
        "delivery_key",
        event_id_alone,
        (
            "tests/connector/shopify/test_webhooks.py::test_one_event_under_two_topics_is_two_deliveries",
            "tests/connector/shopify/test_webhooks.py::test_one_action_on_two_orders_is_two_deliveries",
        ),
    ),
    "answer before the commit": Mistake(
        "connector.ingest.inbox",
        "Inbox.keep",
        answers_before_the_commit,
        (
            ROUTE + "test_a_genuine_delivery_is_durable_when_it_is_answered_and_becomes_points[sqlite-woocommerce]",
            "tests/connector/test_inbox.py::test_a_delivery_is_durable_the_moment_it_is_called_kept[sqlite]",
        ),
        wraps=True,
    ),
    "secrets compared with ==": Mistake(
        "connector.crypto",
        "same",
        with_equals,
        (CONSTANT + "test_an_api_key_is_compared_in_constant_time",),
    ),
    "signatures compared with ==": Mistake(
        "connector.access.signatures",
        "hmac",
        SimpleNamespace(digest=hmac.digest, compare_digest=with_equals),
        (CONSTANT + "test_a_signature_is_compared_in_constant_time_with_every_secret",),
    ),
    "no filter by programme": Mistake(
        "connector.storage.members",
        "find_member",
        in_any_programme,
        ("tests/members/test_members_api.py::test_a_key_of_another_programme_finds_nobody[sqlite]",),
    ),
    "no filter by shop": Mistake(
        "connector.storage.facts",
        "load_identities",
        of_any_shop,
        ("tests/connector/test_webhook_route.py::test_customers_of_two_shops_with_one_number_are_two_members[sqlite]",),
    ),
}


# As soon as pytest reads this in the process that is to be wrong: what all tests of a folder share is imported before
# any hook could.
if wrong := os.environ.get(ENVIRONMENT_KEY):
    MISTAKES[wrong].put()
