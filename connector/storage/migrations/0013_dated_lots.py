"""Up to when pauses are counted in the ends of a lot (``loyalty_engine.pauses``)."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL


class Migration(migrations.Migration):
    dependencies = [("belong", "0012_customer_unions")]

    operations = [
        DialectSQL(
            (
                "ALTER TABLE lot ADD COLUMN dated_at_us BIGINT NOT NULL DEFAULT 0",
                "UPDATE lot SET dated_at_us = COALESCE((SELECT e.recorded_at_us FROM entry e "
                "WHERE e.shard = lot.shard AND e.member_id = lot.member_id AND e.n = lot.n), 0)",
            )
        )
    ]
