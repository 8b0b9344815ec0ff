"""Store credit that a store is asked to give, or to take back: written down before it is asked."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

STORE_CREDITS = (
    """CREATE TABLE store_credit (
        shard SMALLINT NOT NULL,
        connection_number INT NOT NULL,
        redemption_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        member_id TEXT NOT NULL,
        customer_ref TEXT NOT NULL,
        state SMALLINT NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 8),
        attempts SMALLINT NOT NULL DEFAULT 0,
        next_at_us BIGINT NOT NULL,
        seen_ref TEXT,
        given_ref TEXT,
        taken_ref TEXT,
        reason TEXT,
        PRIMARY KEY (shard, connection_number, redemption_id)
    ) {clustered}""",
    "CREATE INDEX store_credit_due ON store_credit (connection_number, next_at_us) WHERE state IN (0, 1, 4, 5)",
    "CREATE INDEX store_credit_member ON store_credit (member_id)",
    "CREATE INDEX store_credit_redemption ON store_credit (redemption_id)",
    # Shard of the customer. One question at a time about their account: else nobody could tell two answers apart.
    "CREATE UNIQUE INDEX store_credit_asked ON store_credit (shard, connection_number, customer_ref) "
    "WHERE state IN (1, 5)",
    # What a store did answers one redemption and no other.
    "CREATE UNIQUE INDEX store_credit_given ON store_credit (shard, connection_number, given_ref) "
    "WHERE given_ref IS NOT NULL",
    "CREATE UNIQUE INDEX store_credit_taken ON store_credit (shard, connection_number, taken_ref) "
    "WHERE taken_ref IS NOT NULL",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0021_reasons_of_changes")]

    operations = [DialectSQL(STORE_CREDITS)]
