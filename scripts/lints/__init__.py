"""Rules of this project that no ready-made linter knows: one small module each, listed in RULES."""
