"""Since when an order is wished to be read: orders that wait for that wait no longer than their limit."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL


class Migration(migrations.Migration):
    dependencies = [("belong", "0019_versions_told")]

    operations = [
        DialectSQL(
            (
                "ALTER TABLE read_wish ADD COLUMN wished_at_us BIGINT NOT NULL DEFAULT 0",
                "UPDATE read_wish SET wished_at_us = next_at_us",
            )
        )
    ]
