"""One member's sources, refusals and redemptions are found in the order of their moments, page by page."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

TIMELINES = (
    "CREATE INDEX context_timeline ON context (shard, member_id, paid_at_us, source_ref)",
    "CREATE INDEX reason_timeline ON reason (shard, member_id, decided_at_us, source_ref)",
    "CREATE INDEX redemption_timeline ON redemption (shard, member_id, created_at_us, redemption_id)",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0075_known_browsers")]

    operations = [DialectSQL(TIMELINES)]
