"""What endpoints did not take is found by itself: the first page of the console counts it, among a month of messages."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

GIVEN_UP = (
    "CREATE INDEX webhook_message_given_up ON webhook_message (shard, endpoint_number, message_id) WHERE state = 2",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0084_lists_by_the_job")]

    operations = [DialectSQL(GIVEN_UP)]
