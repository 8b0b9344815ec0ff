"""A programme's members, the newest first: what a list of them walks along."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

NEWEST = ("CREATE INDEX member_newest ON member (programme_number, enrolled_at_us, member_id)",)


class Migration(migrations.Migration):
    dependencies = [("belong", "0058_mails")]

    operations = [DialectSQL(NEWEST)]
