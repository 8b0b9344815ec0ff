"""What operators did with commands; and when an API key was last used."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0037_read_back")]

    operations = [
        ops.AddField(model_name="ApiKey", name="last_used_at", field=fields.DatetimeField(null=True)),
        ops.CreateModel(
            name="OperatorDeed",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("at", fields.DatetimeField()),
                ("command", fields.CharField(max_length=40)),
                ("programme_number", fields.IntField(null=True)),
                ("person", fields.CharField(max_length=100)),
                ("through", fields.CharField(max_length=40)),
                ("details", fields.TextField()),
                ("outcome", fields.TextField(null=True)),
                ("ended_at", fields.DatetimeField(null=True)),
            ],
            options={
                "table": "operator_deed",
                "app": "belong",
                "pk_attr": "id",
                "table_description": "One command of an operator: who, what, when, and what came of it.",
            },
            bases=["Model"],
        ),
    ]
