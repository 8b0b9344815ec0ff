"""Settings that connections of every platform have; what only one platform has is in its own package."""

PLUGIN_ADJUSTS = "plugin_adjusts"
"""``no``: people of the shop's administration may look, and may not give or take points there."""
