"""Filters of the list of members can be kept under a name."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0078_who_changed")]

    operations = [
        ops.CreateModel(
            name="SavedSegment",
            fields=[
                ("saved_id", fields.CharField(max_length=36, primary_key=True, unique=True, db_index=True)),
                ("programme_number", fields.IntField()),
                ("name", fields.CharField(max_length=80)),
                ("filters_text", fields.TextField(unique=False)),
                ("author", fields.CharField(max_length=200)),
                ("saved_at_us", fields.BigIntField()),
            ],
            options={
                "table": "saved_segment",
                "app": "belong",
                "unique_together": (("programme_number", "name"),),
                "pk_attr": "saved_id",
                "table_description": "Filters of the list of members under a name of their own, for everybody who "
                "works in the console.",
            },
            bases=["Model"],
        ),
    ]
