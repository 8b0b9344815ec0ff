"""Whether a redemption waits to be used is found by its id alone: a code that a store shows names no member."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

BY_ID = (
    "CREATE INDEX redemption_waiting ON redemption (redemption_id) "
    "WHERE redemption_state IN ('held', 'requested', 'issued')",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0043_awaited_history")]

    operations = [DialectSQL(BY_ID)]
