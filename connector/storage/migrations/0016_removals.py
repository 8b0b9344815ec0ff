"""Customers of stores whose copy of a snapshot is to be removed, as those of people who were erased."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

REMOVALS = (
    # Shard of the customer: whoever it was is not known by their member any more.
    """CREATE TABLE removal (
        shard SMALLINT NOT NULL,
        connection_number INT NOT NULL,
        customer_ref TEXT NOT NULL,
        programme_number INT NOT NULL,
        state SMALLINT NOT NULL DEFAULT 0 CHECK (state IN (0, 2)),
        attempts SMALLINT NOT NULL DEFAULT 0,
        next_at_us BIGINT NOT NULL,
        quiet_at_us BIGINT NOT NULL,
        reason TEXT,
        PRIMARY KEY (shard, connection_number, customer_ref)
    ) {clustered}""",
    "CREATE INDEX removal_due ON removal (connection_number, next_at_us) WHERE state = 0",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0015_resumed_by")]

    operations = [DialectSQL(REMOVALS)]
