"""Commands that write: run directly when nothing else holds the database, else by the running service on our behalf.

Each takes plain parameters and returns a plain result, so that both ways are one way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
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
from connector.commands.settings import change
from connector.commands.shop_secrets import NEEDED, replace_secrets, store_secrets, try_shop, usable_secrets
from connector.commands.shopify_app import SHOPIFY_APP_COMMANDS
from connector.commands.webhooks import WEBHOOK_COMMANDS
from connector.delivering.dead_letters import replay_everything
from connector.delivering.orphans import withdraw_orphans
from connector.delivering.reading_back import ReadBack, read_back_all
from connector.delivering.vouchers import Placing
from connector.errors import ConnectorError, Permanent
from connector.ingest.agreement import repair
from connector.ingest.reconcile import ReconcileReport, reconcile_all
from connector.people.actors import by_command
from connector.platforms import Connection
from connector.running.scheduler import hook_url
from connector.running.service import Service
from connector.shop_addresses import api_url_of, shop_address
from connector.storage.atomic import atomic
from connector.storage.connections import (
    create_connection,
    find_connection,
    revive_connection,
)
from connector.storage.programmes import create_programme, load_programmes
from connector.storage.push import release_wishes
from connector.storage.removals import release_removals
from connector.storage.session import Session
from connector.woocommerce import plugin

Command = Callable[[Service, Params], Awaitable[Result]]

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
    secrets = usable_secrets(platform, params["secrets"], NEEDED[platform])
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
        await store_secrets(service, session, connection, secrets, now)
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
        **await try_shop(service, connection),
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
    await store_secrets(service, session, connection, secrets, now)
    await release_wishes(session, connection.number, now)
    await release_removals(session, connection.number, now)
    return connection


async def add_secrets(service: Service, params: Params) -> Result:
    """Add secrets to a connection; the webhook secret before stays valid, so that nothing signed meanwhile is lost.

    params: connection (public id), secrets {name: value}.
    """
    connection = await named_connection(service.database.reading(), str(params["connection"]))
    return await replace_secrets(service, connection, params["secrets"], by_command(params))


async def change_setting(service: Service, params: Params) -> Result:
    """Change a setting of a connection. What was decided before stays; what is told from now on is read so.

    params: connection (public id), name, value (empty: the default again).
    """
    connection = await named_connection(service.database.reading(), str(params["connection"]))
    await change(service, connection, str(params["name"]), str(params["value"]), by_command(params))
    return await try_shop(service, await named_connection(service.database.reading(), str(params["connection"])))


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
