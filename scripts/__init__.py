"""Commands for people who work on Belong; nothing here is installed with it."""
