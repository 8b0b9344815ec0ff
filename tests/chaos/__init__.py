"""What is promised under load, faults and crashes; each goal is a module: ``scripts/chaos``."""
