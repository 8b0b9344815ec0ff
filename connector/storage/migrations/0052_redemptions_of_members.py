"""A member's redemptions by their state, newest change last: the open ones and the last used are found among thousands."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

OF_MEMBER = ("CREATE INDEX redemption_of_member ON redemption (shard, member_id, redemption_state, updated_at_us)",)


class Migration(migrations.Migration):
    dependencies = [("belong", "0051_console_sessions")]

    operations = [DialectSQL(OF_MEMBER)]
