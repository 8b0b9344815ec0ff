"""What was decided before the moment it is dated at is found by its version: whoever withdraws a version reads only
that, and not every order while all others wait. Hardly any row is in it.
"""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

AHEAD = ("CREATE INDEX context_ahead ON context (programme_version, paid_at_us) WHERE paid_at_us > decided_at_us",)


class Migration(migrations.Migration):
    dependencies = [("belong", "0081_after_pauses")]

    operations = [DialectSQL(AHEAD)]
