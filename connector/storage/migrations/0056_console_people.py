"""People who sign in to the console themselves, and addresses with which they join or get a new password."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from connector.storage.dialect_sql import DialectSQL


class Migration(migrations.Migration):
    dependencies = [("belong", "0055_guests_in_requests")]

    operations = [
        ops.CreateModel(
            name="ConsolePerson",
            fields=[
                ("number", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("public_id", fields.CharField(unique=True, max_length=36)),
                ("programme_number", fields.IntField()),
                ("name", fields.CharField(max_length=100)),
                ("address", fields.CharField(unique=True, max_length=254)),
                ("console_role", fields.CharField(max_length=20)),
                ("language", fields.CharField(max_length=35)),
                ("password_hash", fields.CharField(max_length=255)),
                ("failures", fields.IntField()),
                ("paused_until_us", fields.BigIntField()),
                ("created_at_us", fields.BigIntField()),
                ("seen_at_us", fields.BigIntField(null=True)),
                ("disabled_at_us", fields.BigIntField(null=True)),
            ],
            options={
                "table": "console_person",
                "app": "belong",
                "pk_attr": "number",
                "table_description": "Somebody who signs in by address and password. address: folded, so that capitals make nobody another one.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ConsoleTicket",
            fields=[
                ("digest", fields.CharField(max_length=64, primary_key=True, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=10)),
                ("programme_number", fields.IntField(null=True)),
                ("person_number", fields.IntField(null=True)),
                ("console_role", fields.CharField(max_length=20)),
                ("address", fields.CharField(max_length=254)),
                ("ends_at_us", fields.BigIntField()),
            ],
            options={
                "table": "console_ticket",
                "app": "belong",
                "pk_attr": "digest",
                "table_description": "An address or a cookie that is good once: to join (``first``, ``join``), or for a new password (``reset``).",
            },
            bases=["Model"],
        ),
        DialectSQL(
            (
                # Whoever signs out everywhere, or may do nothing any more, is found without reading every session.
                "CREATE INDEX console_session_person ON console_session (person)",
            )
        ),
    ]
