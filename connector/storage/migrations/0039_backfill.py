"""Reading a shop's past: a row for each run, with the place to go on from; and work that tells nobody anything."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

BACKFILL = (
    # Shard of the connection, as what reconcile finds.
    """CREATE TABLE backfill_run (
        shard SMALLINT NOT NULL,
        connection_number INT NOT NULL,
        run_n INT NOT NULL,
        programme_number INT NOT NULL,
        run_state TEXT NOT NULL CHECK (run_state IN ('running', 'paused', 'failed', 'done', 'replaced')),
        is_dry SMALLINT NOT NULL DEFAULT 0,
        since_us BIGINT,
        visible_since_us BIGINT,
        cursor_text TEXT,
        read_orders INT NOT NULL DEFAULT 0,
        new_orders INT NOT NULL DEFAULT 0,
        known_orders INT NOT NULL DEFAULT 0,
        differing_orders INT NOT NULL DEFAULT 0,
        left_orders INT,
        oldest_us BIGINT,
        newest_us BIGINT,
        worked_us BIGINT NOT NULL DEFAULT 0,
        started_at_us BIGINT NOT NULL,
        moved_at_us BIGINT NOT NULL,
        ended_at_us BIGINT,
        next_at_us BIGINT NOT NULL,
        attempts SMALLINT NOT NULL DEFAULT 0,
        problem TEXT,
        holder TEXT,
        report_text TEXT,
        person TEXT NOT NULL,
        through TEXT NOT NULL,
        actor TEXT NOT NULL,
        PRIMARY KEY (shard, connection_number, run_n)
    ) {clustered}""",
    "CREATE INDEX backfill_going_on ON backfill_run (next_at_us) WHERE run_state = 'running'",
    # Not marked again by anything but the past: whatever follows from it is no news.
    "ALTER TABLE work ADD COLUMN quiet SMALLINT NOT NULL DEFAULT 0",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0038_operator_deeds")]

    operations = [DialectSQL(BACKFILL)]
