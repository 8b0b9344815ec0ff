"""How far a correction is, so that it can be taken up where it stood."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0008_bulk_adjust")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CorrectionRun",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("programme_number", fields.IntField()),
                ("wrong_version", fields.IntField()),
                ("paid_from", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("after_shard", fields.IntField(default=-1)),
                ("after_member", fields.CharField(max_length=64, default="")),
                ("sources", fields.IntField(default=0)),
                ("members", fields.IntField(default=0)),
                ("points", fields.BigIntField(default=0)),
                ("left_over", fields.IntField(default=0)),
                ("expected_sources", fields.IntField(default=0)),
                ("expected_members", fields.IntField(default=0)),
                ("expected_points", fields.BigIntField(default=0)),
                ("begun_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("done_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "correction_run",
                "app": "belong",
                "unique_together": (("programme_number", "wrong_version", "paid_from"),),
                "pk_attr": "id",
                "table_description": "How far a correction is: the last member whose sources were decided again, and what came of it.",
            },
            bases=["Model"],
        ),
    ]
