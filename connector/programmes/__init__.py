"""A programme as it runs: its files, previews, corrections, books, caps over all members, and time."""
