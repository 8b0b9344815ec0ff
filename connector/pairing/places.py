"""Who stands at an address: whoever is called there and answers. What a shop says of itself proves nothing, so nobody
keeps another shop from its own address by naming it first.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from connector.errors import ConnectorError
from connector.people.actors import PLUGIN
from connector.platforms import Connection, Credentials
from connector.shop_addresses import lies_in, other_spelling, place_of
from connector.shops import Shops
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.connections import displace_connection, find_connection, load_credentials
from connector.storage.session import Session
from connector.woocommerce.plugin import PUSH, REACH, REST_URL, PluginApi, ShopState

SECONDS = 8
"""A shop that waits for our answer meanwhile must not give up on it."""
DISPLACED = (
    "Another shop has proven that it is at the address which this one had named. "
    "If this shop has moved, say so in WooCommerce > Belong; if it is a copy, disconnect it there."
)


async def found_at(session: Session, platform: str, address: str) -> Connection | None:
    """The connection of whoever has this address, with TLS or without: it is one shop."""
    return await find_connection(session, platform, address, other_spelling(address))


async def gives_way(shops: Shops, occupant: Connection, claimant: Connection, proof: Credentials) -> bool:
    """Whether the address of one connection is another's: that one answers there, and the first does not.

    claimant: with the address and the REST API that it names. proof: with its secrets. Calls both shops; never fails.
    """
    if not await _stands_there(shops, claimant, proof):
        return False
    reach = occupant.settings.get(REACH, "")
    if not reach:
        # It has no plugin to ask, and an operator vouched for its address.
        return False
    if occupant.disconnected_at is not None:
        # Nor can this one be asked any more: what counts is whether we could call it there.
        return reach != PUSH or not lies_in(occupant.settings.get(REST_URL, ""), occupant.shop)
    known = await load_credentials(shops.database.reading(), shops.keys, occupant)
    return not await _stands_there(shops, occupant, known)


async def displace(session: Session, occupant: Connection, now: datetime) -> None:
    """It has no address from now on, until it says where it is."""
    await displace_connection(session, occupant, DISPLACED, now)
    details = {"connection": occupant.public_id, "lost": occupant.shop}
    await note_programme_deeds(
        session, [ProgrammeDeed(occupant.programme_number, Act.STORE_MOVE, PLUGIN, now, details)]
    )


async def _stands_there(shops: Shops, connection: Connection, credentials: Credentials) -> bool:
    """Whether a shop answers a call that only it can check, at an address which belongs to the one that it names."""
    if not lies_in(connection.settings.get(REST_URL, ""), connection.shop):
        return False
    try:
        plugin = PluginApi(connection, credentials, shops.api)
        async with asyncio.timeout(SECONDS):
            said = await plugin.post("state", {}, ShopState)
    except (ConnectorError, TimeoutError):
        return False
    return place_of(said.site) == place_of(connection.shop)
