"""An installation to be tried: a home with a master key, a programme, a shop of each platform, an API key, members."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector import clock
from connector.access.auth import SCOPES, create_api_key
from connector.access.signatures import sign
from connector.commands.local_control import ensure_key_file
from connector.config import Settings, load_settings
from connector.crypto import Keys, load_keys
from connector.ingest.pipeline import Pipeline
from connector.people.adjusting import adjust_points
from connector.platforms import Connection
from connector.programmes.books import close_books
from connector.registry import PLATFORMS
from connector.storage.atomic import atomic
from connector.storage.connections import add_secret, create_connection
from connector.storage.facts import Customer, enrol
from connector.storage.inbox import Delivery
from connector.storage.instance import ensure_instance
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from tests.builders import DOCUMENT, MIA, OPENED, opened
from tests.chaos.books import check_books
from tests.chaos.goal import Findings
from tests.payloads import shopify_bodies, woocommerce_bodies
from tests.payloads.stories import SoldLine, Story

SHOP_KEYS = ("ck_" + "1" * 40, "cs_" + "2" * 40)
"""What the simulated WooCommerce of ``tests.connector.home`` expects."""
SECRETS = {"woocommerce": "W" * 43, "shopify": "the secret of a simulated app"}
SIGNATURES = {"woocommerce": "X-WC-Webhook-Signature", "shopify": "X-Shopify-Hmac-Sha256"}
TOPICS = {"woocommerce": "order.updated", "shopify": "orders/updated"}
NOBODY = "http://127.0.0.1:9"
"""Where no shop answers."""


@dataclass(frozen=True)
class Installation:
    """What was made, and how to reach it. shop_url: of the WooCommerce."""

    home: Path
    url: str
    keys: Keys
    connections: dict[str, Connection]
    programme: int
    api_key: str
    shop_url: str

    @property
    def environment(self) -> dict[str, str]:
        """For a service on a free port, whose API key may ask as often as it likes."""
        return {
            "BELONG_HOME": str(self.home),
            "DATABASE_URL": self.url,
            "BELONG_PORT": "0",
            "BELONG_ALLOW_PRIVATE_HOSTS": self.shop_url.partition("://")[2],
            # Or it would be the limit of requests that refuses a crowd, not what the crowd is about.
            "BELONG_KEY_REQUESTS_PER_SECOND": "0",
        }

    @property
    def settings(self) -> Settings:
        return load_settings(self.environment)

    def hook(self, platform: str, topic: str = "") -> str:
        """Path of a platform's deliveries."""
        return f"/hooks/{platform}/{self.connections[platform].public_id}/{topic or TOPICS[platform]}"

    def signed(self, platform: str, body: bytes) -> dict[str, str]:
        """Headers of a delivery."""
        signature = sign(body, SECRETS[platform].encode()).decode()
        return {"Content-Type": "application/json", SIGNATURES[platform]: signature}

    def asking(self, key: str = "") -> dict[str, str]:
        """Headers of a request of the API, with an Idempotency-Key."""
        headers = {"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json"}
        return headers | ({"Idempotency-Key": key} if key else {})

    def redeem_path(self, member: str) -> str:
        """Where a member redeems in the WooCommerce."""
        shop = self.connections["woocommerce"].public_id
        return f"/v1/members/{uuid.UUID(member)}/redemptions?connection={shop}"

    async def check_books(self, findings: Findings) -> None:
        """Everything worked out again agrees. Days that a stopped process had shut are added up first, as by the next
        one.
        """
        async with opened(self.url) as database:
            await close_books(database, clock.utc_now())
            await check_books(database, findings, self.keys)


async def install(url: str, home: Path, document: Mapping[str, Any] = DOCUMENT, shop_url: str = NOBODY) -> Installation:
    """Make everything in a prepared database. Nothing runs afterwards."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = load_settings({"BELONG_HOME": str(home), "DATABASE_URL": url})
    ensure_key_file(settings)
    keys = load_keys(settings.key_file)

    async def found(session: Session) -> tuple[int, dict[str, Connection], str]:
        await ensure_instance(session, keys, OPENED)
        programme = await create_programme(session, document, OPENED, OPENED)
        made = {
            "woocommerce": await create_connection(session, programme, "woocommerce", shop_url, shop_url, {}, OPENED),
            "shopify": await create_connection(
                session, programme, "shopify", "tea.myshopify.com", "https://tea.myshopify.com", {}, OPENED
            ),
        }
        secrets = [(made[platform], "webhook", secret) for platform, secret in SECRETS.items()]
        named = zip(("consumer_key", "consumer_secret"), SHOP_KEYS, strict=True)
        secrets += [(made["woocommerce"], name, value) for name, value in named]
        for connection, kind, value in secrets:
            await add_secret(session, keys, connection, kind, value, OPENED)
        return programme, made, await create_api_key(session, programme, "chaos", OPENED, SCOPES, "chaos")

    async with opened(url) as database:
        programme, connections, api_key = await atomic(database, found)
    return Installation(home, url, keys, connections, programme, api_key, shop_url)


async def enrol_with_points(installation: Installation, points: Mapping[int, int]) -> dict[int, str]:
    """Members of the WooCommerce; their ids by customer number.

    points: of each customer, given by hand (``[adjust]`` must let it), so that no
    order stands behind them that the shop would have to know.
    """
    connection, now = installation.connections["woocommerce"], clock.utc_now()
    people = [
        (Customer(installation.programme, connection.number, str(customer)), uuid.uuid4().hex, OPENED)
        for customer in points
    ]
    members = {int(customer.customer_ref): member for customer, member, _ in people}
    async with opened(installation.url) as database:
        await atomic(database, lambda session: enrol(session, people, now))
        pipeline = Pipeline(database, installation.keys, PLATFORMS)
        for customer, given in points.items():
            if given:
                to = (installation.programme, members[customer])
                await adjust_points(pipeline, *to, given, uuid.uuid4().hex, MIA, "to begin with")
    return members


def delivery(installation: Installation, platform: str, body: bytes) -> Delivery:
    """A delivery as the webhook route hands it to the inbox."""
    connection, topic = installation.connections[platform], TOPICS[platform]
    key, now = PLATFORMS[platform].object_key(topic, body), clock.utc_now()
    assert key is not None
    return Delivery(
        installation.programme,
        connection.number,
        topic,
        key.kind,
        key.object_id,
        f"chaos:{uuid.uuid4().hex}",
        now,
        now,
        body,
    )


def order_body(platform: str, order: int, customer: int, net_minor: int) -> bytes:
    """A paid order as its platform sends it. Nobody's address is another's."""
    story = Story((SoldLine(1, 1, net_minor),), order_id=order, customer=customer, email=f"c{customer}x@example.test")
    return {"woocommerce": woocommerce_bodies.webhook, "shopify": shopify_bodies.webhook}[platform](story)
