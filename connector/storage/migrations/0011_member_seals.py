"""Seals of members' rows, so that `belong verify` sees a row that was changed, taken away or added (ADR 0014)."""

from tortoise import migrations
from tortoise.migrations.operations import TortoiseOperation
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State

from connector.storage.dialect_sql import DialectSQL
from connector.storage.seals import seal_everything
from connector.storage.session import Dialect, Session

SEALS = (
    """CREATE TABLE member_seal (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        row_seal BIGINT NOT NULL DEFAULT 0 CHECK (row_seal >= 0),
        PRIMARY KEY (shard, member_id)
    ) {clustered}""",
)


class SealEverything(TortoiseOperation):
    """Seal what an older version wrote."""

    def describe(self) -> str:
        return "Seal the rows of every member"

    def state_forward(self, app_label: str, state: State) -> None:
        return None

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        if state_editor is None:
            return
        client = state_editor.client
        dialect: Dialect = "sqlite" if client.capabilities.dialect == "sqlite" else "postgresql"
        await seal_everything(Session(client, dialect))


class Migration(migrations.Migration):
    dependencies = [("belong", "0010_held_awards")]

    operations = [DialectSQL(SEALS), SealEverything()]
