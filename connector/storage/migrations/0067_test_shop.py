"""Test shops: each whole, in one row that nothing else looks at."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0066_newest_deeds")]

    operations = [
        ops.CreateModel(
            name="MadeUpShop",
            fields=[
                ("programme_number", fields.IntField(primary_key=True, generated=False, unique=True, db_index=True)),
                ("revision", fields.IntField()),
                ("changed_at_us", fields.BigIntField()),
                ("state_text", fields.TextField(unique=False)),
                ("body", fields.BinaryField()),
            ],
            options={
                "table": "test_shop",
                "app": "belong",
                "pk_attr": "programme_number",
                "table_description": "A programme's test shop, whole.",
            },
            bases=["Model"],
        ),
    ]
