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
    "members.saved": "Saved segments",
    "members.save-name": "Name for these filters",
    "members.save": "Save as a segment",
    "members.forget": "Delete",
    "members.forget-one": "Delete the segment {name}",
    "members.forget-help": "Only the name and its filters go; members stay as they are.",
    "said.segment-saved": "The segment is saved. Everybody who works here finds it above the list.",
    "said.segment-forgotten": "The segment is deleted. Members stay as they are.",
    "said.segment-taken": (
        "Nothing was saved: there is a segment of this name. Choose another name, or delete that one."
    ),
    "said.segments-full": "Nothing was saved: there are fifty segments. Delete some first.",
    "said.segment-unnamed": "Nothing was saved: a segment needs a name and at least one filter that can be read.",
    "said.segment-gone": "Somebody has deleted this segment already.",
}
