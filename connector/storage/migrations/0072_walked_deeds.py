"""The audit log is walked by all of its filters: each road goes backwards by moment and id, and one act has one of its
own. The conditions stand in ``storage.deed_log``, word by word.
"""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from connector.storage.dialect_sql import DialectSQL

OF_MANY = "('enrol', 'bulk-adjust', 'bulk-undo', 'import-balance', 'import-undo', 'map-identity')"
PEOPLE = f"through <> 'shopper' AND (through <> 'job' OR person <> 'system') AND act NOT IN {OF_MANY}"
INDEXES = (
    "DROP INDEX audit_of_people",
    "DROP INDEX audit_of_shoppers",
    "DROP INDEX audit_of_many",
    "DROP INDEX programme_deed_newest",
    f"CREATE INDEX audit_of_people ON audit (programme_number, at_us, audit_id) WHERE {PEOPLE}",
    f"CREATE INDEX audit_of_people_by_act ON audit (programme_number, act, at_us, audit_id) WHERE {PEOPLE}",
    "CREATE INDEX audit_of_shoppers ON audit (programme_number, at_us, audit_id) WHERE through = 'shopper'",
    f"CREATE INDEX audit_of_many ON audit (programme_number, act, at_us, audit_id) WHERE act IN {OF_MANY}",
    "CREATE INDEX programme_deed_newest ON programme_deed (shard, programme_number, at_us, audit_id)",
    "CREATE INDEX programme_deed_by_act ON programme_deed (shard, programme_number, act, at_us, audit_id)",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0071_code_attempts")]

    operations = [
        DialectSQL(INDEXES),
        ops.AddIndex("OperatorDeed", Index(name="operator_deed_newest", fields=("programme_number", "at", "id"))),
    ]
