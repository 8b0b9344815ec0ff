"""What came in and what waits to go out is read page by page: each state of each shop is one stretch of an index."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

PAGES = (
    "CREATE INDEX delivery_listed ON delivery (connection_number, state, received_at_us, id)",
    "DROP INDEX push_due",
    "CREATE INDEX push_due ON push (connection_number, next_at_us, member_id, customer_ref) WHERE state = 0",
    "DROP INDEX webhook_message_due",
    "CREATE INDEX webhook_message_due ON webhook_message (endpoint_number, next_at_us, message_id) WHERE state = 0",
    "CREATE INDEX notice_listed ON notice (programme_number, next_at_us, member_id, kind, notice_key) WHERE state = 0",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0063_drafts")]

    operations = [DialectSQL(PAGES)]
