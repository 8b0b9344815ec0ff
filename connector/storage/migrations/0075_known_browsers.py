"""Browsers that somebody signed in with before have a count of wrong passwords of their own."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0074_keys_made_with")]

    operations = [
        ops.CreateModel(
            name="ConsoleBrowser",
            fields=[
                ("digest", fields.CharField(max_length=64, primary_key=True, unique=True, db_index=True)),
                ("person_number", fields.IntField(db_index=True)),
                ("seen_at_us", fields.BigIntField()),
                ("failures", fields.IntField(db_default=0)),
                ("failed_at_us", fields.BigIntField(db_default=0)),
                ("paused_until_us", fields.BigIntField(db_default=0)),
            ],
            options={
                "table": "console_browser",
                "app": "belong",
                "pk_attr": "digest",
                "table_description": "A browser with which somebody signed in, by the digest of a token that it keeps.",
            },
            bases=["Model"],
        ),
    ]
