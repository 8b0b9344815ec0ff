"""The secrets with which we ask a shop, and it proves itself to us: made, replaced, never shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from connector import clock
from connector.commands.params import Result
from connector.crypto import new_secret
from connector.errors import ConfigProblem, ConnectorError
from connector.people.actors import Actor
from connector.platforms import Connection
from connector.running.scheduler import hook_url
from connector.running.service import Service
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.connections import WEBHOOK, add_secret, load_credentials, retire_secrets, set_problem
from connector.storage.push import release_wishes
from connector.storage.removals import release_removals
from connector.storage.session import Session

ACTIVE_WEBHOOK_SECRETS = 2
"""The newest and the one before it: what was signed during a change still counts, a secret replaced twice does not."""

API_SECRETS = {
    "shopify": ("client_id", "client_secret", "access_token", "refresh_token"),
    "woocommerce": ("consumer_key", "consumer_secret"),
}
NEEDED = {"shopify": ("client_id", "client_secret"), "woocommerce": ("consumer_key", "consumer_secret")}
MAX_SECRET_CHARACTERS = 1000


def usable_secrets(platform: str, given: Mapping[str, Any], needed: Iterable[str]) -> dict[str, str]:
    """Secrets without the spaces that pasting brings along. Raises ConfigProblem for foreign or missing ones."""
    names = API_SECRETS[platform]
    foreign = [name for name in given if name not in names]
    if foreign:
        raise ConfigProblem(f"A shop of {platform} has no {foreign[0]}; it has {', '.join(names)}.")
    secrets = {name: str(value).strip() for name, value in given.items()}
    for name in needed:
        if not secrets.get(name):
            raise ConfigProblem(f"The {name.replace('_', ' ')} is empty.")
    for name, secret in secrets.items():
        if len(secret) > MAX_SECRET_CHARACTERS or not (secret.isascii() and secret.isprintable()):
            raise ConfigProblem(f"The {name.replace('_', ' ')} has characters that no such secret has; paste it again.")
    return secrets


async def store_secrets(
    service: Service, session: Session, connection: Connection, secrets: Mapping[str, str], now: datetime
) -> None:
    """What counts from the end of this transaction on; the webhook secret before stays valid."""
    for name in API_SECRETS[connection.platform]:
        if secrets.get(name):
            await add_secret(session, service.keys, connection, name, secrets[name], now)
    # Shopify signs with the app's own secret; WooCommerce with the one that we gave it when its webhooks were made.
    if connection.platform == "shopify":
        webhook = secrets.get("client_secret")
    else:
        known = (await load_credentials(session, service.keys, connection)).webhook
        webhook = None if known else new_secret()
    if webhook:
        await add_secret(session, service.keys, connection, WEBHOOK, webhook, now)
        await retire_secrets(session, connection.number, WEBHOOK, ACTIVE_WEBHOOK_SECRETS, now)


async def try_shop(service: Service, connection: Connection) -> Result:
    """What the shop says to our secrets: shop_says (its name, or None), webhooks that were made, problem."""
    try:
        client = await service.shops.client(connection, insists=True)
        name = await client.check()
        webhooks = await client.ensure_webhooks(
            hook_url(service.settings.public_url, connection.platform, connection.public_id)
        )
    except ConnectorError as error:
        return {"shop_says": None, "webhooks": [], "problem": str(error)}
    return {"shop_says": name, "webhooks": webhooks, "problem": None}


async def replace_secrets(service: Service, connection: Connection, given: Mapping[str, Any], actor: Actor) -> Result:
    """From now on the shop is asked with these; whatever waited for them goes on. Raises ConfigProblem, and nothing
    happens, for what no such secret can be. Returns what the shop says to them.
    """
    secrets, now = usable_secrets(connection.platform, given, given), clock.utc_now()
    details = {"connection": connection.number, "secrets": sorted(secrets)}

    async def body(session: Session) -> None:
        await store_secrets(service, session, connection, secrets, now)
        await set_problem(session, connection.number, None, now)
        await release_wishes(session, connection.number, now)
        await release_removals(session, connection.number, now)
        deed = ProgrammeDeed(connection.programme_number, Act.STORE_SECRETS, actor, now, details)
        await note_programme_deeds(session, [deed])

    await atomic(service.database, body)
    service.targets.forget()
    service.shops.forget(connection.number)
    service.wake.set()
    return await try_shop(service, connection)
