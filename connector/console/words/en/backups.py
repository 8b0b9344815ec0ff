"""English: backups."""

WORDS = {
    "settings.backups": "Backups",
    "settings.backups-text": "When the last was made, what is in it, and how everything comes back.",
    "backups.lead": (
        "A backup is one state of the whole database in one file. Whoever runs this service makes them, beside "
        "it while it runs."
    ),
    "backups.last": "The last one",
    "backups.fresh": "made within a day",
    "backups.old": "more than a day old",
    "backups.none": "none is known",
    "backups.none-text": (
        "No backup was made by this service's own command with this folder. Perhaps they are made in another "
        "way: ask whoever runs the service."
    ),
    "backups.when": "Made",
    "backups.ago.one": "{n} hour ago",
    "backups.ago.other": "{n} hours ago",
    "backups.where": "Written to",
    "backups.bytes": "Bytes",
    "backups.entries": "Entries of the ledger",
    "backups.shared": (
        "Several programmes share this installation, so where its backups lie is known to whoever runs it."
    ),
    "backups.holds": "What is in it",
    "backups.holds-text": (
        "Everything: members, points and their reasons, orders, programmes, people and settings. Persons and "
        "secrets lie in it sealed with the master key."
    ),
    "backups.lacks": (
        "Not in it: the master key, without which no backup can be opened, and the journal of erasures, of which "
        "only the newest counts. Keep a copy of each in another place."
    ),
    "backups.make": "Make one",
    "backups.make-text": "On the machine that the service runs on; hourly by itself with deploy/belong-backup.timer:",
    "backups.why-no-button": (
        "There is no button for it and no download here. The service knows no place but its own disk, and a copy "
        "beside the original is lost with it; and whoever has a backup has every programme of this installation."
    ),
    "backups.tried": "Was it tried?",
    "backups.tried-text": (
        "Before a backup gets its name, its pages are checked and its whole ledger is read. Whether it can be "
        "brought back nobody knows before it was tried, and this service does not learn of it. Try it now and "
        "then, in a folder of its own, and start no service there:"
    ),
    "backups.back": "Bring everything back",
    "backups.step-1": "Install the same or a newer version on a machine without its database.",
    "backups.step-2": "Put the master key and the newest journal of erasures into its folder.",
    "backups.step-3": "Restore: it checks everything, and erases again whoever was erased since.",
    "backups.step-4": "Start the service and have it read the shops, for what happened since.",
}
