"""Customers whom a shop made one, until their members are one; and identities by member, so that merges find them all."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

UNIONS = (
    # Shard of the customer who is gone.
    """CREATE TABLE customer_union (
        shard SMALLINT NOT NULL,
        connection_number INT NOT NULL,
        customer_ref TEXT NOT NULL,
        kept_ref TEXT NOT NULL,
        programme_number INT NOT NULL,
        state SMALLINT NOT NULL DEFAULT 0 CHECK (state IN (0, 2)),
        created_at_us BIGINT NOT NULL,
        reason TEXT,
        PRIMARY KEY (shard, connection_number, customer_ref)
    ) {clustered}""",
    "CREATE INDEX identity_of_member ON identity (member_id)",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0011_member_seals")]

    operations = [DialectSQL(UNIONS)]
