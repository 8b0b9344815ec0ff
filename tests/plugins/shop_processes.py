"""What happens in a shop, each time in a PHP process of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.plugins import php
from tests.plugins.sites import Site

STORIES = Path(__file__).parent / "wordpress" / "order-stories.php"
CONNECT = Path(__file__).parent / "wordpress" / "connect.php"


def run(site: Site, *arguments: str) -> Any:
    """One of the things that order-stories.php knows; what it answered."""
    done = site.run(php.SYSTEM, str(STORIES), str(site.wordpress), *arguments)
    assert done.code == 0, done.said
    return json.loads(done.said.splitlines()[-1])


def connect(site: Site, service: str, connection: str, secret: bytes) -> None:
    """Place what pairing leaves; a breaker that is open is closed, as the owner's button does."""
    done = site.run(php.SYSTEM, str(CONNECT), str(site.wordpress), service, connection, secret.hex())
    assert done.code == 0 and done.said == "", done.said
