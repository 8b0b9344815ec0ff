"""Endpoints of outgoing webhooks, their secrets, what they are to be told; and what persons did to a programme."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from connector.storage.dialect_sql import DialectSQL

MESSAGES = (
    # Shard of the member: written in the transaction that writes what it tells of.
    """CREATE TABLE webhook_message (
        shard SMALLINT NOT NULL,
        endpoint_number INT NOT NULL,
        message_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        member_id TEXT NOT NULL,
        topic TEXT NOT NULL,
        body_text TEXT NOT NULL,
        at_us BIGINT NOT NULL,
        state SMALLINT NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
        attempts SMALLINT NOT NULL DEFAULT 0,
        next_at_us BIGINT NOT NULL,
        http_status INT,
        reason TEXT,
        PRIMARY KEY (shard, endpoint_number, message_id)
    ) {clustered}""",
    "CREATE INDEX webhook_message_due ON webhook_message (endpoint_number, next_at_us) WHERE state = 0",
    "CREATE INDEX webhook_message_listed ON webhook_message (endpoint_number, message_id)",
    "CREATE INDEX webhook_message_member ON webhook_message (shard, member_id)",
    "CREATE INDEX webhook_message_kept ON webhook_message (at_us)",
)
DEEDS = (
    # Shard of the programme. No reason in words: nothing here may name a member, since nothing here is ever erased.
    """CREATE TABLE programme_deed (
        shard SMALLINT NOT NULL,
        programme_number INT NOT NULL,
        audit_id TEXT NOT NULL,
        act TEXT NOT NULL,
        person TEXT NOT NULL,
        through TEXT NOT NULL,
        actor TEXT NOT NULL,
        at_us BIGINT NOT NULL,
        numbers_text TEXT NOT NULL,
        PRIMARY KEY (shard, programme_number, audit_id)
    ) {clustered}""",
)
SQLITE_GUARDS = tuple(
    f"CREATE TRIGGER programme_deed_is_never_{done} BEFORE {verb} ON programme_deed "
    "BEGIN SELECT RAISE(ABORT, 'programme_deed is append-only'); END"
    for verb, done in (("UPDATE", "changed"), ("DELETE", "deleted"))
)
POSTGRES_GUARDS = (
    "CREATE TRIGGER programme_deed_is_never_changed BEFORE UPDATE OR DELETE ON programme_deed "
    "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0039_backfill")]

    operations = [
        ops.AlterField(model_name="ApiKey", name="scopes", field=fields.CharField(max_length=500)),
        ops.CreateModel(
            name="WebhookEndpoint",
            fields=[
                ("number", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("public_id", fields.CharField(max_length=36, unique=True)),
                ("programme_number", fields.IntField()),
                ("url", fields.CharField(max_length=500)),
                ("topics", fields.TextField()),
                ("about", fields.CharField(max_length=100, default="")),
                ("created_at_us", fields.BigIntField()),
                ("failing_since_us", fields.BigIntField(null=True)),
                ("problem", fields.TextField(null=True)),
                ("disabled_at_us", fields.BigIntField(null=True)),
                ("rests_until_us", fields.BigIntField(default=0)),
            ],
            options={
                "table": "webhook_endpoint",
                "app": "belong",
                "unique_together": (("programme_number", "url"),),
                "pk_attr": "number",
                "table_description": "An address that is told what happens in a programme.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WebhookSecret",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("endpoint_number", fields.IntField()),
                ("sealed", fields.BinaryField()),
                ("created_at_us", fields.BigIntField()),
                ("ends_at_us", fields.BigIntField(null=True)),
            ],
            options={
                "table": "webhook_secret",
                "app": "belong",
                "pk_attr": "id",
                "table_description": "A secret that signs what an endpoint is told, encrypted.",
            },
            bases=["Model"],
        ),
        DialectSQL((*MESSAGES, *DEEDS)),
        DialectSQL(only_sqlite=SQLITE_GUARDS, only_postgres=POSTGRES_GUARDS),
    ]
