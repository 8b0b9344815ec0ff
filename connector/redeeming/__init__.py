"""Redeeming: points become rewards, and what a member could have now."""
