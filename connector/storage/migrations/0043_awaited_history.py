"""Orders that await their member's history are found without reading every context."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

AWAITED = (
    """CREATE INDEX context_awaits ON context (shard, member_id) WHERE values_text LIKE '%"nth":0%'""",
    # Whether all that a run brought has been decided.
    "ALTER TABLE backfill_run ADD COLUMN is_worked SMALLINT NOT NULL DEFAULT 0",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0042_failed_rows")]

    operations = [DialectSQL(AWAITED)]
