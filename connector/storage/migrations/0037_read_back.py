"""What stores were found to have of us: what would take something away, and codes that are still to be withdrawn; by when
the process that runs a job was last seen at work.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from connector.storage.dialect_sql import DialectSQL

READ_BACK = (
    "ALTER TABLE reconcile_finding ADD COLUMN takes SMALLINT NOT NULL DEFAULT 0",
    "ALTER TABLE reconcile_finding ADD COLUMN is_open SMALLINT NOT NULL DEFAULT 0",
    "CREATE INDEX reconcile_open ON reconcile_finding (shard, connection_number) WHERE is_open = 1",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0036_turns_of_tokens")]

    operations = [
        DialectSQL(READ_BACK),
        ops.AddField(model_name="JobRun", name="alive_at", field=fields.DatetimeField(null=True)),
    ]
