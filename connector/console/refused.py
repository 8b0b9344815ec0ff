"""Why something that was asked for in the console was not done, in the reader's language."""

from __future__ import annotations

from connector.console.words import TABLES
from loyalty_engine.errors import Refused


def refusal(language: str, refused: Refused) -> str:
    """One sentence; of a code without words of its own, the code."""
    table = TABLES[language]
    said = table.get(f"refusal.{refused.code}") or table["refusal.other"].format(code=refused.code)
    return f"{said} {table['refusal.nothing']}"
