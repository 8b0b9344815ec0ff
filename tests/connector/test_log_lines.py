"""One line for each event, with its details, and without anybody's secret."""

from __future__ import annotations

import io
import logging

from connector.log_lines import LineFormatter
from connector.redaction import RedactingFilter, Redactor


def logged(message: str, *arguments: object, **details: object) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    redactor = Redactor()
    handler.setFormatter(LineFormatter(redactor))
    handler.addFilter(RedactingFilter(redactor))
    logger = logging.Logger("belong.test")
    logger.addHandler(handler)
    logger.error(message, *arguments, extra=details)
    return stream.getvalue().partition(" ERROR ")[2]


def test_details_are_part_of_the_line() -> None:
    """Defect seen: which shop it was, and why, never reached the log."""
    line = logged("reconcile failed", connection=3, why="HTTP 503")
    assert line == "belong.test reconcile failed connection=3 why='HTTP 503'\n"


def test_nobodys_text_passes_for_a_line_of_its_own() -> None:
    line = logged("order %s\n2026-11-22 ERROR all is lost", "5\r\n6", why="a\nb")
    assert line == "belong.test order 5\\r\\n6\\n2026-11-22 ERROR all is lost why='a\\nb'\n"


def test_secrets_are_hidden_in_details_too() -> None:
    line = logged("refused shpat_0123456789abcdef", url="https://x.example/?consumer_secret=cs_0123456789abcdef")
    assert "0123456789" not in line and line.count("[redacted]") == 2
