"""Shops that join by the Shopify app: its record, how they join, what they may have done, how they leave (ADR 31)."""
