"""What waits for a person is found by itself: SQLite went through all redemptions and referrals in the order in which
they came, because the order of the short list left ties open.
"""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

WAITING = (
    "DROP INDEX redemption_perks",
    "CREATE INDEX redemption_perks ON redemption (programme_number, created_at_us, redemption_id) "
    "WHERE kind = 'perk' AND redemption_state = 'requested'",
    "CREATE INDEX referral_review ON referral (programme_number, registered_at_us, friend_id) "
    "WHERE referral_state = 'review'",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0072_walked_deeds")]

    operations = [DialectSQL(WAITING)]
