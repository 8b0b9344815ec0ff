"""``belong plugin``: what is installed in a shop."""

from __future__ import annotations

from pathlib import Path

import click

from connector.woocommerce import plugin_zip


@click.group()
def plugin() -> None:
    """What is installed in a shop."""


@plugin.command("woocommerce")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="The file to write, if another.")
def woocommerce(output: Path | None) -> None:
    """Write the zip that is uploaded in WordPress under Plugins > Add New; the same files give the same bytes."""
    made = plugin_zip.build()
    path = output or Path(made.name)
    path.write_bytes(made.content)
    click.echo(f"{path}: Belong for WooCommerce {made.version}, {len(made.content)} bytes, SHA-256 {made.sha256}")
