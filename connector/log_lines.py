"""What the service writes into its log: one line for each event, with its details and without secrets."""

from __future__ import annotations

import logging

from connector.redaction import PROCESS, RedactingFilter, Redactor

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class LineFormatter(logging.Formatter):
    """``time level module message key=value ...``; a traceback follows, if there is one."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._redactor = redactor

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line itself. Line ends in it are escaped, so that nobody's data can pass for a line of its own."""
        details = "".join(f" {key}={value!r}" for key, value in vars(record).items() if key not in _STANDARD)
        line = super().formatMessage(record) + details
        return self._redactor.redact(line.replace("\r", "\\r").replace("\n", "\\n"))


def set_up_logging(level: int) -> None:
    """Everything of ``level`` and above goes to standard error."""
    redactor = PROCESS
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter(redactor))
    handler.addFilter(RedactingFilter(redactor))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Its DEBUG level prints every value that goes into the database.
    logging.getLogger("tortoise.db_client").setLevel(logging.WARNING)
