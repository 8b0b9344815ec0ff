"""What a store is told about each member (docs/snapshot.md): absolute, versioned, and never too large."""

from connector.snapshot.document import SCHEMA, Snapshot, snapshot_of
from connector.snapshot.limit import MAX_BYTES
from connector.snapshot.loading import Holders, Shown, load_shown
from connector.snapshot.views import MemberView, balances, entry_view, load_views, utc_text

__all__ = [
    "MAX_BYTES",
    "SCHEMA",
    "Holders",
    "MemberView",
    "Shown",
    "Snapshot",
    "balances",
    "entry_view",
    "load_shown",
    "load_views",
    "snapshot_of",
    "utc_text",
]
