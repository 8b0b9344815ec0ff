"""How fast something may be done: one row for each doer."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

PACE = (
    # Shard of the scope.
    """CREATE TABLE pace (
        shard SMALLINT NOT NULL,
        scope_key TEXT NOT NULL,
        at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, scope_key)
    ) {clustered}""",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0013_dated_lots")]

    operations = [DialectSQL(PACE)]
