"""What shops with our plugin said last, since when they do not answer us, and what they were given to show."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

STORE_PLUGINS = (
    # clock_lowest_us, clock_since_us, clock_before_us: see shop_clocks.ShopClock.
    """CREATE TABLE store_plugin (
        shard SMALLINT NOT NULL,
        connection_number INT NOT NULL,
        failing_since_us BIGINT,
        called_at_us BIGINT,
        clock_lowest_us BIGINT,
        clock_since_us BIGINT,
        clock_before_us BIGINT,
        versions_text TEXT NOT NULL DEFAULT '{{}}',
        queue_depth INT,
        queue_oldest_us BIGINT,
        summary_version TEXT,
        summary_digest TEXT,
        PRIMARY KEY (shard, connection_number)
    ) {clustered}""",
    # What a shop that collects was given last: version, token and ends, until it says that it shows them.
    "ALTER TABLE push ADD COLUMN offered_text TEXT",
    # Requests to erase somebody that a shop's own eraser made and that are still to be done.
    "CREATE INDEX delivery_privacy ON delivery (shard, id) WHERE topic = 'plugin/privacy' AND reason IS NULL",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0047_pairing")]

    operations = [DialectSQL(STORE_PLUGINS)]
