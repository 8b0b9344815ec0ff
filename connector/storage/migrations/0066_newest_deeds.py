"""A programme's redemptions, awards and referrals, the newest first: what lists of them walk along."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

NEWEST = (
    "CREATE INDEX redemption_newest ON redemption (programme_number, created_at_us, redemption_id)",
    "CREATE INDEX badge_change_newest ON badge_change (programme_number, badge, at_us, member_id, n)",
    "CREATE INDEX referral_newest ON referral (programme_number, registered_at_us, friend_id)",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0065_deed_log")]

    operations = [DialectSQL(NEWEST)]
