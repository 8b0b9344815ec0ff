"""Tortoise clients whose transactions survive cancellation (ADR 0003)."""
