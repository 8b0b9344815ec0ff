"""Schema history. Released migrations are never edited."""
