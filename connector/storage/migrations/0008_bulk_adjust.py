"""Adjustments of a whole segment: what was asked for, and one row for each member, which says how far it is."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from connector.storage.dialect_sql import DialectSQL

MEMBERS = (
    # 0 waits, 1 posted, 2 passed over, 3 failed; of an undo: 4 taken back, 5 not taken back.
    """CREATE TABLE bulk_member (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        bulk_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        state SMALLINT NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 5),
        reason TEXT,
        survivor_id TEXT,
        owed BIGINT NOT NULL DEFAULT 0 CHECK (owed >= 0),
        forgiven BIGINT NOT NULL DEFAULT 0 CHECK (forgiven >= 0),
        PRIMARY KEY (shard, member_id, bulk_id)
    ) {clustered}""",
    "CREATE INDEX bulk_member_state ON bulk_member (bulk_id, state, shard, member_id)",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0007_actors")]

    operations = [
        ops.CreateModel(
            name="BulkAdjust",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("bulk_id", fields.CharField(unique=True, max_length=32)),
                ("programme_number", fields.IntField()),
                ("points", fields.BigIntField()),
                ("members", fields.IntField()),
                ("digest", fields.CharField(max_length=64)),
                ("segment", fields.TextField(unique=False)),
                ("state", fields.SmallIntField()),
                ("reason", fields.TextField(unique=False)),
                ("actor", fields.CharField(max_length=100)),
                ("person", fields.CharField(max_length=100)),
                ("through", fields.CharField(max_length=40)),
                ("created_at_us", fields.BigIntField()),
                ("second_actor", fields.CharField(null=True, max_length=100)),
                ("second_person", fields.CharField(null=True, max_length=100)),
                ("second_through", fields.CharField(null=True, max_length=40)),
                ("decided_at_us", fields.BigIntField(null=True)),
                ("undo_actor", fields.CharField(null=True, max_length=100)),
                ("undo_person", fields.CharField(null=True, max_length=100)),
                ("undo_through", fields.CharField(null=True, max_length=40)),
                ("undo_reason", fields.TextField(null=True, unique=False)),
                ("undone_at_us", fields.BigIntField(null=True)),
            ],
            options={
                "table": "bulk_adjust",
                "app": "belong",
                "pk_attr": "id",
                "table_description": "Points given to, or taken from, every member of a segment. ``state``: see ``storage.bulks.BulkState``.",
            },
            bases=["Model"],
        ),
        DialectSQL(MEMBERS),
    ]
