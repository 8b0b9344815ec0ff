"""Addresses whose owners are proven: what guests ordered under them is their members'."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

PROVEN = (
    # Shard of the hash: whoever proves an address first has it.
    """CREATE TABLE proven_address (
        shard SMALLINT NOT NULL,
        programme_number INT NOT NULL,
        address_hash TEXT NOT NULL,
        member_id TEXT NOT NULL,
        proof TEXT NOT NULL CHECK (proof IN ('shop', 'mail', 'store')),
        actor TEXT NOT NULL,
        proven_at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, programme_number, address_hash)
    ) {clustered}""",
    "CREATE INDEX proven_address_of_member ON proven_address (member_id)",
)
# Guests are looked for by their address, in whatever shard their orders lie.
GUESTS = (
    "DROP INDEX source_fact_guest",
    "CREATE INDEX source_fact_guest ON source_fact (address_hash, programme_number) "
    "WHERE member_id IS NULL AND address_hash IS NOT NULL AND kind = 'order'",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0005_shown_ends")]

    operations = [DialectSQL((*PROVEN, *GUESTS))]
