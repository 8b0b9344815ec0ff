"""Whose redemptions an order took, by the order: its code may have left it, and may be another customer's."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

BY_ORDER = (
    "CREATE INDEX redemption_order ON redemption (order_ref) WHERE order_ref IS NOT NULL",
    "CREATE INDEX code_use_order ON code_use (order_ref)",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0027_reconcile_findings")]

    operations = [DialectSQL(BY_ORDER)]
