"""The newest members are those who came last. Whom the programme takes by itself takes part from its first day in the
shop, all from the same: an order by that day was none.
"""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

NEWEST = (
    "DROP INDEX member_newest",
    "CREATE INDEX member_newest ON member (programme_number, created_at_us, member_id)",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0067_test_shop")]

    operations = [DialectSQL(NEWEST)]
