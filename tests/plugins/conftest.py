"""What the tests of the plugins share."""

from tests.plugins.installed import installed

__all__ = ["installed"]
