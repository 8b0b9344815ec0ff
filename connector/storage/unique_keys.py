"""A migration step that replaces the one key by which the rows of a model are told apart."""

from __future__ import annotations

from tortoise.migrations.constraints import UniqueConstraint
from tortoise.migrations.operations import TortoiseOperation
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State


class UniqueBy(TortoiseOperation):
    """The rows of ``model_name`` were unique by ``before`` and are by ``after``. On SQLite, whose tables keep such keys
    for life, the table is made anew and its rows go over.
    """

    def __init__(self, model_name: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
        self.model_name = model_name
        self.before = before
        self.after = after

    def describe(self) -> str:
        return f"Tell rows of {self.model_name} apart by {', '.join(self.after)}"

    def state_forward(self, app_label: str, state: State) -> None:
        self.get_model_state(state, app_label, self.model_name).options["unique_together"] = (self.after,)
        state.reload_model(app_label, self.model_name)

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        if state_editor is None:
            return
        model = new_state.apps.get_model(f"{app_label}.{self.model_name}")
        if state_editor.client.capabilities.dialect != "sqlite":
            await state_editor.remove_constraint(model, UniqueConstraint(self.before))
            await state_editor.add_constraint(model, UniqueConstraint(self.after))
            return
        table, columns = model._meta.db_table, ", ".join(model._meta.fields_db_projection.values())
        await state_editor.client.execute_script(f"ALTER TABLE {table} RENAME TO {table}_before")
        await state_editor.create_model(model)
        await state_editor.client.execute_script(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}_before ORDER BY id"
        )
        await state_editor.client.execute_script(f"DROP TABLE {table}_before")
