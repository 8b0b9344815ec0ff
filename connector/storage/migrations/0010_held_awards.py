"""Awards that rest on mutual votes: what waits for a person, and what a person said of it."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL


class Migration(migrations.Migration):
    dependencies = [("belong", "0009_correction_runs")]

    operations = [
        DialectSQL(
            (
                """CREATE TABLE held_award (
                    shard SMALLINT NOT NULL,
                    member_id TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    award_key TEXT NOT NULL,
                    level TEXT NOT NULL,
                    programme_number INT NOT NULL,
                    held_state TEXT NOT NULL CHECK (held_state IN ('waiting', 'accepted', 'refused')),
                    code TEXT NOT NULL,
                    numbers_text TEXT NOT NULL,
                    at_us BIGINT NOT NULL,
                    decided_at_us BIGINT,
                    actor TEXT NOT NULL DEFAULT '',
                    reason TEXT NOT NULL DEFAULT '',
                    PRIMARY KEY (shard, member_id, subject, award_key, level)
                ) {clustered}""",
                "CREATE INDEX held_award_waiting ON held_award (programme_number, at_us) WHERE held_state = 'waiting'",
            )
        )
    ]
