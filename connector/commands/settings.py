"""Settings of a connection: how what a shop tells is read. Changed by a command, and over the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from connector import clock, store_settings
from connector.delivering import shop_pages, tier_tags
from connector.errors import ConfigProblem
from connector.people.actors import Actor
from connector.platforms import Connection
from connector.running.service import Service
from connector.shopify import settings as shopify_settings
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.connections import set_setting
from connector.storage.push import wish_all
from connector.storage.session import Session
from connector.woocommerce import settings as woocommerce_settings

VALUE_MAX = 500
SETTINGS = {"shopify": shopify_settings.SETTINGS, "woocommerce": woocommerce_settings.SETTINGS}
CHOICES: Mapping[str, tuple[str, ...]] = {**store_settings.CHOICES, **woocommerce_settings.CHOICES}
"""Settings that take one of a few values, or none."""
LETS_SHOPS_GIVE = frozenset({store_settings.PLUGIN_ADJUSTS, woocommerce_settings.PLUGIN_IMPORTS})
"""Settings by which people of a shop may give points."""
_CHECKS: Mapping[str, Callable[[str], None]] = {
    **store_settings.CHECKS,
    **shopify_settings.CHECKS,
    tier_tags.SETTING: tier_tags.check_prefix,
}
_PUSHED = frozenset({tier_tags.SETTING, store_settings.LANGUAGE, store_settings.REFERRAL_LINK})
"""Settings that change what stands with every member in the store."""


def checked(connection: Connection, name: str, value: str) -> str:
    """The value as it is kept. Raises ConfigProblem for a name or a value that the connection cannot have."""
    known, value = SETTINGS[connection.platform], value.strip()
    if name not in known:
        raise ConfigProblem(f"A connection to {connection.platform} has no {name}; it has {', '.join(sorted(known))}.")
    if len(value) > VALUE_MAX or not value.isprintable():
        raise ConfigProblem(f"{name} is too long, or has characters that nobody can see.")
    choices = CHOICES.get(name, ())
    if value and choices and value not in choices:
        raise ConfigProblem(f"{name} is one of {', '.join(choices)}, or empty.")
    if name in _CHECKS:
        _CHECKS[name](value)
    if name == store_settings.MEMBER_PAGE:
        shop_pages.check_page(connection, value)
    return value


async def change(service: Service, connection: Connection, name: str, value: str, actor: Actor) -> None:
    """From now on what the shop tells is read so; what was decided before stays. value: empty for the default again.
    Raises ConfigProblem or Permanent.
    """
    value = checked(connection, name, value)
    now, number = clock.utc_now(), connection.programme_number
    details = {"connection": connection.number, "setting": name}

    async def body(session: Session) -> None:
        await set_setting(session, connection.number, name, value)
        if name in _PUSHED:
            await wish_all(session, connection.number, now)
        await note_programme_deeds(session, [ProgrammeDeed(number, Act.SETTING_CHANGE, actor, now, details)])

    await atomic(service.database, body)
    service.targets.forget()
    service.shops.forget(connection.number)
    service.wake.set()
