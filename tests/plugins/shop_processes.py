"""What happens in a shop, each time in a PHP process of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.plugins import php
from tests.plugins.sites import Site

STORIES = Path(__file__).parent / "wordpress" / "order-stories.php"
REDEEM = Path(__file__).parent / "wordpress" / "redeem-stories.php"
CONNECT = Path(__file__).parent / "wordpress" / "connect.php"


def run(site: Site, *arguments: str, script: Path = STORIES) -> Any:
    """One of the things that order-stories.php, or another of these, knows; what it answered."""
    done = site.run(php.SYSTEM, str(script), str(site.wordpress), *arguments)
    assert done.code == 0, done.said
    return json.loads(done.said.splitlines()[-1])


def redeem(site: Site, *arguments: str) -> tuple[Any, list[dict[str, str]]]:
    """One of the things that redeem-stories.php knows: what it answered, and the shop's reservations."""
    told = run(site, *arguments, script=REDEEM)
    return told["answer"], told["rows"]


def connect(site: Site, service: str, connection: str, secret: bytes) -> None:
    """Place what pairing leaves; a breaker that is open is closed, as the owner's button does."""
    done = site.run(php.SYSTEM, str(CONNECT), str(site.wordpress), service, connection, secret.hex())
    assert done.code == 0 and done.said == "", done.said
