"""Which tag says a member's tier in a store: only where the merchant asked for tags, by a setting of the connection.

The setting is a prefix; a tag is the prefix and the tier's id. Ours are exactly those of the programme's tiers, in any
of its versions: what else a customer is tagged with is the merchant's.
"""

from __future__ import annotations

from connector.errors import ConfigProblem
from connector.platforms import Connection
from connector.snapshot.loading import Shown
from connector.snapshot.standing import held_tier
from connector.stores_show import TierTag
from loyalty_engine.member import MemberStatus
from loyalty_engine.programme.model import Rulebook

SETTING = "tier_tags"
REMOVES = "-"
"""Before a prefix: no member has a tag of it any more."""
_SHORTEST, _LONGEST = 3, 100


def check_prefix(value: str) -> None:
    """Raises ConfigProblem for a prefix that could meet the merchant's own tags, or that no tag can have."""
    prefix = value.removeprefix(REMOVES)
    if value and not (_SHORTEST <= len(prefix) <= _LONGEST and "," not in prefix):
        raise ConfigProblem(
            f"A prefix of tags has {_SHORTEST} to {_LONGEST} characters and no comma, for example: loyalty:. To have "
            f"these tags removed from every customer, write {REMOVES} before it."
        )


def our_tags(connection: Connection, rulebook: Rulebook) -> frozenset[str]:
    """Every tag in this store that is ours; none where nobody asked for tags."""
    value = connection.settings.get(SETTING, "")
    if not value:
        return frozenset()
    prefix = value.removeprefix(REMOVES)
    return frozenset(prefix + tier.tier_id for version in rulebook.versions for tier in version.tiers)


def tier_tag(connection: Connection, shown: Shown) -> TierTag | None:
    """The tag of a member in this store; None where nobody asked for tags. Who left or is blocked has none."""
    ours = our_tags(connection, shown.books.rulebook)
    if not ours:
        return None
    value = connection.settings[SETTING]
    held = held_tier(shown)
    if value.startswith(REMOVES) or held is None or shown.member.status is not MemberStatus.ACTIVE:
        return TierTag(None, ours)
    return TierTag(value + held.tier_id, ours)
