"""What people adjusted alone lately is found fast: for each of them, and through members who were merged."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

INDEXES = (
    "CREATE INDEX audit_adjusted ON audit (programme_number, at_us) WHERE act = 'adjust'",
    "CREATE INDEX merge_survivor ON merge (survivor_id)",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0021_reasons_of_changes")]

    operations = [DialectSQL(INDEXES)]
