"""Commands that write: what each does, and how it reaches whoever holds the database."""
