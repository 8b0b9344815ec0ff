"""Commands that write: run directly when nothing else holds the database, else by the running service on our behalf.

Each takes plain parameters and returns a plain result, so that both ways are one way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from tortoise.exceptions import IntegrityError

from connector import clock
from connector.addresses import check_url
from connector.commands.backfill import BACKFILL_COMMANDS
from connector.commands.bulk import BULK_COMMANDS
from connector.commands.community import COMMUNITY_COMMANDS
from connector.commands.connections import named_connection
from connector.commands.console_people import CONSOLE_PEOPLE_COMMANDS
from connector.commands.credit import CREDIT_COMMANDS
from connector.commands.data import DATA_COMMANDS
from connector.commands.dead_letters import DEAD_LETTER_COMMANDS
from connector.commands.keys import KEY_COMMANDS
from connector.commands.mails import MAIL_COMMANDS
from connector.commands.master_key import MASTER_KEY_COMMANDS
from connector.commands.pairing import PAIRING_COMMANDS
from connector.commands.params import Params, Result
from connector.commands.people import PEOPLE_COMMANDS
from connector.commands.perks import PERK_COMMANDS
from connector.commands.programme import PROGRAMME_COMMANDS, document_of
from connector.commands.shopify_app import SHOPIFY_APP_COMMANDS
from connector.commands.webhooks import WEBHOOK_COMMANDS
from connector.crypto import new_secret
from connector.delivering import tier_tags
from connector.delivering.dead_letters import replay_everything
from connector.delivering.orphans import withdraw_orphans
from connector.delivering.reading_back import ReadBack, read_back_all
from connector.delivering.vouchers import Placing
from connector.errors import ConfigProblem, ConnectorError, Permanent
from connector.ingest.agreement import repair
from connector.ingest.reconcile import ReconcileReport, reconcile_all
from connector.people.actors import by_command
from connector.platforms import Connection
from connector.running.scheduler import hook_url
from connector.running.service import Service
from connector.shop_addresses import api_url_of, shop_address
from connector.shopify import settings as shopify_settings
from connector.storage.atomic import atomic
from connector.storage.connections import (
    WEBHOOK,
    add_secret,
    create_connection,
    find_connection,
    load_credentials,
    retire_secrets,
    revive_connection,
    set_problem,
    set_setting,
)
from connector.storage.programmes import create_programme, load_programmes
from connector.storage.push import release_wishes, wish_all
from connector.storage.removals import release_removals
from connector.storage.session import Session
from connector.woocommerce import plugin
from connector.woocommerce import settings as woocommerce_settings

ACTIVE_WEBHOOK_SECRETS = 2
"""The newest and the one before it: what was signed during a change still counts, a secret replaced twice does not."""

Command = Callable[[Service, Params], Awaitable[Result]]

API_SECRETS = {
    "shopify": ("client_id", "client_secret", "access_token", "refresh_token"),
    "woocommerce": ("consumer_key", "consumer_secret"),
}
_NEEDED = {"shopify": ("client_id", "client_secret"), "woocommerce": ("consumer_key", "consumer_secret")}
MAX_SECRET_CHARACTERS = 1000
MAX_SETTING_CHARACTERS = 500
SETTINGS = {"shopify": shopify_settings.SETTINGS, "woocommerce": woocommerce_settings.SETTINGS}
LEFT = "{shop} was connected to programme {number} and has left. Its members are there: use --programme {number}."
ALREADY = "{shop} is connected already. Rotate its secrets with: belong secret"


async def connect(service: Service, params: Params) -> Result:
    """Create programme (unless ``programme`` names one), connection and secrets; try its API, register webhooks.

    params: platform, shop, api_url?, programme?, document (of a new programme), secrets {name: value}.
    """
    platform = str(params["platform"])
    allowed = service.settings.allow_private_hosts
    shop = shop_address(platform, str(params["shop"]), allowed)
    api_url = str(params.get("api_url") or api_url_of(platform, shop))
    check_url(api_url, allow_private_hosts=allowed)
    secrets = _usable_secrets(platform, params["secrets"], _NEEDED[platform])
    now = clock.utc_now()

    async def body(session: Session) -> Connection:
        known = await find_connection(session, platform, shop)
        if known is not None and known.disconnected_at is None:
            raise Permanent(ALREADY.format(shop=shop))
        number = params.get("programme")
        if known is not None:
            return await _come_back(service, session, known, number, api_url, secrets, now)
        if number is None:
            number = await create_programme(session, document_of(params["document"]), now, now)
        if number not in await load_programmes(session):
            raise Permanent(f"There is no programme {number}.")
        connection = await create_connection(session, number, platform, shop, api_url, {}, now)
        await _add_secrets(service, session, connection, secrets, now)
        return connection

    try:
        connection = await atomic(service.database, body)
    except IntegrityError as error:
        # Somebody else connected it between our look and our commit.
        raise Permanent(ALREADY.format(shop=shop)) from error
    service.targets.forget()
    service.shops.forget(connection.number)
    return {
        "programme": connection.programme_number,
        "connection": connection.public_id,
        "hook_url": hook_url(service.settings.public_url, platform, connection.public_id),
        **await _try_shop(service, connection),
    }


async def _come_back(
    service: Service,
    session: Session,
    known: Connection,
    number: Any,
    api_url: str,
    secrets: Mapping[str, str],
    now: datetime,
) -> Connection:
    """A shop that had left, without our plugin now; its history goes on."""
    if number != known.programme_number:
        raise Permanent(LEFT.format(shop=known.shop, number=known.programme_number))
    told = (plugin.REST_URL, plugin.REACH)
    settings = {name: value for name, value in known.settings.items() if name not in told}
    connection = await revive_connection(session, known, api_url, settings)
    await _add_secrets(service, session, connection, secrets, now)
    await release_wishes(session, connection.number, now)
    await release_removals(session, connection.number, now)
    return connection


def _usable_secrets(platform: str, given: Mapping[str, Any], needed: Iterable[str]) -> dict[str, str]:
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


async def _add_secrets(
    service: Service, session: Session, connection: Connection, secrets: Mapping[str, str], now: datetime
) -> None:
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


async def _try_shop(service: Service, connection: Connection) -> Result:
    try:
        client = await service.shops.client(connection, insists=True)
        name = await client.check()
        webhooks = await client.ensure_webhooks(
            hook_url(service.settings.public_url, connection.platform, connection.public_id)
        )
    except ConnectorError as error:
        return {"shop_says": None, "webhooks": [], "problem": str(error)}
    return {"shop_says": name, "webhooks": webhooks, "problem": None}


async def add_secrets(service: Service, params: Params) -> Result:
    """Add secrets to a connection; the webhook secret before stays valid, so that nothing signed meanwhile is lost.

    params: connection (public id), secrets {name: value}.
    """
    connection = await named_connection(service.database.reading(), str(params["connection"]))
    secrets = _usable_secrets(connection.platform, params["secrets"], params["secrets"])

    async def body(session: Session) -> None:
        await _add_secrets(service, session, connection, secrets, clock.utc_now())
        await set_problem(session, connection.number, None, clock.utc_now())
        await release_wishes(session, connection.number, clock.utc_now())
        await release_removals(session, connection.number, clock.utc_now())

    await atomic(service.database, body)
    service.targets.forget()
    service.shops.forget(connection.number)
    service.wake.set()
    return await _try_shop(service, connection)


async def change_setting(service: Service, params: Params) -> Result:
    """Change a setting of a connection. What was decided before stays; what is told from now on is read so.

    params: connection (public id), name, value (empty: the default again).
    """
    connection = await named_connection(service.database.reading(), str(params["connection"]))
    name, value = str(params["name"]), str(params["value"]).strip()
    known = SETTINGS[connection.platform]
    if name not in known:
        raise ConfigProblem(f"A connection to {connection.platform} has no {name}; it has {', '.join(sorted(known))}.")
    if len(value) > MAX_SETTING_CHARACTERS or not value.isprintable():
        raise ConfigProblem(f"{name} is too long, or has characters that nobody can see.")
    if name == tier_tags.SETTING:
        tier_tags.check_prefix(value)

    async def body(session: Session) -> None:
        await set_setting(session, connection.number, name, value)
        if name == tier_tags.SETTING:
            await wish_all(session, connection.number, clock.utc_now())

    await atomic(service.database, body)
    service.targets.forget()
    service.shops.forget(connection.number)
    service.wake.set()
    return await _try_shop(service, await named_connection(service.database.reading(), str(params["connection"])))


async def replay(service: Service, params: Params) -> Result:
    """Try again all that was set aside, of every kind that can be tried again. Returns how many of each."""
    counts = await replay_everything(service.database, by_command(params), clock.utc_now())
    service.wake.set()
    return {**counts}


async def reconcile(service: Service, params: Params) -> Result:
    """Read the shops now. params: full (bool), stores (bool): codes and snapshots instead of orders."""
    results: Mapping[int, ReconcileReport | ReadBack | ConnectorError]
    if params.get("stores"):
        placing = Placing(service.pipeline, service.outbox)
        results = await read_back_all(placing)
        await withdraw_orphans(placing)
    else:
        results = await reconcile_all(service.reconciler, full=bool(params.get("full")))
    service.wake.set()
    return {
        str(number): {"problem": str(one)} if isinstance(one, ConnectorError) else asdict(one)
        for number, one in results.items()
    }


async def fix_books(service: Service, params: Params) -> Result:
    """Let go what the brake of reconcile holds, or have single orders read again. What fails at the store is tried
    again by the scheduled job.

    params: connection (public id), orders? [ids], reason.
    """
    connection = await named_connection(service.database.reading(), str(params["connection"]))
    orders = [str(one) for one in params.get("orders") or ()] or None
    actor, why = by_command(params), str(params["reason"]).strip()[:500]
    if not why:
        raise Permanent("Say why the shop may be believed: it is kept with your user name.")
    fixed = await repair(service.database, connection, orders, actor, why, clock.utc_now())
    await withdraw_orphans(Placing(service.pipeline, service.outbox))
    service.wake.set()
    return {"repaired": fixed}


COMMANDS: Mapping[str, Command] = {
    "connect": connect,
    "add-secrets": add_secrets,
    "change-setting": change_setting,
    **PROGRAMME_COMMANDS,
    **DATA_COMMANDS,
    **PEOPLE_COMMANDS,
    **BULK_COMMANDS,
    **COMMUNITY_COMMANDS,
    **PERK_COMMANDS,
    **MAIL_COMMANDS,
    **CREDIT_COMMANDS,
    **DEAD_LETTER_COMMANDS,
    **MASTER_KEY_COMMANDS,
    **BACKFILL_COMMANDS,
    **WEBHOOK_COMMANDS,
    **PAIRING_COMMANDS,
    **CONSOLE_PEOPLE_COMMANDS,
    **SHOPIFY_APP_COMMANDS,
    **KEY_COMMANDS,
    "replay": replay,
    "reconcile": reconcile,
    "fix-books": fix_books,
}
