"""Keeps secrets out of messages, logs and exports: known live secrets by value, others by their look."""

from __future__ import annotations

import base64
import logging
import re
from collections import OrderedDict
from urllib.parse import quote

HIDDEN = "[redacted]"
_PATTERNS = re.compile(
    r"(?:shpat|shpca|shpss|shppa|shpua|shprt|atkn|whsec|ck|cs)_[A-Za-z0-9_\-+/=]{8,}"
    r"|BELONG1\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{20,}"
    r"|bk_[0-9a-f]{8}\.[A-Za-z0-9_-]{20,}"
    r"|(?i:(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"
    r"|(?i:(?:oauth_signature|consumer_secret|consumer_key|client_secret|access_token|refresh_token)=)[^&\s\"']+"
    r"|(?<=://)[^\s/:@\"']+:[^\s/@\"']+(?=@)"
)
_SHORTEST = 6


class Redactor:
    """Knows live secrets. ``redact`` hides them, their usual encodings, and anything that looks like one."""

    def __init__(self, remembered_max: int = 4096) -> None:
        self._known: OrderedDict[str, None] = OrderedDict()
        self._remembered_max = remembered_max

    def remember(self, *secrets: str | bytes) -> None:
        """Hide these values from now on; values of less than six characters are too common to hide."""
        for secret in secrets:
            text = secret if isinstance(secret, str) else secret.decode("utf-8", "replace")
            if len(text) < _SHORTEST:
                continue
            for form in (text, quote(text, safe=""), base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")):
                self._known[form] = None
                self._known.move_to_end(form)
        while len(self._known) > self._remembered_max:
            self._known.popitem(last=False)

    def redact(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._known:
            if secret in text:
                text = text.replace(secret, HIDDEN)
        return _PATTERNS.sub(HIDDEN, text)


PROCESS = Redactor()
"""Of this process: whoever loads a secret tells it, and the log asks it."""


class RedactingFilter(logging.Filter):
    """Put on a log handler: no secret passes, neither in the message nor in a traceback."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; always True."""
        record.msg = self._redactor.redact(record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self._redactor.redact(record.exc_text)
        return True
