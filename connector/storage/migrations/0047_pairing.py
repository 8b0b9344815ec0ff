"""Codes with which shops are paired, ids of signed calls that were used, and when a shop disconnected itself."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from connector.storage.dialect_sql import DialectSQL

PAIRING = (
    # sealed: first the code's key, then also what was agreed on, at last only what a repeated confirmation is proven by.
    """CREATE TABLE pairing (
        shard SMALLINT NOT NULL,
        pairing_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        connection_public_id TEXT NOT NULL,
        state SMALLINT NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
        sealed {blob} NOT NULL,
        shop_public TEXT,
        service_public TEXT,
        shop_text TEXT,
        created_at_us BIGINT NOT NULL,
        ends_at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, pairing_id)
    ) {clustered}""",
    "CREATE INDEX pairing_ends ON pairing (ends_at_us)",
)
CALLS = (
    """CREATE TABLE store_call (
        shard SMALLINT NOT NULL,
        connection_number INT NOT NULL,
        call_id TEXT NOT NULL,
        at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, connection_number, call_id)
    ) {clustered}""",
    "CREATE INDEX store_call_at ON store_call (at_us)",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0046_taken_snapshots")]

    operations = [
        ops.AddField(model_name="StoreConnection", name="disconnected_at", field=fields.DatetimeField(null=True)),
        DialectSQL((*PAIRING, *CALLS)),
    ]
