"""From what shops and others say to decided work: inbox, facts, deciding, and reading shops ourselves."""
