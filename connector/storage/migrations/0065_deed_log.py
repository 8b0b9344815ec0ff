"""What people did in a programme, newest first, without reading what shoppers and the programme's own rules did.

Each act is in one of the three: what somebody did to one member or few; what was done to each of many members at once;
what shoppers did themselves. The conditions stand in ``storage.deed_log``, word by word.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from connector.storage.dialect_sql import DialectSQL

OF_MANY = "('enrol', 'bulk-adjust', 'bulk-undo', 'import-balance', 'import-undo', 'map-identity')"
SLICES = {
    "people": f"through <> 'shopper' AND (through <> 'job' OR person <> 'system') AND act NOT IN {OF_MANY}",
    "shoppers": "through = 'shopper'",
}
INDEXES = (
    *(
        f"CREATE INDEX audit_of_{name} ON audit (programme_number, at_us DESC, audit_id) WHERE {which}"
        for name, which in SLICES.items()
    ),
    f"CREATE INDEX audit_of_many ON audit (programme_number, act, at_us DESC, audit_id) WHERE act IN {OF_MANY}",
    "CREATE INDEX programme_deed_newest ON programme_deed (shard, programme_number, at_us DESC, audit_id)",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0064_traffic")]

    operations = [
        DialectSQL(INDEXES),
        ops.AlterField(
            model_name="OperatorDeed", name="programme_number", field=fields.IntField(null=True, db_index=True)
        ),
    ]
