"""What failed and waits for a person is found without reading everything that went well."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

FAILED = (
    "CREATE INDEX bulk_member_failed ON bulk_member (shard, member_id, bulk_id) WHERE state IN (3, 5)",
    "CREATE INDEX notice_failing ON notice (shard, member_id) WHERE state = 0 AND attempts >= 5",
    "CREATE INDEX store_credit_unclear ON store_credit (shard, connection_number) WHERE state IN (7, 8)",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0041_moves")]

    operations = [DialectSQL(FAILED)]
