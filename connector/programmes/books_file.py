"""Closed days as a file for whoever keeps a company's books."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from loyalty_engine.books import Closing


def books_as_csv(closings: Sequence[Closing]) -> str:
    """One line for each day, oldest first, under the names of ``Closing``; the root as hexadecimal text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Closing.__dataclass_fields__)
    for closing in closings:
        values = {name: getattr(closing, name) for name in Closing.__dataclass_fields__}
        writer.writerow({**values, "closed_at": closing.closed_at.isoformat(), "root": closing.root.hex()}.values())
    return text.getvalue()
