"""What an edit would do to members is worked out in the background, and so is having them all looked at after it."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0076_timelines")]

    operations = [
        ops.AddField(
            model_name="ProgrammeVersion", name="marks_after", field=fields.CharField(max_length=80, null=True)
        ),
        ops.CreateModel(
            name="ProgrammePreview",
            fields=[
                ("preview_id", fields.CharField(max_length=64, primary_key=True, unique=True, db_index=True)),
                ("programme_number", fields.IntField(db_index=True)),
                ("draft_id", fields.CharField(max_length=36, null=True)),
                ("document_text", fields.TextField(unique=False)),
                ("begins_at_us", fields.BigIntField(null=True)),
                ("against_version", fields.IntField()),
                ("asked_at_us", fields.BigIntField()),
                ("started_at_us", fields.BigIntField(null=True)),
                ("alive_at_us", fields.BigIntField(null=True)),
                ("ended_at_us", fields.BigIntField(null=True)),
                ("done", fields.IntField()),
                ("total", fields.IntField()),
                ("found_text", fields.TextField(null=True, unique=False)),
                ("problem", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "programme_preview",
                "app": "belong",
                "pk_attr": "preview_id",
                "table_description": "What an edit of a programme would do to its members: asked for, under way or "
                "worked out.",
            },
            bases=["Model"],
        ),
    ]
