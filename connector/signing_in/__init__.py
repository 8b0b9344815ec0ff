"""People who sign in to the console themselves: how they come, prove themselves, and what becomes of them (ADR 32)."""
