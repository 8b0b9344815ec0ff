"""Perks that wait to be given, by programme: a short list in a long table."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

WAITING = (
    "CREATE INDEX redemption_perks ON redemption (programme_number, created_at_us) "
    "WHERE kind = 'perk' AND redemption_state = 'requested'",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0016_removals")]

    operations = [DialectSQL(WAITING)]
