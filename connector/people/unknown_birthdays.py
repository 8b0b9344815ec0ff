"""Rules for birthdays that nobody can get: no shop says where it keeps birthdays, and no member's is known."""

from __future__ import annotations

from dataclasses import dataclass

from connector.platforms import Connection
from connector.shopify.settings import BIRTHDAY_METAFIELD
from connector.storage.birthdays import is_one_known
from connector.storage.connections import load_connections
from connector.storage.session import Session
from connector.woocommerce.settings import BIRTHDAY_META
from loyalty_engine.programme import Programme
from loyalty_engine.programme.model import Warned


@dataclass(frozen=True, slots=True)
class Unknown:
    """rules: how many pay for birthdays. shop: public id of the one that could say where it keeps them; empty where
    there are several, or none.
    """

    rules: int
    shop: str


async def unknown_birthdays(session: Session, number: int, programme: Programme) -> Unknown | None:
    """None where no rule pays for birthdays, or some birthday is known or will be told."""
    rules = sum(rule.trigger == "birthday" for rule in programme.rules)
    if not rules:
        return None
    known = (await load_connections(session)).values()
    shops = [one for one in known if one.programme_number == number and one.disconnected_at is None]
    if any(_tells(one) for one in shops) or await is_one_known(session, number):
        return None
    return Unknown(rules, shops[0].public_id if len(shops) == 1 else "")


async def birthday_warnings(session: Session, number: int, programme: Programme) -> tuple[Warned, ...]:
    """The same as a warning of each such rule: what a document says cannot tell it, only what is known of members."""
    if await unknown_birthdays(session, number, programme) is None:
        return ()
    rules = [rule for rule in programme.rules if rule.trigger == "birthday"]
    return tuple(Warned(f"rules.{rule.rule_id}", "birthdays-unknown") for rule in rules)


def _tells(shop: Connection) -> bool:
    return bool(shop.settings.get(BIRTHDAY_META) or shop.settings.get(BIRTHDAY_METAFIELD))
