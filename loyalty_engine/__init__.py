"""Decides what members earn. Pure: standard library only, no clock, no database, no network."""
