"""What people adjusted alone lately is found fast: for each of them, and through members who were merged."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

INDEXES = (
    "CREATE INDEX audit_adjusted ON audit (programme_number, at_us) WHERE act = 'adjust'",
    "CREATE INDEX merge_survivor ON merge (survivor_id)",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0023_past_addresses")]

    operations = [DialectSQL(INDEXES)]
