"""Load and append. No decisions are made here."""
