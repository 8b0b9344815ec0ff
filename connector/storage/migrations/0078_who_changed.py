"""Versions, pauses and corrections say who is proven to have made them, and through what, as other deeds do."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

WHO = (
    ("ProgrammeVersion", ""),
    ("ProgrammePause", ""),
    ("ProgrammePause", "resumed_"),
    ("ProgrammeCorrection", ""),
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0077_previews")]

    operations = [
        ops.AddField(model_name=model, name=f"{prefix}{name}", field=fields.CharField(max_length=254, db_default=""))
        for model, prefix in WHO
        for name in ("person", "through")
    ]
