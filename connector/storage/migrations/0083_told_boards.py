"""A board that stores are told is worked out once for all processes."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0082_orders_ahead")]

    operations = [
        ops.CreateModel(
            name="ToldBoard",
            fields=[
                ("board_key", fields.CharField(max_length=120, primary_key=True, unique=True, db_index=True)),
                ("programme_number", fields.IntField(db_index=True)),
                ("period", fields.CharField(max_length=20)),
                ("as_of_us", fields.BigIntField()),
                ("board_text", fields.TextField(unique=False)),
            ],
            options={
                "table": "told_board",
                "app": "belong",
                "pk_attr": "board_key",
                "table_description": "A leaderboard as stores are told it, the same by every process that tells them.",
            },
            bases=["Model"],
        ),
    ]
