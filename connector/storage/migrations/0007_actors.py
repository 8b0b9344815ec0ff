"""Who acts: owners of API keys, whom a second person is compared with, and what was done to members by hand.

What people wrote (names, reasons) lies in a table of its own, because erasing a member deletes it.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from connector.storage.dialect_sql import DialectSQL

REQUESTS = (
    # The proven person; empty in requests from before: nobody can agree to those, they are asked for anew.
    "ALTER TABLE adjust_request ADD COLUMN person TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE adjust_request ADD COLUMN through TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE adjust_request ADD COLUMN second_person TEXT",
    "ALTER TABLE adjust_request ADD COLUMN second_through TEXT",
)

AUDIT = (
    """CREATE TABLE audit (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        audit_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        act TEXT NOT NULL,
        person TEXT NOT NULL,
        through TEXT NOT NULL,
        at_us BIGINT NOT NULL,
        numbers_text TEXT NOT NULL,
        PRIMARY KEY (shard, member_id, audit_id)
    ) {clustered}""",
    """CREATE TABLE audit_note (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        audit_id TEXT NOT NULL,
        actor TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (shard, member_id, audit_id)
    ) {clustered}""",
)

SQLITE_GUARDS = (
    "CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit "
    "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit "
    "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
)
POSTGRES_GUARDS = (
    "CREATE TRIGGER audit_is_never_changed BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION "
    "refuse_change()",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0006_proven_addresses")]

    operations = [
        ops.AddField(model_name="ApiKey", name="owner", field=fields.CharField(max_length=100, db_default="")),
        DialectSQL((*REQUESTS, *AUDIT)),
        DialectSQL(only_sqlite=SQLITE_GUARDS, only_postgres=POSTGRES_GUARDS),
    ]
