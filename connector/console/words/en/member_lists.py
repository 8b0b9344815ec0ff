"""English: lists of members."""

WORDS = {
    "members.exact": (
        "Addresses are kept only as fingerprints, so part of one finds nobody: write the whole address. The "
        "id of an order finds the order."
    ),
    "members.list": "All members, the newest first",
    "members.filter": "Filter",
    "members.any": "any",
    "members.status": "State",
    "members.tag": "Tag in the shop",
    "members.tag-help": "One tag that a shop keeps with its customer.",
    "members.balance-from": "Balance from",
    "members.balance-to": "Balance up to",
    "members.joined-from": "Joined from",
    "members.joined-to": "Joined until",
    "members.active-from": "Last active from",
    "members.active-to": "Last active until",
    "members.not-read": "This cannot be read.",
    "members.apply": "Show these",
    "members.clear": "Show all",
    "members.file": "Download as CSV",
    "members.joined": "Joined",
    "members.active": "Last active",
    "members.nobody": "Nobody fits these filters.",
    "members.reached": "Looked at members who joined until {day}. Show more to go on looking.",
}
