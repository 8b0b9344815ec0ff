"""A shop that is not at the top of its host is paired under its whole address, and called there and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.browser import shop
from tests.connector.home import Home
from tests.plugins import php, sites
from tests.plugins.sites import Site
from tests.plugins.test_behind_a_password import Front, standing
from tests.plugins.test_end_to_end import Shop

FOLDER = "/sub"


def lies_in_a_folder(site: Site) -> None:
    """As its owner has set it. Our settings of a site hold constants, so what they say is changed afterwards."""
    content = site.folder / "wp-content" / "mu-plugins"
    content.mkdir(exist_ok=True)
    address = f"static fn() => '{shop.ADDRESS}{FOLDER}'"
    filtered = "".join(f"add_filter( 'option_{name}', {address}, 20 );\n" for name in ("home", "siteurl"))
    (content / "folder.php").write_text(f"<?php\n{filtered}", encoding="utf-8")


async def test_a_shop_in_a_sub_folder_is_paired_and_called_there_alone(
    tmp_path: Path, installed: Callable[[str], Site]
) -> None:
    with sites.copy(installed("newest"), php.SYSTEM) as site:
        lies_in_a_folder(site)
        async with shop.opened(site, is_connected=False) as one:
            with standing(Front(str(one.http.base_url).rstrip("/"), is_open=True, below=f"{FOLDER}/")) as front:
                shop.says_it_is_at(site, f"http://127.0.0.1:{front.port}")
                await asyncio.to_thread(paired, tmp_path, site, front)


def paired(tmp_path: Path, site: Site, front: Front) -> None:
    shopper = Shop(site)
    home = Home.at_one_address(tmp_path / "home", BELONG_ALLOW_PRIVATE_HOSTS=f"127.0.0.1:{front.port}")
    with home.serving():
        shopper.run("pair", home.pairing_code("--name", "Tea"))
        told = home.must("status")
        assert f"{shop.ADDRESS}{FOLDER}" in told and "paired; we call it" in told, told
        shopper.run("make", "1")
        shopper.until_lifetime(40)
    called = f"{FOLDER}/wp-json/belong/v1/"
    assert [front.answered(f"{called}{name}") for name in ("state", "snapshots")] == [{200}, {200}]
    assert [path for path, _ in front.seen if not path.startswith(f"{FOLDER}/wp-json/")] == []
    home.must("verify")
