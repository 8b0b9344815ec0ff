"""The address of a shop in its one form: connected twice under two spellings, it would give every point twice."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx

from connector.addresses import check_url, is_excepted
from connector.errors import ConfigProblem

SHOPIFY_SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com")
MAX_ADDRESS_CHARACTERS = 255
_TLS = 443


def shop_address(platform: str, shop: str, allow_private_hosts: frozenset[str]) -> str:
    """The address of a shop that we are to call. Raises ConfigProblem with what to write instead."""
    if platform == "shopify":
        name = shop.strip().lower().removeprefix("https://").rstrip("/")
        if not SHOPIFY_SHOP.fullmatch(name):
            raise ConfigProblem("Write the shop as NAME.myshopify.com, the address it was created with.")
        return name
    if platform != "woocommerce":
        raise ConfigProblem(f"There is no platform {platform!r}; there are shopify and woocommerce.")
    found = site_address(shop)
    url = httpx.URL(found)
    host = url.raw_host.decode("ascii").lower()
    if url.scheme == "http" and not is_excepted(host, url.port or 80, allow_private_hosts):
        raise ConfigProblem(
            "Without https anybody on the way could read the keys. In your own network, name the shop in "
            "BELONG_ALLOW_PRIVATE_HOSTS."
        )
    check_url(shop.strip(), allow_private_hosts=allow_private_hosts)
    return found


def site_address(site: str) -> str:
    """The address of a WooCommerce shop as it says it itself, whether we could call it or not. Raises ConfigProblem."""
    site = site.strip()
    url = _read_url(site)
    if url is None or url.userinfo or url.query or url.fragment or len(site) > MAX_ADDRESS_CHARACTERS:
        raise ConfigProblem("Write the shop's address as https://shop.example or https://shop.example/sub-folder.")
    host = url.raw_host.decode("ascii").lower()
    place = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{place}{f':{url.port}' if url.port else ''}{urlsplit(str(url)).path.rstrip('/')}"


def place_of(address: str) -> tuple[str, int, str] | str:
    """Host, port and path, however it is spelt, with TLS or without; what is no address is only itself."""
    url = _read_url(address.strip() if "://" in address else f"https://{address.strip()}")
    if url is None:
        return address
    return (url.raw_host.decode("ascii").lower(), url.port or _TLS, urlsplit(str(url)).path.rstrip("/"))


def lies_in(address: str, site: str) -> bool:
    """Whether an address, of an API, say, is a part of a shop's own place."""
    inner, outer = place_of(address), place_of(site)
    if isinstance(inner, str) or isinstance(outer, str):
        return False
    return inner[:2] == outer[:2] and f"{inner[2]}/".startswith(f"{outer[2]}/")


def other_spelling(site: str) -> str:
    """The same place with TLS, or without."""
    scheme, rest = site.split("://", 1)
    return f"{'http' if scheme == 'https' else 'https'}://{rest}"


def _read_url(text: str) -> httpx.URL | None:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        return None
    return url if url.scheme in ("https", "http") and url.raw_host else None


def api_url_of(platform: str, shop: str) -> str:
    """Where a shop's API is, unless somebody says otherwise."""
    return f"https://{shop}" if platform == "shopify" else shop
