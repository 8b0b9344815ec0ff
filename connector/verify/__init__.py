"""Checks the books by code of its own: nothing here is shared with the pipeline that writes them."""

from connector.verify.report import CLASSES, Attention, Difference, Report
from connector.verify.run import verify

__all__ = ["CLASSES", "Attention", "Difference", "Report", "verify"]
