"""Which page of their shop a mail leads a member to: the one where they see their points.

Only addresses that are the connection's own: in the shop itself, or at one of the further origins that the merchant has
named. Nothing that a shopper or a name says is in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from connector.errors import ConfigProblem
from connector.platforms import Connection
from connector.shop_addresses import SHOPIFY_SHOP, lies_in
from connector.storage.connections import load_connections
from connector.storage.member_stores import stores_by_newest, stores_of_codes
from connector.storage.notices import DueNotice
from connector.storage.session import Session
from connector.store_settings import MEMBER_PAGE, ORIGINS
from connector.woocommerce.plugin import REST_URL

PLUGIN_PAGE = "?belong=points"
"""Where our plugin leads to its page in My Account, wherever the shop keeps that."""
ACCOUNT = "/account"
"""Where Shopify leads to its page of accounts, whichever of them the shop has."""
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+/[A-Za-z0-9._~!$&()*+,;=:@%/?#-]*")
_UPWARDS = re.compile(r"/\.\.?(?:[/?#]|$)", re.IGNORECASE)
_CODES = "voucher-expiring"


def page_of(connection: Connection) -> str:
    """The address of that page; empty where the shop has left, or has no address."""
    home = _home(connection)
    if not home or connection.disconnected_at is not None:
        return ""
    named = connection.settings.get(MEMBER_PAGE, "")
    if named and is_of(connection, named):
        return named
    if connection.platform == "shopify":
        return home + ACCOUNT
    return f"{home}/{PLUGIN_PAGE if REST_URL in connection.settings else ''}"


def is_of(connection: Connection, address: str) -> bool:
    """Whether a page is one of the shop's own, or of its further origins, whole and without a way out of it."""
    if _ADDRESS.fullmatch(address) is None or _UPWARDS.search(address.replace("%2e", ".").replace("%2E", ".")):
        return False
    origin, home = _origin(address), _home(connection)
    is_own = bool(home) and origin == _origin(home) and lies_in(address, home)
    return is_own or origin in connection.settings.get(ORIGINS, "").split()


def check_page(connection: Connection, value: str) -> None:
    """Raises ConfigProblem for a page that no mail would lead to."""
    if value and not is_of(connection, value):
        raise ConfigProblem(
            "Write the whole address of a page of this shop, such as https://shop.example/my-account/points/, or of "
            "one of the origins that are set for it. Its letters are those of addresses: no spaces, no quotes."
        )


def _home(connection: Connection) -> str:
    """Without a slash at the end; empty for a shop that does not stand anywhere."""
    shop = connection.shop
    if connection.platform == "shopify":
        return f"https://{shop}" if SHOPIFY_SHOP.fullmatch(shop) else ""
    return shop if _ADDRESS.fullmatch(f"{shop}/") else ""


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


async def pages_for(session: Session, notices: Sequence[DueNotice]) -> list[tuple[str, str]]:
    """For each notice: the page of the store that it is about, and that of the member's own store; either is empty
    where there is none.
    """
    programmes = {notice.programme_number for notice in notices}
    known = (await load_connections(session)).values()
    connections = {one.number: one for one in known if one.programme_number in programmes and page_of(one)}
    stores = {number: one.store for number, one in connections.items()}
    usual = await stores_by_newest(session, [notice.member_id for notice in notices], stores)
    codes = await stores_of_codes(session, [(one.member_id, _id(one)) for one in notices if one.kind == _CODES])

    def page(number: int | None, notice: DueNotice) -> str:
        found = connections.get(number) if number is not None else None
        return page_of(found) if found and found.programme_number == notice.programme_number else ""

    def about(notice: DueNotice) -> int | None:
        if notice.kind == _CODES:
            return codes.get((notice.member_id, _id(notice)))
        return next((number for number, store in stores.items() if notice.key.startswith(f"{store}:")), None)

    return [(page(about(one), one), page(usual.get(one.member_id), one)) for one in notices]


def _id(notice: DueNotice) -> str:
    return notice.key.partition(":")[0]
