"""One interval of a version may be corrected again, once another correction has led back to that version."""

from tortoise import migrations

from connector.storage.unique_keys import UniqueBy

WHERE = ("programme_number", "wrong_version", "paid_from")


class Migration(migrations.Migration):
    dependencies = [("belong", "0024_adjusted_alone")]

    operations = [
        UniqueBy("ProgrammeCorrection", WHERE, (*WHERE, "decided_at")),
        UniqueBy("CorrectionRun", WHERE, (*WHERE, "begun_at")),
    ]
