"""What ends the snapshot that a store acknowledged last contained: only that may count as shown (ADR 0011)."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL


class Migration(migrations.Migration):
    dependencies = [("belong", "0004_programme_references")]

    operations = [DialectSQL(("ALTER TABLE push ADD COLUMN shown_text TEXT NOT NULL DEFAULT '[]'",))]
