"""What reading the shops has found: one row for each run, and one for each object on which books and shop differed."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

FINDINGS = (
    # Shard of the connection, so that one shop's report lies together.
    """CREATE TABLE reconcile_run (
        shard SMALLINT NOT NULL,
        connection_number INT NOT NULL,
        run_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        run_scope TEXT NOT NULL,
        started_at_us BIGINT NOT NULL,
        ended_at_us BIGINT NOT NULL,
        read_orders INT NOT NULL,
        known_orders INT NOT NULL,
        problem TEXT,
        PRIMARY KEY (shard, connection_number, run_id)
    ) {clustered}""",
    """CREATE TABLE reconcile_finding (
        shard SMALLINT NOT NULL,
        connection_number INT NOT NULL,
        run_id TEXT NOT NULL,
        object_kind TEXT NOT NULL,
        object_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        difference TEXT NOT NULL,
        object_name TEXT NOT NULL,
        ours_text TEXT,
        theirs_text TEXT,
        done TEXT NOT NULL,
        at_us BIGINT NOT NULL,
        settled_at_us BIGINT,
        person TEXT,
        through TEXT,
        actor TEXT,
        reason TEXT,
        PRIMARY KEY (shard, connection_number, run_id, object_kind, object_id)
    ) {clustered}""",
    "CREATE INDEX reconcile_held ON reconcile_finding (shard, connection_number) WHERE done = 'held'",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0026_watched_pipes")]

    operations = [DialectSQL(FINDINGS)]
