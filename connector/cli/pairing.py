"""``belong connect woocommerce --pair``: a code for the plugin in a shop, and how far it is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from connector import clock
from connector.cli.operator_view import reading
from connector.config import Settings
from connector.crypto import load_keys
from connector.errors import Permanent
from connector.pairing.offering import Progress, progress_of
from connector.storage.database import Database

LOOK_SECONDS = 2
_WORDS = {
    "open": "Waiting for the shop ...",
    "proven": "The shop has used the code. Waiting for it to confirm ...",
}


def print_code(made: Mapping[str, Any]) -> None:
    """What to do with the code."""
    ends = datetime.fromisoformat(made["ends_at"])
    click.echo(f"A shop may join programme {made['programme']} with this code until {ends:%H:%M} UTC, once:\n")
    click.echo(f"  {made['code']}\n")
    click.echo("In the shop: activate the plugin Belong, open WooCommerce > Belong, paste the code, press Connect.")
    click.echo(f"The shop must reach this service as {made['service']}. Whoever has the code can join with it.")


def wait(settings: Settings, pairing: str) -> None:
    """Say how far it is until the shop is connected. Raises Permanent if the code is over before."""
    said = ""
    while True:
        found = _progress(settings, pairing)
        if found.state == "confirmed":
            click.echo(f"{found.shop} is connected.")
            click.echo(_REACH.get(found.reach, ""))
            return
        if found.state == "over":
            raise Permanent("The code is over, and no shop has joined with it. Make another one.")
        if found.state != said:
            said = found.state
            click.echo(_WORDS[said])
        time.sleep(LOOK_SECONDS)


_REACH = {
    "push": "We can call it, so it shows changes at once.",
    "collect": "We cannot call it, so it asks us every minute for what it shows. belong status says when that changes.",
}


def _progress(settings: Settings, pairing: str) -> Progress:
    keys = load_keys(settings.key_file)

    async def look(database: Database) -> Progress:
        return await progress_of(database, keys, pairing, clock.utc_now())

    return reading(settings, look)
