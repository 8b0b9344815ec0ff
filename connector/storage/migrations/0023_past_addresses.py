"""Addresses that were a member's: taken back by a person, or passed on when their store said who has them now."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

PAST = (
    # withdrawn: a store's word alone does not bring it back. passed-on: what was ordered until then stays the member's.
    """CREATE TABLE past_address (
        shard SMALLINT NOT NULL,
        programme_number INT NOT NULL,
        address_hash TEXT NOT NULL,
        member_id TEXT NOT NULL,
        past_state TEXT NOT NULL CHECK (past_state IN ('withdrawn', 'passed-on')),
        at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, programme_number, address_hash, member_id)
    ) {clustered}""",
    "CREATE INDEX past_address_of_member ON past_address (member_id)",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0022_store_credits")]

    operations = [DialectSQL(PAST)]
