"""Whoever has points that have ended, and will not be looked at by then, is looked at: what was decided between an end
and the job that writes it off had put it out of sight. Nobody is to be looked at later than their first end.
"""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

FORGOTTEN = (
    "UPDATE balance SET next_change_at_us = ending.at_us FROM ("
    "SELECT shard, member_id, min(expires_at_us) AS at_us FROM lot "
    "WHERE expires_at_us IS NOT NULL AND remaining > booked GROUP BY shard, member_id) ending "
    "WHERE ending.shard = balance.shard AND ending.member_id = balance.member_id "
    "AND (balance.next_change_at_us IS NULL OR balance.next_change_at_us > ending.at_us)",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0044_redemptions_by_id")]

    operations = [DialectSQL(FORGOTTEN)]
