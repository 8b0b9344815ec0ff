"""A database that was moved into another one says so, and how far a move is."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0040_outgoing_webhooks")]

    initial = False

    operations = [
        ops.CreateModel(
            name="DatabaseMove",
            fields=[
                ("move_id", fields.CharField(generated=False, primary_key=True, max_length=36)),
                ("leaves", fields.BooleanField()),
                ("other", fields.CharField(max_length=255)),
                ("began_at_us", fields.BigIntField()),
                ("ended_at_us", fields.BigIntField(null=True)),
            ],
            options={
                "table": "database_move",
                "app": "belong",
                "pk_attr": "move_id",
                "table_description": "This database was moved into another one, or came out of one.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MovePart",
            fields=[
                ("table_name", fields.CharField(generated=False, primary_key=True, max_length=63)),
                ("last_key", fields.TextField(null=True)),
                ("rows", fields.BigIntField(default=0)),
                ("is_whole", fields.BooleanField(default=False)),
            ],
            options={
                "table": "move_part",
                "app": "belong",
                "pk_attr": "table_name",
                "table_description": "How far one table is while rows arrive.",
            },
            bases=["Model"],
        ),
    ]
