"""A migration step in SQL whose text differs a little between the two databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tortoise.migrations.operations import TortoiseOperation
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State

_WORDS = {
    "sqlite": {"blob": "BLOB", "clustered": "WITHOUT ROWID", "external": ""},
    # Bodies are encrypted and cannot be compressed: trying would only burn the server's time.
    "postgres": {"blob": "BYTEA", "clustered": "", "external": "STORAGE EXTERNAL"},
}


class DialectSQL(TortoiseOperation):
    """Statements for both databases: ``{blob}``, ``{clustered}`` and ``{external}`` become what each calls them.

    only_sqlite, only_postgres: statements (triggers, sequences) that the other one does not get.
    """

    def __init__(
        self, both: Sequence[str] = (), *, only_sqlite: Sequence[str] = (), only_postgres: Sequence[str] = ()
    ) -> None:
        self.both = both
        self.only = {"sqlite": only_sqlite, "postgres": only_postgres}

    def describe(self) -> str:
        return "Run SQL for this database"

    def state_forward(self, app_label: str, state: State) -> None:
        return None

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        if state_editor is None:
            return
        dialect = state_editor.client.capabilities.dialect
        statements: list[Any] = [text.format(**_WORDS[dialect]) for text in self.both]
        for statement in [*statements, *self.only[dialect]]:
            await state_editor.client.execute_script(statement)
