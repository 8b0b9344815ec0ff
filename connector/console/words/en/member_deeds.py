"""English: merging, giving and erasing what is kept of a member."""

WORDS = {
    "member.more": "More",
    "merge.title": "Merge another member into this one",
    "merge.what": (
        "Everything of the other member becomes this member's: points, history, tier, badges, customers of shops."
    ),
    "merge.other": "The other member: address, customer number or id",
    "merge.look": "Look first",
    "merge.outlook": "What it would give",
    "merge.number": "What",
    "merge.goes": "Goes",
    "merge.stays": "Stays",
    "merge.after": "Afterwards",
    "merge.once": "One-time awards that both had count once: {count}.",
    "merge.undo": (
        "It can be undone later, source by source. What was redeemed in between stays with the one who remains."
    ),
    "merge.do": "Merge",
    "unmerge.title": "Undo the last merge",
    "unmerge.now": "Remaining member now",
    "unmerge.then": "Remaining member then",
    "unmerge.back": "Comes back",
    "unmerge.owed.one": "The remaining member would owe {points}: it is spent.",
    "unmerge.owed.other": "The remaining member would owe {points}: they are spent.",
    "unmerge.missing.one": "Of what came along, {points} is spent.",
    "unmerge.missing.other": "Of what came along, {points} are spent.",
    "data.title": "Give or erase what is kept",
    "data.export": "Download everything about the person",
    "data.export-help": "A JSON file. That it was asked for is noted, with the reason.",
    "data.erase": "Erase the person for ever",
    "data.goes": (
        "Name, addresses, choices, reasons and explanations go, here and in what the shops show; open codes "
        "are withdrawn. It cannot be undone."
    ),
    "data.stays": (
        "The numbers of the books stay, for they must add up and the law asks for them; whose they were is "
        "forgotten. A tombstone keeps old data from bringing the person back."
    ),
    "data.type": "Type {id} to confirm",
    "said.merged": "The members are one now.",
    "said.unmerged": "The merge is undone.",
    "said.erased": "The person is erased.",
}
